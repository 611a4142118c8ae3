//! PUT `/environments/:id/start`, `stop` and `terminate`, and the same below a project

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_core::action::Change;

use super::target;
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Start an environment
///
/// IT admins and members of its project may.
#[utoipa::path(put, path = "/environments/{id}/start", tag = "environments",
    responses((status = 204, description = "It is under way")))]
pub(crate) async fn start(
    cloud: State<Cloud>,
    caller: SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    act(cloud, caller, path, query, body, Change::Start).await
}

/// Stop an environment
///
/// IT admins and members of its project may.
#[utoipa::path(put, path = "/environments/{id}/stop", tag = "environments",
    responses((status = 204, description = "It is under way")))]
pub(crate) async fn stop(
    cloud: State<Cloud>,
    caller: SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    act(cloud, caller, path, query, body, Change::Stop).await
}

/// Terminate an environment
///
/// IT admins and members of its project may. A launch that waits for its turn (`queued`) is called off: it is TERMINATED
/// at once, and nothing is made. In the moment of its turn, and once AWS may have heard of it, this is refused (400).
#[utoipa::path(put, path = "/environments/{id}/terminate", tag = "environments",
    responses((status = 204, description = "It is under way")))]
pub(crate) async fn terminate(
    cloud: State<Cloud>,
    caller: SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    act(cloud, caller, path, query, body, Change::Terminate).await
}

async fn act(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
    change: Change,
) -> Result<StatusCode, Problem> {
    let target = target(&path, query)?;
    body.same_project(target.project)?;
    let environment = access::environment(&cloud, &caller, target, Action::OperateEnvironment).await?;
    cloud.act(environment, caller.user_id, change).await?;
    Ok(StatusCode::NO_CONTENT)
}
