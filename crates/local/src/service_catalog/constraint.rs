//! Launch constraints: the role that provisions a product.

use serde::Deserialize;
use serde_json::{Value, json};

use super::portfolio::{Portfolio, own_portfolio};
use super::{invalid, not_found};
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, World};

/// A launch constraint.
#[derive(Clone)]
pub(super) struct Constraint {
    id: String,
    pub(super) product: String,
    description: Option<String>,
    pub(super) role: LaunchRole,
}

/// The role that provisions a product.
#[derive(Debug, Clone)]
pub(super) enum LaunchRole {
    /// By ARN: the same role wherever the product is launched.
    Arn(String),
    /// By name: the role of that name in the account where the product is launched.
    LocalName(String),
}

impl LaunchRole {
    /// Reads the `Parameters` of a LAUNCH constraint.
    fn read(parameters: &str) -> Result<Self, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Raw {
            role_arn: Option<String>,
            local_role_name: Option<String>,
        }
        let raw: Raw = serde_json::from_str(parameters)
            .map_err(|error| invalid(format!("Parameters of a LAUNCH constraint: {error}")))?;
        match (raw.role_arn, raw.local_role_name) {
            (Some(arn), None) => Ok(Self::Arn(arn)),
            (None, Some(name)) => Ok(Self::LocalName(name)),
            _ => Err(invalid(
                "Parameters of a LAUNCH constraint must have either RoleArn or LocalRoleName",
            )),
        }
    }

    pub(super) fn arn(&self, account: &str) -> String {
        match self {
            Self::Arn(arn) => arn.clone(),
            Self::LocalName(name) => format!("arn:aws:iam::{account}:role/{name}"),
        }
    }

    fn parameters(&self) -> String {
        match self {
            Self::Arn(arn) => json!({ "RoleArn": arn }),
            Self::LocalName(name) => json!({ "LocalRoleName": name }),
        }
        .to_string()
    }
}

impl Constraint {
    fn describe(&self, portfolio: &Portfolio) -> Value {
        json!({
            "ConstraintId": self.id,
            "Type": "LAUNCH",
            "Description": self.description,
            "Owner": portfolio.account,
            "ProductId": self.product,
            "PortfolioId": portfolio.id,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateConstraint {
    portfolio_id: String,
    product_id: String,
    parameters: String,
    #[serde(rename = "Type")]
    kind: String,
    description: Option<String>,
    idempotency_token: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreateConstraint";
    let request: CreateConstraint = parse(OPERATION, input)?;
    if request.kind != "LAUNCH" {
        return Err(invalid(format!(
            "Type `{}` must be LAUNCH; no other is known here",
            request.kind
        )));
    }
    let role = LaunchRole::read(&request.parameters)?;
    let account = &principal.account;
    let known = world
        .service_catalog
        .made_by(account, OPERATION, request.idempotency_token.as_deref());
    let known = known.map(str::to_owned);
    let new_id = world.new_id("cons-", 13);
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    if !portfolio.products.contains_key(&request.product_id) {
        return Err(not_found("product in the portfolio", &request.product_id));
    }
    let id = match known {
        Some(id) => id,
        None => {
            if portfolio
                .constraints
                .iter()
                .any(|it| it.product == request.product_id)
            {
                return Err(ApiError::new(
                    "DuplicateResourceException",
                    format!(
                        "product `{}` already has a LAUNCH constraint in the portfolio",
                        request.product_id
                    ),
                ));
            }
            portfolio.constraints.push(Constraint {
                id: new_id.clone(),
                product: request.product_id,
                description: request.description,
                role,
            });
            new_id
        }
    };
    let constraint = portfolio.constraints.iter().find(|it| it.id == id);
    let constraint = constraint.ok_or_else(|| not_found("constraint", &id))?;
    let answer = json!({
        "ConstraintDetail": constraint.describe(portfolio),
        "ConstraintParameters": constraint.role.parameters(),
        "Status": "AVAILABLE",
    });
    world
        .service_catalog
        .remember(account, OPERATION, request.idempotency_token, &id);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ListConstraintsForPortfolio {
    portfolio_id: String,
    product_id: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
    #[serde(rename = "PageSize")]
    _page_size: Option<u32>,
}

pub(super) fn list(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: ListConstraintsForPortfolio = parse("ListConstraintsForPortfolio", input)?;
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    let found = portfolio.constraints.iter().filter(|it| {
        request
            .product_id
            .as_ref()
            .is_none_or(|product| it.product == *product)
    });
    let details: Vec<_> = found.map(|it| it.describe(portfolio)).collect();
    Ok(json!({ "ConstraintDetails": details }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfConstraint {
    id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn describe(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: OfConstraint = parse("DescribeConstraint", input)?;
    let mut own = (world.service_catalog.portfolios.values()).filter(|it| it.account == principal.account);
    let found = own.find_map(|portfolio| {
        let constraint = portfolio.constraints.iter().find(|it| it.id == request.id)?;
        Some(json!({
            "ConstraintDetail": constraint.describe(portfolio),
            "ConstraintParameters": constraint.role.parameters(),
            "Status": "AVAILABLE",
        }))
    });
    found.ok_or_else(|| not_found("constraint", &request.id))
}

pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: OfConstraint = parse("DeleteConstraint", input)?;
    let all = world.service_catalog.portfolios.values_mut();
    for portfolio in all.filter(|it| it.account == principal.account) {
        if let Some(at) = portfolio.constraints.iter().position(|it| it.id == request.id) {
            portfolio.constraints.remove(at);
            return Ok(json!({}));
        }
    }
    Err(not_found("constraint", &request.id))
}
