//! Who can launch what: a product is visible through a portfolio that the account owns or has accepted and that the
//! caller is associated with.

use serde::Deserialize;
use serde_json::{Value, json};

use super::constraint::LaunchRole;
use super::not_found;
use super::portfolio::Portfolio;
use super::product::Product;
use crate::error::ApiError;
use crate::iam::{Case, matches_wildcard, role_key};
use crate::request::parse;
use crate::world::{Principal, World};

/// A way for a principal to launch a product.
pub(super) struct LaunchPath<'a> {
    pub(super) id: &'a str,
    pub(super) portfolio: &'a Portfolio,
    /// The role of the launch constraint; without one, the caller provisions.
    pub(super) role: Option<&'a LaunchRole>,
}

fn is_associated(portfolio: &Portfolio, principal: &Principal) -> bool {
    let associated = portfolio.principals.get(&principal.account).into_iter().flatten();
    let mut associated = associated.map(|(kind, arn)| (kind.as_str(), arn.as_str()));
    match &principal.role {
        None => associated.any(|(_, arn)| arn == principal.arn),
        Some(role) => associated.any(|(kind, arn)| match kind {
            "IAM_PATTERN" => {
                matches_wildcard(arn, &format!("arn:aws:iam:::role/{}", role.name), Case::Sensitive)
            }
            _ => role_key(arn).as_ref() == Some(role),
        }),
    }
}

/// The principal's launch paths for a product.
pub(super) fn launch_paths<'a>(
    world: &'a World,
    principal: &Principal,
    product: &str,
) -> Vec<LaunchPath<'a>> {
    let visible = world.service_catalog.portfolios.values().filter(|portfolio| {
        let imported = portfolio.shared_with.contains(&principal.account)
            && portfolio.accepted_by.contains(&principal.account);
        (portfolio.account == principal.account || imported) && is_associated(portfolio, principal)
    });
    visible
        .filter_map(|portfolio| {
            let id = portfolio.products.get(product)?;
            let constraint = portfolio
                .constraints
                .iter()
                .find(|constraint| constraint.product == product);
            Some(LaunchPath {
                id,
                portfolio,
                role: constraint.map(|constraint| &constraint.role),
            })
        })
        .collect()
}

/// The product, if the principal has a launch path to it.
pub(super) fn visible_product<'a>(
    world: &'a World,
    principal: &Principal,
    id: &str,
) -> Result<&'a Product, ApiError> {
    let product = world
        .service_catalog
        .products
        .get(id)
        .ok_or_else(|| not_found("product", id))?;
    if launch_paths(world, principal, id).is_empty() {
        return Err(not_found("product", id));
    }
    Ok(product)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ListLaunchPaths {
    product_id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
    #[serde(rename = "PageSize")]
    _page_size: Option<u32>,
    #[serde(rename = "PageToken")]
    _page_token: Option<String>,
}

/// Empty for a product that exists and is not the caller's to launch.
pub(super) fn list_launch_paths(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: ListLaunchPaths = parse("ListLaunchPaths", input)?;
    if !world.service_catalog.products.contains_key(&request.product_id) {
        return Err(not_found("product", &request.product_id));
    }
    let paths: Vec<_> = launch_paths(world, principal, &request.product_id)
        .into_iter()
        .map(|path| {
            let constraints: Vec<_> = path.role.iter().map(|_| json!({ "Type": "LAUNCH" })).collect();
            json!({ "Id": path.id, "Name": path.portfolio.name, "ConstraintSummaries": constraints, "Tags": [] })
        })
        .collect();
    Ok(json!({ "LaunchPathSummaries": paths }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeProduct {
    id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn describe_product(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: DescribeProduct = parse("DescribeProduct", input)?;
    let product = visible_product(world, principal, &request.id)?;
    let paths: Vec<_> = launch_paths(world, principal, &request.id)
        .into_iter()
        .map(|path| json!({ "Id": path.id, "Name": path.portfolio.name }))
        .collect();
    Ok(json!({
        "ProductViewSummary": product.view(),
        "ProvisioningArtifacts": product.artifact_summaries(),
        "LaunchPaths": paths,
    }))
}
