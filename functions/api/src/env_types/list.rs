//! GET `/environmentTypes`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::page::SortKey;

use super::EnvTypeAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::problem::Problem;
use crate::query::Query;

/// What the list can be filtered and sorted by.
pub(crate) const KEYS: [SortKey; 2] = [SortKey::Name, SortKey::Status];

/// List environment types
///
/// IT admins and the members of any project may.
#[utoipa::path(get, path = "/environmentTypes", tag = "environment types", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<EnvTypeAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<PageAnswer<EnvTypeAnswer>>, Problem> {
    access::authorize(&cloud, &caller, Action::ReadEnvTypes, None).await?;
    let page = query.page(&KEYS)?;
    query.end()?;
    let found = cloud.table().env_types(&page).await?;
    Ok(Json(PageAnswer::of(found, EnvTypeAnswer::from)))
}
