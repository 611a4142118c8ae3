//! The way into a hosting account: AssumeRole with the account's external id.

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use workbench_core::account::{ExternalId, HostingAccount};
use workbench_core::id::AccountId;

use crate::table::Table;

/// The name of Workbench's sessions in the hosting accounts' trails.
const SESSION_NAME: &str = "workbench";

/// What decides who one is in a hosting account. A changed external id opens another door.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Door {
    account: AccountId,
    role_arn: String,
    external_id: ExternalId,
}

impl Door {
    pub(crate) fn new(role_arn: &str, account: &HostingAccount) -> Self {
        Self {
            account: account.id,
            role_arn: role_arn.to_owned(),
            external_id: account.external_id.clone(),
        }
    }
}

/// The credentials behind a door. An environment keeps its account as it was at the launch; once the external id has been
/// changed, its door stays closed, and the account's row has the id that opens.
#[derive(Debug)]
pub(crate) struct Key {
    door: Door,
    main: SdkConfig,
    table: Table,
}

impl Key {
    /// `main` has the credentials that may assume the role, and `table` the accounts.
    pub(crate) fn new(door: Door, main: SdkConfig, table: Table) -> Self {
        Self { door, main, table }
    }

    async fn credentials(&self) -> provider::Result {
        let kept = &self.door.external_id;
        let closed = match self.assume(kept).await {
            Ok(credentials) => return Ok(credentials),
            Err(closed) => closed,
        };
        match self.table.account(self.door.account).await {
            Ok(Some(account)) if account.external_id != *kept => self.assume(&account.external_id).await,
            Ok(_) => Err(closed),
            Err(error) => {
                tracing::warn!(account.id = %self.door.account, %error, "its external id can not be read");
                Err(closed)
            }
        }
    }

    async fn assume(&self, external_id: &ExternalId) -> provider::Result {
        let provider = AssumeRoleProvider::builder(&self.door.role_arn)
            .external_id(external_id.expose())
            .session_name(SESSION_NAME)
            .configure(&self.main)
            .build()
            .await;
        provider.provide_credentials().await
    }
}

impl ProvideCredentials for Key {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
