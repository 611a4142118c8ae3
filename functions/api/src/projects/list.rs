//! GET `/projects`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::page::SortKey;

use super::ProjectAnswer;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::problem::Problem;
use crate::query::Query;

/// What the list can be filtered and sorted by.
pub(crate) const KEYS: [SortKey; 4] = [
    SortKey::CreatedAt,
    SortKey::CostCenter,
    SortKey::Name,
    SortKey::Status,
];

/// List projects
///
/// IT admins see all that are not deleted, others those in which they have a role.
#[utoipa::path(get, path = "/projects", tag = "projects", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<ProjectAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    mut query: Query,
) -> Result<Json<PageAnswer<ProjectAnswer>>, Problem> {
    access::authorize(&cloud, &caller, Action::ListProjects, None).await?;
    let request = query.page(&KEYS)?;
    query.end()?;
    let page = if caller.it_admin {
        cloud.table().projects(&request).await?
    } else {
        cloud.table().projects_of(caller.user_id, &request).await?
    };
    Ok(Json(PageAnswer::of(page, |project| {
        ProjectAnswer::of(project, &caller)
    })))
}
