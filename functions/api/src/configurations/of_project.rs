//! What a project may use: GET `/projects/:projectId/environmentTypes/:envTypeId/configurations` and one of them

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::env_type::{EnvTypeConfig, Offer};
use workbench_core::id::{EnvTypeId, ProjectId};

use super::{ConfigAnswer, ConfigPath};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// List the configurations of a type that a project may use
///
/// IT admins and members may. It has those that the project is associated with, and those that are offered to it or to
/// every project.
#[utoipa::path(get, path = "/projects/{projectId}/environmentTypes/{envTypeId}/configurations",
    tag = "configurations", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<ConfigAnswer>)))]
pub(crate) async fn list(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<PageAnswer<ConfigAnswer>>, Problem> {
    let project: ProjectId = path.get("projectId")?;
    let env_type: EnvTypeId = path.get("envTypeId")?;
    access::authorize(&cloud, &caller, Action::ReadProjectConfigs, Some(project)).await?;
    query.same_project(Some(project))?;
    let request = query.page(&[])?;
    query.end()?;
    crate::projects::existing(&cloud, project).await?;
    crate::env_types::existing(&cloud, &env_type).await?;
    let page = cloud
        .table()
        .project_configs(project, &env_type, &request)
        .await?;
    Ok(Json(PageAnswer::of(page, ConfigAnswer::from)))
}

/// Read a configuration that a project may use
///
/// IT admins and members may.
#[utoipa::path(get, path = "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}",
    tag = "configurations", responses((status = 200, description = "The configuration", body = ConfigAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<ConfigAnswer>, Problem> {
    let project: ProjectId = path.get("projectId")?;
    let path = ConfigPath::of(&path)?;
    access::authorize(&cloud, &caller, Action::ReadProjectConfigs, Some(project)).await?;
    query.same_project(Some(project))?;
    query.end()?;
    crate::projects::existing(&cloud, project).await?;
    let config = path.existing(&cloud).await?;
    let associated = cloud.table().association(project, config.id).await?.is_some();
    if associated || is_offered(&config, project) {
        return Ok(Json(config.into()));
    }
    Err(Error::not_found("environment type configuration of this project", config.id).into())
}

/// Whether a configuration is offered to a project without an association.
fn is_offered(config: &EnvTypeConfig, project: ProjectId) -> bool {
    match &config.offer {
        Offer::AssociatedProjects => false,
        Offer::EveryProject => true,
        Offer::Roles(roles) => roles.iter().any(|role| role.project_id == project),
    }
}
