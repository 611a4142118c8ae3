//! GET `/costCenters`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::page::SortKey;

use super::CostCenterAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::problem::Problem;
use crate::query::Query;

/// What the list can be filtered and sorted by.
pub(crate) const KEYS: [SortKey; 2] = [SortKey::CreatedAt, SortKey::Name];

/// List cost centres
///
/// IT admins may. DELETED ones are left out.
#[utoipa::path(get, path = "/costCenters", tag = "cost centres", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<CostCenterAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<PageAnswer<CostCenterAnswer>>, Problem> {
    access::authorize(&cloud, &caller, Action::ReadCostCenters, None).await?;
    let request = query.page(&KEYS)?;
    query.end()?;
    let found = cloud.table().cost_centers(&request).await?;
    let ids = found
        .data
        .iter()
        .map(|cost_center| cost_center.account_id)
        .collect();
    let accounts = cloud.table().accounts_by_id(ids).await?;
    Ok(Json(PageAnswer::of(found, |cost_center| {
        let account = accounts.get(&cost_center.account_id).cloned();
        CostCenterAnswer::of(cost_center, account)
    })))
}
