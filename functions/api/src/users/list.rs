//! GET `/users`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::user::UserRole;

use super::UserAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::problem::Problem;
use crate::query::Query;

/// A page of users, which this list wraps.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsersAnswer {
    users: PageAnswer<UserAnswer>,
}

/// List users
///
/// IT admins and the admins of any project may. Inactive users are among them.
#[utoipa::path(get, path = "/users", tag = "users", params(PageParams),
    responses((status = 200, description = "A page", body = UsersAnswer)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<UsersAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::ReadUsers, None).await?;
    let request = query.page(&[])?;
    query.end()?;
    let found = cloud.users().page(&request).await?;
    let ids = found.data.iter().map(|user| user.id).collect();
    let memberships = cloud.table().memberships_of(ids).await?;
    let it_admins = cloud.users().it_admins().await?;
    let users = PageAnswer::of(found, |user| {
        let memberships = memberships.get(&user.id).map(Vec::as_slice);
        let roles = UserRole::all(it_admins.contains(&user.id), memberships.unwrap_or_default());
        UserAnswer::of(user, roles)
    });
    Ok(Json(UsersAnswer { users }))
}
