//! POST `/awsAccounts/:id/check`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use workbench_aws::Cloud;
use workbench_aws::accounts::Patience;
use workbench_core::access::{self, Permission};

use super::AccountAnswer;
use crate::body::Body;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// The request's body: nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Does for one account, now, what the account function does for all every five minutes.
pub(crate) async fn check(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Json<AccountAnswer>, Problem> {
    let id = path.get("id")?;
    access::authorize(&caller, Permission::ManageAccounts, None, None)?;
    query.end()?;
    let Nothing {} = body.read_optional()?;
    let checked = cloud.check_account(id, Patience::REQUEST).await?;
    Ok(Json(AccountAnswer::checked(&cloud, checked)))
}
