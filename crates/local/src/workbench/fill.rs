//! What the table has before anybody asks: hosting accounts, the project and its memberships.

use jiff::Timestamp;
use uuid::Uuid;
use workbench_aws::Cloud;
use workbench_aws::artifacts::INSTANCE_FILES;
use workbench_aws::table::{Saved, Updated};
use workbench_core::account::{AccountStatus, ExternalId, HostingAccount};
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::{AccountId, CostCenterId, ProjectId};
use workbench_core::project::{Membership, Project, ProjectRole, ProjectStatus};
use workbench_core::text::{Description, Name};

use super::StartError;
use crate::install::{HostingInstallation, MainInstallation};
use crate::people::People;

/// Writes the hosting account's row, the project and its memberships.
pub(super) async fn fill(
    cloud: &Cloud,
    main: &MainInstallation,
    hosting: &HostingInstallation,
    people: &People,
) -> Result<ProjectId, StartError> {
    let table = cloud.table();
    let mut account = account(main, hosting, cloud.now())?;
    table.put_account(&account).await?;
    let cost_center = CostCenter {
        id: CostCenterId::from_uuid(Uuid::new_v4()),
        name: name("local-cost-center")?,
        description: description("The cost centre of the local Workbench")?,
        account_id: account.id,
        status: CostCenterStatus::Available,
        rev: 1,
        created_at: account.created_at,
        updated_at: account.updated_at,
    };
    table.create_cost_center(&cost_center).await?;
    // The cost centre has raised it.
    account.rev += 1;
    let project = Project {
        id: ProjectId::from_uuid(Uuid::new_v4()),
        name: name("local-project")?,
        description: description("The project of the local Workbench")?,
        status: ProjectStatus::Available,
        cost_center_id: cost_center.id,
        rev: 1,
        created_at: account.created_at,
        updated_at: account.updated_at,
        account,
    };
    // The table is new: nobody else has the name.
    let _: Saved = table.create_project(&project).await?;
    for (person, role) in [
        (&people.project_admin, ProjectRole::ProjectAdmin),
        (&people.researcher, ProjectRole::Researcher),
    ] {
        let membership = Membership {
            user_id: person.user_id,
            project_id: project.id,
            roles: vec![role],
        };
        let _: Updated = table.set_membership(None, &membership).await?;
    }
    Ok(project.id)
}

fn account(
    main: &MainInstallation,
    hosting: &HostingInstallation,
    now: Timestamp,
) -> Result<HostingAccount, StartError> {
    let aws_account_id = hosting
        .account
        .parse()
        .map_err(|error| invalid("awsAccountId", error))?;
    Ok(HostingAccount {
        id: AccountId::from_uuid(Uuid::new_v4()),
        name: name("local-hosting-account")?,
        aws_account_id,
        env_mgmt_role_arn: hosting.env_mgmt_role.clone(),
        hosting_account_handler_role_arn: hosting.handler_role.clone(),
        external_id: ExternalId::new(&hosting.external_id),
        status: AccountStatus::Current,
        vpc_id: hosting.vpc.clone(),
        subnet_id: hosting.subnet.clone(),
        encryption_key_arn: hosting.encryption_key.clone(),
        environment_instance_files: format!("s3://{}/{INSTANCE_FILES}", main.artifact_bucket),
        rev: 1,
        created_at: now,
        updated_at: now,
    })
}

fn name(text: &str) -> Result<Name, StartError> {
    Name::new(text).map_err(|rule| invalid("name", rule))
}

fn description(text: &str) -> Result<Description, StartError> {
    Description::new(text).map_err(|rule| invalid("description", rule))
}

fn invalid(field: &str, problem: impl std::fmt::Display) -> StartError {
    StartError::Table(workbench_core::Error::invalid(field, problem.to_string()).into())
}
