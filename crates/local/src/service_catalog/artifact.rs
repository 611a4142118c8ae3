//! The versions of a product: provisioning artifacts.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::product::own_product;
use super::{in_use, invalid, not_found, once};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// A version of a product.
#[derive(Clone)]
pub(super) struct Artifact {
    pub(super) id: String,
    pub(super) name: String,
    description: Option<String>,
    created: Timestamp,
    /// Whether it may be launched.
    pub(super) active: bool,
    guidance: String,
    /// The template's text, copied when the artifact was made.
    pub(super) template: String,
}

impl Artifact {
    pub(super) fn describe(&self) -> Value {
        json!({
            "Id": self.id,
            "Name": self.name,
            "Description": self.description,
            "CreatedTime": epoch_seconds(self.created),
        })
    }

    pub(super) fn detail(&self) -> Value {
        let mut detail = self.describe();
        detail["Type"] = json!("CLOUD_FORMATION_TEMPLATE");
        detail["Active"] = json!(self.active);
        detail["Guidance"] = json!(self.guidance);
        detail
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ArtifactParameters {
    name: Option<String>,
    description: Option<String>,
    info: ArtifactInfo,
    #[serde(rename = "Type")]
    kind: Option<String>,
    #[serde(default)]
    disable_template_validation: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArtifactInfo {
    #[serde(rename = "LoadTemplateFromURL")]
    load_template_from_url: String,
}

/// Takes a copy of the template, as AWS does: what is at the URL later has no effect.
pub(super) fn load(
    world: &mut World,
    principal: &Principal,
    parameters: ArtifactParameters,
) -> Result<Artifact, ApiError> {
    if parameters
        .kind
        .as_deref()
        .is_some_and(|kind| kind != "CLOUD_FORMATION_TEMPLATE")
    {
        return Err(invalid(
            "Type of a provisioning artifact must be CLOUD_FORMATION_TEMPLATE",
        ));
    }
    let url = parameters.info.load_template_from_url;
    let template = crate::s3::read_for(world, principal, &url).map_err(|error| {
        invalid(format!(
            "no template at LoadTemplateFromURL `{url}`: {}",
            error.message
        ))
    })?;
    if !parameters.disable_template_validation {
        crate::cloudformation::parameter_names(&template)
            .map_err(|reason| invalid(format!("the template at `{url}` is not valid: {reason}")))?;
    }
    Ok(Artifact {
        id: world.new_id("pa-", 13),
        name: parameters.name.unwrap_or_else(|| "v1".to_owned()),
        description: parameters.description,
        created: world.now,
        active: true,
        guidance: "DEFAULT".to_owned(),
        template,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateProvisioningArtifact {
    product_id: String,
    parameters: ArtifactParameters,
    idempotency_token: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreateProvisioningArtifact";
    let request: CreateProvisioningArtifact = parse(OPERATION, input)?;
    own_product(world, principal, &request.product_id)?;
    let token = request.idempotency_token;
    let id = once(world, principal, OPERATION, token, |world| {
        let artifact = load(world, principal, request.parameters)?;
        let id = artifact.id.clone();
        if let Some(product) = world.service_catalog.products.get_mut(&request.product_id) {
            product.artifacts.insert(id.clone(), artifact);
        }
        Ok(id)
    })?;
    let product = own_product(world, principal, &request.product_id)?;
    Ok(json!({
        "ProvisioningArtifactDetail": product.artifacts.get(&id).map(Artifact::detail),
        "Status": "AVAILABLE",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ListProvisioningArtifacts {
    product_id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// All of them, in the order in which they were made.
pub(super) fn list(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: ListProvisioningArtifacts = parse("ListProvisioningArtifacts", input)?;
    let product = own_product(world, principal, &request.product_id)?;
    let mut artifacts: Vec<&Artifact> = product.artifacts.values().collect();
    artifacts.sort_by_key(|artifact| artifact.created);
    let details: Vec<_> = artifacts.into_iter().map(Artifact::detail).collect();
    Ok(json!({ "ProvisioningArtifactDetails": details }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfArtifact {
    product_id: String,
    provisioning_artifact_id: String,
    #[serde(rename = "Verbose")]
    _verbose: Option<bool>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn describe(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: OfArtifact = parse("DescribeProvisioningArtifact", input)?;
    let id = &request.provisioning_artifact_id;
    let product = own_product(world, principal, &request.product_id)?;
    let artifact = product.artifacts.get(id).ok_or_else(|| no_artifact(id))?;
    Ok(json!({ "ProvisioningArtifactDetail": artifact.detail(), "Status": "AVAILABLE" }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateProvisioningArtifact {
    product_id: String,
    provisioning_artifact_id: String,
    name: Option<String>,
    description: Option<String>,
    active: Option<bool>,
    guidance: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// Absent members stay as they are.
pub(super) fn update(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: UpdateProvisioningArtifact = parse("UpdateProvisioningArtifact", input)?;
    let guidance = request.guidance.as_deref();
    if let Some(other) = guidance.filter(|text| !matches!(*text, "DEFAULT" | "DEPRECATED")) {
        return Err(invalid(format!(
            "Guidance `{other}` must be DEFAULT or DEPRECATED"
        )));
    }
    let id = &request.provisioning_artifact_id;
    own_product(world, principal, &request.product_id)?;
    let product = world.service_catalog.products.get_mut(&request.product_id);
    let artifact = product.and_then(|product| product.artifacts.get_mut(id));
    let artifact = artifact.ok_or_else(|| no_artifact(id))?;
    artifact.name = request.name.unwrap_or_else(|| artifact.name.clone());
    artifact.description = request.description.or_else(|| artifact.description.take());
    artifact.active = request.active.unwrap_or(artifact.active);
    artifact.guidance = request.guidance.unwrap_or_else(|| artifact.guidance.clone());
    Ok(json!({ "ProvisioningArtifactDetail": artifact.detail(), "Status": "AVAILABLE" }))
}

/// A product keeps at least one version.
/// <https://docs.aws.amazon.com/servicecatalog/latest/dg/API_DeleteProvisioningArtifact.html>
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: OfArtifact = parse("DeleteProvisioningArtifact", input)?;
    let id = &request.provisioning_artifact_id;
    let product = own_product(world, principal, &request.product_id)?;
    product.artifacts.get(id).ok_or_else(|| no_artifact(id))?;
    if product.artifacts.len() == 1 {
        return Err(in_use(format!(
            "`{id}` is the product's last provisioning artifact"
        )));
    }
    if let Some(product) = world.service_catalog.products.get_mut(&request.product_id) {
        product.artifacts.remove(id);
    }
    Ok(json!({}))
}

fn no_artifact(id: &str) -> ApiError {
    not_found("provisioning artifact", id)
}
