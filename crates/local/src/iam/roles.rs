//! Roles: their trust, tags, boundary and policies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::operations::{
    already_exists, check_name, delete_conflict, no_such_policy, policy_name, read_path,
};
use super::policies::attachable;
use super::policy::{Kind, Policy, TrustedPrincipal, malformed};
use super::size::check_inline;
use super::{Role, no_such_entity, role_arn, role_key};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{RoleKey, World};

/// Answers an operation on roles; none if it is none.
pub(super) fn handle(
    world: &mut World,
    account: &str,
    operation: &str,
    input: &Value,
) -> Option<Result<Value, ApiError>> {
    let handle = match operation {
        "CreateRole" => create_role,
        "GetRole" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("GetRole", input, &["RoleName"])?;
            let (key, role) = find(world, account, &input)?;
            Ok(json!({ "Role": describe_role(key, role) }))
        },
        "DeleteRole" => delete_role,
        "UpdateRole" => update_role,
        "UpdateAssumeRolePolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("UpdateAssumeRolePolicy", input, &["RoleName", "PolicyDocument"])?;
            let trust = read_trust(world, input.text("PolicyDocument")?)?;
            role_mut(world, account, &input)?.trust = trust;
            Ok(json!({}))
        },
        "TagRole" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("TagRole", input, &["RoleName", "Tags"])?;
            let tags = input.tags("Tags")?;
            role_mut(world, account, &input)?.tags.extend(tags);
            Ok(json!({}))
        },
        "UntagRole" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("UntagRole", input, &["RoleName", "TagKeys"])?;
            let keys = input.texts("TagKeys")?;
            role_mut(world, account, &input)?
                .tags
                .retain(|key, _| !keys.contains(key));
            Ok(json!({}))
        },
        "PutRolePermissionsBoundary" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read(
                "PutRolePermissionsBoundary",
                input,
                &["RoleName", "PermissionsBoundary"],
            )?;
            let arn = input.text("PermissionsBoundary")?;
            attachable(world, account, arn)?;
            role_mut(world, account, &input)?.boundary = Some(arn.to_owned());
            Ok(json!({}))
        },
        "DeleteRolePermissionsBoundary" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("DeleteRolePermissionsBoundary", input, &["RoleName"])?;
            let removed = role_mut(world, account, &input)?.boundary.take();
            removed
                .map(|_| json!({}))
                .ok_or_else(|| no_such_entity("the role has no permissions boundary"))
        },
        _ => return policies_of_roles(world, account, operation, input),
    };
    Some(handle(world, account, input))
}

/// Answers an operation on the policies of one role; none if it is none.
fn policies_of_roles(
    world: &mut World,
    account: &str,
    operation: &str,
    input: &Value,
) -> Option<Result<Value, ApiError>> {
    let handle = match operation {
        "PutRolePolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read(
                "PutRolePolicy",
                input,
                &["RoleName", "PolicyName", "PolicyDocument"],
            )?;
            let name = policy_name(&input)?;
            let policy = Policy::parse(input.text("PolicyDocument")?, Kind::Identity)?;
            let role = role_mut(world, account, &input)?;
            check_inline(role, &name, &policy)?;
            role.inline.insert(name, policy);
            Ok(json!({}))
        },
        "GetRolePolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("GetRolePolicy", input, &["RoleName", "PolicyName"])?;
            let (role_name, name) = (input.text("RoleName")?, input.text("PolicyName")?);
            let (_, role) = find(world, account, &input)?;
            let policy = role.inline.get(name).ok_or_else(|| no_such_policy(name))?;
            Ok(json!({ "RoleName": role_name, "PolicyName": name, "PolicyDocument": policy.text }))
        },
        "DeleteRolePolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("DeleteRolePolicy", input, &["RoleName", "PolicyName"])?;
            let name = input.text("PolicyName")?;
            let removed = role_mut(world, account, &input)?.inline.remove(name);
            removed.map(|_| json!({})).ok_or_else(|| no_such_policy(name))
        },
        "ListRolePolicies" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("ListRolePolicies", input, &["RoleName", "MaxItems"])?;
            let (_, role) = find(world, account, &input)?;
            let names: Vec<&String> = role.inline.keys().collect();
            Ok(json!({ "PolicyNames": names, "IsTruncated": false }))
        },
        "AttachRolePolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("AttachRolePolicy", input, &["RoleName", "PolicyArn"])?;
            let arn = input.text("PolicyArn")?;
            attachable(world, account, arn)?;
            role_mut(world, account, &input)?.attached.insert(arn.to_owned());
            Ok(json!({}))
        },
        "DetachRolePolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("DetachRolePolicy", input, &["RoleName", "PolicyArn"])?;
            let arn = input.text("PolicyArn")?;
            if role_mut(world, account, &input)?.attached.remove(arn) {
                Ok(json!({}))
            } else {
                Err(no_such_policy(arn))
            }
        },
        "ListAttachedRolePolicies" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("ListAttachedRolePolicies", input, &["RoleName", "MaxItems"])?;
            let (_, role) = find(world, account, &input)?;
            let attached: Vec<Value> = role
                .attached
                .iter()
                .map(|arn| json!({ "PolicyArn": arn, "PolicyName": arn.rsplit('/').next() }))
                .collect();
            Ok(json!({ "AttachedPolicies": attached, "IsTruncated": false }))
        },
        _ => return None,
    };
    Some(handle(world, account, input))
}

fn create_role(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = &Input::read(
        "CreateRole",
        input,
        &[
            "RoleName",
            "AssumeRolePolicyDocument",
            "Path",
            "Description",
            "MaxSessionDuration",
            "PermissionsBoundary",
            "Tags",
        ],
    )?;
    let name = input.text("RoleName")?;
    check_name("RoleName", name, 64)?;
    let key = RoleKey {
        account: account.to_owned(),
        name: name.to_owned(),
    };
    let trust = read_trust(world, input.text("AssumeRolePolicyDocument")?)?;
    let boundary = input.optional_text("PermissionsBoundary")?;
    if let Some(arn) = boundary {
        attachable(world, account, arn)?;
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

fn delete_role(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = &Input::read("DeleteRole", input, &["RoleName"])?;
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

/// Absent members stay as they are.
fn update_role(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = &Input::read(
        "UpdateRole",
        input,
        &["RoleName", "Description", "MaxSessionDuration"],
    )?;
    let seconds = input.integer("MaxSessionDuration", 3600..=43200)?;
    let description = input.optional_text("Description")?.map(str::to_owned);
    let role = role_mut(world, account, input)?;
    role.max_session_seconds = seconds.unwrap_or(role.max_session_seconds);
    role.description = description.or(role.description.take());
    Ok(json!({}))
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

fn no_such_role(name: &str) -> ApiError {
    no_such_entity(format!("the role with name `{name}` cannot be found"))
}
