//! GET `/environmentTypes/:envTypeId`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::access::Permission;

use super::{EnvTypeAnswer, existing};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<EnvTypeAnswer>, Problem> {
    let id = path.get("envTypeId")?;
    cloud
        .authorize_member(&caller, Permission::ReadEnvTypes, None)
        .await?;
    query.end()?;
    Ok(Json(existing(&cloud, &id).await?.into()))
}
