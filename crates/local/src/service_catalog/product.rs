//! Products.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::artifact::{Artifact, ArtifactParameters, load};
use super::{in_use, invalid, not_found, once};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// A product.
#[derive(Clone)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) name: String,
    owner: String,
    description: Option<String>,
    created: Timestamp,
    pub(super) artifacts: BTreeMap<String, Artifact>,
    tags: Vec<Value>,
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

    /// What those see who launch it.
    pub(super) fn artifact_summaries(&self) -> Vec<Value> {
        let active = self.artifacts.values().filter(|artifact| artifact.active);
        active.map(Artifact::describe).collect()
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
    #[serde(default)]
    tags: Vec<Value>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreateProduct";
    let request: CreateProduct = parse(OPERATION, input)?;
    if request.product_type != "CLOUD_FORMATION_TEMPLATE" {
        return Err(invalid("ProductType must be CLOUD_FORMATION_TEMPLATE"));
    }
    let token = request.idempotency_token;
    let id = once(world, principal, OPERATION, token, |world| {
        let artifact = load(world, principal, request.provisioning_artifact_parameters)?;
        let id = world.new_id("prod-", 13);
        let product = Product {
            id: id.clone(),
            account: principal.account.clone(),
            name: request.name,
            owner: request.owner,
            description: request.description,
            created: world.now,
            artifacts: BTreeMap::from([(artifact.id.clone(), artifact)]),
            tags: request.tags,
        };
        world.service_catalog.products.insert(id.clone(), product);
        Ok(id)
    })?;
    let product = own_product(world, principal, &id)?;
    Ok(json!({
        "ProductViewDetail": product.detail(world),
        "ProvisioningArtifactDetail": product.artifacts.values().next().map(Artifact::detail),
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfProduct {
    id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn describe_as_admin(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfProduct = parse("DescribeProductAsAdmin", input)?;
    let product = own_product(world, principal, &request.id)?;
    let artifacts: Vec<_> = product.artifacts.values().map(Artifact::describe).collect();
    Ok(json!({
        "ProductViewDetail": product.detail(world),
        "ProvisioningArtifactSummaries": artifacts,
        "Tags": product.tags,
        "TagOptions": [],
        "Budgets": [],
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateProduct {
    id: String,
    name: Option<String>,
    owner: Option<String>,
    description: Option<String>,
    #[serde(default)]
    add_tags: Vec<Value>,
    #[serde(default)]
    remove_tags: Vec<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// Absent members stay as they are.
pub(super) fn update(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: UpdateProduct = parse("UpdateProduct", input)?;
    own_product(world, principal, &request.id)?;
    if let Some(product) = world.service_catalog.products.get_mut(&request.id) {
        product.name = request.name.unwrap_or_else(|| product.name.clone());
        product.owner = request.owner.unwrap_or_else(|| product.owner.clone());
        product.description = request.description.or_else(|| product.description.take());
        let added = |tag: &Value| request.add_tags.iter().any(|added| added["Key"] == tag["Key"]);
        let removed = |tag: &Value| request.remove_tags.iter().any(|key| tag["Key"] == *key);
        product.tags.retain(|tag| !added(tag) && !removed(tag));
        product.tags.extend(request.add_tags);
    }
    let product = own_product(world, principal, &request.id)?;
    Ok(json!({ "ProductViewDetail": product.detail(world), "Tags": product.tags }))
}

/// <https://docs.aws.amazon.com/servicecatalog/latest/dg/API_DeleteProduct.html>
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: OfProduct = parse("DeleteProduct", input)?;
    own_product(world, principal, &request.id)?;
    let portfolios = world.service_catalog.portfolios.values();
    let holds = portfolios
        .filter(|it| it.products.contains_key(&request.id))
        .map(|it| it.id.as_str())
        .next();
    if let Some(portfolio) = holds {
        return Err(in_use(format!(
            "product `{}` is associated with portfolio `{portfolio}`",
            request.id
        )));
    }
    world.service_catalog.products.remove(&request.id);
    Ok(json!({}))
}
