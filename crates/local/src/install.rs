//! What a deployment leaves behind: in the main account the bus rule, queue, roles, portfolio, products and
//! documents; in each hosting account the roles, the forwarding rule and the shares.
//!
//! Products and documents are the shipped packages of the registry. The policies grant what the packages' manifests
//! name, so that a call which no manifest asks for is refused here as it would be in AWS.

use serde_json::{Value, json};
use workbench_core::compute::COMPUTES;
use workbench_core::registry::{EnvironmentType, Place, environment_types};

use crate::error::ApiError;
use crate::queue::DeadLetters;
use crate::world::{Principal, Service, World};

/// The main account's part.
#[derive(Debug, Clone)]
pub struct MainInstallation {
    /// The main account.
    pub account: String,
    /// The stack's name, with which names start.
    pub namespace: String,
    /// The queue of status events.
    pub queue: String,
    /// Where events go that can not be processed.
    pub dead_letters: String,
    /// The role of the api function.
    pub api_role: String,
    /// The role of the status function.
    pub status_role: String,
    /// The role of the account function.
    pub account_role: String,
    /// The portfolio of all products.
    pub portfolio: String,
    /// The products.
    pub products: Vec<Product>,
}

/// One package's product.
#[derive(Debug, Clone)]
pub struct Product {
    /// The environment type.
    pub type_name: &'static str,
    /// Its product.
    pub product_id: String,
    /// The version.
    pub provisioning_artifact_id: String,
}

/// A hosting account's part.
#[derive(Debug, Clone)]
pub struct HostingInstallation {
    /// The hosting account.
    pub account: String,
    /// `EnvManagementRole`.
    pub env_mgmt_role: String,
    /// The role of the account function.
    pub handler_role: String,
    /// What the roles want to hear.
    pub external_id: String,
    /// The network.
    pub vpc: String,
    /// The subnet in it.
    pub subnet: String,
    /// The key for volumes.
    pub encryption_key: String,
}

impl MainInstallation {
    /// The name of the table.
    pub fn table_name(&self) -> &str {
        &self.namespace
    }

    /// The bucket of templates and instance files.
    pub fn artifact_bucket(&self) -> String {
        format!("{}-artifacts", self.namespace)
    }

    fn launch_role_name(&self, ty: &EnvironmentType) -> String {
        format!("{}-LaunchConstraint-{}", self.namespace, ty.name)
    }

    fn document_name(&self, ty: &EnvironmentType, operation: &str) -> String {
        format!("{}-{}-{operation}", self.namespace, ty.name)
    }

    /// The names of the documents of all packages.
    fn documents(&self) -> Vec<(String, &'static str)> {
        environment_types()
            .iter()
            .flat_map(|ty| {
                [
                    (self.document_name(ty, "Launch"), ty.launch.content),
                    (self.document_name(ty, "Terminate"), ty.terminate.content),
                ]
            })
            .collect()
    }
}

/// Installs the main account's part.
///
/// # Errors
/// What the local AWS refuses, such as a document that AWS would refuse.
pub(crate) fn install_main(
    world: &mut World,
    account: &str,
    namespace: &str,
) -> Result<MainInstallation, ApiError> {
    world.add_account(account);
    let root = Principal::root(account);
    let dead_letters = world.create_queue(account, &format!("{namespace}-status-dead-letters"), None);
    let letters = DeadLetters {
        queue: dead_letters.clone(),
        max_receives: 5,
    };
    let queue = world.create_queue(account, &format!("{namespace}-status"), Some(letters));
    let table = format!("arn:aws:dynamodb:{}:{account}:table/{namespace}", world.region);
    let mut main = MainInstallation {
        account: account.to_owned(),
        namespace: namespace.to_owned(),
        queue: queue.clone(),
        dead_letters,
        api_role: function_role(world, &root, &format!("{namespace}-api"), &table)?,
        status_role: function_role(world, &root, &format!("{namespace}-status"), &table)?,
        account_role: function_role(world, &root, &format!("{namespace}-account"), &table)?,
        portfolio: String::new(),
        products: Vec::new(),
    };
    rule(world, &root, &format!("{namespace}-status"), &queue, None)?;

    let portfolio = world.call(
        &root,
        Service::ServiceCatalog,
        "CreatePortfolio",
        &json!({ "DisplayName": namespace, "ProviderName": "Workbench", "IdempotencyToken": format!("{namespace}-portfolio") }),
    )?;
    main.portfolio = text(&portfolio, "/PortfolioDetail/Id");
    for ty in environment_types() {
        let product = install_product(world, &root, &main, ty)?;
        main.products.push(product);
    }
    for (name, content) in main.documents() {
        let document = json!({ "Name": name, "Content": content, "DocumentType": "Automation", "DocumentFormat": "YAML" });
        world.call(&root, Service::Ssm, "CreateDocument", &document)?;
    }
    Ok(main)
}

fn install_product(
    world: &mut World,
    root: &Principal,
    main: &MainInstallation,
    ty: &'static EnvironmentType,
) -> Result<Product, ApiError> {
    let key = format!("service-catalog-cfn-templates/{}.cfn.yaml", ty.name);
    let url = world.put_object(&main.artifact_bucket(), &key, ty.template);
    let created = world.call(
        root,
        Service::ServiceCatalog,
        "CreateProduct",
        &json!({
            "Name": ty.name,
            "Owner": "Workbench",
            "Description": ty.description,
            "ProductType": "CLOUD_FORMATION_TEMPLATE",
            "ProvisioningArtifactParameters": {
                "Name": "v1",
                "Info": { "LoadTemplateFromURL": url },
                "Type": "CLOUD_FORMATION_TEMPLATE",
            },
            "IdempotencyToken": format!("{}-v1", ty.name),
        }),
    )?;
    let product_id = text(&created, "/ProductViewDetail/ProductViewSummary/ProductId");
    let portfolio = &main.portfolio;
    world.call(
        root,
        Service::ServiceCatalog,
        "AssociateProductWithPortfolio",
        &json!({ "ProductId": product_id, "PortfolioId": portfolio }),
    )?;
    world.call(
        root,
        Service::ServiceCatalog,
        "CreateConstraint",
        &json!({
            "PortfolioId": portfolio,
            "ProductId": product_id,
            "Type": "LAUNCH",
            "Parameters": json!({ "LocalRoleName": main.launch_role_name(ty) }).to_string(),
            "IdempotencyToken": format!("{}-launch", ty.name),
        }),
    )?;
    Ok(Product {
        type_name: ty.name,
        product_id,
        provisioning_artifact_id: text(&created, "/ProvisioningArtifactDetail/Id"),
    })
}

/// Onboards a hosting account: what its stack makes, and what the account function shares with it.
///
/// # Errors
/// What the local AWS refuses.
pub(crate) fn onboard(
    world: &mut World,
    main: &MainInstallation,
    account: &str,
) -> Result<HostingInstallation, ApiError> {
    world.add_account(account);
    let root = Principal::root(account);
    let namespace = &main.namespace;
    let external_id = world.new_hex_id("workbench-", 32);
    let (vpc, subnet) = world.create_network(account);
    let key = world.new_uuid();
    let hosting = HostingInstallation {
        account: account.to_owned(),
        env_mgmt_role: env_mgmt_role(world, &root, main, &external_id)?,
        handler_role: format!("arn:aws:iam::{account}:role/{namespace}-hosting-account-role"),
        vpc,
        subnet,
        encryption_key: format!("arn:aws:kms:{}:{account}:key/{key}", world.region),
        external_id,
    };
    for ty in environment_types() {
        launch_role(world, &root, main, ty)?;
    }
    forward_events(world, &root, main)?;
    share(world, &root, main, &hosting)?;
    Ok(hosting)
}

/// The portfolio and the documents, shared with the account, and its role as a principal.
fn share(
    world: &mut World,
    root: &Principal,
    main: &MainInstallation,
    hosting: &HostingInstallation,
) -> Result<(), ApiError> {
    let main_root = Principal::root(&main.account);
    let portfolio = &main.portfolio;
    world.call(
        &main_root,
        Service::ServiceCatalog,
        "CreatePortfolioShare",
        &json!({ "PortfolioId": portfolio, "AccountId": hosting.account }),
    )?;
    world.call(
        root,
        Service::ServiceCatalog,
        "AcceptPortfolioShare",
        &json!({ "PortfolioId": portfolio }),
    )?;
    world.call(
        root,
        Service::ServiceCatalog,
        "AssociatePrincipalWithPortfolio",
        &json!({ "PortfolioId": portfolio, "PrincipalARN": hosting.env_mgmt_role, "PrincipalType": "IAM" }),
    )?;
    for (name, _) in main.documents() {
        let permission =
            json!({ "Name": name, "PermissionType": "Share", "AccountIdsToAdd": [hosting.account] });
        world.call(&main_root, Service::Ssm, "ModifyDocumentPermission", &permission)?;
    }
    Ok(())
}

/// A function's role: the table, and the doors of the hosting accounts.
fn function_role(world: &mut World, root: &Principal, name: &str, table: &str) -> Result<String, ApiError> {
    let (namespace, function) = name.rsplit_once('-').unwrap_or((name, ""));
    let mut statements = vec![
        json!({
            "Effect": "Allow",
            "Action": [
                "dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
                "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
            ],
            "Resource": [table, format!("{table}/index/*")],
        }),
        json!({
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": [
                format!("arn:aws:iam::*:role/{namespace}-env-mgmt"),
                format!("arn:aws:iam::*:role/{namespace}-hosting-account-role"),
            ],
        }),
    ];
    if function != "status" {
        let account = &root.account;
        statements.extend([
            json!({
                "Effect": "Allow",
                "Action": [
                    "servicecatalog:CreatePortfolioShare", "servicecatalog:DeletePortfolioShare",
                    "servicecatalog:DescribePortfolioShares",
                ],
                "Resource": format!("arn:aws:catalog:{}:{account}:portfolio/*", world.region),
            }),
            json!({
                "Effect": "Allow",
                "Action": ["ssm:DescribeDocumentPermission", "ssm:ModifyDocumentPermission"],
                "Resource": format!("arn:aws:ssm:{}:{account}:document/{namespace}-*", world.region),
            }),
            json!({
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": format!("arn:aws:s3:::{namespace}-artifacts/onboarding/*"),
            }),
        ]);
    }
    let statements = json!(statements);
    role(
        world,
        root,
        name,
        json!({ "Service": "lambda.amazonaws.com" }),
        Value::Null,
        &statements,
    )
}

fn env_mgmt_role(
    world: &mut World,
    root: &Principal,
    main: &MainInstallation,
    external_id: &str,
) -> Result<String, ApiError> {
    let region = &world.region;
    let documents = format!(
        "arn:aws:ssm:{region}:{}:document/{}-*",
        main.account, main.namespace
    );
    let executions = format!("arn:aws:ssm:{region}:{}:automation-execution/*", root.account);
    let definitions = format!(
        "arn:aws:ssm:{region}:{}:automation-definition/{}-*",
        main.account, main.namespace
    );
    let place = place(world, root);
    let mut statements: Vec<Value> = Vec::new();
    for statement in environment_types()
        .iter()
        .flat_map(|ty| ty.permissions.manage)
        .map(|statement| statement.to_policy(place))
    {
        // Types of one compute need much the same.
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    statements.extend([
        json!({ "Effect": "Allow", "Action": "servicecatalog:ListLaunchPaths", "Resource": "*" }),
        json!({
            "Effect": "Allow",
            "Action": ["ssm:StartAutomationExecution", "ssm:GetAutomationExecution"],
            "Resource": [documents, definitions, executions],
        }),
    ]);
    let trusted = json!({ "AWS": [main.api_role, main.status_role] });
    let condition = json!({ "StringEquals": { "sts:ExternalId": external_id } });
    role(
        world,
        root,
        &format!("{}-env-mgmt", main.namespace),
        trusted,
        condition,
        &json!(statements),
    )
}

/// The role with which Service Catalog provisions a product.
fn launch_role(
    world: &mut World,
    root: &Principal,
    main: &MainInstallation,
    ty: &EnvironmentType,
) -> Result<String, ApiError> {
    let place = place(world, root);
    let launch = ty.permissions.launch.iter();
    let mut statements: Vec<Value> = launch.map(|statement| statement.to_policy(place)).collect();
    statements.extend([
        json!({
            "Effect": "Allow",
            "Action": [
                "cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStacks", "cloudformation:GetTemplateSummary", "cloudformation:SetStackPolicy",
                "cloudformation:UpdateStack", "cloudformation:ValidateTemplate",
            ],
            "Resource": format!("arn:aws:cloudformation:*:{}:stack/SC-*", root.account),
        }),
        json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{}/*", main.artifact_bucket()) }),
    ]);
    let trusted = json!({ "Service": "servicecatalog.amazonaws.com" });
    role(
        world,
        root,
        &main.launch_role_name(ty),
        trusted,
        Value::Null,
        &json!(statements),
    )
}

/// Forwards status events to the main account's bus, and lets them in there.
pub(crate) fn forward_events(world: &mut World, root: &Principal, main: &MainInstallation) -> Result<(), ApiError> {
    let bus = format!(
        "arn:aws:events:{}:{}:event-bus/default",
        world.region, main.account
    );
    let statements = json!([{ "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus }]);
    let trusted = json!({ "Service": "events.amazonaws.com" });
    let name = format!("{}-event-forwarding", main.namespace);
    let role = role(world, root, &name, trusted, Value::Null, &statements)?;
    rule(world, root, &name, &bus, Some(&role))?;
    let account = &root.account;
    let permission = json!({ "Action": "events:PutEvents", "Principal": account, "StatementId": format!("from-{account}") });
    world.call(
        &Principal::root(&main.account),
        Service::Events,
        "PutPermission",
        &permission,
    )?;
    Ok(())
}

/// A rule for the status events of the registry's computes and of the documents.
fn rule(
    world: &mut World,
    root: &Principal,
    name: &str,
    target: &str,
    role: Option<&str>,
) -> Result<(), ApiError> {
    let computes: Vec<String> = COMPUTES
        .iter()
        .map(|compute| format!("aws.{}", compute.name))
        .collect();
    let changes: Vec<&str> = COMPUTES.iter().map(|compute| compute.detail_type).collect();
    let pattern = json!({
        "$or": [
            { "source": ["automation"], "detail-type": ["Launch", "Terminate"] },
            { "source": computes, "detail-type": changes },
            {
                "source": ["aws.ssm"],
                "detail-type": ["EC2 Automation Execution Status-change Notification"],
                "detail": { "Status": ["Failed", "TimedOut", "Cancelled"] },
            },
        ],
    });
    world.call(
        root,
        Service::Events,
        "PutRule",
        &json!({ "Name": name, "EventPattern": pattern.to_string() }),
    )?;
    let mut entry = json!({ "Id": "workbench", "Arn": target });
    if let Some(role) = role {
        entry["RoleArn"] = json!(role);
    }
    world.call(
        root,
        Service::Events,
        "PutTargets",
        &json!({ "Rule": name, "Targets": [entry] }),
    )?;
    Ok(())
}

fn role(
    world: &mut World,
    root: &Principal,
    name: &str,
    trusted: Value,
    condition: Value,
    statements: &Value,
) -> Result<String, ApiError> {
    let mut trust = json!({ "Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole" });
    if !condition.is_null() {
        trust["Condition"] = condition;
    }
    let trust = json!({ "Version": "2012-10-17", "Statement": [trust] }).to_string();
    let created = world.call(
        root,
        Service::Iam,
        "CreateRole",
        &json!({ "RoleName": name, "AssumeRolePolicyDocument": trust }),
    )?;
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    world.call(
        root,
        Service::Iam,
        "PutRolePolicy",
        &json!({ "RoleName": name, "PolicyName": "workbench", "PolicyDocument": policy }),
    )?;
    Ok(text(&created, "/Role/Arn"))
}

/// Where an account's policies live.
fn place<'a>(world: &'a World, root: &'a Principal) -> Place<'a> {
    Place {
        partition: "aws",
        region: &world.region,
        account: &root.account,
    }
}

/// A text of an answer; the local AWS always gives it.
fn text(answer: &Value, pointer: &str) -> String {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
