//! GET `/projects/:projectId`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;

use super::{ProjectAnswer, existing};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read a project
///
/// IT admins and members may. IT admins see deleted ones, too.
#[utoipa::path(get, path = "/projects/{projectId}", tag = "projects",
    responses((status = 200, description = "The project", body = ProjectAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<ProjectAnswer>, Problem> {
    let id = path.get("projectId")?;
    access::authorize(&cloud, &caller, Action::ReadProject, Some(id)).await?;
    query.same_project(Some(id))?;
    query.end()?;
    Ok(Json(ProjectAnswer::of(existing(&cloud, id).await?, &caller)))
}
