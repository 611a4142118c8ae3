//! DELETE `/environmentTypes/:envTypeId/configurations/:envTypeConfigId`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;

use super::ConfigPath;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Delete a configuration
///
/// IT admins may, once no project is associated with it.
#[utoipa::path(delete, path = "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}", tag = "configurations",
    responses((status = 204, description = "It is deleted")))]
pub(crate) async fn delete(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<StatusCode, Problem> {
    let path = ConfigPath::of(&path)?;
    access::authorize(&cloud, &caller, Action::WriteConfigs, None).await?;
    query.end()?;
    for _ in 0..crate::TRIES {
        let config = path.existing(&cloud).await?;
        if cloud.table().has_associations(config.id).await? {
            let text = "projects are associated with the configuration; remove their associations first";
            return Err(Error::Conflict(format!("envTypeConfigId: {text}")).into());
        }
        match cloud.table().delete_config(&config, cloud.now()).await? {
            Updated::Written => return Ok(StatusCode::NO_CONTENT),
            Updated::Stale => {}
        }
    }
    Err(crate::busy("environment type configuration", path.config_id).into())
}
