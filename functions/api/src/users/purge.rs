//! DELETE `/users/:id/purge`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::id::UserId;
use workbench_core::user::UserStatus;

use super::existing;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Delete a user for good
///
/// IT admins may, once the user is INACTIVE. All roles go too; environments of the user stay.
#[utoipa::path(delete, path = "/users/{userId}/purge", tag = "users",
    responses((status = 204, description = "The user is deleted")))]
pub(crate) async fn purge(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<StatusCode, Problem> {
    let id: UserId = path.get("userId")?;
    access::authorize(&cloud, &caller, Action::WriteUsers, None).await?;
    query.end()?;
    if existing(&cloud, id).await?.status != UserStatus::Inactive {
        let text = "status: the user is ACTIVE; make them INACTIVE first";
        return Err(Error::WrongState(text.to_owned()).into());
    }
    // The roles go first: while the user is there, the request can be repeated.
    cloud.table().remove_memberships(id).await?;
    cloud.users().delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
