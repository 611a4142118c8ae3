//! Clients for hosting accounts, by AssumeRole with the account's external id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use workbench_core::account::{ExternalId, HostingAccount};
use workbench_core::main_account::MainAccount;

use crate::accounts::Handler;
use crate::automation::{self, Automation};
use crate::catalog::{self, Catalog};
use crate::driver::Driver;
use crate::session::{Entered, Session};

/// The IAM actions of who enters.
pub const ACTIONS: &[&str] = &["sts:AssumeRole"];

/// The IAM actions of `EnvManagementRole` behind the calls of who has entered, but for the drivers', which are in
/// `workbench_core::compute`.
pub const ENTERED_ACTIONS: &[&[&str]] = &[automation::ACTIONS, catalog::ACTIONS];

/// The name of Workbench's sessions in the hosting accounts' trails.
const SESSION_NAME: &str = "workbench";

/// The hosting accounts that were entered so far. Each keeps its credentials until shortly before
/// they expire or AWS does not know them any more, so a warm function assumes a role once an hour.
#[derive(Debug)]
pub struct HostingAccounts {
    main: SdkConfig,
    entered: Doors<Hosting>,
    handled: Doors<Handler>,
}

/// What was entered, by its door.
type Doors<T> = Mutex<HashMap<Door, Arc<T>>>;

/// What decides who one is in a hosting account. A changed external id opens another door.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Door {
    role_arn: String,
    external_id: ExternalId,
}

/// One hosting account, entered as its `EnvManagementRole`.
#[derive(Debug)]
pub struct Hosting {
    /// Launch paths, records, products.
    pub catalog: Catalog,
    /// Launch and terminate documents.
    pub automation: Automation,
    role: Entered,
}

impl Hosting {
    /// The driver of a compute in this account.
    #[must_use]
    pub fn driver(&self, compute: &str) -> Option<Driver> {
        Driver::of(compute, &self.role)
    }
}

impl HostingAccounts {
    /// None entered yet; `main` has the credentials that may assume the roles.
    #[must_use]
    pub fn new(main: &SdkConfig) -> Self {
        Self {
            main: main.clone(),
            entered: Mutex::default(),
            handled: Mutex::default(),
        }
    }

    /// The clients for `account`. Nothing is sent before a client is used.
    pub async fn enter(&self, account: &HostingAccount, main: &MainAccount) -> Arc<Hosting> {
        let door = Door::new(&account.env_mgmt_role_arn, account);
        if let Some(hosting) = known(&self.entered, &door) {
            return hosting;
        }
        let role = self.role(&door).await;
        let hosting = Hosting {
            catalog: Catalog::new(&role),
            automation: Automation::new(&role, main),
            role,
        };
        keep(&self.entered, door, hosting)
    }

    /// The clients for `account` as its account handler role. Nothing is sent before a client is used.
    pub(crate) async fn handle(&self, account: &HostingAccount) -> Arc<Handler> {
        let door = Door::new(&account.hosting_account_handler_role_arn, account);
        if let Some(handler) = known(&self.handled, &door) {
            return handler;
        }
        let role = self.role(&door).await;
        keep(&self.handled, door, Handler::new(&role))
    }

    async fn role(&self, door: &Door) -> Entered {
        let provider = AssumeRoleProvider::builder(&door.role_arn)
            .external_id(door.external_id.expose())
            .session_name(SESSION_NAME)
            .configure(&self.main)
            .build()
            .await;
        let session = Session::new();
        let config = self
            .main
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(provider))
            .identity_cache(session.clone())
            .build();
        Entered { config, session }
    }
}

impl Door {
    fn new(role_arn: &str, account: &HostingAccount) -> Self {
        Self {
            role_arn: role_arn.to_owned(),
            external_id: account.external_id.clone(),
        }
    }
}

fn known<T>(entered: &Doors<T>, door: &Door) -> Option<Arc<T>> {
    let entered = entered.lock().unwrap_or_else(PoisonError::into_inner);
    entered.get(door).map(Arc::clone)
}

fn keep<T>(entered: &Doors<T>, door: Door, clients: T) -> Arc<T> {
    let mut entered = entered.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(entered.entry(door).or_insert_with(|| Arc::new(clients)))
}
