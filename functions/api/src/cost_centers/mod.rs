//! Cost centres, section 4.2 of the contract: the link from a project to its hosting account. All of it is for IT
//! admins.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::{Cloud, Error};
use workbench_core::account::HostingAccount;
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::{AccountId, AwsAccountId, CostCenterId};
use workbench_core::text::{Description, Name};

use crate::schema;
use crate::time::IsoTime;

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod update;

/// A cost centre as it is answered, with its account as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CostCenterAnswer {
    #[schema(value_type = schema::CostCenterId)]
    id: CostCenterId,
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[schema(value_type = schema::ConfigStatus)]
    status: CostCenterStatus,
    #[schema(value_type = schema::AccountId)]
    account_id: AccountId,
    /// The same under the contract's second name.
    #[schema(value_type = schema::AccountId)]
    dependency: AccountId,
    #[serde(flatten)]
    account: Option<AccountFields>,
    created_at: IsoTime,
    updated_at: IsoTime,
}

/// What a cost centre shows of its account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountFields {
    #[schema(value_type = schema::AwsAccountId)]
    aws_account_id: AwsAccountId,
    env_mgmt_role_arn: String,
    hosting_account_handler_role_arn: String,
    external_id: String,
    encryption_key_arn: String,
    vpc_id: String,
    subnet_id: String,
    environment_instance_files: String,
}

impl CostCenterAnswer {
    pub(crate) fn of(cost_center: CostCenter, account: Option<HostingAccount>) -> Self {
        let CostCenter {
            id,
            name,
            description,
            account_id,
            status,
            rev: _,
            created_at,
            updated_at,
        } = cost_center;
        Self {
            id,
            name,
            description,
            status,
            account_id,
            dependency: account_id,
            account: account.map(AccountFields::from),
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }
}

impl From<HostingAccount> for AccountFields {
    fn from(account: HostingAccount) -> Self {
        Self {
            aws_account_id: account.aws_account_id,
            env_mgmt_role_arn: account.env_mgmt_role_arn,
            hosting_account_handler_role_arn: account.hosting_account_handler_role_arn,
            external_id: account.external_id.expose().to_owned(),
            encryption_key_arn: account.encryption_key_arn,
            vpc_id: account.vpc_id,
            subnet_id: account.subnet_id,
            environment_instance_files: account.environment_instance_files,
        }
    }
}

/// The cost centre of the path.
async fn existing(cloud: &Cloud, id: CostCenterId) -> Result<CostCenter, Error> {
    let found = cloud.table().cost_center(id).await?;
    found.ok_or_else(|| workbench_core::Error::not_found("cost centre", id).into())
}

/// The answer, with the account read now.
async fn answer(cloud: &Cloud, cost_center: CostCenter) -> Result<CostCenterAnswer, Error> {
    let account = cloud.table().account(cost_center.account_id).await?;
    Ok(CostCenterAnswer::of(cost_center, account))
}
