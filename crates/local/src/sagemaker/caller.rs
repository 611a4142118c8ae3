//! What SageMaker does with the rights of whoever creates, starts or deletes an instance: it takes the role, has a
//! network interface in the caller's subnet, and grants itself the use of the volume's key.
//!
//! <https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html>. AWS does not say whether the call
//! is refused or the instance fails; here the call is.

use super::instance::NotebookInstance;
use super::refused;
use crate::error::ApiError;
use crate::world::{Principal, World};
use crate::{ec2, iam, kms};

const ACCESS_DENIED: &str = "AccessDeniedException";

/// Refuses CreateNotebookInstance to a caller who may not do what follows from it. `arn` is the instance's.
///
/// # Errors
/// `AccessDeniedException` that names the action, or `ValidationException` for a role or key that SageMaker can not use.
pub(super) fn check_create(
    world: &World,
    principal: &Principal,
    instance: &NotebookInstance,
    arn: &str,
) -> Result<(), ApiError> {
    let described = ["SecurityGroups", "Subnets", "Vpcs"];
    check_run(world, principal, instance, arn, &described)
}

/// Refuses StartNotebookInstance to a caller who may not do what follows from it. `arn` is the instance's.
///
/// # Errors
/// As [`check_create`].
pub(super) fn check_start(
    world: &World,
    principal: &Principal,
    instance: &NotebookInstance,
    arn: &str,
) -> Result<(), ApiError> {
    let described = ["NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"];
    check_run(world, principal, instance, arn, &described)
}

/// Refuses DeleteNotebookInstance to a caller who may not do what follows from it.
///
/// # Errors
/// `AccessDeniedException` that names the action.
pub(super) fn check_delete(
    world: &World,
    principal: &Principal,
    instance: &NotebookInstance,
) -> Result<(), ApiError> {
    if let Some(interface) = &instance.network_interface {
        let interface = ec2::arn(world, &principal.account, interface);
        require(world, principal, "ec2:DeleteNetworkInterface", &interface)?;
    }
    match check_key(world, principal, instance, &["kms:DescribeKey"]) {
        Err(refused) if refused.code == ACCESS_DENIED => Err(refused),
        // An instance can be deleted without its key.
        _ => Ok(()),
    }
}

fn check_run(
    world: &World,
    principal: &Principal,
    instance: &NotebookInstance,
    arn: &str,
    described: &[&str],
) -> Result<(), ApiError> {
    let source = iam::Source {
        account: &principal.account,
        arn,
    };
    let service = "sagemaker.amazonaws.com";
    iam::check_pass_role(world, principal, &instance.role, service, source)?;
    if let Some(subnet) = &instance.subnet {
        may_make_interface(world, principal, subnet, &instance.security_groups)?;
        for kind in described {
            // EC2's describe calls know no resources.
            require(world, principal, &format!("ec2:Describe{kind}"), "*")?;
        }
    }
    check_key(
        world,
        principal,
        instance,
        &["kms:DescribeKey", "kms:CreateGrant"],
    )
}

/// EC2 asks about the subnet, the groups and the interface, which has no id yet.
fn may_make_interface(
    world: &World,
    principal: &Principal,
    subnet: &str,
    groups: &[String],
) -> Result<(), ApiError> {
    let new = format!(
        "arn:aws:ec2:{}:{}:network-interface/*",
        world.region, principal.account
    );
    let within = groups.iter().map(String::as_str).chain([subnet]);
    let within = within.map(|id| ec2::arn(world, &principal.account, id));
    for resource in within.chain([new]) {
        require(world, principal, "ec2:CreateNetworkInterface", &resource)?;
    }
    Ok(())
}

fn check_key(
    world: &World,
    principal: &Principal,
    instance: &NotebookInstance,
    actions: &[&str],
) -> Result<(), ApiError> {
    let Some(key) = &instance.kms_key else {
        return Ok(());
    };
    for action in actions {
        kms::check_use(world, principal, "sagemaker", action, key).map_err(|error| {
            match error.code.as_str() {
                ACCESS_DENIED => error,
                _ => ApiError::validation(error.message),
            }
        })?;
    }
    Ok(())
}

fn require(world: &World, principal: &Principal, action: &str, resource: &str) -> Result<(), ApiError> {
    if iam::allowed(world, principal, action, resource) {
        Ok(())
    } else {
        Err(refused(principal, action, resource))
    }
}
