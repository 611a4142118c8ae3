//! GET `/environmentTypes/:envTypeId/configurations`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::access::Permission;
use workbench_core::id::EnvTypeId;
use workbench_core::page::Page;

use super::ConfigAnswer;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<Page<ConfigAnswer>>, Problem> {
    let env_type_id: EnvTypeId = path.get("envTypeId")?;
    cloud
        .authorize_member(&caller, Permission::ReadConfigs, None)
        .await?;
    let page = query.page()?;
    query.end()?;
    crate::env_types::existing(&cloud, &env_type_id).await?;
    let found = cloud
        .table()
        .configs(&env_type_id, page.size, page.token.as_deref())
        .await?;
    Ok(Json(found.map(ConfigAnswer::from)))
}
