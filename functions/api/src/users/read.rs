//! GET `/users/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::id::UserId;
use workbench_core::user::UserRole;

use super::{UserAnswer, existing, missing};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read a user
///
/// IT admins and the admins of any project may.
#[utoipa::path(get, path = "/users/{userId}", tag = "users",
    responses((status = 200, description = "The user", body = UserAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<UserAnswer>, Problem> {
    let id: UserId = path.get("userId")?;
    access::authorize(&cloud, &caller, Action::ReadUsers, None).await?;
    query.end()?;
    let user = existing(&cloud, id).await?;
    let it_admin = cloud.users().is_it_admin(id).await?.ok_or_else(|| missing(id))?;
    let memberships = cloud.table().memberships(id).await?;
    Ok(Json(UserAnswer::of(user, UserRole::all(it_admin, &memberships))))
}
