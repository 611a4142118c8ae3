//! Notebook instances: their states over time, and an event for each change.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::describe::{describe, event_detail};
use super::{caller, create, resource_arn};
use crate::error::ApiError;
use crate::events;
use crate::input::Input;
use crate::world::{Principal, World};

/// How long each change takes on average.
pub(super) const CREATING: SignedDuration = SignedDuration::from_secs(210);
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
    pub(super) generation: u64,
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

pub(super) type Key = (String, String);

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    if operation == "CreateNotebookInstance" {
        return create::create(world, principal, input);
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
            caller::check_start(world, principal, instance, &arn)?;
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
            caller::check_delete(world, principal, instance)?;
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

/// Pending ends in service, or failed if a test has switched that on.
pub(super) fn become_in_service(world: &mut World, key: &Key, after: SignedDuration) {
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
pub(super) fn change(world: &mut World, key: &Key, status: Status) {
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

/// <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListNotebookInstances.html>
fn list(world: &World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let known = [
        "MaxResults",
        "NameContains",
        "NextToken",
        "SortBy",
        "SortOrder",
        "StatusEquals",
    ];
    let input = Input::read("ListNotebookInstances", input, &known)?;
    let part = input.optional_text("NameContains")?.unwrap_or_default();
    let status = input.optional_text("StatusEquals")?;
    let most = input.integer("MaxResults", 1..=100)?.unwrap_or(100);
    let mut found: Vec<(Position, &NotebookInstance)> = (world.sagemaker.instances.iter())
        .filter(|((account, _), instance)| {
            *account == principal.account
                && instance.name.contains(part)
                && status.is_none_or(|status| status == instance.status.name())
        })
        .map(|((_, name), instance)| ((sorted_by(instance, &input), name.as_str()), instance))
        .collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    if input.optional_text("SortOrder")? == Some("Descending") {
        found.reverse();
    }
    // A page goes on behind the last instance of the one before.
    let begin = match input.optional_text("NextToken")? {
        None => 0,
        Some(last) => found
            .iter()
            .position(|((_, name), _)| *name == last)
            .map(|at| at + 1)
            .ok_or_else(|| ApiError::validation("NextToken is invalid"))?,
    };
    let page: Vec<_> = (found.iter().skip(begin))
        .take(usize::try_from(most).unwrap_or_default())
        .collect();
    let instances: Vec<Value> = (page.iter())
        .map(|((_, name), instance)| {
            let arn = resource_arn(world, &principal.account, "notebook-instance", name);
            json!({
                NAME: instance.name,
                "NotebookInstanceArn": arn,
                "NotebookInstanceStatus": instance.status.name(),
                "InstanceType": instance.instance_type,
            })
        })
        .collect();
    let mut answer = json!({ "NotebookInstances": instances });
    if begin + page.len() < found.len()
        && let Some(((_, name), _)) = page.last()
    {
        answer["NextToken"] = json!(name);
    }
    Ok(answer)
}

/// What an instance is sorted by, and its name.
type Position<'a> = (String, &'a str);

fn sorted_by(instance: &NotebookInstance, input: &Input<'_>) -> String {
    match input.value("SortBy").and_then(Value::as_str) {
        Some("CreationTime") => format!("{:.9}", instance.created),
        Some("Status") => instance.status.name().to_owned(),
        _ => String::new(),
    }
}

/// Whether an instance of the account uses this security group.
pub(crate) fn uses_security_group(world: &World, account: &str, id: &str) -> bool {
    world.sagemaker.instances.iter().any(|((owner, _), instance)| {
        owner == account && instance.security_groups.iter().any(|group| group == id)
    })
}

/// Whether an instance of the account is in this subnet.
pub(crate) fn uses_subnet(world: &World, account: &str, id: &str) -> bool {
    (world.sagemaker.instances.iter())
        .any(|((owner, _), instance)| owner == account && instance.subnet.as_deref() == Some(id))
}

pub(super) fn tag_list(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

pub(super) fn key(principal: &Principal, name: &str) -> Key {
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
