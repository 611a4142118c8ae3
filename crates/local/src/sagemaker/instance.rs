//! Notebook instances: their states over time, and an event for each change.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::describe::{describe, event_detail};
use super::{check_name, check_tagging, lifecycle_config, resource_arn};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};
use crate::{ec2, events, iam};

/// How long each change takes on average.
const CREATING: SignedDuration = SignedDuration::from_secs(210);
const STARTING: SignedDuration = SignedDuration::from_secs(150);
const STOPPING: SignedDuration = SignedDuration::from_secs(60);
const DELETING: SignedDuration = SignedDuration::from_secs(45);

pub(super) const NAME: &str = "NotebookInstanceName";

#[derive(Clone)]
pub(super) struct NotebookInstance {
    /// As its creator wrote it, unlike in the ARN.
    pub(super) name: String,
    pub(super) status: Status,
    pub(super) failure: Option<String>,
    pub(super) instance_type: String,
    pub(super) role: String,
    pub(super) subnet: Option<String>,
    pub(super) security_groups: Vec<String>,
    pub(super) network_interface: Option<String>,
    pub(super) kms_key: Option<String>,
    pub(super) lifecycle_config: Option<String>,
    pub(super) direct_internet_access: String,
    pub(super) root_access: String,
    pub(super) platform: &'static str,
    pub(super) volume_gigabytes: i64,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
    /// Counts changes, so that a task that was overtaken changes nothing.
    generation: u64,
}

/// <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeNotebookInstance.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    InService,
    Stopping,
    Stopped,
    Failed,
    Deleting,
    /// Only in the last event: the instance itself is gone.
    Deleted,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InService => "InService",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Failed => "Failed",
            Self::Deleting => "Deleting",
            Self::Deleted => "Deleted",
        }
    }
}

type Key = (String, String);

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    if operation == "CreateNotebookInstance" {
        return create(world, principal, input);
    }
    if operation == "ListNotebookInstances" {
        return list(world, principal, input);
    }
    let known: &[&str] = match operation {
        "CreatePresignedNotebookInstanceUrl" => &[NAME, "SessionExpirationDurationInSeconds"],
        "DescribeNotebookInstance"
        | "StartNotebookInstance"
        | "StopNotebookInstance"
        | "DeleteNotebookInstance" => &[NAME],
        _ => return Err(ApiError::unknown_operation("sagemaker", operation)),
    };
    let input = Input::read(operation, input, known)?;
    let name = input.text(NAME)?;
    let key = key(principal, name);
    let instance = world
        .sagemaker
        .instances
        .get(&key)
        .ok_or_else(|| not_found(name))?;
    let arn = resource_arn(world, &principal.account, "notebook-instance", name);
    let status = instance.status;
    let from = |allowed: &[Status], to: &str| {
        if allowed.contains(&status) {
            Ok(())
        } else {
            Err(wrong_status(status, allowed, to, &arn))
        }
    };
    match operation {
        "StartNotebookInstance" => {
            from(&[Status::Stopped, Status::Failed], "Pending")?;
            change(world, &key, Status::Pending);
            become_in_service(world, &key, STARTING);
        }
        "StopNotebookInstance" => {
            from(&[Status::InService], "Stopping")?;
            change(world, &key, Status::Stopping);
            later(world, &key, STOPPING, |world, key| {
                change(world, key, Status::Stopped);
            });
        }
        "DeleteNotebookInstance" => {
            from(&[Status::Stopped, Status::Failed], "Deleting")?;
            change(world, &key, Status::Deleting);
            later(world, &key, DELETING, |world, key| {
                change(world, key, Status::Deleted);
                world.sagemaker.instances.remove(key);
            });
        }
        "CreatePresignedNotebookInstanceUrl" => {
            input.integer("SessionExpirationDurationInSeconds", 1800..=43200)?;
            from(&[Status::InService], "PresignedUrl")?;
            let host = format!("{}.notebook.{}.sagemaker.aws", name.to_lowercase(), world.region);
            let token = world.new_id("", 64);
            return Ok(json!({ "AuthorizedUrl": format!("https://{host}?authToken={token}") }));
        }
        _ => return Ok(describe(&arn, instance)),
    }
    Ok(json!({}))
}

fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
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
    iam::check_pass_role(world, principal, role, "sagemaker.amazonaws.com")?;
    let tags = input.tags("Tags")?;
    let arn = resource_arn(world, &principal.account, "notebook-instance", name);
    check_tagging(world, principal, "CreateNotebookInstance", &tags, &arn)?;
    let key = key(principal, name);
    if world.sagemaker.instances.contains_key(&key) {
        return Err(ApiError::validation(format!(
            "Cannot create a duplicate notebook instance ({arn})"
        )));
    }
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

/// Pending ends in service, or failed if a test has switched that on.
fn become_in_service(world: &mut World, key: &Key, after: SignedDuration) {
    let failure = world.faults.notebook_failure.take();
    later(world, key, after, move |world, key| match failure {
        None => change(world, key, Status::InService),
        Some(reason) => {
            if let Some(instance) = world.sagemaker.instances.get_mut(key) {
                instance.failure = Some(reason);
            }
            change(world, key, Status::Failed);
        }
    });
}

/// Runs a step later, unless the instance has changed by then.
fn later(
    world: &mut World,
    key: &Key,
    after: SignedDuration,
    step: impl FnOnce(&mut World, &Key) + Send + 'static,
) {
    let Some(expected) = world
        .sagemaker
        .instances
        .get(key)
        .map(|instance| instance.generation)
    else {
        return;
    };
    let key = key.clone();
    world.schedule(after, move |world| {
        if world
            .sagemaker
            .instances
            .get(&key)
            .is_some_and(|instance| instance.generation == expected)
        {
            step(world, &key);
        }
    });
}

/// Sets a status and emits the event for it.
fn change(world: &mut World, key: &Key, status: Status) {
    let (now, arn) = (
        world.now,
        resource_arn(world, &key.0, "notebook-instance", &key.1),
    );
    let Some(instance) = world.sagemaker.instances.get_mut(key) else {
        return;
    };
    instance.status = status;
    instance.modified = now;
    instance.generation += 1;
    if status != Status::Failed {
        instance.failure = None;
    }
    let detail = event_detail(&arn, instance);
    events::emit(
        world,
        &key.0,
        "aws.sagemaker",
        "SageMaker Notebook Instance State Change",
        detail,
        vec![arn],
    );
}

fn list(world: &World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read(
        "ListNotebookInstances",
        input,
        &["NameContains", "StatusEquals", "MaxResults"],
    )?;
    let part = input.optional_text("NameContains")?.unwrap_or_default();
    let status = input.optional_text("StatusEquals")?;
    let most = input.integer("MaxResults", 1..=100)?.unwrap_or(100);
    let instances: Vec<Value> = (world.sagemaker.instances.iter())
        .filter(|((account, _), instance)| {
            *account == principal.account
                && instance.name.contains(part)
                && status.is_none_or(|status| status == instance.status.name())
        })
        .take(usize::try_from(most).unwrap_or_default())
        .map(|((account, name), instance)| {
            let arn = resource_arn(world, account, "notebook-instance", name);
            json!({
                NAME: instance.name,
                "NotebookInstanceArn": arn,
                "NotebookInstanceStatus": instance.status.name(),
                "InstanceType": instance.instance_type,
            })
        })
        .collect();
    Ok(json!({ "NotebookInstances": instances }))
}

/// Whether an instance of the account uses this security group.
pub(crate) fn uses_security_group(world: &World, account: &str, id: &str) -> bool {
    world.sagemaker.instances.iter().any(|((owner, _), instance)| {
        owner == account && instance.security_groups.iter().any(|group| group == id)
    })
}

pub(super) fn tag_list(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

fn key(principal: &Principal, name: &str) -> Key {
    (principal.account.clone(), name.to_lowercase())
}

fn not_found(name: &str) -> ApiError {
    ApiError::validation(format!(
        "RecordNotFound: notebook instance `{name}` does not exist"
    ))
}

fn wrong_status(status: Status, allowed: &[Status], to: &str, arn: &str) -> ApiError {
    let allowed: Vec<&str> = allowed.iter().map(|status| status.name()).collect();
    ApiError::validation(format!(
        "Status ({}) not in ([{}]). Unable to transition to ({to}) for Notebook Instance ({arn})",
        status.name(),
        allowed.join(", ")
    ))
}
