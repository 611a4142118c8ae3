//! Hosting accounts, section 4.1 of the contract, and checking and letting them go. All of it is for IT admins.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::table::AccountCheck;
use workbench_aws::{CheckedAccount, Cloud, Error};
use workbench_core::account::finding::{Effect, Finding};
use workbench_core::account::{AccountStatus, HostingAccount};
use workbench_core::id::{AccountId, AwsAccountId};
use workbench_core::text::Name;

use crate::cost_centers::CostCenterAnswer;
use crate::schema;
use crate::time::IsoTime;

pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod template_urls;
pub(crate) mod update;

/// A hosting account as it is answered. The network is left out until it is known.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountAnswer {
    #[schema(value_type = schema::AccountId)]
    id: AccountId,
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::AwsAccountId)]
    aws_account_id: AwsAccountId,
    env_mgmt_role_arn: String,
    hosting_account_handler_role_arn: String,
    external_id: String,
    stack_name: String,
    #[schema(value_type = schema::AccountStatus)]
    status: AccountStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_checked_at: Option<IsoTime>,
    #[schema(value_type = Vec<schema::Finding>)]
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "String::is_empty")]
    vpc_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subnet_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    encryption_key_arn: String,
    environment_instance_files: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_center: Option<CostCenterAnswer>,
    created_at: IsoTime,
    updated_at: IsoTime,
}

/// What is wrong with an account that is ERRORED, as the contract has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorAnswer {
    /// The kind of the finding.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: workbench_core::account::finding::Kind,
    /// Its reason and mend.
    value: String,
}

impl AccountAnswer {
    /// An account with its last check.
    pub(crate) fn of(cloud: &Cloud, account: HostingAccount, check: Option<AccountCheck>) -> Self {
        let HostingAccount {
            id,
            name,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id,
            status,
            vpc_id,
            subnet_id,
            encryption_key_arn,
            environment_instance_files,
            rev: _,
            created_at,
            updated_at,
        } = account;
        let last_checked_at = check.as_ref().map(|check| IsoTime(check.checked_at));
        let mut findings = Vec::new();
        if let Some(check) = check {
            findings = check.findings;
            findings.extend(check.look.into_iter().flat_map(|look| look.findings));
        }
        Self {
            error: findings
                .iter()
                .find(|finding| finding.kind.effect() == Effect::Errored)
                .map(ErrorAnswer::from)
                .filter(|_| status == AccountStatus::Errored),
            id,
            name,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id: external_id.expose().to_owned(),
            stack_name: cloud.main().onboarding_stack(),
            status,
            last_checked_at,
            findings,
            vpc_id,
            subnet_id,
            encryption_key_arn,
            environment_instance_files,
            cost_center: None,
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }

    /// An account that was just checked.
    pub(crate) fn checked(cloud: &Cloud, checked: CheckedAccount) -> Self {
        let check = AccountCheck {
            account_id: checked.account.id,
            checked_at: checked.checked_at,
            findings: checked.findings,
            catalog_seen_at: None,
            look: checked.look,
        };
        Self::of(cloud, checked.account, Some(check))
    }
}

impl From<&Finding> for ErrorAnswer {
    fn from(finding: &Finding) -> Self {
        Self {
            kind: finding.kind,
            value: format!("{}; {}", finding.reason, finding.mend),
        }
    }
}

/// The account of the path.
pub(crate) async fn existing(cloud: &Cloud, id: AccountId) -> Result<HostingAccount, Error> {
    let found = cloud.table().account(id).await?;
    found.ok_or_else(|| workbench_core::Error::not_found("account", id).into())
}
