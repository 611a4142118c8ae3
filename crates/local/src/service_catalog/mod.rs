//! AWS Service Catalog: portfolios and products of one account, provisioned in the accounts they are shared with.
//!
//! [`portfolio`], [`product`], [`artifact`], [`constraint`] and [`sharing`] are the administrator's side, [`access`] says who can
//! launch what, [`provisioning`] and [`termination`] make and delete CloudFormation stacks under the launch role,
//! [`records`] answers how it went.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ApiError;
use crate::world::{Principal, World};

mod access;
mod artifact;
mod constraint;
mod portfolio;
mod product;
mod provision_request;
mod provisioning;
mod records;
mod search;
mod sharing;
mod termination;

#[cfg(test)]
mod tests;

/// Portfolios and products of all accounts, and what was provisioned from them.
#[derive(Clone, Default)]
pub(crate) struct State {
    portfolios: BTreeMap<String, portfolio::Portfolio>,
    products: BTreeMap<String, product::Product>,
    provisioned: BTreeMap<String, provisioning::ProvisionedProduct>,
    records: BTreeMap<String, records::Record>,
    /// What an idempotency token made, by account, operation and token.
    tokens: BTreeMap<(String, &'static str, String), String>,
}

impl World {
    /// The provisioned products of an account: name and status, as Service Catalog names it.
    pub fn provisioned_products(&self, account: &str) -> impl Iterator<Item = (&str, &'static str)> {
        let products = self.service_catalog.provisioned.values();
        products
            .filter(move |product| product.account == account)
            .map(|product| (product.name.as_str(), product.status.name()))
    }
}

impl State {
    fn made_by(&self, account: &str, operation: &'static str, token: Option<&str>) -> Option<&str> {
        let key = (account.to_owned(), operation, token?.to_owned());
        self.tokens.get(&key).map(String::as_str)
    }

    fn remember(&mut self, account: &str, operation: &'static str, token: Option<String>, id: &str) {
        if let Some(token) = token {
            self.tokens
                .insert((account.to_owned(), operation, token), id.to_owned());
        }
    }
}

/// The id of what `make` makes, or of what was made with this idempotency token before.
fn once(
    world: &mut World,
    principal: &Principal,
    operation: &'static str,
    token: Option<String>,
    make: impl FnOnce(&mut World) -> Result<String, ApiError>,
) -> Result<String, ApiError> {
    let account = &principal.account;
    let known = world
        .service_catalog
        .made_by(account, operation, token.as_deref());
    if let Some(id) = known {
        return Ok(id.to_owned());
    }
    let id = make(world)?;
    world.service_catalog.remember(account, operation, token, &id);
    Ok(id)
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreatePortfolio" => portfolio::create(world, principal, input),
        "DescribePortfolio" => portfolio::describe(world, principal, input),
        "CreateProduct" => product::create(world, principal, input),
        "UpdatePortfolio" => portfolio::update(world, principal, input),
        "DeletePortfolio" => portfolio::delete(world, principal, input),
        "DescribeProductAsAdmin" => product::describe_as_admin(world, principal, input),
        "UpdateProduct" => product::update(world, principal, input),
        "DeleteProduct" => product::delete(world, principal, input),
        "CreateProvisioningArtifact" => artifact::create(world, principal, input),
        "ListProvisioningArtifacts" => artifact::list(world, principal, input),
        "DescribeProvisioningArtifact" => artifact::describe(world, principal, input),
        "UpdateProvisioningArtifact" => artifact::update(world, principal, input),
        "DeleteProvisioningArtifact" => artifact::delete(world, principal, input),
        "DisassociateProductFromPortfolio" => portfolio::disassociate_product(world, principal, input),
        "AssociateProductWithPortfolio" => portfolio::associate_product(world, principal, input),
        "CreateConstraint" => constraint::create(world, principal, input),
        "DescribeConstraint" => constraint::describe(world, principal, input),
        "DeleteConstraint" => constraint::delete(world, principal, input),
        "ListConstraintsForPortfolio" => constraint::list(world, principal, input),
        "SearchProductsAsAdmin" => product::search_as_admin(world, principal, input),
        "DescribeProduct" => access::describe_product(world, principal, input),
        "ListLaunchPaths" => access::list_launch_paths(world, principal, input),
        "CreatePortfolioShare" => sharing::create_share(world, principal, input),
        "DeletePortfolioShare" => sharing::delete_share(world, principal, input),
        "ListPortfolioAccess" => sharing::list_access(world, principal, input),
        "AcceptPortfolioShare" => sharing::accept_share(world, principal, input),
        "RejectPortfolioShare" => sharing::reject_share(world, principal, input),
        "DescribePortfolioShares" => sharing::describe_shares(world, principal, input),
        "ListAcceptedPortfolioShares" => sharing::list_accepted(world, principal, input),
        "AssociatePrincipalWithPortfolio" => sharing::associate_principal(world, principal, input),
        "DisassociatePrincipalFromPortfolio" => sharing::disassociate_principal(world, principal, input),
        "ListPrincipalsForPortfolio" => sharing::list_principals(world, principal, input),
        "ProvisionProduct" => provisioning::provision(world, principal, input),
        "TerminateProvisionedProduct" => termination::terminate(world, principal, input),
        "DescribeProvisionedProduct" => records::describe_provisioned(world, principal, input),
        "SearchProvisionedProducts" => search::search_provisioned(world, principal, input),
        "DescribeRecord" => records::describe_record(world, principal, input),
        _ => Err(ApiError::unknown_operation("servicecatalog", operation)),
    }
}

/// Portfolios and products have resource-level permissions, records and provisioned products have none
/// (service authorization reference).
pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let new = |kind: &str| {
        // What is to be made has no id yet.
        let place = (&world.region, &principal.account);
        Some(format!("arn:aws:catalog:{}:{}:{kind}/*", place.0, place.1))
    };
    let member = |name: &str| input.get(name).and_then(Value::as_str);
    let state = &world.service_catalog;
    let product = || {
        state
            .products
            .get(member("ProductId").or_else(|| member("Id"))?)
            .map(|it| it.arn(world))
    };
    let portfolio = || {
        state
            .portfolios
            .get(member("PortfolioId").or_else(|| member("Id"))?)
            .map(|it| it.arn(world))
    };
    let resource = match operation {
        "CreatePortfolio" => new("portfolio"),
        "CreateProduct" => new("product"),
        "CreateProvisioningArtifact"
        | "DeleteProduct"
        | "DeleteProvisioningArtifact"
        | "DescribeProduct"
        | "DescribeProductAsAdmin"
        | "DescribeProvisioningArtifact"
        | "ListLaunchPaths"
        | "ListProvisioningArtifacts"
        | "ProvisionProduct"
        | "UpdateProduct"
        | "UpdateProvisioningArtifact" => product(),
        "AssociateProductWithPortfolio"
        | "CreateConstraint"
        | "DeletePortfolio"
        | "DisassociateProductFromPortfolio"
        | "RejectPortfolioShare"
        | "UpdatePortfolio"
        | "DescribePortfolio"
        | "CreatePortfolioShare"
        | "DeletePortfolioShare"
        | "DescribePortfolioShares"
        | "ListPortfolioAccess"
        | "AcceptPortfolioShare"
        | "AssociatePrincipalWithPortfolio"
        | "DisassociatePrincipalFromPortfolio"
        | "ListPrincipalsForPortfolio"
        | "ListConstraintsForPortfolio" => portfolio(),
        _ => None,
    };
    vec![resource.unwrap_or_else(|| "*".to_owned())]
}

fn not_found(what: &str, id: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("{what} `{id}` was not found"),
    )
}

fn in_use(reason: impl Into<String>) -> ApiError {
    ApiError::new("ResourceInUseException", reason)
}

fn invalid(reason: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParametersException", reason)
}
