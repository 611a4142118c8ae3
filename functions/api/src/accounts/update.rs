//! PATCH `/awsAccounts/:id`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::account::HostingAccount;
use workbench_core::id::AccountId;
use workbench_core::text::Name;

use super::{AccountAnswer, existing};
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// What is to be changed of a hosting account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange)]
pub(crate) struct Change {
    #[serde(default)]
    #[schema(value_type = Option<schema::Name>)]
    name: Option<Name>,
}

/// Change a hosting account
///
/// IT admins may.
#[utoipa::path(patch, path = "/awsAccounts/{accountId}", tag = "hosting accounts", request_body = Change,
    responses((status = 200, description = "The account", body = AccountAnswer)))]
pub(crate) async fn update(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Json<AccountAnswer>, Problem> {
    let id: AccountId = path.get("accountId")?;
    access::authorize(&cloud, &caller, Action::WriteAccounts, None).await?;
    query.end()?;
    let Change { name } = body.read()?;
    let name = name.ok_or_else(|| Error::invalid("body", "nothing to change; give name"))?;
    for _ in 0..crate::TRIES {
        let before = existing(&cloud, id).await?;
        let after = HostingAccount {
            name: name.to_string(),
            rev: before.rev + 1,
            updated_at: cloud.now(),
            ..before.clone()
        };
        if cloud.table().update_account(&before, &after).await? == Updated::Written {
            let (_, check) = cloud.table().account_and_check(id).await?;
            return Ok(Json(AccountAnswer::of(&cloud, after, check)));
        }
    }
    Err(crate::busy("account", id).into())
}
