//! GET `/environments/:id` and `/projects/:projectId/environments/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;

use super::answer::EnvironmentAnswer;
use super::target;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read an environment
///
/// IT admins and members of its project may.
#[utoipa::path(get, path = "/environments/{id}", tag = "environments",
    responses((status = 200, description = "The environment", body = EnvironmentAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<EnvironmentAnswer>, Problem> {
    let target = target(&path, query)?;
    let environment = access::environment(&cloud, &caller, target, Action::ReadEnvironment).await?;
    Ok(Json(EnvironmentAnswer::of(environment, &caller)))
}
