//! GET `/environments` and `/projects/:projectId/environments`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::page::SortKey;

use super::item::Item;
use super::scope;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// What the list of all environments can be filtered and sorted by.
pub(crate) const KEYS: [SortKey; 5] = [
    SortKey::Name,
    SortKey::Status,
    SortKey::CreatedAt,
    SortKey::Owner,
    SortKey::Project,
];

/// List environments
///
/// Without a project in the path: of all projects, for IT admins. TERMINATED ones are left out.
#[utoipa::path(get, path = "/environments", tag = "environments", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<Item>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<PageAnswer<Item>>, Problem> {
    let project = scope(&path)?;
    let action = match project {
        Some(_) => Action::ReadEnvironment,
        None => Action::ListAllEnvironments,
    };
    access::authorize(&cloud, &caller, action, project).await?;
    query.same_project(project)?;
    // The contract has no filter and no order for the list of one project.
    let keys = if project.is_some() { &[][..] } else { &KEYS };
    let page = query.page(keys)?;
    query.end()?;
    let found = match project {
        Some(project) => {
            crate::projects::existing(&cloud, project).await?;
            cloud.table().project_environments(project, &page).await?
        }
        None => cloud.table().all_environments(&page).await?,
    };
    Ok(Json(PageAnswer::of(found, |environment| {
        Item::from(&environment)
    })))
}
