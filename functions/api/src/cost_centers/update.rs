//! PATCH `/costCenters/:id`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::cost_center::CostCenter;
use workbench_core::id::CostCenterId;
use workbench_core::text::{Description, Name};

use super::{CostCenterAnswer, answer, existing};
use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// What is to be changed of a cost centre.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CostCenterChange)]
pub(crate) struct Change {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Name)]
    name: Option<Name>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Description)]
    description: Option<Description>,
}

/// Change a cost centre
///
/// IT admins may.
#[utoipa::path(patch, path = "/costCenters/{costCenterId}", tag = "cost centres", request_body = Change,
    responses((status = 200, description = "The cost centre", body = CostCenterAnswer)))]
pub(crate) async fn update(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Json<CostCenterAnswer>, Problem> {
    let id: CostCenterId = path.get("costCenterId")?;
    access::authorize(&cloud, &caller, Action::WriteCostCenters, None).await?;
    query.end()?;
    let change: Change = body.read()?;
    change.check()?;
    for _ in 0..crate::TRIES {
        let before = existing(&cloud, id).await?;
        let after = CostCenter {
            name: change.name.clone().unwrap_or_else(|| before.name.clone()),
            description: change
                .description
                .clone()
                .unwrap_or_else(|| before.description.clone()),
            rev: before.rev + 1,
            updated_at: cloud.now(),
            ..before.clone()
        };
        if cloud.table().update_cost_center(&before, &after).await? == Updated::Written {
            return Ok(Json(answer(&cloud, after).await?));
        }
    }
    Err(crate::busy("cost centre", id).into())
}

impl Change {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.name.is_none() && self.description.is_none() {
            return Err(Error::invalid(
                "body",
                "nothing to change; give name or description",
            ));
        }
        Ok(())
    }
}
