//! GET `/costCenters`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::access::{self, Permission};
use workbench_core::page::Page;

use super::CostCenterAnswer;
use crate::caller::SignedIn;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<Page<CostCenterAnswer>>, Problem> {
    access::authorize(&caller, Permission::ManageCostCenters, None, None)?;
    let page = query.page()?;
    query.end()?;
    let found = cloud
        .table()
        .cost_centers(page.size, page.token.as_deref())
        .await?;
    let ids = found
        .data
        .iter()
        .map(|cost_center| cost_center.account_id)
        .collect();
    let accounts = cloud.table().accounts_by_id(ids).await?;
    Ok(Json(found.map(|cost_center| {
        let account = accounts.get(&cost_center.account_id).cloned();
        CostCenterAnswer::of(cost_center, account)
    })))
}
