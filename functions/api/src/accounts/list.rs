//! GET `/awsAccounts`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::access::{self, Permission};
use workbench_core::page::Page;

use super::AccountAnswer;
use crate::caller::SignedIn;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<Page<AccountAnswer>>, Problem> {
    access::authorize(&caller, Permission::ManageAccounts, None, None)?;
    let page = query.page()?;
    query.end()?;
    let found = cloud.table().accounts(page.size, page.token.as_deref()).await?;
    let ids = found.data.iter().map(|account| account.id).collect();
    let mut checks = cloud.table().account_checks(ids).await?;
    Ok(Json(found.map(|account| {
        let check = checks.remove(&account.id);
        AccountAnswer::of(&cloud, account, check)
    })))
}
