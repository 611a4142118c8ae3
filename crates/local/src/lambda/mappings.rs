//! Event source mappings: queues from which functions are fed in batches.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::functions::find;
use super::{conflict, invalid, mapping_arn, not_found};
use crate::error::ApiError;
use crate::iam;
use crate::input::Input;
use crate::request::epoch_seconds;
use crate::world::{Principal, World};

/// A queue that feeds a function.
#[derive(Clone)]
pub(super) struct Mapping {
    account: String,
    pub(super) queue: String,
    pub(super) function: String,
    pub(super) batch: usize,
    /// Whether the function's answer names the messages that failed.
    pub(super) reports_failures: bool,
    pub(super) enabled: bool,
    concurrency: Option<i64>,
    updated: Timestamp,
}

impl Mapping {
    fn describe(&self, world: &World, id: &str) -> Value {
        let mut described = json!({
            "UUID": id,
            "EventSourceMappingArn": mapping_arn(world, &self.account, id),
            "EventSourceArn": self.queue,
            "FunctionArn": self.function,
            "BatchSize": self.batch,
            "State": if self.enabled { "Enabled" } else { "Disabled" },
            "LastModified": epoch_seconds(self.updated),
        });
        if self.reports_failures {
            described["FunctionResponseTypes"] = json!(["ReportBatchItemFailures"]);
        }
        if let Some(most) = self.concurrency {
            described["ScalingConfig"] = json!({ "MaximumConcurrency": most });
        }
        described
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let known = [
        "EventSourceArn",
        "FunctionName",
        "BatchSize",
        "Enabled",
        "FunctionResponseTypes",
        "ScalingConfig",
        "Tags",
    ];
    let input = Input::read("CreateEventSourceMapping", input, &known)?;
    let function = find(world, principal, &input)?;
    let queue = input.text("EventSourceArn")?;
    if queue.split(':').nth(2) != Some("sqs") {
        return Err(invalid(format!(
            "the local Lambda has no event source `{queue}`; functions are fed from queues"
        )));
    }
    let batch = input.integer("BatchSize", 1..=10)?.unwrap_or(10);
    let types = input.texts("FunctionResponseTypes")?;
    if let Some(other) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
        return Err(invalid(format!("FunctionResponseTypes has no `{other}`")));
    }
    let scaling = input.value("ScalingConfig");
    let scaling = scaling.map(|scaling| Input::read("ScalingConfig", scaling, &["MaximumConcurrency"]));
    let concurrency = match scaling.transpose()? {
        Some(scaling) => scaling.integer("MaximumConcurrency", 2..=1000)?,
        None => None,
    };
    check_queue(world, &function, queue)?;
    let doubled = |mapping: &Mapping| mapping.queue == queue && mapping.function == function;
    if let Some((id, _)) = world.lambda.mappings.iter().find(|(_, known)| doubled(known)) {
        return Err(conflict(format!(
            "an event source mapping of `{queue}` to `{function}` exists: {id}"
        )));
    }
    let mapping = Mapping {
        account: principal.account.clone(),
        queue: queue.to_owned(),
        function,
        batch: usize::try_from(batch).unwrap_or(10),
        reports_failures: !types.is_empty(),
        enabled: input.flag("Enabled")?.unwrap_or(true),
        concurrency,
        updated: world.now,
    };
    let id = world.new_uuid();
    let described = mapping.describe(world, &id);
    world.lambda.mappings.insert(id, mapping);
    Ok(described)
}

pub(super) fn get(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("GetEventSourceMapping", input, &["UUID"])?;
    let id = input.text("UUID")?;
    Ok(own(world, principal, id)?.describe(world, id))
}

pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("DeleteEventSourceMapping", input, &["UUID"])?;
    let id = input.text("UUID")?;
    let mut described = own(world, principal, id)?.describe(world, id);
    described["State"] = json!("Deleting");
    world.lambda.mappings.remove(id);
    Ok(described)
}

fn own<'a>(world: &'a World, principal: &Principal, id: &str) -> Result<&'a Mapping, ApiError> {
    let mapping = world.lambda.mappings.get(id);
    mapping
        .filter(|mapping| mapping.account == principal.account)
        .ok_or_else(|| not_found(&format!("event source mapping `{id}`")))
}

/// Refuses a queue that the function's role can not work on, or whose messages come back too early.
fn check_queue(world: &World, function: &str, queue: &str) -> Result<(), ApiError> {
    let Some(function) = world.lambda.functions.get(function).map(|it| &it.function) else {
        return Err(not_found(function));
    };
    let role = world
        .role_session(&function.role, &function.name)
        .map_err(|error| invalid(error.message))?;
    for operation in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] {
        if !iam::allowed(world, &role, &format!("sqs:{operation}"), queue) {
            return Err(invalid(format!(
                "The provided execution role does not have permissions to call {operation} on SQS"
            )));
        }
    }
    let visibility = crate::sqs::visibility(world, queue)
        .ok_or_else(|| invalid(format!("the queue `{queue}` does not exist")))?
        .as_secs();
    if visibility < function.timeout_seconds {
        return Err(invalid(format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {} seconds",
            function.timeout_seconds
        )));
    }
    Ok(())
}
