//! GET `/costCenters/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_core::Error;

use super::{CostCenterAnswer, answer, existing};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Read a cost centre
///
/// IT admins may. A malformed id is one that does not exist.
#[utoipa::path(get, path = "/costCenters/{costCenterId}", tag = "cost centres",
    responses((status = 200, description = "The cost centre", body = CostCenterAnswer)))]
pub(crate) async fn read(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<CostCenterAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::ReadCostCenters, None).await?;
    query.end()?;
    let id = path.get("costCenterId");
    let id = id.map_err(|_| Error::not_found("cost centre", "of the path"))?;
    let cost_center = existing(&cloud, id).await?;
    Ok(Json(answer(&cloud, cost_center).await?))
}
