//! GET `/environments/:id` and `/projects/:projectId/environments/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;

use super::answer::EnvironmentAnswer;
use super::target;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<EnvironmentAnswer>, Problem> {
    let environment = cloud.environment(&caller, target(&path, query)?).await?;
    Ok(Json(EnvironmentAnswer::of(environment, &caller)))
}
