//! `AWS::SQS::*`: queues and who may send to them.

use serde_json::{Map, Value, json};

use super::{Caller, Change, New, Physical, ResourceType, answered, policy_text};
use crate::scalar::scalar_text;
use crate::world::Service::Sqs;

const GONE: [&str; 2] = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

/// Properties that are attributes of the queue: all are texts there.
const ATTRIBUTES: [&str; 9] = [
    "DelaySeconds",
    "FifoQueue",
    "KmsMasterKeyId",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

/// `Ref` is the URL.
pub(super) struct Queue;

fn attributes(new: &New) -> Map<String, Value> {
    let given = new.request(&ATTRIBUTES);
    let text = |value: Value| json!(scalar_text(&value).unwrap_or_else(|| value.to_string()));
    given
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}

impl ResourceType for Queue {
    fn name(&self) -> &'static str {
        "AWS::SQS::Queue"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "DelaySeconds",
            "FifoQueue",
            "KmsMasterKeyId",
            "MessageRetentionPeriod",
            "QueueName",
            "ReceiveMessageWaitTimeSeconds",
            "RedriveAllowPolicy",
            "RedrivePolicy",
            "SqsManagedSseEnabled",
            "Tags",
            "VisibilityTimeout",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "QueueName", "QueueUrl"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("QueueName")
            .map_or_else(|| new.long_name(80), str::to_owned);
        let request = json!({ "QueueName": name, "Attributes": attributes(new) });
        let answer = caller.call(Sqs, "CreateQueue", &request)?;
        let url = answered(&answer, "/QueueUrl");
        let arn = format!(
            "arn:aws:sqs:{}:{}:{name}",
            caller.world.region, caller.principal.account
        );
        Ok(Physical::new(
            new,
            &*url,
            &[("Arn", &arn), ("QueueName", &name), ("QueueUrl", &url)],
        ))
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["FifoQueue", "QueueName"]) {
            return Ok(Change::Replace);
        }
        let request = json!({ "QueueUrl": old.id, "Attributes": attributes(new) });
        caller.call(Sqs, "SetQueueAttributes", &request)?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "QueueUrl": physical.id });
        caller.call_unless_gone(Sqs, "DeleteQueue", &request, &GONE)?;
        Ok(true)
    }
}

/// One policy for each of its queues. `Ref` is a name for it.
pub(super) struct QueuePolicy;

impl QueuePolicy {
    fn put(caller: &mut Caller<'_>, queues: &[Value], policy: &str) -> Result<(), String> {
        for queue in queues {
            let request = json!({ "QueueUrl": queue, "Attributes": { "Policy": policy } });
            caller.call(Sqs, "SetQueueAttributes", &request)?;
        }
        Ok(())
    }
}

impl ResourceType for QueuePolicy {
    fn name(&self) -> &'static str {
        "AWS::SQS::QueuePolicy"
    }

    fn properties(&self) -> &'static [&'static str] {
        &["PolicyDocument", "Queues"]
    }

    fn required(&self) -> &'static [&'static str] {
        &["PolicyDocument", "Queues"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Id"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let policy = policy_text(&new.properties["PolicyDocument"]);
        Self::put(caller, new.list("Queues"), &policy)?;
        let name = new.long_name(128);
        Ok(Physical::new(new, &*name, &[("Id", &name)]))
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["Queues"]) {
            return Ok(Change::Replace);
        }
        let policy = policy_text(&new.properties["PolicyDocument"]);
        Self::put(caller, new.list("Queues"), &policy)?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        for queue in physical.list("Queues") {
            let request = json!({ "QueueUrl": queue, "Attributes": { "Policy": "" } });
            caller.call_unless_gone(Sqs, "SetQueueAttributes", &request, &GONE)?;
        }
        Ok(true)
    }
}
