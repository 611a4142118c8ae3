//! POST `/environmentTypes`: the seed guide's request, an IT admin's.

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_aws::table::Updated;
use workbench_core::Error;
use workbench_core::env_type::{self, EnvType, EnvTypeStatus, TypeParameter};
use workbench_core::id::{EnvTypeId, ProductId, ProvisioningArtifactId};
use workbench_core::text::{Description, Title};

use super::EnvTypeAnswer;
use crate::access::{self, Action};
use crate::body::{Body, object, objects};
use crate::caller::SignedIn;
use crate::made::Made;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// The request's body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewEnvType {
    #[schema(value_type = schema::ProductId)]
    product_id: ProductId,
    #[schema(value_type = schema::ProvisioningArtifactId)]
    provisioning_artifact_id: ProvisioningArtifactId,
    /// The name of an installed environment type.
    #[serde(rename = "type")]
    #[schema(value_type = schema::EnvTypeName)]
    type_name: String,
    #[schema(value_type = schema::Title)]
    name: Title,
    #[schema(value_type = schema::Description)]
    description: Description,
    /// Must be empty: environment types are open to all.
    #[serde(default)]
    #[schema(max_items = 0)]
    allowed_role_ids: Vec<String>,
    #[serde(deserialize_with = "objects")]
    params: Vec<NewParameter>,
    #[schema(value_type = schema::EnvTypeStatus)]
    status: EnvTypeStatus,
}

/// A parameter as Service Catalog describes a product's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct NewParameter {
    #[schema(value_type = schema::ParameterKey)]
    parameter_key: String,
    #[schema(min_length = 1)]
    parameter_type: String,
    #[serde(default)]
    default_value: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    is_no_echo: bool,
    #[serde(default, deserialize_with = "object")]
    parameter_constraints: Constraints,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Constraints {
    #[serde(default)]
    allowed_values: Vec<String>,
}

/// Register an environment type
///
/// IT admins may. Sent again for a product that is registered, it says anew what the type is.
#[utoipa::path(post, path = "/environmentTypes", tag = "environment types", request_body = NewEnvType,
    responses((status = 201, description = "The environment type", body = EnvTypeAnswer)))]
pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    query: Query,
    body: Body,
) -> Result<Made<EnvTypeAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::WriteEnvTypes, None).await?;
    query.end()?;
    let new = body.read::<NewEnvType>()?.at(cloud.now())?;
    for _ in 0..crate::TRIES {
        let (env_type, written) = match cloud.table().env_type(&new.id).await? {
            None => (new.clone(), cloud.table().create_env_type(&new).await?),
            // A deployment registers its products by itself: the guide's request then says what they are.
            Some(before) => {
                let after = registered_again(&before, new.clone())?;
                super::refuse_withdrawal(&cloud, &before, &after).await?;
                let written = cloud.table().update_env_type(&before, &after).await?;
                (after, written)
            }
        };
        if written == Updated::Written {
            return Ok(Made::created(env_type.id.clone(), env_type.into()));
        }
    }
    Err(crate::busy("environment type", &new.id).into())
}

/// The row of a type that is registered already, as the request describes it.
fn registered_again(before: &EnvType, new: EnvType) -> Result<EnvType, Error> {
    if new.type_name != before.type_name {
        return Err(Error::Conflict(format!(
            "type: the product is registered as `{}`; give that type",
            before.type_name
        )));
    }
    Ok(EnvType {
        rev: before.rev + 1,
        created_at: before.created_at,
        ..new
    })
}

impl NewEnvType {
    pub(crate) fn at(self, now: Timestamp) -> Result<EnvType, Error> {
        let Self {
            product_id,
            provisioning_artifact_id,
            type_name,
            name,
            description,
            allowed_role_ids,
            params,
            status,
        } = self;
        env_type::registered("type", &type_name)?;
        if !allowed_role_ids.is_empty() {
            return Err(Error::invalid(
                "allowedRoleIds",
                "must be []: environment types are open to all; restrict their configurations",
            ));
        }
        Ok(EnvType {
            id: EnvTypeId {
                product: product_id,
                artifact: provisioning_artifact_id,
            },
            type_name,
            name,
            description,
            status,
            params: parameters(params)?,
            rev: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

fn parameters(params: Vec<NewParameter>) -> Result<BTreeMap<String, TypeParameter>, Error> {
    let mut map = BTreeMap::new();
    for (index, param) in params.into_iter().enumerate() {
        let field = |name: &str| format!("params.{index}.{name}");
        let NewParameter {
            parameter_key,
            parameter_type,
            default_value,
            description,
            is_no_echo,
            parameter_constraints,
        } = param;
        // What CloudFormation allows as the name of a parameter.
        let named = (1..=255).contains(&parameter_key.len())
            && parameter_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !named {
            return Err(Error::invalid(
                field("ParameterKey"),
                "must be 1 to 255 letters or digits",
            ));
        }
        if parameter_type.is_empty() {
            return Err(Error::invalid(field("ParameterType"), "Required"));
        }
        if map.contains_key(&parameter_key) {
            return Err(Error::invalid(
                field("ParameterKey"),
                format!("`{parameter_key}` is given twice"),
            ));
        }
        let parameter = TypeParameter {
            kind: parameter_type,
            description,
            default: default_value,
            no_echo: is_no_echo,
            allowed_values: parameter_constraints.allowed_values,
        };
        map.insert(parameter_key, parameter);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body() -> Value {
        serde_json::from_str(include_str!("../../tests/bodies/seed-environment-type.json")).unwrap()
    }

    fn made(body: &Value) -> Result<EnvTypeAnswer, String> {
        let read: NewEnvType = Body::from(body).read().map_err(|error| error.to_string())?;
        let made = read
            .at("2026-11-24T10:00:00Z".parse().unwrap())
            .map_err(|error| error.to_string())?;
        Ok(made.into())
    }

    fn with(field: &str, value: Value) -> Value {
        let mut body = body();
        body[field] = value;
        body
    }

    #[test]
    fn the_seed_guides_body_is_accepted_and_answered() {
        insta::assert_json_snapshot!(made(&body()).unwrap());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let parameter = |key: &str| json!({ "ParameterKey": key, "ParameterType": "String" });
        for (field, value, message) in [
            (
                "productId",
                json!(""),
                "productId: Invalid ID: `` is not of the form `prod-` and 13 letters or digits",
            ),
            (
                "status",
                json!("DONE"),
                "status: Invalid value `DONE`, expected `APPROVED` or `NOT_APPROVED`",
            ),
            (
                "allowedRoleIds",
                json!(["ITAdmin"]),
                "allowedRoleIds: must be []: environment types are open to all; restrict their configurations",
            ),
            (
                "params",
                json!([parameter("A"), parameter("A")]),
                "params.1.ParameterKey: `A` is given twice",
            ),
            (
                "params",
                json!([parameter("a-b")]),
                "params.0.ParameterKey: must be 1 to 255 letters or digits",
            ),
            (
                "params",
                json!([{ "ParameterKey": "A" }]),
                "params.0.ParameterType: Required",
            ),
        ] {
            assert_eq!(made(&with(field, value)).unwrap_err(), message);
        }
        let unknown = made(&with("type", json!("nope"))).unwrap_err();
        assert!(
            unknown.starts_with("type: `nope` is no installed environment type"),
            "{unknown}"
        );
    }

    #[test]
    fn allowed_roles_may_be_left_out() {
        let mut body = body();
        body.as_object_mut().unwrap().remove("allowedRoleIds");
        assert!(made(&body).is_ok());
    }
}
