//! How Workbench gets into a hosting account: for IT admins alone.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_core::account::HostingAccount;
use workbench_core::caller::Caller;

/// Roles, external id and key of a hosting account. Only IT admins are shown them.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entrance {
    #[serde(skip_serializing_if = "Option::is_none")]
    env_mgmt_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hosting_account_handler_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_key_arn: Option<String>,
}

impl Entrance {
    /// The account's, or nothing if `caller` may not see it.
    pub(crate) fn of(account: &HostingAccount, caller: &Caller) -> Self {
        if !caller.it_admin {
            return Self::default();
        }
        Self {
            env_mgmt_role_arn: Some(account.env_mgmt_role_arn.clone()),
            hosting_account_handler_role_arn: Some(account.hosting_account_handler_role_arn.clone()),
            external_id: Some(account.external_id.expose().to_owned()),
            encryption_key_arn: Some(account.encryption_key_arn.clone()),
        }
    }
}
