//! PATCH `/users/:id`

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::id::UserId;
use workbench_core::user::{Email, PersonName, UserChange, UserStatus};

use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// What is to be changed of a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = UserChange)]
pub(crate) struct Change {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::PersonName)]
    first_name: Option<PersonName>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::PersonName)]
    last_name: Option<PersonName>,
    /// Kept in lower case. The user signs in with it from then on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Email)]
    email: Option<Email>,
    /// Who is INACTIVE can not sign in. A token that they have works until it ends.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::UserStatus)]
    status: Option<UserStatus>,
}

/// Change a user
///
/// IT admins may. Nobody changes their own status: who was made INACTIVE may have a token that still works.
#[utoipa::path(patch, path = "/users/{userId}", tag = "users", request_body = Change,
    responses((status = 204, description = "The user is changed")))]
pub(crate) async fn update(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    let id: UserId = path.get("userId")?;
    access::authorize(&cloud, &caller, Action::WriteUsers, None).await?;
    query.end()?;
    let change = body.read::<Change>()?.check()?;
    if id == caller.user_id && change.status.is_some() {
        let problem = "nobody changes their own; ask another IT admin";
        return Err(Error::invalid("status", problem).into());
    }
    cloud.users().update(id, &change).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Change {
    /// What is to be changed, which is something.
    pub(crate) fn check(self) -> Result<UserChange, Error> {
        let Self {
            first_name,
            last_name,
            email,
            status,
        } = self;
        let change = UserChange {
            first_name,
            last_name,
            email,
            status,
        };
        if change == UserChange::default() {
            let problem = "nothing to change; give firstName, lastName, email or status";
            return Err(Error::invalid("body", problem));
        }
        Ok(change)
    }
}
