//! CreateNotebookInstance: what it asks for, checked before anything is made.

use serde_json::{Value, json};

use super::instance::{CREATING, NAME, NotebookInstance, Status, become_in_service, change, key};
use super::{caller, check_name, check_tagging, lifecycle_config, requested_arn, resource_arn};
use crate::ec2;
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let known = [
        NAME,
        "InstanceType",
        "SubnetId",
        "SecurityGroupIds",
        "RoleArn",
        "KmsKeyId",
        "Tags",
        "LifecycleConfigName",
        "DirectInternetAccess",
        "VolumeSizeInGB",
        "RootAccess",
        "PlatformIdentifier",
    ];
    let input = Input::read("CreateNotebookInstance", input, &known)?;
    let name = input.text(NAME)?;
    check_name(NAME, name)?;
    let instance_type = input.text("InstanceType")?;
    check_instance_type(instance_type)?;
    let choice = |member: &str, choices: &[&str], default: &str| {
        let chosen = input.optional_text(member)?.unwrap_or(default);
        if choices.contains(&chosen) {
            Ok(chosen.to_owned())
        } else {
            Err(ApiError::validation(format!(
                "`{member}` is `{chosen}`; it must be one of {choices:?}"
            )))
        }
    };
    let direct_internet_access = choice("DirectInternetAccess", &["Enabled", "Disabled"], "Enabled")?;
    let root_access = choice("RootAccess", &["Enabled", "Disabled"], "Enabled")?;
    check_platform(&input, instance_type)?;
    let volume_gigabytes = input.integer("VolumeSizeInGB", 5..=16384)?.unwrap_or(5);
    let (subnet, security_groups) = read_network(world, principal, &input, &direct_internet_access)?;
    let lifecycle_config = input.optional_text("LifecycleConfigName")?.map(str::to_owned);
    if let Some(config) = &lifecycle_config
        && !lifecycle_config::exists(world, &principal.account, config)
    {
        return Err(ApiError::validation(format!(
            "the lifecycle config `{config}` does not exist"
        )));
    }
    let role = input.text("RoleArn")?;
    let tags = input.tags("Tags")?;
    let arn = resource_arn(world, &principal.account, "notebook-instance", name);
    let requested = requested_arn(world, &principal.account, "notebook-instance", name);
    check_tagging(world, principal, "CreateNotebookInstance", &tags, &requested)?;
    let network_interface = subnet.is_some().then(|| world.new_hex_id("eni-", 17));
    let instance = NotebookInstance {
        name: name.to_owned(),
        status: Status::Pending,
        failure: None,
        instance_type: instance_type.to_owned(),
        role: role.to_owned(),
        subnet,
        security_groups,
        network_interface,
        kms_key: input.optional_text("KmsKeyId")?.map(str::to_owned),
        lifecycle_config,
        direct_internet_access,
        root_access,
        platform: PLATFORM,
        volume_gigabytes,
        created: world.now,
        modified: world.now,
        tags: tags.into_iter().collect(),
        generation: 0,
    };
    caller::check_create(world, principal, &instance, &arn)?;
    let key = key(principal, name);
    if world.sagemaker.instances.contains_key(&key) {
        return Err(ApiError::validation(format!(
            "Cannot create a duplicate notebook instance ({arn})"
        )));
    }
    world.sagemaker.instances.insert(key.clone(), instance);
    change(world, &key, Status::Pending);
    become_in_service(world, &key, CREATING);
    Ok(json!({ "NotebookInstanceArn": arn }))
}

/// The subnet and security groups, which must exist in the account.
fn read_network(
    world: &World,
    principal: &Principal,
    input: &Input<'_>,
    direct_internet_access: &str,
) -> Result<(Option<String>, Vec<String>), ApiError> {
    let subnet = input.optional_text("SubnetId")?;
    let groups = input.texts("SecurityGroupIds")?;
    match subnet {
        Some(id) if !ec2::has_subnet(world, &principal.account, id) => {
            return Err(ApiError::validation(format!("the subnet `{id}` does not exist")));
        }
        None if direct_internet_access == "Disabled" || !groups.is_empty() => {
            return Err(ApiError::validation(
                "`SubnetId` is needed with `SecurityGroupIds` or `DirectInternetAccess` `Disabled`",
            ));
        }
        _ => {}
    }
    if groups.len() > 5 {
        return Err(ApiError::validation("`SecurityGroupIds` must have at most 5 ids"));
    }
    match groups
        .iter()
        .find(|id| !ec2::has_security_group(world, &principal.account, id))
    {
        Some(id) => Err(ApiError::validation(format!(
            "the security group `{id}` does not exist"
        ))),
        None => Ok((subnet.map(str::to_owned), groups)),
    }
}

fn check_instance_type(text: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = text.split('.').collect();
    let valid = match parts.as_slice() {
        ["ml", family, size] => {
            let known_family = [
                "t2", "t3", "m4", "m5", "m5d", "m6i", "m7i", "c4", "c5", "c5d", "c6i", "c7i", "r5", "r6i",
                "r7i", "p2", "p3", "p3dn", "p4d", "g3", "g4dn", "g5", "g6", "inf1", "inf2", "trn1",
            ]
            .contains(family);
            let multiple = size
                .strip_suffix("xlarge")
                .filter(|number| !number.starts_with('0'));
            let known_size = ["medium", "large", "xlarge"].contains(size)
                || multiple.is_some_and(|number| number.parse::<u8>().is_ok());
            known_family && known_size
        }
        _ => false,
    };
    if valid {
        Ok(())
    } else {
        Err(ApiError::validation(format!(
            "Value '{text}' at 'instanceType' failed to satisfy constraint: Member must satisfy enum value set"
        )))
    }
}

/// The platform of every new instance.
const PLATFORM: &str = "notebook-al2023-v1";

/// Platforms that were, and that no new instance can have (SageMaker developer guide, "Amazon Linux 2 notebook
/// instances").
const ENDED_PLATFORMS: [&str; 4] = [
    "notebook-al1-v1",
    "notebook-al2-v1",
    "notebook-al2-v2",
    "notebook-al2-v3",
];

/// Families that do not run on [`PLATFORM`] (SageMaker developer guide, "AL2023 notebook instances").
const UNSUPPORTED_FAMILIES: [&str; 5] = ["p2", "p3", "p3dn", "inf1", "g3"];

/// Refuses a platform that no new instance can have, or that does not run the instance type. AWS does not document
/// the words of either refusal.
fn check_platform(input: &Input<'_>, instance_type: &str) -> Result<(), ApiError> {
    match input.optional_text("PlatformIdentifier")?.unwrap_or(PLATFORM) {
        PLATFORM => {}
        ended if ENDED_PLATFORMS.contains(&ended) => {
            return Err(ApiError::validation(format!(
                "`PlatformIdentifier` `{ended}` has ended; new notebook instances must have `{PLATFORM}`"
            )));
        }
        other => {
            return Err(ApiError::validation(format!(
                "Value '{other}' at 'platformIdentifier' failed to satisfy constraint: it must be `{PLATFORM}`"
            )));
        }
    }
    let family = instance_type.split('.').nth(1).unwrap_or_default();
    if UNSUPPORTED_FAMILIES.contains(&family) {
        return Err(ApiError::validation(format!(
            "`InstanceType` `{instance_type}` is not supported on `{PLATFORM}`"
        )));
    }
    Ok(())
}
