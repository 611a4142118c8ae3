//! The main account: `template.yaml`.

use serde_json::{Value, json};
use workbench_core::registry::{EnvironmentType, environment_types, version_name};

use super::stack::{DeployError, Order, Stack, deploy, read, text};
use workbench_core::account::hosts::Hosts;

use crate::functions::{Binary, Function, Functions};
use crate::package::Deployment;
use crate::{LocalAws, Principal, Service};

const TEMPLATE: &str = "template.yaml";

/// The main account's part.
#[derive(Debug, Clone)]
pub struct MainInstallation {
    /// The main account.
    pub account: String,
    /// The stack's name, with which names start.
    pub namespace: String,
    /// The user pool.
    pub user_pool: String,
    /// ARN of the queue of status events.
    pub queue: String,
    /// ARN of the queue where events go that can not be processed.
    pub dead_letters: String,
    /// ARN of the role of the api function.
    pub api_role: String,
    /// ARN of the role of the status function.
    pub status_role: String,
    /// The portfolio of all products.
    pub portfolio: String,
    /// The products.
    pub products: Vec<Product>,
    /// The names of the documents of all packages.
    pub documents: Vec<String>,
    /// The bucket of templates and instance files.
    pub artifact_bucket: String,
    /// ARN of the bucket's key.
    pub artifact_key: String,
    pub(crate) api: Function,
    pub(crate) status: Function,
    pub(crate) account_function: Function,
    table: String,
    account_role: String,
    hosts: Hosts,
}

/// One package's product.
#[derive(Debug, Clone)]
pub struct Product {
    /// The environment type.
    pub type_name: &'static str,
    /// Its product.
    pub product_id: String,
    /// The version that the shipped package is.
    pub provisioning_artifact_id: String,
}

impl MainInstallation {
    /// The name of the table.
    pub fn table_name(&self) -> &str {
        &self.table
    }

    /// The accounts that may host environments.
    pub(crate) fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// The parameters of the onboarding stacks, which are outputs of the main stack.
    pub(crate) fn for_onboarding(&self) -> [(&'static str, &str); 7] {
        [
            ("Namespace", &self.namespace),
            ("MainAccountId", &self.account),
            ("ApiHandlerRoleArn", &self.api_role),
            ("StatusHandlerRoleArn", &self.status_role),
            ("AccountHandlerRoleArn", &self.account_role),
            ("ArtifactBucketName", &self.artifact_bucket),
            ("ArtifactKeyArn", &self.artifact_key),
        ]
    }
}

/// Installs the main account's part, or brings it up to date.
///
/// # Errors
/// What the local AWS refuses, such as a document that AWS would refuse.
pub(crate) async fn install_main(
    aws: &LocalAws,
    functions: &mut Functions,
    deployment: &Deployment,
    account: &str,
    namespace: &str,
    hosts: &Hosts,
) -> Result<MainInstallation, DeployError> {
    let accounts: Vec<_> = hosts.accounts.iter().map(String::as_str).collect();
    let order = Order {
        account,
        stack: namespace,
        template: TEMPLATE,
        parameters: &[
            ("HostingAccountIds", &accounts.join(",")),
            (
                "OrganizationId",
                hosts.organization.as_deref().unwrap_or_default(),
            ),
        ],
    };
    let main = deploy(aws, functions, deployment, &order).await?;
    let types = read(aws, account, &main.output("EnvironmentTypesStack")?)?;
    let (api, status) = (function(&main, Binary::Api)?, function(&main, Binary::Status)?);
    let mut sources = main
        .of_type("AWS::Lambda::EventSourceMapping")
        .map(|mapping| mapping.property("EventSourceArn"));
    let queue = sources.find(|source| source.starts_with("arn:aws:sqs:"));
    let queue = queue
        .ok_or_else(|| main.missing("queue of status events".to_owned()))?
        .to_owned();
    let portfolio = main.output("PortfolioId")?;
    let names = |type_name, property: &str| {
        let resources = types.of_type(type_name);
        resources
            .map(|resource| resource.property(property).to_owned())
            .collect()
    };
    Ok(MainInstallation {
        account: account.to_owned(),
        namespace: namespace.to_owned(),
        dead_letters: dead_letters(&main, &queue)?,
        user_pool: main.output("UserPoolId")?,
        queue,
        api_role: main.output("ApiHandlerRoleArn")?,
        status_role: main.output("StatusHandlerRoleArn")?,
        account_role: main.output("AccountHandlerRoleArn")?,
        products: products(aws, account, &portfolio)?,
        portfolio,
        documents: names("AWS::SSM::Document", "Name"),
        artifact_bucket: main.output("ArtifactBucketName")?,
        artifact_key: main.output("ArtifactKeyArn")?,
        table: main.output("TableName")?,
        account_function: function(&main, Binary::Account)?,
        api,
        status,
        hosts: hosts.clone(),
    })
}

fn function(main: &Stack, binary: Binary) -> Result<Function, DeployError> {
    let mut functions = main.resources().iter().filter_map(Function::of);
    functions
        .find(|function| function.binary == binary)
        .ok_or_else(|| main.missing(format!("function {binary:?}")))
}

fn dead_letters(main: &Stack, queue: &str) -> Result<String, DeployError> {
    let source = main
        .of_type("AWS::SQS::Queue")
        .find(|found| found.attribute("Arn") == queue);
    source
        .and_then(|source| source.properties.get("RedrivePolicy")?["deadLetterTargetArn"].as_str())
        .map(str::to_owned)
        .ok_or_else(|| main.missing(format!("queue of dead letters for `{queue}`")))
}

/// The portfolio's products, which are named after their packages; each in the version of the shipped template.
fn products(aws: &LocalAws, account: &str, portfolio: &str) -> Result<Vec<Product>, DeployError> {
    let root = Principal::root(account);
    let mut world = aws.world();
    let mut call =
        |operation: &str, input: &Value| world.call(&root, Service::ServiceCatalog, operation, input);
    let found = call("SearchProductsAsAdmin", &json!({ "PortfolioId": portfolio }))?;
    let mut products = Vec::new();
    for product in found["ProductViewDetails"].as_array().into_iter().flatten() {
        let name = text(product, "/ProductViewSummary/Name");
        let ty: Option<&'static EnvironmentType> = environment_types().iter().find(|ty| ty.name == name);
        let Some(ty) = ty else { continue };
        let product_id = text(product, "/ProductViewSummary/ProductId");
        let versions = call("ListProvisioningArtifacts", &json!({ "ProductId": product_id }))?;
        let mut versions = versions["ProvisioningArtifactDetails"]
            .as_array()
            .into_iter()
            .flatten();
        let shipped = versions.find(|version| version["Name"] == version_name(ty.template_hash));
        products.push(Product {
            type_name: ty.name,
            product_id,
            provisioning_artifact_id: shipped.map(|version| text(version, "/Id")).unwrap_or_default(),
        });
    }
    Ok(products)
}
