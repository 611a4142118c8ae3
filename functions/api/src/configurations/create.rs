//! POST `/environmentTypes/:envTypeId/configurations`: the contract's request and the seed guide's.

use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::env_type::{
    self, ConfigParam, ConfigStatus, EnvType, EnvTypeConfig, EnvTypeStatus, Offer,
};
use workbench_core::id::{EnvTypeConfigId, EnvTypeId};
use workbench_core::project::RoleId;
use workbench_core::text::{Description, Title};

use super::{ConfigAnswer, Param};
use crate::access::{self, Action};
use crate::body::{Body, objects};
use crate::caller::SignedIn;
use crate::idempotency::NewId;
use crate::made::Made;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// The most roles that a configuration is offered to: their projects have marks in the one transaction that makes it, and
/// DynamoDB takes 100 writes in one.
const MOST_ROLES: usize = 50;

/// The request's body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewConfig {
    #[serde(rename = "type")]
    #[schema(value_type = schema::EnvTypeName)]
    type_name: String,
    #[schema(value_type = schema::Title)]
    name: Title,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[serde(default)]
    estimated_cost: Option<String>,
    #[serde(deserialize_with = "objects")]
    params: Vec<Param>,
    /// `[]` offers it to every project; without it, projects must be associated.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::RoleId>>, max_items = 50)]
    allowed_role_ids: Option<Vec<RoleId>>,
}

/// Make a configuration
///
/// IT admins may. Its parameters are checked against what the type takes.
#[utoipa::path(post, path = "/environmentTypes/{envTypeId}/configurations", tag = "configurations", request_body = NewConfig,
    responses((status = 201, description = "The configuration", body = ConfigAnswer)))]
pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    NewId(new_id): NewId,
    path: PathIds,
    query: Query,
    body: Body,
) -> Result<Made<ConfigAnswer>, Problem> {
    let env_type_id: EnvTypeId = path.get("envTypeId")?;
    access::authorize(&cloud, &caller, Action::WriteConfigs, None).await?;
    query.end()?;
    let request: NewConfig = body.read()?;
    let env_type = cloud.table().env_type(&env_type_id).await?;
    // The contract answers 400 here, not 404.
    let env_type = env_type.ok_or_else(|| {
        Error::invalid(
            "envTypeId",
            format!("environment type `{env_type_id}` does not exist"),
        )
    })?;
    let config = request.of(&env_type, EnvTypeConfigId::from_uuid(new_id), cloud.now())?;
    cloud.table().create_config(&config).await?;
    Ok(Made::created(config.id, config.into()))
}

impl NewConfig {
    fn of(self, env_type: &EnvType, id: EnvTypeConfigId, now: Timestamp) -> Result<EnvTypeConfig, Error> {
        let Self {
            type_name,
            name,
            description,
            estimated_cost,
            params,
            allowed_role_ids,
        } = self;
        if env_type.status != EnvTypeStatus::Approved {
            return Err(Error::invalid(
                "envTypeId",
                "the environment type is not APPROVED",
            ));
        }
        let registered = env_type::registered("type", &type_name)?;
        if type_name != env_type.type_name {
            let expected = &env_type.type_name;
            return Err(Error::invalid(
                "type",
                format!("must be the environment type's, `{expected}`"),
            ));
        }
        if allowed_role_ids
            .as_ref()
            .is_some_and(|roles| roles.len() > MOST_ROLES)
        {
            let problem = format!(
                "must be {MOST_ROLES} roles at most; leave it out, and associate the projects with it"
            );
            return Err(Error::invalid("allowedRoleIds", problem));
        }
        let params: Vec<ConfigParam> = params.into_iter().map(ConfigParam::from).collect();
        env_type::check_params(registered, &params)?;
        env_type.check_params(&params)?;
        Ok(EnvTypeConfig {
            id,
            env_type_id: env_type.id.clone(),
            type_name,
            name,
            description,
            estimated_cost,
            params,
            offer: Offer::from_allowed_roles(allowed_role_ids),
            status: ConfigStatus::Available,
            rev: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body() -> Value {
        serde_json::from_str(include_str!("../../tests/bodies/seed-configuration.json")).unwrap()
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = body();
        body[field] = value;
        body
    }

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn env_type(status: EnvTypeStatus) -> EnvType {
        EnvType {
            id: "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq".parse().unwrap(),
            type_name: "sagemakerExample".into(),
            name: Title::new("Sagemaker Example").unwrap(),
            description: Description::new("a notebook").unwrap(),
            status,
            params: std::collections::BTreeMap::new(),
            rev: 1,
            created_at: now(),
            updated_at: now(),
        }
    }

    fn made_for(status: EnvTypeStatus, body: &Value) -> Result<EnvTypeConfig, String> {
        let request: NewConfig = Body::from(body).read().map_err(|error| error.to_string())?;
        let id = "etc-b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap();
        request
            .of(&env_type(status), id, now())
            .map_err(|error| error.to_string())
    }

    fn made(body: &Value) -> Result<EnvTypeConfig, String> {
        made_for(EnvTypeStatus::Approved, body)
    }

    #[test]
    fn the_seed_guides_body_is_accepted_and_answered() {
        let config = made(&body()).unwrap();
        assert_eq!(config.offer, Offer::EveryProject);
        insta::assert_json_snapshot!(ConfigAnswer::from(config));
    }

    #[test]
    fn allowed_roles_say_to_whom_it_is_offered() {
        let mut absent = body();
        absent.as_object_mut().unwrap().remove("allowedRoleIds");
        assert_eq!(made(&absent).unwrap().offer, Offer::AssociatedProjects);
        let role = "proj-b590a734-5adc-4a43-a24b-edf3795b812d#Researcher";
        let named = made(&with("allowedRoleIds", json!([role]))).unwrap();
        assert_eq!(named.offer, Offer::Roles(vec![role.parse().unwrap()]));
        let wrong = made(&with("allowedRoleIds", json!(["ITAdmin"]))).unwrap_err();
        assert!(
            wrong.starts_with("allowedRoleIds.0: must be `<projectId>#ProjectAdmin`"),
            "{wrong}"
        );
        assert!(made(&with("allowedRoleIds", json!(vec![role; 50]))).is_ok());
        let many = made(&with("allowedRoleIds", json!(vec![role; 51]))).unwrap_err();
        assert!(
            many.starts_with("allowedRoleIds: must be 50 roles at most"),
            "{many}"
        );
    }

    #[test]
    fn what_does_not_fit_the_type_is_named() {
        let refused = |field, value| made(&with(field, value)).unwrap_err();
        assert_eq!(
            refused("type", json!("sagemakerNotebook")),
            "type: must be the environment type's, `sagemakerExample`"
        );
        let colour = refused("params", json!([{ "key": "Colour", "value": "red" }]));
        assert!(
            colour.starts_with("params.0.key: `Colour` is no parameter"),
            "{colour}"
        );
        assert_eq!(
            refused("params", json!([{ "key": "CIDR" }])),
            "params.0.value: Required"
        );
        assert_eq!(
            made_for(EnvTypeStatus::NotApproved, &body()).unwrap_err(),
            "envTypeId: the environment type is not APPROVED"
        );
    }
}
