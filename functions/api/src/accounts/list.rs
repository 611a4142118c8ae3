//! GET `/awsAccounts`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::page::SortKey;

use super::AccountAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::problem::Problem;
use crate::query::Query;

/// What the list can be filtered and sorted by.
pub(crate) const KEYS: [SortKey; 2] = [SortKey::CreatedAt, SortKey::Name];

/// List hosting accounts
///
/// IT admins may. REMOVED ones are among them.
#[utoipa::path(get, path = "/awsAccounts", tag = "hosting accounts", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<AccountAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<PageAnswer<AccountAnswer>>, Problem> {
    access::authorize(&cloud, &caller, Action::ReadAccounts, None).await?;
    let request = query.page(&KEYS)?;
    query.end()?;
    let found = cloud.table().accounts(&request).await?;
    let ids = found.data.iter().map(|account| account.id).collect();
    let mut checks = cloud.table().account_checks(ids).await?;
    Ok(Json(PageAnswer::of(found, |account| {
        let check = checks.remove(&account.id);
        AccountAnswer::of(&cloud, account, check)
    })))
}
