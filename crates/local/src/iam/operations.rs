//! The operations of IAM, called by CloudFormation, by the account function and by the set-up of accounts.

use serde_json::Value;

use super::{no_such_entity, policies, role_arn, roles};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, RoleKey, World};

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let account = principal.account.as_str();
    roles::handle(world, account, operation, input)
        .or_else(|| policies::handle(world, account, operation, input))
        .unwrap_or_else(|| Err(ApiError::unknown_operation("iam", operation)))
}

pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let account = &principal.account;
    if operation == "CreatePolicy" {
        let path = text("Path").unwrap_or("/");
        return vec![format!(
            "arn:aws:iam::{account}:policy{path}{}",
            text("PolicyName").unwrap_or_default()
        )];
    }
    let Some(name) = text("RoleName") else {
        return vec![text("PolicyArn").unwrap_or("*").to_owned()];
    };
    let key = RoleKey {
        account: account.clone(),
        name: name.to_owned(),
    };
    match world.iam.roles.get(&key) {
        Some(role) => vec![role_arn(&key, role)],
        None => vec![format!(
            "arn:aws:iam::{account}:role{}{name}",
            text("Path").unwrap_or("/")
        )],
    }
}

pub(super) fn policy_name(input: &Input<'_>) -> Result<String, ApiError> {
    let name = input.text("PolicyName")?;
    check_name("PolicyName", name, 128)?;
    Ok(name.to_owned())
}

pub(super) fn check_name(member: &str, name: &str, most: usize) -> Result<(), ApiError> {
    let valid = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c));
    if valid && (1..=most).contains(&name.len()) {
        Ok(())
    } else {
        Err(ApiError::new(
            "ValidationError",
            format!(
                "`{member}` is `{name}`; it must have 1 to {most} letters, digits or characters of `+=,.@_-`"
            ),
        ))
    }
}

pub(super) fn read_path(input: &Input<'_>) -> Result<String, ApiError> {
    let path = input.optional_text("Path")?.unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') {
        Ok(path.to_owned())
    } else {
        Err(ApiError::new(
            "ValidationError",
            format!("`Path` is `{path}`; it must begin and end with `/`"),
        ))
    }
}

pub(super) fn no_such_policy(name: &str) -> ApiError {
    no_such_entity(format!("the policy `{name}` does not exist or is not attached"))
}

pub(super) fn already_exists(what: &str) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new("EntityAlreadyExists", format!("{what} already exists"))
    }
}

pub(super) fn delete_conflict(message: &str) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new("DeleteConflict", message)
    }
}
