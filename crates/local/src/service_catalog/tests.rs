//! Service Catalog from outside: every test goes through [`World::call`].

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::iam::role_principal;
use crate::world::{Principal, Service, World};

mod access;
mod administration;
mod catalog;
mod provisioning;
mod sharing;
mod termination;

const MAIN: &str = "111122223333";
const HOST: &str = "444455556666";

/// A role of the name in a parameter, which is an output.
const TEMPLATE: &str = r#"
Parameters:
  Name: {Type: String, AllowedPattern: '[a-z]+'}
  Path: {Type: String, Default: /}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref Name
      Path: !Ref Path
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]
Outputs:
  RoleName: {Value: !Ref Role, Description: The name of the role}
"#;

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_653_592_871).unwrap());
    world.add_account(MAIN);
    world.add_account(HOST);
    world
}

fn call(world: &mut World, principal: &Principal, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(principal, Service::ServiceCatalog, operation, &input)
}

/// The administrator's call, in the main account.
fn admin(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    call(world, &Principal::root(MAIN), operation, input)
}

/// The call of the hosting account's root.
fn host(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    call(world, &Principal::root(HOST), operation, input)
}

fn turn(world: &mut World, seconds: i64) {
    let at = world.now + SignedDuration::from_secs(seconds);
    world.run_until(at);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A role of the hosting account that a service can assume and that may make these calls; a session of it.
fn role(world: &mut World, name: &str, service: &str, actions: Value) -> Principal {
    let root = Principal::root(HOST);
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": service } }] });
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    world.call(&root, Service::Iam, "CreateRole", &input).unwrap();
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] });
    let input = json!({ "RoleName": name, "PolicyName": "p", "PolicyDocument": policy.to_string() });
    world.call(&root, Service::Iam, "PutRolePolicy", &input).unwrap();
    role_principal(world, &format!("arn:aws:iam::{HOST}:role/{name}"), "s").unwrap()
}

fn delete_role(world: &mut World, name: &str) {
    let root = Principal::root(HOST);
    let policy = json!({ "RoleName": name, "PolicyName": "p" });
    world
        .call(&root, Service::Iam, "DeleteRolePolicy", &policy)
        .unwrap();
    world
        .call(&root, Service::Iam, "DeleteRole", &json!({ "RoleName": name }))
        .unwrap();
}

fn create_portfolio(world: &mut World) -> String {
    let input = json!({ "DisplayName": "Environments", "ProviderName": "IT" });
    text(&admin(world, "CreatePortfolio", input).unwrap()["PortfolioDetail"]["Id"])
}

fn product_request(world: &mut World) -> Value {
    let url = world.put_object("artifacts", "product.yaml", TEMPLATE);
    json!({
        "Name": "Notebook",
        "Owner": "IT",
        "ProductType": "CLOUD_FORMATION_TEMPLATE",
        "ProvisioningArtifactParameters": { "Name": "v1", "Info": { "LoadTemplateFromURL": url } },
    })
}

/// A product's id and that of its artifact.
fn create_product(world: &mut World) -> (String, String) {
    let input = product_request(world);
    let made = admin(world, "CreateProduct", input).unwrap();
    (
        text(&made["ProductViewDetail"]["ProductViewSummary"]["ProductId"]),
        text(&made["ProvisioningArtifactDetail"]["Id"]),
    )
}

fn constrain(world: &mut World, portfolio: &str, product: &str, role: Value) -> Result<Value, ApiError> {
    let input = json!({
        "PortfolioId": portfolio, "ProductId": product, "Type": "LAUNCH", "Parameters": role.to_string(),
    });
    admin(world, "CreateConstraint", input)
}

/// A product that the role `researcher` of the hosting account can launch with the launch role `launch`.
struct Catalog {
    world: World,
    portfolio: String,
    product: String,
    artifact: String,
    researcher: Principal,
}

impl Catalog {
    fn new() -> Self {
        let mut catalog = Self::without_constraint();
        let (portfolio, product) = (catalog.portfolio.clone(), catalog.product.clone());
        role(
            &mut catalog.world,
            "launch",
            "servicecatalog.amazonaws.com",
            json!(["*"]),
        );
        constrain(
            &mut catalog.world,
            &portfolio,
            &product,
            json!({ "LocalRoleName": "launch" }),
        )
        .unwrap();
        catalog
    }

    fn without_constraint() -> Self {
        let mut world = world();
        let portfolio = create_portfolio(&mut world);
        let (product, artifact) = create_product(&mut world);
        let researcher = role(
            &mut world,
            "researcher",
            "lambda.amazonaws.com",
            json!(["servicecatalog:*"]),
        );
        let mut catalog = Self {
            world,
            portfolio,
            product,
            artifact,
            researcher,
        };
        catalog.admin(
            "AssociateProductWithPortfolio",
            json!({ "ProductId": catalog.product }),
        );
        catalog.admin("CreatePortfolioShare", json!({ "AccountId": HOST }));
        let shared = json!({ "PortfolioId": catalog.portfolio });
        host(&mut catalog.world, "AcceptPortfolioShare", shared).unwrap();
        let principal = json!({
            "PortfolioId": catalog.portfolio,
            "PrincipalARN": format!("arn:aws:iam::{HOST}:role/researcher"), "PrincipalType": "IAM",
        });
        host(&mut catalog.world, "AssociatePrincipalWithPortfolio", principal).unwrap();
        catalog
    }

    /// An administrator's call on the portfolio.
    fn admin(&mut self, operation: &str, mut input: Value) -> Value {
        input["PortfolioId"] = json!(self.portfolio);
        admin(&mut self.world, operation, input).unwrap()
    }

    fn call(&mut self, operation: &str, input: Value) -> Result<Value, ApiError> {
        call(&mut self.world, &self.researcher, operation, input)
    }

    fn request(&self, name: &str) -> Value {
        json!({
            "ProductId": self.product,
            "ProvisioningArtifactId": self.artifact,
            "ProvisionedProductName": name,
            "ProvisioningParameters": [{ "Key": "Name", "Value": "made" }],
        })
    }

    /// Asks for a product of that name; the record.
    fn provision(&mut self, name: &str) -> Value {
        let request = self.request(name);
        self.call("ProvisionProduct", request).unwrap()["RecordDetail"].clone()
    }

    /// DescribeRecord of a record.
    fn record(&mut self, record: &Value) -> Value {
        self.call("DescribeRecord", json!({ "Id": record["RecordId"] }))
            .unwrap()
    }

    fn provisioned(&mut self, name: &str) -> Result<Value, ApiError> {
        let answer = self.call("DescribeProvisionedProduct", json!({ "Name": name }))?;
        Ok(answer["ProvisionedProductDetail"].clone())
    }

    /// Status and error of a record, then the provisioned product's status.
    fn end(&mut self, record: &Value, name: &str) -> (String, String, String) {
        let detail = self.record(record)["RecordDetail"].clone();
        let error = detail["RecordErrors"][0]["Description"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let status = self
            .provisioned(name)
            .map_or_else(|error| error.code, |found| text(&found["Status"]));
        (text(&detail["Status"]), error, status)
    }

    fn turn(&mut self, seconds: i64) {
        turn(&mut self.world, seconds);
    }
}
