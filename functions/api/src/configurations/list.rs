//! GET `/environmentTypes/:envTypeId/configurations`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::id::EnvTypeId;

use super::ConfigAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// List the configurations of an environment type
///
/// IT admins may.
#[utoipa::path(get, path = "/environmentTypes/{envTypeId}/configurations", tag = "configurations", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<ConfigAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<PageAnswer<ConfigAnswer>>, Problem> {
    let env_type_id: EnvTypeId = path.get("envTypeId")?;
    access::authorize(&cloud, &caller, Action::ReadConfigs, None).await?;
    let page = query.page(&[])?;
    query.end()?;
    crate::env_types::existing(&cloud, &env_type_id).await?;
    let found = cloud.table().configs(&env_type_id, &page).await?;
    Ok(Json(PageAnswer::of(found, ConfigAnswer::from)))
}
