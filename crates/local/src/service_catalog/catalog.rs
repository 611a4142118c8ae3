//! Portfolios, products, their versions (provisioning artifacts) and launch constraints.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{invalid, not_found};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// A portfolio, with everybody it is shared with.
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

/// A launch constraint.
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

fn own_product<'a>(world: &'a World, principal: &Principal, id: &str) -> Result<&'a Product, ApiError> {
    let product = world.service_catalog.products.get(id);
    product
        .filter(|it| it.account == principal.account)
        .ok_or_else(|| not_found("product", id))
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

pub(super) fn create_portfolio(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    const OPERATION: &str = "CreatePortfolio";
    let request: CreatePortfolio = parse(OPERATION, input)?;
    let known = world.service_catalog.made_by(
        &principal.account,
        OPERATION,
        request.idempotency_token.as_deref(),
    );
    let id = match known.map(str::to_owned) {
        Some(id) => id,
        None => {
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
            world
                .service_catalog
                .remember(&principal.account, OPERATION, request.idempotency_token, &id);
            id
        }
    };
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
pub(super) fn describe_portfolio(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
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

pub(super) fn create_product(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
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

pub(super) fn create_constraint(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
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

pub(super) fn list_constraints(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
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
