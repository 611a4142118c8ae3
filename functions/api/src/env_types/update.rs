//! PATCH `/environmentTypes/:envTypeId`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::env_type::{EnvType, EnvTypeStatus};
use workbench_core::text::{Description, Title};

use super::{EnvTypeAnswer, existing, refuse_withdrawal};
use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// The request's body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvTypeChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Title)]
    name: Option<Title>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::Description)]
    description: Option<Description>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::EnvTypeStatus)]
    status: Option<EnvTypeStatus>,
}

/// Change an environment type
///
/// IT admins may. One that has configurations stays APPROVED.
#[utoipa::path(patch, path = "/environmentTypes/{envTypeId}", tag = "environment types", request_body = EnvTypeChange,
    responses((status = 200, description = "The environment type", body = EnvTypeAnswer)))]
pub(crate) async fn update(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Json<EnvTypeAnswer>, Problem> {
    let id = path.get("envTypeId")?;
    access::authorize(&cloud, &caller, Action::WriteEnvTypes, None).await?;
    query.end()?;
    let change: EnvTypeChange = body.read()?;
    change.check()?;
    for _ in 0..crate::TRIES {
        let before = existing(&cloud, &id).await?;
        let after = change.of(&before, cloud.now());
        refuse_withdrawal(&cloud, &before, &after).await?;
        match cloud.table().update_env_type(&before, &after).await? {
            Updated::Written => return Ok(Json(after.into())),
            Updated::Stale => {}
        }
    }
    Err(crate::busy("environment type", &id).into())
}

impl EnvTypeChange {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.name.is_none() && self.description.is_none() && self.status.is_none() {
            return Err(Error::invalid(
                "body",
                "nothing to change; give name, description or status",
            ));
        }
        Ok(())
    }

    fn of(&self, before: &EnvType, now: Timestamp) -> EnvType {
        EnvType {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            description: self
                .description
                .clone()
                .unwrap_or_else(|| before.description.clone()),
            status: self.status.unwrap_or(before.status),
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

    fn change(body: Value) -> Result<EnvTypeChange, String> {
        let change: EnvTypeChange = Body::from(&body).read().map_err(|error| error.to_string())?;
        change.check().map_err(|error| error.to_string())?;
        Ok(change)
    }

    #[test]
    fn what_is_given_changes_and_the_rest_stays() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let before = EnvType {
            id: "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq".parse().unwrap(),
            type_name: "sagemakerNotebook".into(),
            name: Title::new("notebook").unwrap(),
            description: Description::new("a notebook").unwrap(),
            status: EnvTypeStatus::Approved,
            params: std::collections::BTreeMap::new(),
            rev: 4,
            created_at: "2026-11-01T10:00:00Z".parse().unwrap(),
            updated_at: "2026-11-01T10:00:00Z".parse().unwrap(),
        };
        let after = change(json!({ "name": "Large notebook" }))
            .unwrap()
            .of(&before, now);
        let expected = EnvType {
            name: Title::new("Large notebook").unwrap(),
            rev: 5,
            updated_at: now,
            ..before
        };
        assert_eq!(after, expected);
    }

    #[test]
    fn a_change_must_name_something_that_can_change() {
        assert_eq!(
            change(json!({})).unwrap_err(),
            "body: nothing to change; give name, description or status"
        );
        assert_eq!(
            change(json!({ "status": null })).unwrap_err(),
            "status: must not be null; leave it out"
        );
        let unknown = change(json!({ "name": "a", "type": "b" })).unwrap_err();
        assert_eq!(
            unknown,
            "type: Unrecognized key(s): 'type'; expected one of 'name', 'description', 'status'"
        );
    }
}
