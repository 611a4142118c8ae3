//! POST `/awsAccounts/:id/check`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_aws::accounts::Patience;

use super::AccountAnswer;
use crate::access::{self, Action};
use crate::body::{Body, Nothing};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Check a hosting account now
///
/// IT admins may. Does for one account what is done for all every five minutes.
#[utoipa::path(post, path = "/awsAccounts/{accountId}/check", tag = "hosting accounts", request_body = Option<Nothing>,
    responses((status = 200, description = "The account with its findings", body = AccountAnswer)))]
pub(crate) async fn check(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Json<AccountAnswer>, Problem> {
    let id = path.get("accountId")?;
    access::authorize(&cloud, &caller, Action::WriteAccounts, None).await?;
    query.end()?;
    let Nothing {} = body.read_optional()?;
    let checked = cloud.check_account(id, Patience::REQUEST).await?;
    Ok(Json(AccountAnswer::checked(&cloud, checked)))
}
