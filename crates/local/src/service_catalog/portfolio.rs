//! Portfolios, and the products in them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::constraint::Constraint;
use super::product::own_product;
use super::{in_use, not_found, once};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// A portfolio, with everybody it is shared with.
#[derive(Clone)]
pub(super) struct Portfolio {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) name: String,
    provider: String,
    description: Option<String>,
    created: Timestamp,
    /// Launch path ids by product.
    pub(super) products: BTreeMap<String, String>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) shared_with: BTreeSet<String>,
    pub(super) accepted_by: BTreeSet<String>,
    /// By account: type and ARN of those who can use it.
    pub(super) principals: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl Portfolio {
    pub(super) fn arn(&self, world: &World) -> String {
        format!(
            "arn:aws:catalog:{}:{}:portfolio/{}",
            world.region, self.account, self.id
        )
    }

    fn describe(&self, world: &World) -> Value {
        json!({
            "Id": self.id,
            "ARN": self.arn(world),
            "DisplayName": self.name,
            "Description": self.description,
            "ProviderName": self.provider,
            "CreatedTime": epoch_seconds(self.created),
        })
    }
}

/// The portfolio, if the caller's account owns it.
pub(super) fn own_portfolio<'a>(
    world: &'a mut World,
    principal: &Principal,
    id: &str,
) -> Result<&'a mut Portfolio, ApiError> {
    let portfolio = world.service_catalog.portfolios.get_mut(id);
    portfolio
        .filter(|it| it.account == principal.account)
        .ok_or_else(|| not_found("portfolio", id))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreatePortfolio {
    display_name: String,
    provider_name: String,
    description: Option<String>,
    idempotency_token: Option<String>,
    #[serde(rename = "Tags")]
    _tags: Option<Value>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreatePortfolio";
    let request: CreatePortfolio = parse(OPERATION, input)?;
    let token = request.idempotency_token;
    let id = once(world, principal, OPERATION, token, |world| {
        let id = world.new_id("port-", 13);
        let portfolio = Portfolio {
            id: id.clone(),
            account: principal.account.clone(),
            name: request.display_name,
            provider: request.provider_name,
            description: request.description,
            created: world.now,
            products: BTreeMap::new(),
            constraints: Vec::new(),
            shared_with: BTreeSet::new(),
            accepted_by: BTreeSet::new(),
            principals: BTreeMap::new(),
        };
        world.service_catalog.portfolios.insert(id.clone(), portfolio);
        Ok(id)
    })?;
    let portfolio = world
        .service_catalog
        .portfolios
        .get(&id)
        .ok_or_else(|| not_found("portfolio", &id))?;
    Ok(json!({ "PortfolioDetail": portfolio.describe(world) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribePortfolio {
    id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// For the owner, and for accounts that accepted it.
pub(super) fn describe(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: DescribePortfolio = parse("DescribePortfolio", input)?;
    let portfolio = world
        .service_catalog
        .portfolios
        .get(&request.id)
        .filter(|portfolio| {
            portfolio.account == principal.account || portfolio.accepted_by.contains(&principal.account)
        });
    let portfolio = portfolio.ok_or_else(|| not_found("portfolio", &request.id))?;
    Ok(json!({ "PortfolioDetail": portfolio.describe(world) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AssociateProductWithPortfolio {
    product_id: String,
    portfolio_id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// A product in a portfolio has a launch path of its own.
pub(super) fn associate_product(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: AssociateProductWithPortfolio = parse("AssociateProductWithPortfolio", input)?;
    own_product(world, principal, &request.product_id)?;
    let path = world.new_id("lpv2-", 13);
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    portfolio.products.entry(request.product_id).or_insert(path);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdatePortfolio {
    id: String,
    display_name: Option<String>,
    provider_name: Option<String>,
    description: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// Absent members stay as they are.
pub(super) fn update(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: UpdatePortfolio = parse("UpdatePortfolio", input)?;
    let portfolio = own_portfolio(world, principal, &request.id)?;
    portfolio.name = request.display_name.unwrap_or_else(|| portfolio.name.clone());
    portfolio.provider = request
        .provider_name
        .unwrap_or_else(|| portfolio.provider.clone());
    portfolio.description = request.description.or_else(|| portfolio.description.take());
    describe(world, principal, &json!({ "Id": request.id }))
}

/// <https://docs.aws.amazon.com/servicecatalog/latest/dg/API_DeletePortfolio.html>
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: DescribePortfolio = parse("DeletePortfolio", input)?;
    let portfolio = own_portfolio(world, principal, &request.id)?;
    let has = [
        ("products", !portfolio.products.is_empty()),
        ("constraints", !portfolio.constraints.is_empty()),
        ("shares", !portfolio.shared_with.is_empty()),
        (
            "principals",
            portfolio
                .principals
                .values()
                .any(|principals| !principals.is_empty()),
        ),
    ];
    if let Some((what, _)) = has.into_iter().find(|(_, has)| *has) {
        return Err(in_use(format!("portfolio `{}` has {what}", request.id)));
    }
    world.service_catalog.portfolios.remove(&request.id);
    Ok(json!({}))
}

/// A product that a constraint of the portfolio speaks of stays in it.
pub(super) fn disassociate_product(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: AssociateProductWithPortfolio = parse("DisassociateProductFromPortfolio", input)?;
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    let product = request.product_id;
    if portfolio.constraints.iter().any(|it| it.product == product) {
        return Err(in_use(format!(
            "product `{product}` has a constraint in portfolio `{}`",
            request.portfolio_id
        )));
    }
    match portfolio.products.remove(&product) {
        Some(_) => Ok(json!({})),
        None => Err(not_found("product in the portfolio", &product)),
    }
}
