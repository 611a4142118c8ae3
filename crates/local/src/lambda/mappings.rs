//! Event source mappings: queues and tables' streams from which functions are fed in batches.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::functions::find;
use super::streams::Reader;
use super::{conflict, invalid, mapping_arn, not_found};
use crate::error::ApiError;
use crate::iam;
use crate::input::Input;
use crate::request::epoch_seconds;
use crate::world::{Principal, World};

/// What feeds a function.
#[derive(Clone)]
pub(super) struct Mapping {
    account: String,
    /// The ARN of the queue or stream.
    pub(super) source: String,
    pub(super) feed: Feed,
    pub(super) function: String,
    pub(super) batch: usize,
    /// Whether the function's answer names the messages that failed.
    pub(super) reports_failures: bool,
    pub(super) enabled: bool,
    updated: Timestamp,
}

/// How a function is fed.
#[derive(Clone)]
pub(super) enum Feed {
    /// From a queue, at most so many batches at once.
    Queue { concurrency: Option<i64> },
    /// From a stream, one batch after the other.
    Stream(Reader),
}

impl Mapping {
    /// Reads its stream, if it has one, from the beginning.
    pub(super) fn read_anew(&mut self) {
        if let Feed::Stream(reader) = &mut self.feed {
            reader.begin();
        }
    }

    fn describe(&self, world: &World, id: &str) -> Value {
        let mut described = json!({
            "UUID": id,
            "EventSourceMappingArn": mapping_arn(world, &self.account, id),
            "EventSourceArn": self.source,
            "FunctionArn": self.function,
            "BatchSize": self.batch,
            "State": if self.enabled { "Enabled" } else { "Disabled" },
            "LastModified": epoch_seconds(self.updated),
        });
        if self.reports_failures {
            described["FunctionResponseTypes"] = json!(["ReportBatchItemFailures"]);
        }
        match &self.feed {
            Feed::Queue { concurrency: None } => {}
            Feed::Queue {
                concurrency: Some(most),
            } => described["ScalingConfig"] = json!({ "MaximumConcurrency": most }),
            Feed::Stream(_) => described["StartingPosition"] = json!("TRIM_HORIZON"),
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
        "FilterCriteria",
        "FunctionResponseTypes",
        "ScalingConfig",
        "StartingPosition",
        "Tags",
    ];
    let input = Input::read("CreateEventSourceMapping", input, &known)?;
    let function = find(world, principal, &input)?;
    let source = input.text("EventSourceArn")?;
    let types = input.texts("FunctionResponseTypes")?;
    if let Some(other) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
        return Err(invalid(format!("FunctionResponseTypes has no `{other}`")));
    }
    let (feed, batch) = match source.split(':').nth(2) {
        Some("sqs") => {
            let batch = input.integer("BatchSize", 1..=10)?.unwrap_or(10);
            let feed = queue(&input)?;
            check_queue(world, &function, source)?;
            (feed, batch)
        }
        Some("dynamodb") => {
            let batch = input.integer("BatchSize", 1..=10_000)?.unwrap_or(100);
            let reader = Reader::new(&input)?;
            check_stream(world, &function, source)?;
            (Feed::Stream(reader), batch)
        }
        _ => {
            return Err(invalid(format!(
                "the local Lambda has no event source `{source}`; functions are fed from queues and tables' streams"
            )));
        }
    };
    let doubled = |mapping: &Mapping| mapping.source == source && mapping.function == function;
    if let Some((id, _)) = world.lambda.mappings.iter().find(|(_, known)| doubled(known)) {
        return Err(conflict(format!(
            "an event source mapping of `{source}` to `{function}` exists: {id}"
        )));
    }
    let mapping = Mapping {
        account: principal.account.clone(),
        source: source.to_owned(),
        feed,
        function,
        batch: usize::try_from(batch).unwrap_or(10),
        reports_failures: !types.is_empty(),
        enabled: input.flag("Enabled")?.unwrap_or(true),
        updated: world.now,
    };
    let id = world.new_uuid();
    let described = mapping.describe(world, &id);
    world.lambda.mappings.insert(id, mapping);
    Ok(described)
}

/// What only mappings of queues have.
fn queue(input: &Input<'_>) -> Result<Feed, ApiError> {
    for member in ["FilterCriteria", "StartingPosition"] {
        if input.value(member).is_some() {
            return Err(invalid(format!("the local Lambda has no {member} for queues")));
        }
    }
    let scaling = input.value("ScalingConfig");
    let scaling = scaling.map(|scaling| Input::read("ScalingConfig", scaling, &["MaximumConcurrency"]));
    let concurrency = match scaling.transpose()? {
        Some(scaling) => scaling.integer("MaximumConcurrency", 2..=1000)?,
        None => None,
    };
    Ok(Feed::Queue { concurrency })
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

/// Refuses a source on which the function's role may not do all of `operations`.
fn check_role<'a>(
    world: &'a World,
    function: &str,
    source: &str,
    (prefix, service): (&str, &str),
    operations: &[&str],
) -> Result<&'a super::Function, ApiError> {
    let Some(function) = world.lambda.functions.get(function).map(|it| &it.function) else {
        return Err(not_found(function));
    };
    let role = world
        .role_session(&function.role, &function.name)
        .map_err(|error| invalid(error.message))?;
    for operation in operations {
        if !iam::allowed(world, &role, &format!("{prefix}:{operation}"), source) {
            return Err(invalid(format!(
                "The provided execution role does not have permissions to call {operation} on {service}"
            )));
        }
    }
    Ok(function)
}

/// Refuses a stream that does not exist, or that the function's role can not read.
fn check_stream(world: &mut World, function: &str, stream: &str) -> Result<(), ApiError> {
    let operations = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    check_role(world, function, stream, ("dynamodb", "DynamoDB"), &operations)?;
    crate::dynamodb::stream_records(world, stream, None, 1).map(drop)
}

/// Refuses a queue that the function's role can not work on, or whose messages come back too early.
fn check_queue(world: &World, function: &str, queue: &str) -> Result<(), ApiError> {
    let operations = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
    let function = check_role(world, function, queue, ("sqs", "SQS"), &operations)?;
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
