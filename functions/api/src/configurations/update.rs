//! PATCH `/environmentTypes/:envTypeId/configurations/:envTypeConfigId`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::env_type::EnvTypeConfig;
use workbench_core::text::Description;

use super::{ConfigAnswer, ConfigPath};
use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// The request's body. What is fixed stays fixed: environments were launched from it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ConfigChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Description)]
    description: Option<Description>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String)]
    estimated_cost: Option<String>,
}

/// Change what a configuration says about itself
///
/// IT admins may.
#[utoipa::path(patch, path = "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}", tag = "configurations", request_body = ConfigChange,
    responses((status = 200, description = "The configuration", body = ConfigAnswer)))]
pub(crate) async fn update(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Json<ConfigAnswer>, Problem> {
    let path = ConfigPath::of(&path)?;
    access::authorize(&cloud, &caller, Action::WriteConfigs, None).await?;
    query.end()?;
    let change: ConfigChange = body.read()?;
    change.check()?;
    for _ in 0..crate::TRIES {
        let before = path.existing(&cloud).await?;
        let after = change.of(&before, cloud.now());
        match cloud.table().update_config(&before, &after).await? {
            Updated::Written => return Ok(Json(after.into())),
            Updated::Stale => {}
        }
    }
    Err(crate::busy("environment type configuration", path.config_id).into())
}

impl ConfigChange {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.description.is_none() && self.estimated_cost.is_none() {
            return Err(Error::invalid(
                "body",
                "nothing to change; give description or estimatedCost",
            ));
        }
        Ok(())
    }

    fn of(&self, before: &EnvTypeConfig, now: Timestamp) -> EnvTypeConfig {
        EnvTypeConfig {
            description: self
                .description
                .clone()
                .unwrap_or_else(|| before.description.clone()),
            estimated_cost: self
                .estimated_cost
                .clone()
                .or_else(|| before.estimated_cost.clone()),
            rev: before.rev + 1,
            updated_at: now,
            ..before.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn change(body: Value) -> Result<(), String> {
        let change: ConfigChange = Body::from(&body).read().map_err(|error| error.to_string())?;
        change.check().map_err(|error| error.to_string())
    }

    #[test]
    fn only_description_and_cost_change() {
        assert_eq!(change(json!({ "estimatedCost": "1 USD an hour" })), Ok(()));
        assert_eq!(
            change(json!({})).unwrap_err(),
            "body: nothing to change; give description or estimatedCost"
        );
        let fixed = change(json!({ "params": [] })).unwrap_err();
        assert!(
            fixed.starts_with("params: Unrecognized key(s): 'params'"),
            "{fixed}"
        );
    }
}
