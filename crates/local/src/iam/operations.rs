//! The operations of IAM, called by CloudFormation and by the set-up of accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::policy::{Kind, Policy, TrustedPrincipal, malformed};
use super::{ManagedPolicy, Role, no_such_entity, role_arn, role_key};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, RoleKey, World};

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    let account = principal.account.as_str();
    match operation {
        "CreateRole" => create_role(
            world,
            account,
            &read(&[
                "RoleName",
                "AssumeRolePolicyDocument",
                "Path",
                "Description",
                "MaxSessionDuration",
                "PermissionsBoundary",
                "Tags",
            ])?,
        ),
        "GetRole" => {
            let input = read(&["RoleName"])?;
            let (key, role) = find(world, account, &input)?;
            Ok(json!({ "Role": describe_role(key, role) }))
        }
        "DeleteRole" => delete_role(world, account, &read(&["RoleName"])?),
        "UpdateAssumeRolePolicy" => {
            let input = read(&["RoleName", "PolicyDocument"])?;
            let trust = read_trust(world, input.text("PolicyDocument")?)?;
            role_mut(world, account, &input)?.trust = trust;
            Ok(json!({}))
        }
        "TagRole" => {
            let input = read(&["RoleName", "Tags"])?;
            let tags = input.tags("Tags")?;
            role_mut(world, account, &input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "PutRolePolicy" => {
            let input = read(&["RoleName", "PolicyName", "PolicyDocument"])?;
            let name = policy_name(&input)?;
            let policy = Policy::parse(input.text("PolicyDocument")?, Kind::Identity)?;
            role_mut(world, account, &input)?.inline.insert(name, policy);
            Ok(json!({}))
        }
        "GetRolePolicy" => {
            let input = read(&["RoleName", "PolicyName"])?;
            let (role_name, name) = (input.text("RoleName")?, input.text("PolicyName")?);
            let (_, role) = find(world, account, &input)?;
            let policy = role.inline.get(name).ok_or_else(|| no_such_policy(name))?;
            Ok(json!({ "RoleName": role_name, "PolicyName": name, "PolicyDocument": policy.text }))
        }
        "DeleteRolePolicy" => {
            let input = read(&["RoleName", "PolicyName"])?;
            let name = input.text("PolicyName")?;
            let removed = role_mut(world, account, &input)?.inline.remove(name);
            removed.map(|_| json!({})).ok_or_else(|| no_such_policy(name))
        }
        "ListRolePolicies" => {
            let input = read(&["RoleName"])?;
            let (_, role) = find(world, account, &input)?;
            let names: Vec<&String> = role.inline.keys().collect();
            Ok(json!({ "PolicyNames": names, "IsTruncated": false }))
        }
        "AttachRolePolicy" => {
            let input = read(&["RoleName", "PolicyArn"])?;
            let arn = input.text("PolicyArn")?;
            world.iam.managed(arn).ok_or_else(|| no_such_policy(arn))?;
            role_mut(world, account, &input)?.attached.insert(arn.to_owned());
            Ok(json!({}))
        }
        "DetachRolePolicy" => {
            let input = read(&["RoleName", "PolicyArn"])?;
            let arn = input.text("PolicyArn")?;
            let removed = role_mut(world, account, &input)?.attached.remove(arn);
            if removed {
                Ok(json!({}))
            } else {
                Err(no_such_policy(arn))
            }
        }
        "ListAttachedRolePolicies" => {
            let input = read(&["RoleName"])?;
            let (_, role) = find(world, account, &input)?;
            let attached: Vec<Value> = role
                .attached
                .iter()
                .map(|arn| json!({ "PolicyArn": arn, "PolicyName": arn.rsplit('/').next() }))
                .collect();
            Ok(json!({ "AttachedPolicies": attached, "IsTruncated": false }))
        }
        "CreatePolicy" => create_policy(
            world,
            account,
            &read(&["PolicyName", "PolicyDocument", "Path", "Description", "Tags"])?,
        ),
        "GetPolicy" => {
            let input = read(&["PolicyArn"])?;
            let arn = input.text("PolicyArn")?;
            let policy = world.iam.policies.get(arn).ok_or_else(|| no_such_policy(arn))?;
            Ok(json!({ "Policy": describe_policy(arn, policy) }))
        }
        "DeletePolicy" => delete_policy(world, read(&["PolicyArn"])?.text("PolicyArn")?),
        _ => Err(ApiError::unknown_operation("iam", operation)),
    }
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

fn create_role(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let name = input.text("RoleName")?;
    check_name("RoleName", name, 64)?;
    let key = RoleKey {
        account: account.to_owned(),
        name: name.to_owned(),
    };
    let trust = read_trust(world, input.text("AssumeRolePolicyDocument")?)?;
    let boundary = input.optional_text("PermissionsBoundary")?;
    if let Some(arn) = boundary {
        world.iam.managed(arn).ok_or_else(|| no_such_policy(arn))?;
    }
    if world.iam.roles.contains_key(&key) {
        return Err(already_exists(&format!("a role with the name `{name}`")));
    }
    let role = Role {
        path: read_path(input)?,
        id: world.new_id("AROA", 17).to_ascii_uppercase(),
        trust,
        max_session_seconds: input.integer("MaxSessionDuration", 3600..=43200)?.unwrap_or(3600),
        tags: input.tags("Tags")?.into_iter().collect(),
        description: input.optional_text("Description")?.map(str::to_owned),
        boundary: boundary.map(str::to_owned),
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
        created: world.now,
    };
    let answer = json!({ "Role": describe_role(&key, &role) });
    world.iam.roles.insert(key, role);
    Ok(answer)
}

fn delete_role(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let (key, role) = find(world, account, input)?;
    if !role.inline.is_empty() || !role.attached.is_empty() {
        return Err(delete_conflict(
            "cannot delete entity, must remove its policies first",
        ));
    }
    let key = key.clone();
    world.iam.roles.remove(&key);
    Ok(json!({}))
}

fn create_policy(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let name = policy_name(input)?;
    let path = read_path(input)?;
    let arn = format!("arn:aws:iam::{account}:policy{path}{name}");
    let document = Policy::parse(input.text("PolicyDocument")?, Kind::Identity)?;
    input.tags("Tags")?;
    if world.iam.policies.contains_key(&arn) {
        return Err(already_exists(&format!("a policy with the name `{name}`")));
    }
    let id = world.new_id("ANPA", 17).to_ascii_uppercase();
    let policy = ManagedPolicy {
        name,
        path,
        id,
        document,
        created: world.now,
    };
    let answer = json!({ "Policy": describe_policy(&arn, &policy) });
    world.iam.policies.insert(arn, policy);
    Ok(answer)
}

fn delete_policy(world: &mut World, arn: &str) -> Result<Value, ApiError> {
    let in_use = |role: &Role| role.attached.contains(arn) || role.boundary.as_deref() == Some(arn);
    if world.iam.roles.values().any(in_use) {
        return Err(delete_conflict("cannot delete a policy attached to entities"));
    }
    world
        .iam
        .policies
        .remove(arn)
        .map(|_| json!({}))
        .ok_or_else(|| no_such_policy(arn))
}

/// Reads a trust policy; roles that it names must exist.
fn read_trust(world: &World, text: &str) -> Result<Policy, ApiError> {
    let trust = Policy::parse(text, Kind::Trust)?;
    for principal in trust.principals() {
        if let TrustedPrincipal::Arn(arn) = principal {
            let exists = role_key(arn).is_none_or(|key| world.iam.roles.contains_key(&key));
            if !exists {
                return Err(malformed(format!(
                    "invalid principal in policy: \"AWS\":\"{arn}\" does not exist"
                )));
            }
        }
    }
    Ok(trust)
}

fn find<'a>(world: &'a World, account: &str, input: &Input<'_>) -> Result<(&'a RoleKey, &'a Role), ApiError> {
    let key = RoleKey {
        account: account.to_owned(),
        name: input.text("RoleName")?.to_owned(),
    };
    world
        .iam
        .roles
        .get_key_value(&key)
        .ok_or_else(|| no_such_role(&key.name))
}

fn role_mut<'a>(world: &'a mut World, account: &str, input: &Input<'_>) -> Result<&'a mut Role, ApiError> {
    let key = RoleKey {
        account: account.to_owned(),
        name: input.text("RoleName")?.to_owned(),
    };
    world
        .iam
        .roles
        .get_mut(&key)
        .ok_or_else(|| no_such_role(&key.name))
}

fn policy_name(input: &Input<'_>) -> Result<String, ApiError> {
    let name = input.text("PolicyName")?;
    check_name("PolicyName", name, 128)?;
    Ok(name.to_owned())
}

fn check_name(member: &str, name: &str, most: usize) -> Result<(), ApiError> {
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

fn read_path(input: &Input<'_>) -> Result<String, ApiError> {
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

fn describe_role(key: &RoleKey, role: &Role) -> Value {
    let mut described = json!({
        "Path": role.path,
        "RoleName": key.name,
        "RoleId": role.id,
        "Arn": role_arn(key, role),
        "CreateDate": role.created.as_second(),
        "AssumeRolePolicyDocument": role.trust.text,
        "MaxSessionDuration": role.max_session_seconds,
        "Tags": role.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>(),
    });
    if let Some(description) = &role.description {
        described["Description"] = json!(description);
    }
    if let Some(arn) = &role.boundary {
        described["PermissionsBoundary"] =
            json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn});
    }
    described
}

fn describe_policy(arn: &str, policy: &ManagedPolicy) -> Value {
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": "v1",
        "CreateDate": policy.created.as_second(),
    })
}

fn no_such_role(name: &str) -> ApiError {
    no_such_entity(format!("the role with name `{name}` cannot be found"))
}

fn no_such_policy(name: &str) -> ApiError {
    no_such_entity(format!("the policy `{name}` does not exist or is not attached"))
}

fn already_exists(what: &str) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new("EntityAlreadyExists", format!("{what} already exists"))
    }
}

fn delete_conflict(message: &str) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new("DeleteConflict", message)
    }
}
