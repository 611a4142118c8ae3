//! DELETE `/costCenters/:id`

use axum::extract::State;
use http::StatusCode;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::access::{self, Permission};
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::CostCenterId;

use super::existing;
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Once more changes nothing.
pub(crate) async fn delete(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<StatusCode, Problem> {
    let id: CostCenterId = path.get("id")?;
    access::authorize(&caller, Permission::ManageCostCenters, None, None)?;
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
