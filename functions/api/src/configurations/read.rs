//! GET `/environmentTypes/:envTypeId/configurations/:envTypeConfigId`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::caller::Caller;
use workbench_core::env_type::EnvTypeConfig;
use workbench_core::project::Membership;

use super::{ConfigAnswer, ConfigPath};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read a configuration
///
/// IT admins may, and whoever may launch it in one of their projects.
#[utoipa::path(get, path = "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}", tag = "configurations",
    responses((status = 200, description = "The configuration", body = ConfigAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<ConfigAnswer>, Problem> {
    let path = ConfigPath::of(&path)?;
    query.end()?;
    if access::allows(&caller, Action::ReadConfigs, None, &[]) {
        return Ok(Json(path.existing(&cloud).await?.into()));
    }
    // To those who may not launch it, it does not make a difference whether it exists.
    match path.find(&cloud).await? {
        Some(config) if offered(&cloud, &caller, &config).await? => Ok(Json(config.into())),
        _ => Err(access::refusal(&caller, Action::ReadConfigs, &[]).into()),
    }
}

/// Whether the caller may launch the configuration in one of their projects.
async fn offered(
    cloud: &Cloud,
    caller: &Caller,
    config: &EnvTypeConfig,
) -> Result<bool, workbench_aws::Error> {
    let members = cloud.table().memberships(caller.user_id).await?;
    let covers = |member: &Membership| config.offer.covers(member.project_id, false, Some(member));
    if members.iter().any(covers) {
        return Ok(true);
    }
    let projects = members.iter().map(|member| member.project_id);
    cloud.table().is_associated_with_any(projects, config.id).await
}
