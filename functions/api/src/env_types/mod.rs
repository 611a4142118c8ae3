//! Environment types, section 4.5 of the contract and the seed guide's POST.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::{Cloud, Error};
use workbench_core::env_type::{EnvType, EnvTypeStatus, TypeParameter};
use workbench_core::id::{EnvTypeId, ProductId, ProvisioningArtifactId};
use workbench_core::text::{Description, Title};

use crate::schema;
use crate::time::IsoTime;

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod update;

/// An environment type as it is answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvTypeAnswer {
    #[schema(value_type = schema::EnvTypeId)]
    id: EnvTypeId,
    #[schema(value_type = schema::ProductId)]
    product_id: ProductId,
    #[schema(value_type = schema::ProvisioningArtifactId)]
    provisioning_artifact_id: ProvisioningArtifactId,
    #[schema(value_type = schema::Title)]
    name: Title,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[serde(rename = "type")]
    type_name: String,
    #[schema(value_type = schema::EnvTypeStatus)]
    status: EnvTypeStatus,
    params: BTreeMap<String, ParameterAnswer>,
    created_at: IsoTime,
    updated_at: IsoTime,
}

/// A parameter as a CloudFormation template spells it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
struct ParameterAnswer {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_echo: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_values: Vec<String>,
}

impl From<TypeParameter> for ParameterAnswer {
    fn from(parameter: TypeParameter) -> Self {
        let TypeParameter {
            kind,
            description,
            default,
            no_echo,
            allowed_values,
        } = parameter;
        Self {
            kind,
            description,
            default,
            no_echo,
            allowed_values,
        }
    }
}

impl From<EnvType> for EnvTypeAnswer {
    fn from(env_type: EnvType) -> Self {
        let EnvType {
            id,
            type_name,
            name,
            description,
            status,
            params,
            rev: _,
            created_at,
            updated_at,
        } = env_type;
        Self {
            product_id: id.product.clone(),
            provisioning_artifact_id: id.artifact.clone(),
            id,
            name,
            description,
            type_name,
            status,
            params: params
                .into_iter()
                .map(|(key, parameter)| (key, parameter.into()))
                .collect(),
            created_at: IsoTime(created_at),
            updated_at: IsoTime(updated_at),
        }
    }
}

/// The environment type of the path.
pub(crate) async fn existing(cloud: &Cloud, id: &EnvTypeId) -> Result<EnvType, Error> {
    let found = cloud.table().env_type(id).await?;
    found.ok_or_else(|| workbench_core::Error::not_found("environment type", id).into())
}

/// A type that has configurations stays APPROVED: they would be on offer and could not be launched.
pub(crate) async fn refuse_withdrawal(cloud: &Cloud, before: &EnvType, after: &EnvType) -> Result<(), Error> {
    if withdrawn(before.status, after.status) && cloud.table().has_configs(&before.id).await? {
        let text = "status: the environment type has configurations; delete them first";
        return Err(workbench_core::Error::Conflict(text.to_owned()).into());
    }
    Ok(())
}

fn withdrawn(before: EnvTypeStatus, after: EnvTypeStatus) -> bool {
    before == EnvTypeStatus::Approved && after == EnvTypeStatus::NotApproved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leaving_approved_is_a_withdrawal() {
        use EnvTypeStatus::{Approved, NotApproved};
        assert!(withdrawn(Approved, NotApproved));
        assert!(!withdrawn(NotApproved, NotApproved) && !withdrawn(NotApproved, Approved));
    }
}
