//! GET `/environmentTypes/:envTypeId`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;

use super::{EnvTypeAnswer, existing};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read an environment type
///
/// IT admins and the members of any project may.
#[utoipa::path(get, path = "/environmentTypes/{envTypeId}", tag = "environment types",
    responses((status = 200, description = "The environment type", body = EnvTypeAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<EnvTypeAnswer>, Problem> {
    let id = path.get("envTypeId")?;
    access::authorize(&cloud, &caller, Action::ReadEnvTypes, None).await?;
    query.end()?;
    Ok(Json(existing(&cloud, &id).await?.into()))
}
