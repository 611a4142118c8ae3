//! Products and their versions (provisioning artifacts).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{invalid, not_found};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// A product.
pub(super) struct Product {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) name: String,
    owner: String,
    description: Option<String>,
    created: Timestamp,
    pub(super) artifacts: BTreeMap<String, Artifact>,
}

/// A version of a product.
pub(super) struct Artifact {
    id: String,
    pub(super) name: String,
    description: Option<String>,
    created: Timestamp,
    /// The template's text, copied when the artifact was made.
    pub(super) template: String,
}

impl Product {
    pub(super) fn arn(&self, world: &World) -> String {
        format!(
            "arn:aws:catalog:{}:{}:product/{}",
            world.region, self.account, self.id
        )
    }

    pub(super) fn view(&self) -> Value {
        json!({
            "Id": format!("prodview-{}", self.id.trim_start_matches("prod-")),
            "ProductId": self.id,
            "Name": self.name,
            "Owner": self.owner,
            "ShortDescription": self.description,
            "Type": "CLOUD_FORMATION_TEMPLATE",
            "HasDefaultPath": false,
        })
    }

    fn detail(&self, world: &World) -> Value {
        json!({
            "ProductViewSummary": self.view(),
            "Status": "CREATED",
            "ProductARN": self.arn(world),
            "CreatedTime": epoch_seconds(self.created),
        })
    }

    pub(super) fn artifact_summaries(&self) -> Vec<Value> {
        self.artifacts.values().map(Artifact::describe).collect()
    }
}

impl Artifact {
    fn describe(&self) -> Value {
        json!({
            "Id": self.id,
            "Name": self.name,
            "Description": self.description,
            "CreatedTime": epoch_seconds(self.created),
        })
    }

    fn detail(&self) -> Value {
        let mut detail = self.describe();
        detail["Type"] = json!("CLOUD_FORMATION_TEMPLATE");
        detail["Active"] = json!(true);
        detail
    }
}

/// The product, if the caller's account owns it.
pub(super) fn own_product<'a>(
    world: &'a World,
    principal: &Principal,
    id: &str,
) -> Result<&'a Product, ApiError> {
    let product = world.service_catalog.products.get(id);
    product
        .filter(|it| it.account == principal.account)
        .ok_or_else(|| not_found("product", id))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateProduct {
    name: String,
    owner: String,
    description: Option<String>,
    product_type: String,
    provisioning_artifact_parameters: ArtifactParameters,
    idempotency_token: Option<String>,
    #[serde(rename = "Tags")]
    _tags: Option<Value>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ArtifactParameters {
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
fn artifact(world: &mut World, parameters: ArtifactParameters) -> Result<Artifact, ApiError> {
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
    let template = crate::s3::object(world, &url)
        .ok_or_else(|| invalid(format!("no template at LoadTemplateFromURL `{url}`")))?;
    if !parameters.disable_template_validation {
        crate::cloudformation::parameter_names(&template)
            .map_err(|reason| invalid(format!("the template at `{url}` is not valid: {reason}")))?;
    }
    Ok(Artifact {
        id: world.new_id("pa-", 13),
        name: parameters.name.unwrap_or_else(|| "v1".to_owned()),
        description: parameters.description,
        created: world.now,
        template,
    })
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreateProduct";
    let request: CreateProduct = parse(OPERATION, input)?;
    if request.product_type != "CLOUD_FORMATION_TEMPLATE" {
        return Err(invalid("ProductType must be CLOUD_FORMATION_TEMPLATE"));
    }
    let known = world.service_catalog.made_by(
        &principal.account,
        OPERATION,
        request.idempotency_token.as_deref(),
    );
    let id = match known.map(str::to_owned) {
        Some(id) => id,
        None => {
            let artifact = artifact(world, request.provisioning_artifact_parameters)?;
            let id = world.new_id("prod-", 13);
            let product = Product {
                id: id.clone(),
                account: principal.account.clone(),
                name: request.name,
                owner: request.owner,
                description: request.description,
                created: world.now,
                artifacts: BTreeMap::from([(artifact.id.clone(), artifact)]),
            };
            world.service_catalog.products.insert(id.clone(), product);
            world
                .service_catalog
                .remember(&principal.account, OPERATION, request.idempotency_token, &id);
            id
        }
    };
    let product = own_product(world, principal, &id)?;
    Ok(json!({
        "ProductViewDetail": product.detail(world),
        "ProvisioningArtifactDetail": product.artifacts.values().next().map(Artifact::detail),
    }))
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

pub(super) fn create_artifact(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreateProvisioningArtifact";
    let request: CreateProvisioningArtifact = parse(OPERATION, input)?;
    own_product(world, principal, &request.product_id)?;
    let known = world.service_catalog.made_by(
        &principal.account,
        OPERATION,
        request.idempotency_token.as_deref(),
    );
    let id = match known.map(str::to_owned) {
        Some(id) => id,
        None => {
            let artifact = artifact(world, request.parameters)?;
            let id = artifact.id.clone();
            if let Some(product) = world.service_catalog.products.get_mut(&request.product_id) {
                product.artifacts.insert(id.clone(), artifact);
            }
            world
                .service_catalog
                .remember(&principal.account, OPERATION, request.idempotency_token, &id);
            id
        }
    };
    let product = own_product(world, principal, &request.product_id)?;
    Ok(json!({
        "ProvisioningArtifactDetail": product.artifacts.get(&id).map(Artifact::detail),
        "Status": "AVAILABLE",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SearchProductsAsAdmin {
    portfolio_id: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
    #[serde(rename = "PageSize")]
    _page_size: Option<u32>,
}

/// The account's own products, in one page.
pub(super) fn search_as_admin(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: SearchProductsAsAdmin = parse("SearchProductsAsAdmin", input)?;
    let state = &world.service_catalog;
    let within = |product: &Product| match &request.portfolio_id {
        None => true,
        Some(id) => state
            .portfolios
            .get(id)
            .is_some_and(|portfolio| portfolio.products.contains_key(&product.id)),
    };
    let found = state
        .products
        .values()
        .filter(|it| it.account == principal.account && within(it));
    let details: Vec<_> = found.map(|it| it.detail(world)).collect();
    Ok(json!({ "ProductViewDetails": details }))
}
