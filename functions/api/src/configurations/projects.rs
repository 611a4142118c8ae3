//! GET `/environmentTypes/:envTypeId/configurations/:envTypeConfigId/projects`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;

use super::ConfigPath;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::path::PathIds;
use crate::problem::Problem;
use crate::projects::ProjectAnswer;
use crate::query::Query;

/// List the projects that are associated with a configuration
///
/// IT admins may.
#[utoipa::path(get, path = "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/projects",
    tag = "configurations", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<ProjectAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<PageAnswer<ProjectAnswer>>, Problem> {
    let path = ConfigPath::of(&path)?;
    access::authorize(&cloud, &caller, Action::ReadConfigProjects, None).await?;
    let request = query.page(&[])?;
    query.end()?;
    let config = path.existing(&cloud).await?;
    let page = cloud.table().associated_projects(config.id, &request).await?;
    Ok(Json(PageAnswer::of(page, |project| {
        ProjectAnswer::of(project, &caller)
    })))
}
