//! GET `/environmentTypes`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::access::Permission;
use workbench_core::page::Page;

use super::EnvTypeAnswer;
use crate::caller::SignedIn;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<Page<EnvTypeAnswer>>, Problem> {
    cloud
        .authorize_member(&caller, Permission::ReadEnvTypes, None)
        .await?;
    let page = query.page()?;
    query.end()?;
    let found = cloud.table().env_types(page.size, page.token.as_deref()).await?;
    Ok(Json(found.map(EnvTypeAnswer::from)))
}
