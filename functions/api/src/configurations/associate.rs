//! PUT and DELETE of `/projects/:projectId/environmentTypes/:envTypeId/configurations/:envTypeConfigId/relationships`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::access::{Caller, Permission};
use workbench_core::environment::Environment;
use workbench_core::id::{EnvTypeConfigId, ProjectId};
use workbench_core::page::PageSize;
use workbench_core::project::{Project, ProjectStatus};
use workbench_core::status::Status;

use super::ConfigPath;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) async fn associate(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<StatusCode, Problem> {
    let (project, config) = both(&cloud, &caller, &path, query).await?;
    if project.status == ProjectStatus::Deleted {
        return Err(Error::invalid("projectId", "the project is deleted").into());
    }
    cloud.table().associate(project.id, config).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn disassociate(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<StatusCode, Problem> {
    let (project, config) = both(&cloud, &caller, &path, query).await?;
    if in_use(&cloud, project.id, config).await? {
        let text = "environments of the project use the configuration; terminate them first";
        return Err(Error::Conflict(format!("envTypeConfigId: {text}")).into());
    }
    cloud.table().disassociate(project.id, config).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The project and the configuration that the path names.
async fn both(
    cloud: &Cloud,
    caller: &Caller,
    path: &PathIds,
    mut query: Query,
) -> Result<(Project, EnvTypeConfigId), Problem> {
    let project_id: ProjectId = path.get("projectId")?;
    let path = ConfigPath::of(path)?;
    cloud
        .authorize_member(caller, Permission::WriteConfigs, None)
        .await?;
    query.same_project(Some(project_id))?;
    query.end()?;
    let project = cloud.table().project(project_id).await?;
    let project = project.ok_or_else(|| Error::not_found("project", project_id))?;
    let config = path.existing(cloud).await?;
    Ok((project, config.id))
}

/// Whether an environment of the project that has not FAILED was launched from the configuration.
async fn in_use(
    cloud: &Cloud,
    project: ProjectId,
    config: EnvTypeConfigId,
) -> Result<bool, workbench_aws::Error> {
    let mut token = None;
    loop {
        let page = cloud
            .table()
            .project_environments(project, PageSize::default(), token.as_deref())
            .await?;
        if page.data.iter().any(|environment| holds(environment, config)) {
            return Ok(true);
        }
        token = page.pagination_token;
        if token.is_none() {
            return Ok(false);
        }
    }
}

fn holds(environment: &Environment, config: EnvTypeConfigId) -> bool {
    environment.recipe.config_id == config
        && !matches!(environment.status(), Status::Failed | Status::Terminated)
}
