//! GET `/awsAccounts/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::id::AccountId;

use super::AccountAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::cost_centers::CostCenterAnswer;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read a hosting account
///
/// IT admins may. A cost centre of it is shown with it.
#[utoipa::path(get, path = "/awsAccounts/{accountId}", tag = "hosting accounts",
    responses((status = 200, description = "The account", body = AccountAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<AccountAnswer>, Problem> {
    let id: AccountId = path.get("accountId")?;
    access::authorize(&cloud, &caller, Action::ReadAccounts, None).await?;
    query.end()?;
    let (account, check) = cloud.table().account_and_check(id).await?;
    let account = account.ok_or_else(|| workbench_core::Error::not_found("account", id))?;
    let dependants = cloud.table().account_dependants(id).await?;
    let cost_center = match dependants.cost_centers.first() {
        Some(id) => cloud.table().cost_center(*id).await?,
        None => None,
    };
    let mut answer = AccountAnswer::of(&cloud, account.clone(), check);
    answer.cost_center = cost_center.map(|found| CostCenterAnswer::of(found, Some(account)));
    Ok(Json(answer))
}
