//! Projects and their members, section 4.3 of the contract.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::{Cloud, Error};
use workbench_core::account::HostingAccount;
use workbench_core::caller::Caller;
use workbench_core::id::{AccountId, AwsAccountId, CostCenterId, ProjectId};
use workbench_core::project::{Project, ProjectStatus};
use workbench_core::text::{Description, Name};

use crate::entrance::Entrance;
use crate::schema;
use crate::time::IsoTime;

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod read;
pub(crate) mod update;

/// A project as it is answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectAnswer {
    #[schema(value_type = schema::ProjectId)]
    id: ProjectId,
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[schema(value_type = schema::CostCenterId)]
    cost_center_id: CostCenterId,
    #[schema(value_type = schema::ProjectStatus)]
    status: ProjectStatus,
    #[schema(value_type = schema::AccountId)]
    account_id: AccountId,
    #[schema(value_type = schema::AwsAccountId)]
    aws_account_id: AwsAccountId,
    vpc_id: String,
    subnet_id: String,
    environment_instance_files: String,
    #[serde(flatten)]
    entrance: Entrance,
    created_at: IsoTime,
    updated_at: IsoTime,
}

impl ProjectAnswer {
    /// What `caller`, who may read the project, is shown of it.
    pub(crate) fn of(project: Project, caller: &Caller) -> Self {
        let Project {
            id,
            name,
            description,
            status,
            cost_center_id,
            account,
            rev: _,
            created_at,
            updated_at,
        } = project;
        let entrance = Entrance::of(&account, caller);
        let HostingAccount {
            id: account_id,
            aws_account_id,
            vpc_id,
            subnet_id,
            environment_instance_files,
            ..
        } = account;
        Self {
            id,
            name,
            description,
            cost_center_id,
            status,
            account_id,
            aws_account_id,
            vpc_id,
            subnet_id,
            environment_instance_files,
            entrance,
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }
}

/// The project of the path.
pub(crate) async fn existing(cloud: &Cloud, id: ProjectId) -> Result<Project, Error> {
    let found = cloud.table().project(id).await?;
    found.ok_or_else(|| workbench_core::Error::not_found("project", id).into())
}

/// As [`existing`], where a project that is not AVAILABLE is as good as none.
pub(crate) async fn available(cloud: &Cloud, id: ProjectId) -> Result<Project, Error> {
    let found = existing(cloud, id).await?;
    if found.status == ProjectStatus::Available {
        Ok(found)
    } else {
        Err(workbench_core::Error::not_found("project", id).into())
    }
}

/// The refusal of a name that another project has.
fn name_taken(name: &Name) -> workbench_core::Error {
    workbench_core::Error::invalid("name", format!("`{name}` is the name of another project"))
}
