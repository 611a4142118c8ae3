//! Environment types, section 4.5 of the contract and the seed guide's POST.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::{Cloud, Error};
use workbench_core::env_type::{EnvType, EnvTypeConfig, EnvTypeStatus, TypeParameter};
use workbench_core::id::{EnvTypeId, ProductId, ProvisioningArtifactId};
use workbench_core::text::{Description, Title};

use crate::schema;
use crate::time::IsoTime;

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod update;

/// How many of the configurations that keep a type APPROVED a refusal names.
const NAMED: usize = 5;

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
    if withdrawn(before.status, after.status) {
        refuse_configs(&cloud.table().first_configs(&before.id).await?)?;
    }
    Ok(())
}

fn refuse_configs(configs: &[EnvTypeConfig]) -> Result<(), workbench_core::Error> {
    if configs.is_empty() {
        return Ok(());
    }
    let named = configs.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|config| format!("{} `{}`", config.id, config.name.as_str()))
        .collect();
    let more = if configs.len() > NAMED { " and more" } else { "" };
    Err(workbench_core::Error::Conflict(format!(
        "status: the environment type has configurations: {}{more}; delete them first",
        named.join(", ")
    )))
}

fn withdrawn(before: EnvTypeStatus, after: EnvTypeStatus) -> bool {
    before == EnvTypeStatus::Approved && after == EnvTypeStatus::NotApproved
}

#[cfg(test)]
mod tests {
    use workbench_core::env_type::{ConfigStatus, Offer};

    use super::*;

    #[test]
    fn only_leaving_approved_is_a_withdrawal() {
        use EnvTypeStatus::{Approved, NotApproved};
        assert!(withdrawn(Approved, NotApproved));
        assert!(!withdrawn(NotApproved, NotApproved) && !withdrawn(NotApproved, Approved));
    }

    #[test]
    fn the_first_configurations_that_keep_a_type_approved_are_named() {
        assert_eq!(refuse_configs(&[]), Ok(()));
        let id = |number: usize| format!("etc-00000000-0000-4000-8000-00000000000{number}");
        let config = |number: usize| EnvTypeConfig {
            id: id(number).parse().unwrap(),
            env_type_id: "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq".parse().unwrap(),
            type_name: "sagemakerNotebook".into(),
            name: Title::new(format!("Notebook {number}")).unwrap(),
            description: Description::new("a notebook").unwrap(),
            estimated_cost: None,
            params: Vec::new(),
            offer: Offer::EveryProject,
            status: ConfigStatus::Available,
            rev: 1,
            created_at: "2026-11-01T10:00:00Z".parse().unwrap(),
            updated_at: "2026-11-01T10:00:00Z".parse().unwrap(),
        };
        let told = |numbers: std::ops::Range<usize>| {
            let configs: Vec<EnvTypeConfig> = numbers.map(config).collect();
            refuse_configs(&configs).unwrap_err().to_string()
        };
        assert_eq!(
            told(1..3),
            format!(
                "status: the environment type has configurations: {} `Notebook 1`, {} `Notebook 2`; delete them first",
                id(1),
                id(2)
            )
        );
        let more = told(1..8);
        assert!(
            more.contains(&id(NAMED)) && !more.contains(&id(NAMED + 1)),
            "{more}"
        );
        assert!(more.ends_with("` and more; delete them first"), "{more}");
    }
}
