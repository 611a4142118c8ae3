//! GET `/environments` and `/projects/:projectId/environments`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::access::Permission;
use workbench_core::page::Page;

use super::item::Item;
use super::scope;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<Page<Item>>, Problem> {
    let project = scope(&path)?;
    let permission = if project.is_some() {
        Permission::ReadEnvironment
    } else {
        Permission::ListAllEnvironments
    };
    cloud.authorize_member(&caller, permission, project).await?;
    query.same_project(project)?;
    let page = query.page()?;
    query.end()?;
    let token = page.token.as_deref();
    let found = match project {
        Some(project) => {
            cloud
                .table()
                .project(project)
                .await?
                .ok_or_else(|| Error::not_found("project", project))?;
            cloud
                .table()
                .project_environments(project, page.size, token)
                .await?
        }
        None => cloud.table().all_environments(page.size, token).await?,
    };
    Ok(Json(found.map(|environment| Item::from(&environment))))
}
