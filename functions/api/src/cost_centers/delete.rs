//! DELETE `/costCenters/:id`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::CostCenterId;

use super::existing;
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Delete a cost centre
///
/// IT admins may, once it has no projects. Once more changes nothing.
#[utoipa::path(delete, path = "/costCenters/{costCenterId}", tag = "cost centres",
    responses((status = 204, description = "It is deleted")))]
pub(crate) async fn delete(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<StatusCode, Problem> {
    let id: CostCenterId = path.get("costCenterId")?;
    access::authorize(&cloud, &caller, Action::WriteCostCenters, None).await?;
    query.end()?;
    for _ in 0..crate::TRIES {
        let before = existing(&cloud, id).await?;
        if before.status == CostCenterStatus::Deleted {
            return Ok(StatusCode::NO_CONTENT);
        }
        if cloud.table().has_projects(id).await? {
            let text = "id: the cost centre has projects; delete them first";
            return Err(Error::Conflict(text.to_owned()).into());
        }
        let after = CostCenter {
            status: CostCenterStatus::Deleted,
            rev: before.rev + 1,
            updated_at: cloud.now(),
            ..before.clone()
        };
        if cloud.table().update_cost_center(&before, &after).await? == Updated::Written {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(crate::busy("cost centre", id).into())
}
