//! GET `/costCenters/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::access::{self, Permission};

use super::{CostCenterAnswer, answer, existing};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// As the contract has it, a malformed id is one that does not exist.
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<CostCenterAnswer>, Problem> {
    access::authorize(&caller, Permission::ManageCostCenters, None, None)?;
    query.end()?;
    let id = path.get("id");
    let id = id.map_err(|_| Error::not_found("cost centre", "of the path"))?;
    let cost_center = existing(&cloud, id).await?;
    Ok(Json(answer(&cloud, cost_center).await?))
}
