//! Clients for hosting accounts, by AssumeRole with the account's external id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use workbench_core::account::HostingAccount;
use workbench_core::main_account::MainAccount;

use crate::accounts::Handler;
use crate::automation::{self, Automation};
use crate::catalog::{self, Catalog};
use crate::door::{Door, Key};
use crate::driver::Driver;
use crate::session::{Entered, Session};
use crate::table::Table;

/// The IAM actions of who enters.
pub const ACTIONS: &[&str] = &["sts:AssumeRole"];

/// The IAM actions of `EnvManagementRole` behind the calls of who has entered, but for the drivers', which are in
/// `workbench_core::compute`.
pub const ENTERED_ACTIONS: &[&[&str]] = &[automation::ACTIONS, catalog::ACTIONS];

/// The hosting accounts that were entered so far. Each keeps its credentials until shortly before
/// they expire or AWS does not know them any more, so a warm function assumes a role once an hour.
#[derive(Debug)]
pub struct HostingAccounts {
    main: SdkConfig,
    table: Table,
    entered: Doors<Hosting>,
    handled: Doors<Handler>,
}

/// What was entered, by its door.
type Doors<T> = Mutex<HashMap<Door, Arc<T>>>;

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
    /// None entered yet; `main` has the credentials that may assume the roles, and `table` the accounts.
    #[must_use]
    pub fn new(main: &SdkConfig, table: Table) -> Self {
        Self {
            main: main.clone(),
            table,
            entered: Mutex::default(),
            handled: Mutex::default(),
        }
    }

    /// The clients for `account`. Nothing is sent before a client is used.
    pub fn enter(&self, account: &HostingAccount, main: &MainAccount) -> Arc<Hosting> {
        let door = Door::new(&account.env_mgmt_role_arn, account);
        if let Some(hosting) = known(&self.entered, &door) {
            return hosting;
        }
        let role = self.role(&door);
        let hosting = Hosting {
            catalog: Catalog::new(&role),
            automation: Automation::new(&role, main),
            role,
        };
        keep(&self.entered, door, hosting)
    }

    /// The clients for `account` as its account handler role. Nothing is sent before a client is used.
    pub(crate) fn handle(&self, account: &HostingAccount) -> Arc<Handler> {
        let door = Door::new(&account.hosting_account_handler_role_arn, account);
        if let Some(handler) = known(&self.handled, &door) {
            return handler;
        }
        let role = self.role(&door);
        keep(&self.handled, door, Handler::new(&role))
    }

    fn role(&self, door: &Door) -> Entered {
        let key = Key::new(door.clone(), self.main.clone(), self.table.clone());
        let session = Session::new();
        let config = self
            .main
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(key))
            .identity_cache(session.clone())
            .build();
        Entered { config, session }
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
