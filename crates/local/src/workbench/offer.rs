//! Environment types on offer, made by the API's own requests.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use workbench_core::launch::COMPUTED_POLICY;
use workbench_core::registry::{DatasetsField, EnvironmentType, Source};

use super::{Answer, Workbench};

/// An environment type with a configuration, ready for launches.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferedType {
    /// The environment type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its id.
    pub env_type_id: String,
    /// The product behind it.
    pub product_id: String,
    /// The product's version.
    pub provisioning_artifact_id: String,
    /// The configuration's id.
    pub env_type_config_id: String,
}

impl Workbench {
    /// Approves `ty` and makes a configuration of it, by the seed guide's own requests.
    ///
    /// # Errors
    /// The API's answer, if it is not 201.
    pub async fn offer(&self, ty: &EnvironmentType) -> Result<OfferedType, Answer> {
        let product = self
            .main
            .products
            .iter()
            .find(|product| product.type_name == ty.name);
        let (product_id, provisioning_artifact_id) = product
            .map(|product| {
                (
                    product.product_id.clone(),
                    product.provisioning_artifact_id.clone(),
                )
            })
            .unwrap_or_default();
        let params: Vec<Value> = ty
            .template_parameters
            .iter()
            .map(|parameter| {
                json!({
                    "ParameterKey": parameter.name,
                    "ParameterType": parameter.parameter_type,
                    "IsNoEcho": false,
                    "ParameterConstraints": { "AllowedValues": [] },
                })
            })
            .collect();
        let env_type = json!({
            "productId": product_id,
            "provisioningArtifactId": provisioning_artifact_id,
            "description": ty.description.replace('\'', ""),
            "name": ty.name,
            "type": ty.name,
            "allowedRoleIds": [],
            "params": params,
            "status": "APPROVED",
        });
        let token = &self.people.it_admin.token;
        let made = self
            .request(token, Method::POST, "/environmentTypes", Some(env_type))
            .await;
        let env_type_id = created(made)?;
        let params: Vec<Value> = example_config(ty)
            .into_iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let config = json!({
            "allowedRoleIds": [],
            "type": ty.name,
            "description": "Example config 1",
            "name": ty.name,
            "params": params,
        });
        let path = format!("/environmentTypes/{env_type_id}/configurations");
        let made = self.request(token, Method::POST, &path, Some(config)).await;
        Ok(OfferedType {
            type_name: ty.name.to_owned(),
            env_type_id,
            product_id,
            provisioning_artifact_id,
            env_type_config_id: created(made)?,
        })
    }
}

/// A configuration that suits a trial: the seed guide's values, else the documents' and templates' own defaults.
fn example_config(ty: &EnvironmentType) -> Vec<(&'static str, &'static str)> {
    ty.launch
        .parameters
        .iter()
        .filter_map(|parameter| {
            let key = match parameter.source? {
                Source::Config(key) => key,
                Source::Datasets(DatasetsField::Policy) => return Some((parameter.name, COMPUTED_POLICY)),
                _ => return None,
            };
            let template = ty
                .template_parameters
                .iter()
                .find(|candidate| candidate.name == key);
            let value = match key {
                "InstanceType" => Some("ml.t3.medium"),
                "AutoStopIdleTimeInMinutes" => Some("0"),
                "CIDR" => Some("0.0.0.0/0"),
                _ => parameter
                    .default
                    .or_else(|| template.and_then(|template| template.default)),
            };
            Some((key, value?))
        })
        .collect()
}

/// The id of what was made.
fn created(answer: Answer) -> Result<String, Answer> {
    match answer.body.get("id").and_then(Value::as_str) {
        Some(id) if answer.status == StatusCode::CREATED => Ok(id.to_owned()),
        _ => Err(answer),
    }
}
