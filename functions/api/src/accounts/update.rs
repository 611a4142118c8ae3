//! PATCH `/awsAccounts/:id`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::account::{ExternalId, HostingAccount};
use workbench_core::id::AccountId;
use workbench_core::text::Name;

use super::{AccountAnswer, existing};
use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// What is to be changed of a hosting account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = AccountChange)]
pub(crate) struct Change {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Name)]
    name: Option<Name>,
    /// Another one than before, when that has become known to somebody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::ExternalId)]
    external_id: Option<String>,
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
    let (name, external_id) = body.read::<Change>()?.check()?;
    for _ in 0..crate::TRIES {
        let before = existing(&cloud, id).await?;
        let after = HostingAccount {
            name: name.clone().unwrap_or_else(|| before.name.clone()),
            external_id: external_id.clone().unwrap_or_else(|| before.external_id.clone()),
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

impl Change {
    /// The new name and the new external id.
    pub(crate) fn check(self) -> Result<(Option<Name>, Option<ExternalId>), Error> {
        let Self { name, external_id } = self;
        if name.is_none() && external_id.is_none() {
            return Err(Error::invalid(
                "body",
                "nothing to change; give name or externalId",
            ));
        }
        let external_id = external_id.map(|text| ExternalId::parse(&text)).transpose();
        let external_id = external_id.map_err(|rule| Error::invalid("externalId", rule))?;
        Ok((name, external_id))
    }
}
