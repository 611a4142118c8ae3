//! PUT and DELETE of `/projects/:projectId/environmentTypes/:envTypeId/configurations/:envTypeConfigId/relationships`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::caller::Caller;
use workbench_core::env_type::EnvTypeConfig;
use workbench_core::id::ProjectId;
use workbench_core::project::{Project, ProjectStatus};

use super::ConfigPath;
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::projects::existing;
use crate::query::Query;

/// Let a project use a configuration
///
/// IT admins may. Once more changes nothing.
#[utoipa::path(put,
    path = "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/relationships",
    tag = "configurations", responses((status = 204, description = "The project may use it")))]
pub(crate) async fn associate(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    let (project, config) = both(&cloud, &caller, &path, query, &body).await?;
    if project.status != ProjectStatus::Available {
        return Err(Error::invalid("projectId", "the project is not AVAILABLE").into());
    }
    cloud.table().associate(project.id, &config).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let a project no longer use a configuration
///
/// IT admins may, once the project has no environment of it but FAILED ones.
#[utoipa::path(delete,
    path = "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/relationships",
    tag = "configurations", responses((status = 204, description = "The project may not use it")))]
pub(crate) async fn disassociate(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<StatusCode, Problem> {
    let (project, config) = both(&cloud, &caller, &path, query, &body).await?;
    for _ in 0..crate::TRIES {
        let Some(association) = cloud.table().association(project.id, config.id).await? else {
            return Ok(StatusCode::NO_CONTENT);
        };
        if cloud.table().uses(project.id, config.id).await? {
            let text = "environments of the project use the configuration; terminate them first";
            return Err(Error::Conflict(format!("envTypeConfigId: {text}")).into());
        }
        match cloud.table().disassociate(&association).await? {
            Updated::Written => return Ok(StatusCode::NO_CONTENT),
            Updated::Stale => {}
        }
    }
    Err(crate::busy("environment type configuration", config.id).into())
}

/// The project and the configuration that the path names.
async fn both(
    cloud: &Cloud,
    caller: &Caller,
    path: &PathIds,
    mut query: Query,
    body: &Body,
) -> Result<(Project, EnvTypeConfig), Problem> {
    let project_id: ProjectId = path.get("projectId")?;
    let path = ConfigPath::of(path)?;
    access::authorize(cloud, caller, Action::AssociateConfigs, None).await?;
    query.same_project(Some(project_id))?;
    query.end()?;
    body.same_project(Some(project_id))?;
    let project = existing(cloud, project_id).await?;
    Ok((project, path.existing(cloud).await?))
}
