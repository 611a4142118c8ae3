//! POST `/projects`

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Saved;
use workbench_core::Error;
use workbench_core::account::HostingAccount;
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::{CostCenterId, ProjectId};
use workbench_core::project::{Project, ProjectStatus};
use workbench_core::text::{Description, Name};

use super::ProjectAnswer;
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::idempotency::NewId;
use crate::made::Made;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// A new project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewProject {
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::Description)]
    description: Description,
    /// By which it has its hosting account.
    #[schema(value_type = schema::CostCenterId)]
    cost_center_id: CostCenterId,
}

/// Make a project
///
/// IT admins may. The name must not be that of another project that is not deleted.
#[utoipa::path(post, path = "/projects", tag = "projects", request_body = NewProject,
    responses((status = 200, description = "The project", body = ProjectAnswer)))]
pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    NewId(new_id): NewId,
    query: Query,
    body: Body,
) -> Result<Made<ProjectAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::CreateProject, None).await?;
    query.end()?;
    let new: NewProject = body.read()?;
    let cost_center = new.check(cloud.table().cost_center(new.cost_center_id).await?)?;
    let account = cloud.table().account(cost_center.account_id).await?;
    let project = new.of(account, ProjectId::from_uuid(new_id), cloud.now())?;
    match cloud.table().create_project(&project).await? {
        Saved::Written => {
            let made = Made::created(project.id, ProjectAnswer::of(project, &caller));
            Ok(made.with_status(StatusCode::OK))
        }
        Saved::NameTaken => Err(super::name_taken(&project.name).into()),
        // Between reading and writing it was deleted.
        Saved::Stale => Err(not_available().into()),
    }
}

fn not_available() -> Error {
    Error::invalid("costCenterId", "the cost centre is deleted")
}

impl NewProject {
    /// The cost centre, if it can be used. The contract answers 400 here, not 404.
    fn check(&self, found: Option<CostCenter>) -> Result<CostCenter, Error> {
        let found = found.ok_or_else(|| {
            let problem = format!("cost centre `{}` does not exist", self.cost_center_id);
            Error::invalid("costCenterId", problem)
        })?;
        match found.status {
            CostCenterStatus::Available => Ok(found),
            CostCenterStatus::Deleted => Err(not_available()),
        }
    }

    fn of(self, account: Option<HostingAccount>, id: ProjectId, now: Timestamp) -> Result<Project, Error> {
        let Self {
            name,
            description,
            cost_center_id,
        } = self;
        let account = account.ok_or_else(|| {
            let problem = "the cost centre's hosting account does not exist any more";
            Error::invalid("costCenterId", problem)
        })?;
        Ok(Project {
            id,
            name,
            description,
            status: ProjectStatus::Available,
            cost_center_id,
            account,
            rev: 1,
            created_at: now,
            updated_at: now,
        })
    }
}
