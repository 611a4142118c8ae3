//! POST `/users`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::user::{Email, NewUser, PersonName};

use super::UserAnswer;
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::made::Made;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// Somebody who is to become a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewUser)]
pub(crate) struct Invited {
    #[schema(value_type = schema::PersonName)]
    first_name: PersonName,
    #[schema(value_type = schema::PersonName)]
    last_name: PersonName,
    /// Kept in lower case.
    #[schema(value_type = schema::Email)]
    email: Email,
}

/// Make a user
///
/// IT admins may. The user gets a mail with a first password, valid for seven days. No other user may have the address.
#[utoipa::path(post, path = "/users", tag = "users", request_body = Invited,
    responses((status = 201, description = "The user", body = UserAnswer)))]
pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    query: Query,
    body: Body,
) -> Result<Made<UserAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::WriteUsers, None).await?;
    query.end()?;
    let Invited {
        first_name,
        last_name,
        email,
    } = body.read()?;
    let new = NewUser {
        first_name,
        last_name,
        email,
    };
    let user = cloud.users().create(&new).await?;
    Ok(Made::created(user.id, UserAnswer::of(user, Vec::new())))
}
