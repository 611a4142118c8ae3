//! Clients for hosting accounts, by AssumeRole with the account's external id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use workbench_core::account::{ExternalId, HostingAccount};
use workbench_core::launch::MainAccount;

use crate::automation::{self, Automation};
use crate::catalog::{self, Catalog};
use crate::driver::Driver;

/// The IAM actions of who enters.
pub const ACTIONS: &[&str] = &["sts:AssumeRole"];

/// The IAM actions of `EnvManagementRole` behind the calls of who has entered, but for the drivers', which are in
/// `workbench_core::compute`.
pub const ENTERED_ACTIONS: &[&[&str]] = &[automation::ACTIONS, catalog::ACTIONS];

/// The name of Workbench's sessions in the hosting accounts' trails.
const SESSION_NAME: &str = "workbench";

/// The hosting accounts that were entered so far. Each keeps its credentials until shortly before
/// they expire, so a warm function assumes a role once an hour.
#[derive(Debug)]
pub struct HostingAccounts {
    main: SdkConfig,
    entered: Mutex<HashMap<Door, Arc<Hosting>>>,
}

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
    config: SdkConfig,
}

impl Hosting {
    /// The driver of a compute in this account.
    #[must_use]
    pub fn driver(&self, compute: &str) -> Option<Driver> {
        Driver::of(compute, &self.config)
    }
}

impl HostingAccounts {
    /// None entered yet; `main` has the credentials that may assume the roles.
    #[must_use]
    pub fn new(main: &SdkConfig) -> Self {
        Self {
            main: main.clone(),
            entered: Mutex::default(),
        }
    }

    /// The clients for `account`. Nothing is sent before a client is used.
    pub async fn enter(&self, account: &HostingAccount, main: &MainAccount) -> Arc<Hosting> {
        let door = Door {
            role_arn: account.env_mgmt_role_arn.clone(),
            external_id: account.external_id.clone(),
        };
        if let Some(hosting) = self.entered().get(&door) {
            return Arc::clone(hosting);
        }
        let provider = AssumeRoleProvider::builder(&door.role_arn)
            .external_id(door.external_id.expose())
            .session_name(SESSION_NAME)
            .configure(&self.main)
            .build()
            .await;
        let config = self
            .main
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(provider))
            .identity_cache(IdentityCache::lazy().build())
            .build();
        let hosting = Arc::new(Hosting {
            catalog: Catalog::new(&config),
            automation: Automation::new(&config, main),
            config,
        });
        Arc::clone(self.entered().entry(door).or_insert(hosting))
    }

    fn entered(&self) -> std::sync::MutexGuard<'_, HashMap<Door, Arc<Hosting>>> {
        self.entered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
