//! A hosting account: the onboarding template, and what the main account shares with it.

use serde_json::json;

use super::main_account::MainInstallation;
use super::stack::{DeployError, Order, deploy};
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
        vpc: stack.output("VPC")?,
        subnet: stack.output("VpcSubnet")?,
        encryption_key: stack.output("EncryptionKeyArn")?,
        external_id,
    };
    let mut world = aws.world();
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
