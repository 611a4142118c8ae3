//! `AWS::ServiceCatalog::*`: portfolios, products and constraints.

use serde_json::{Map, Value, json};

use super::one_call::{OneCall, Update};
use super::{Caller, Change, New, Physical, ResourceType, answered};
use crate::world::Service::ServiceCatalog;

const GONE: [&str; 1] = ["ResourceNotFoundException"];

/// A token that makes a request of this resource another one than those of other resources.
fn token(new: &New) -> Value {
    json!(format!("{}-{}", new.logical_id, new.suffix))
}

/// `Ref` is the id.
pub(super) const PORTFOLIO: OneCall = OneCall {
    name: "AWS::ServiceCatalog::Portfolio",
    properties: &[
        "AcceptLanguage",
        "Description",
        "DisplayName",
        "ProviderName",
        "Tags",
    ],
    required: &["DisplayName", "ProviderName"],
    attributes: &["PortfolioName"],
    service: ServiceCatalog,
    create: ("CreatePortfolio", |new| {
        let mut request = new.request(&["AcceptLanguage", "Description", "DisplayName", "ProviderName"]);
        request.insert("IdempotencyToken".to_owned(), token(new));
        Value::Object(request)
    }),
    made: |_, new, answer| {
        let name = new.text("DisplayName").unwrap_or_default();
        Physical::new(
            new,
            answered(answer, "/PortfolioDetail/Id"),
            &[("PortfolioName", name)],
        )
    },
    update: Some(Update {
        operation: "UpdatePortfolio",
        request: |old, new| {
            let mut request = new.request(&["Description", "DisplayName", "ProviderName"]);
            request.insert("Id".to_owned(), json!(old.id));
            Value::Object(request)
        },
        properties: &["Description", "DisplayName", "ProviderName"],
    }),
    delete: ("DeletePortfolio", |portfolio| json!({ "Id": portfolio.id })),
    gone: &GONE,
};

/// `Ref` names both.
pub(super) const PORTFOLIO_PRODUCT_ASSOCIATION: OneCall = OneCall {
    name: "AWS::ServiceCatalog::PortfolioProductAssociation",
    properties: &["AcceptLanguage", "PortfolioId", "ProductId", "SourcePortfolioId"],
    required: &["PortfolioId", "ProductId"],
    attributes: &[],
    service: ServiceCatalog,
    create: ("AssociateProductWithPortfolio", |new| {
        Value::Object(new.request(&["AcceptLanguage", "PortfolioId", "ProductId", "SourcePortfolioId"]))
    }),
    made: |_, new, _| {
        let text = |property| new.text(property).unwrap_or_default();
        Physical::new(new, format!("{}|{}", text("PortfolioId"), text("ProductId")), &[])
    },
    update: None,
    delete: ("DisassociateProductFromPortfolio", |association| {
        json!({
            "PortfolioId": association.text("PortfolioId"),
            "ProductId": association.text("ProductId"),
        })
    }),
    gone: &GONE,
};

/// `Ref` is the constraint's id.
pub(super) const LAUNCH_ROLE_CONSTRAINT: OneCall = OneCall {
    name: "AWS::ServiceCatalog::LaunchRoleConstraint",
    properties: &[
        "AcceptLanguage",
        "Description",
        "LocalRoleName",
        "PortfolioId",
        "ProductId",
        "RoleArn",
    ],
    required: &["PortfolioId", "ProductId"],
    attributes: &[],
    service: ServiceCatalog,
    create: ("CreateConstraint", |new| {
        let role = new.request(&["LocalRoleName", "RoleArn"]);
        let mut request = new.request(&["AcceptLanguage", "Description", "PortfolioId", "ProductId"]);
        request.insert("Type".to_owned(), json!("LAUNCH"));
        request.insert("Parameters".to_owned(), json!(Value::Object(role).to_string()));
        request.insert("IdempotencyToken".to_owned(), token(new));
        Value::Object(request)
    }),
    made: |_, new, answer| Physical::new(new, answered(answer, "/ConstraintDetail/ConstraintId"), &[]),
    update: None,
    delete: ("DeleteConstraint", |constraint| json!({ "Id": constraint.id })),
    gone: &GONE,
};

/// A product with its versions. `Ref` is the id.
pub(super) struct Product;

const VERSIONS: &str = "ProvisioningArtifactParameters";

/// A version as CreateProduct and CreateProvisioningArtifact take it.
fn version(parameters: &Value) -> Value {
    let mut version = parameters.as_object().cloned().unwrap_or_else(Map::new);
    version
        .entry("Type")
        .or_insert_with(|| json!("CLOUD_FORMATION_TEMPLATE"));
    Value::Object(version)
}

impl Product {
    fn add_version(
        caller: &mut Caller<'_>,
        new: &New,
        product: &str,
        number: usize,
        parameters: &Value,
    ) -> Result<String, String> {
        let request = json!({
            "ProductId": product,
            "Parameters": version(parameters),
            "IdempotencyToken": format!("{}-{}-{number}", new.logical_id, new.suffix),
        });
        let answer = caller.call(ServiceCatalog, "CreateProvisioningArtifact", &request)?;
        Ok(answered(&answer, "/ProvisioningArtifactDetail/Id"))
    }
}

/// The product's ids and names of versions, joined by commas.
fn product(new: &New, id: &str, ids: &[String]) -> Physical {
    let names = new.list(VERSIONS).iter();
    let names: Vec<_> = names.filter_map(|version| version["Name"].as_str()).collect();
    Physical::new(
        new,
        id,
        &[
            ("ProductName", new.text("Name").unwrap_or_default()),
            ("ProvisioningArtifactIds", &ids.join(",")),
            ("ProvisioningArtifactNames", &names.join(",")),
        ],
    )
}

impl ResourceType for Product {
    fn name(&self) -> &'static str {
        "AWS::ServiceCatalog::CloudFormationProduct"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "AcceptLanguage",
            "Description",
            "Distributor",
            "Name",
            "Owner",
            "ProductType",
            VERSIONS,
            "ReplaceProvisioningArtifacts",
            "Tags",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["Name", "Owner"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[
            "ProductName",
            "ProvisioningArtifactIds",
            "ProvisioningArtifactNames",
        ]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let mut versions = new.list(VERSIONS).iter().enumerate();
        let (_, first) = versions.next().ok_or("a product needs a version")?;
        let mut request = new.request(&["AcceptLanguage", "Description", "Distributor", "Name", "Owner"]);
        request.insert("ProductType".to_owned(), json!("CLOUD_FORMATION_TEMPLATE"));
        request.insert("ProvisioningArtifactParameters".to_owned(), version(first));
        request.insert("IdempotencyToken".to_owned(), token(new));
        let answer = caller.call(ServiceCatalog, "CreateProduct", &Value::Object(request))?;
        let id = answered(&answer, "/ProductViewDetail/ProductViewSummary/ProductId");
        let mut ids = vec![answered(&answer, "/ProvisioningArtifactDetail/Id")];
        for (number, parameters) in versions {
            ids.push(Self::add_version(caller, new, &id, number, parameters)?);
        }
        Ok(product(new, &id, &ids))
    }

    /// Versions are told apart by template and name; new ones are added, old ones stay.
    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        let known = old.list(VERSIONS);
        let same = |one: &Value, other: &Value| one["Name"] == other["Name"] && one["Info"] == other["Info"];
        let ids = old
            .attributes
            .get("ProvisioningArtifactIds")
            .and_then(Value::as_str);
        let ids: Vec<&str> = ids.unwrap_or_default().split(',').collect();
        let mut now = Vec::new();
        for (number, parameters) in new.list(VERSIONS).iter().enumerate() {
            let found = known.iter().position(|one| same(one, parameters));
            now.push(match found.and_then(|at| ids.get(at)) {
                Some(id) => (*id).to_owned(),
                None => Self::add_version(caller, new, &old.id, number, parameters)?,
            });
        }
        Ok(Change::InPlace(product(new, &old.id, &now)))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "Id": physical.id });
        caller.call_unless_gone(ServiceCatalog, "DeleteProduct", &request, &GONE)?;
        Ok(true)
    }
}
