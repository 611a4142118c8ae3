//! POST `/costCenters`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::id::{AccountId, CostCenterId};
use workbench_core::text::{Description, Name};

use super::{CostCenterAnswer, answer};
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::idempotency::NewId;
use crate::made::Made;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// A new cost centre.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewCostCenter {
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::AccountId)]
    account_id: AccountId,
    #[schema(value_type = schema::Description)]
    description: Description,
}

/// Make a cost centre
///
/// IT admins may. Its account must be CURRENT.
#[utoipa::path(post, path = "/costCenters", tag = "cost centres", request_body = NewCostCenter,
    responses((status = 201, description = "The cost centre", body = CostCenterAnswer)))]
pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    NewId(new_id): NewId,
    query: Query,
    body: Body,
) -> Result<Made<CostCenterAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::WriteCostCenters, None).await?;
    query.end()?;
    let NewCostCenter {
        name,
        account_id,
        description,
    } = body.read()?;
    let now = cloud.now();
    let cost_center = CostCenter {
        id: CostCenterId::from_uuid(new_id),
        name,
        description,
        account_id,
        status: CostCenterStatus::Available,
        rev: 1,
        created_at: now,
        updated_at: now,
    };
    cloud.table().create_cost_center(&cost_center).await?;
    Ok(Made::created(cost_center.id, answer(&cloud, cost_center).await?))
}
