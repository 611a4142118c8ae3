//! POST `/costCenters`

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;
use workbench_aws::Cloud;
use workbench_core::access::{self, Permission};
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::{AccountId, CostCenterId};
use workbench_core::text::{Description, Name};

use super::{CostCenterAnswer, answer};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::problem::Problem;
use crate::query::Query;

/// The request's body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewCostCenter {
    name: Name,
    account_id: AccountId,
    description: Description,
}

pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    query: Query,
    body: Body,
) -> Result<(StatusCode, Json<CostCenterAnswer>), Problem> {
    access::authorize(&caller, Permission::ManageCostCenters, None, None)?;
    query.end()?;
    let NewCostCenter {
        name,
        account_id,
        description,
    } = body.read()?;
    let now = cloud.now();
    let cost_center = CostCenter {
        id: CostCenterId::from_uuid(Uuid::new_v4()),
        name,
        description,
        account_id,
        status: CostCenterStatus::Available,
        rev: 1,
        created_at: now,
        updated_at: now,
    };
    cloud.table().create_cost_center(&cost_center).await?;
    Ok((StatusCode::CREATED, Json(answer(&cloud, cost_center).await?)))
}
