//! A hosting account: the onboarding template, and what the main account shares with it.

use serde_json::{Value, json};

use super::main_account::MainInstallation;
use super::stack::{DeployError, Order, deploy, text};
use crate::functions::Functions;
use crate::package::Deployment;
use crate::{ApiError, LocalAws, Principal, Service, World};

const TEMPLATE: &str = "templates/onboard-account.cfn.yaml";

/// A hosting account's part.
#[derive(Debug, Clone)]
pub struct HostingInstallation {
    /// The hosting account.
    pub account: String,
    /// ARN of `EnvManagementRole`.
    pub env_mgmt_role: String,
    /// ARN of the role of the account function.
    pub handler_role: String,
    /// What the roles want to hear.
    pub external_id: String,
    /// The network.
    pub vpc: String,
    /// The subnet in it.
    pub subnet: String,
    /// ARN of the key for volumes.
    pub encryption_key: String,
    /// ARN of the permissions boundary of the launch roles.
    pub(crate) launch_role_boundary: String,
}

/// Onboards a hosting account.
///
/// # Errors
/// What the local AWS refuses.
pub(crate) async fn install_hosting(
    aws: &LocalAws,
    functions: &mut Functions,
    deployment: &Deployment,
    main: &MainInstallation,
    account: &str,
) -> Result<HostingInstallation, DeployError> {
    let external_id = aws.world().new_hex_id("workbench-", 32);
    let mut parameters = main.for_onboarding().to_vec();
    parameters.push(("ExternalId", &external_id));
    let order = Order {
        account,
        stack: &format!("{}-hosting-account", main.namespace),
        template: TEMPLATE,
        parameters: &parameters,
    };
    let stack = deploy(aws, functions, deployment, &order).await?;
    let hosting = HostingInstallation {
        account: account.to_owned(),
        env_mgmt_role: stack.output("EnvMgmtRoleArn")?,
        handler_role: stack.output("HostingAccountHandlerRoleArn")?,
        launch_role_boundary: stack.output("LaunchRoleBoundaryArn")?,
        vpc: stack.output("VPC")?,
        subnet: stack.output("VpcSubnet")?,
        encryption_key: stack.output("EncryptionKeyArn")?,
        external_id,
    };
    let mut world = aws.world();
    for role in &main.launch_roles {
        copy_launch_role(&mut world, main, &hosting, role)?;
    }
    share(&mut world, main, &hosting)?;
    Ok(hosting)
}

/// The portfolio and the documents, shared with the account, and its role as a principal.
fn share(world: &mut World, main: &MainInstallation, hosting: &HostingInstallation) -> Result<(), ApiError> {
    let (owner, host) = (Principal::root(&main.account), Principal::root(&hosting.account));
    let portfolio = &main.portfolio;
    world.call(
        &owner,
        Service::ServiceCatalog,
        "CreatePortfolioShare",
        &json!({ "PortfolioId": portfolio, "AccountId": hosting.account }),
    )?;
    world.call(
        &host,
        Service::ServiceCatalog,
        "AcceptPortfolioShare",
        &json!({ "PortfolioId": portfolio }),
    )?;
    world.call(
        &host,
        Service::ServiceCatalog,
        "AssociatePrincipalWithPortfolio",
        &json!({ "PortfolioId": portfolio, "PrincipalARN": hosting.env_mgmt_role, "PrincipalType": "IAM" }),
    )?;
    for name in &main.documents {
        let permission =
            json!({ "Name": name, "PermissionType": "Share", "AccountIdsToAdd": [hosting.account] });
        world.call(&owner, Service::Ssm, "ModifyDocumentPermission", &permission)?;
    }
    Ok(())
}

/// Makes a launch role of the main account here: a constraint names it, and the hosting account's role provisions.
fn copy_launch_role(
    world: &mut World,
    main: &MainInstallation,
    hosting: &HostingInstallation,
    name: &str,
) -> Result<(), ApiError> {
    let (owner, host) = (Principal::root(&main.account), Principal::root(&hosting.account));
    let named = json!({ "RoleName": name });
    let role = world.call(&owner, Service::Iam, "GetRole", &named)?;
    let trust = policy(&role, "/Role/AssumeRolePolicyDocument");
    world.call(
        &host,
        Service::Iam,
        "CreateRole",
        &json!({
            "RoleName": name,
            "AssumeRolePolicyDocument": trust,
            "PermissionsBoundary": hosting.launch_role_boundary,
        }),
    )?;
    let policies = world.call(&owner, Service::Iam, "ListRolePolicies", &named)?;
    for policy_name in policies["PolicyNames"].as_array().into_iter().flatten() {
        let asked = json!({ "RoleName": name, "PolicyName": policy_name });
        let found = world.call(&owner, Service::Iam, "GetRolePolicy", &asked)?;
        let document = here(&policy(&found, "/PolicyDocument"), main, &hosting.account);
        let put = json!({ "RoleName": name, "PolicyName": policy_name, "PolicyDocument": document });
        world.call(&host, Service::Iam, "PutRolePolicy", &put)?;
    }
    Ok(())
}

/// A policy document, which IAM answers as a text.
fn policy(answer: &Value, pointer: &str) -> String {
    text(answer, pointer)
}

/// The same permissions on the hosting account's resources. The artifact key stays the main account's.
fn here(document: &str, main: &MainInstallation, account: &str) -> String {
    const KEY: &str = "<artifact key>";
    document
        .replace(&main.artifact_key, KEY)
        .replace(&format!(":{}:", main.account), &format!(":{account}:"))
        .replace(KEY, &main.artifact_key)
}
