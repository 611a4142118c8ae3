//! DELETE `/projects/:projectId`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::id::ProjectId;
use workbench_core::project::ProjectStatus;

use super::existing;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Delete a project
///
/// IT admins and the project's admins may, once it has neither environments nor associated configurations. Its name is
/// free then, nobody has a role in it any more, and IT admins can still read it.
#[utoipa::path(delete, path = "/projects/{projectId}", tag = "projects",
    responses((status = 204, description = "It is deleted")))]
pub(crate) async fn delete(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<StatusCode, Problem> {
    let id: ProjectId = path.get("projectId")?;
    access::authorize(&cloud, &caller, Action::DeleteProject, Some(id)).await?;
    query.same_project(Some(id))?;
    query.end()?;
    for _ in 0..crate::TRIES {
        let project = existing(&cloud, id).await?;
        if project.status == ProjectStatus::Deleted {
            // A deletion that was cut off is finished; there is nothing to delete any more.
            cloud.table().remove_members(id).await?;
            return Err(Error::not_found("project", id).into());
        }
        refuse_if_needed(&cloud, id).await?;
        if cloud.table().delete_project(&project, cloud.now()).await? == Updated::Written {
            cloud.table().remove_members(id).await?;
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(crate::busy("project", id).into())
}

async fn refuse_if_needed(cloud: &Cloud, id: ProjectId) -> Result<(), workbench_aws::Error> {
    let table = cloud.table();
    let problem = if table.has_environments(id).await? {
        "the project has environments; terminate them first"
    } else if table.has_associated_configs(id).await? {
        "the project is associated with configurations; remove their associations first"
    } else {
        return Ok(());
    };
    Err(Error::Conflict(format!("projectId: {problem}")).into())
}
