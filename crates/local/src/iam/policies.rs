//! Customer managed policies and their versions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::operations::{already_exists, delete_conflict, no_such_policy, policy_name, read_path};
use super::policy::{Kind, Policy};
use super::size::{check_managed, limit_exceeded};
use super::{ManagedPolicy, Role, Version};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::World;

/// Most versions of a policy (IAM quotas).
const MOST_VERSIONS: usize = 5;

/// Answers an operation on policies; none if it is none.
pub(super) fn handle(
    world: &mut World,
    account: &str,
    operation: &str,
    input: &Value,
) -> Option<Result<Value, ApiError>> {
    let handle = match operation {
        "CreatePolicy" => create,
        "GetPolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("GetPolicy", input, &["PolicyArn"])?;
            let arn = input.text("PolicyArn")?;
            let count = attachments(world, arn).count();
            Ok(json!({ "Policy": describe(arn, own(world, account, arn)?, count) }))
        },
        "DeletePolicy" => delete,
        "CreatePolicyVersion" => create_version,
        "GetPolicyVersion" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("GetPolicyVersion", input, &["PolicyArn", "VersionId"])?;
            let policy = own(world, account, input.text("PolicyArn")?)?;
            let number = version_number(policy, &input)?;
            let version = policy.versions.get(&number);
            let mut described =
                version.map_or(Value::Null, |version| describe_version(policy, number, version));
            described["Document"] = json!(version.map(|version| &version.document.text));
            Ok(json!({ "PolicyVersion": described }))
        },
        "ListPolicyVersions" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("ListPolicyVersions", input, &["PolicyArn", "MaxItems"])?;
            let policy = own(world, account, input.text("PolicyArn")?)?;
            let versions: Vec<Value> = (policy.versions.iter().rev())
                .map(|(number, version)| describe_version(policy, *number, version))
                .collect();
            Ok(json!({ "Versions": versions, "IsTruncated": false }))
        },
        "DeletePolicyVersion" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("DeletePolicyVersion", input, &["PolicyArn", "VersionId"])?;
            let policy = own(world, account, input.text("PolicyArn")?)?;
            let number = version_number(policy, &input)?;
            if number == policy.default_version {
                return Err(delete_conflict("cannot delete the default version of a policy"));
            }
            policy.versions.remove(&number);
            Ok(json!({}))
        },
        "SetDefaultPolicyVersion" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("SetDefaultPolicyVersion", input, &["PolicyArn", "VersionId"])?;
            let policy = own(world, account, input.text("PolicyArn")?)?;
            policy.default_version = version_number(policy, &input)?;
            Ok(json!({}))
        },
        "ListEntitiesForPolicy" => |world: &mut World, _: &str, input: &Value| {
            let input = Input::read("ListEntitiesForPolicy", input, &["PolicyArn", "MaxItems"])?;
            let roles: Vec<Value> = attachments(world, input.text("PolicyArn")?)
                .map(|(name, role)| json!({ "RoleName": name, "RoleId": role.id }))
                .collect();
            Ok(json!({ "PolicyRoles": roles, "PolicyGroups": [], "PolicyUsers": [], "IsTruncated": false }))
        },
        "TagPolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("TagPolicy", input, &["PolicyArn", "Tags"])?;
            let tags = input.tags("Tags")?;
            own(world, account, input.text("PolicyArn")?)?.tags.extend(tags);
            Ok(json!({}))
        },
        "UntagPolicy" => |world: &mut World, account: &str, input: &Value| {
            let input = Input::read("UntagPolicy", input, &["PolicyArn", "TagKeys"])?;
            let keys = input.texts("TagKeys")?;
            own(world, account, input.text("PolicyArn")?)?
                .tags
                .retain(|key, _| !keys.contains(key));
            Ok(json!({}))
        },
        _ => return None,
    };
    Some(handle(world, account, input))
}

/// Refuses a policy that a role of the account can not have: it must be one of AWS's or the account's own.
pub(super) fn attachable(world: &World, account: &str, arn: &str) -> Result<(), ApiError> {
    let own = arn.starts_with("arn:aws:iam::aws:") || arn.starts_with(&format!("arn:aws:iam::{account}:"));
    if own && world.iam.managed(arn).is_some() {
        Ok(())
    } else {
        Err(no_such_policy(arn))
    }
}

fn create(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = &Input::read(
        "CreatePolicy",
        input,
        &["PolicyName", "PolicyDocument", "Path", "Description", "Tags"],
    )?;
    let name = policy_name(input)?;
    let path = read_path(input)?;
    let arn = format!("arn:aws:iam::{account}:policy{path}{name}");
    let document = Policy::parse(input.text("PolicyDocument")?, Kind::Identity)?;
    check_managed(&document)?;
    if world.iam.policies.contains_key(&arn) {
        return Err(already_exists(&format!("a policy with the name `{name}`")));
    }
    let version = Version {
        document,
        created: world.now,
    };
    let policy = ManagedPolicy {
        name,
        path,
        id: world.new_id("ANPA", 17).to_ascii_uppercase(),
        versions: BTreeMap::from([(1, version)]),
        default_version: 1,
        description: input.optional_text("Description")?.map(str::to_owned),
        tags: input.tags("Tags")?.into_iter().collect(),
        created: world.now,
    };
    let answer = json!({ "Policy": describe(&arn, &policy, 0) });
    world.iam.policies.insert(arn, policy);
    Ok(answer)
}

fn create_version(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = &Input::read(
        "CreatePolicyVersion",
        input,
        &["PolicyArn", "PolicyDocument", "SetAsDefault"],
    )?;
    let version = Version {
        document: Policy::parse(input.text("PolicyDocument")?, Kind::Identity)?,
        created: world.now,
    };
    check_managed(&version.document)?;
    let policy = own(world, account, input.text("PolicyArn")?)?;
    if policy.versions.len() >= MOST_VERSIONS {
        return Err(limit_exceeded(format!(
            "a policy can have {MOST_VERSIONS} versions; delete one first"
        )));
    }
    let number = policy.versions.keys().next_back().map_or(1, |last| last + 1);
    if input.flag("SetAsDefault")?.unwrap_or_default() {
        policy.default_version = number;
    }
    let described = describe_version(policy, number, &version);
    policy.versions.insert(number, version);
    Ok(json!({ "PolicyVersion": described }))
}

fn delete(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = &Input::read("DeletePolicy", input, &["PolicyArn"])?;
    let arn = input.text("PolicyArn")?;
    let versions = own(world, account, arn)?.versions.len();
    let bounds = |role: &Role| role.boundary.as_deref() == Some(arn);
    if attachments(world, arn).next().is_some() || world.iam.roles.values().any(bounds) {
        return Err(delete_conflict("cannot delete a policy attached to entities"));
    }
    if versions > 1 {
        return Err(delete_conflict(
            "this policy has more than one version; before it can be deleted, all but the default must be",
        ));
    }
    world.iam.policies.remove(arn);
    Ok(json!({}))
}

/// Names and roles to which a policy is attached.
fn attachments<'a>(world: &'a World, arn: &str) -> impl Iterator<Item = (&'a str, &'a Role)> {
    (world.iam.roles.iter())
        .filter(move |(_, role)| role.attached.contains(arn))
        .map(|(key, role)| (key.name.as_str(), role))
}

/// The policy, if the account owns it.
fn own<'a>(world: &'a mut World, account: &str, arn: &str) -> Result<&'a mut ManagedPolicy, ApiError> {
    world
        .iam
        .policies
        .get_mut(arn)
        .filter(|_| arn.starts_with(&format!("arn:aws:iam::{account}:")))
        .ok_or_else(|| no_such_policy(arn))
}

fn version_number(policy: &ManagedPolicy, input: &Input<'_>) -> Result<u32, ApiError> {
    let id = input.text("VersionId")?;
    id.strip_prefix('v')
        .and_then(|number| number.parse().ok())
        .filter(|number| policy.versions.contains_key(number))
        .ok_or_else(|| no_such_policy(&format!("{} {id}", policy.name)))
}

fn describe(arn: &str, policy: &ManagedPolicy, attachments: usize) -> Value {
    let updated = policy.versions.values().map(|version| version.created).max();
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "Description": policy.description,
        "DefaultVersionId": format!("v{}", policy.default_version),
        "AttachmentCount": attachments,
        "IsAttachable": true,
        "CreateDate": policy.created.as_second(),
        "UpdateDate": updated.map(Timestamp::as_second),
        "Tags": policy.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>(),
    })
}

fn describe_version(policy: &ManagedPolicy, number: u32, version: &Version) -> Value {
    json!({
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": number == policy.default_version,
        "CreateDate": version.created.as_second(),
    })
}
