//! Invocations: those of events wait and are tried again, those of queues are fetched when there is room.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::functions::find;
use super::mappings::Feed;
use super::streams;
use crate::error::ApiError;
use crate::iam;
use crate::input::Input;
use crate::sqs;
use crate::world::{Principal, World};

/// Tries of an event, and the waits between them (Lambda developer guide, "Asynchronous invocation").
const RETRIES: [SignedDuration; 2] = [SignedDuration::from_mins(1), SignedDuration::from_mins(2)];

/// What a function is to do.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The function's ARN.
    pub function: String,
    /// What it is given.
    pub payload: Value,
    cause: Cause,
}

#[derive(Debug, Clone)]
enum Cause {
    /// An event, after so many tries that failed.
    Event { failures: usize },
    /// A batch of messages of a mapping.
    Batch { mapping: String, messages: Vec<String> },
    /// A batch of records of a mapping, by their sequence numbers.
    Records { mapping: String, sequence: Vec<String> },
}

/// An event that a function failed on for good.
#[derive(Debug, Clone)]
pub struct FailedInvocation {
    /// When it was given up.
    pub at: Timestamp,
    /// The function's ARN.
    pub function: String,
    /// What it was given.
    pub payload: Value,
    /// The function's last error.
    pub error: String,
}

impl World {
    /// Takes what functions are to do now: waiting events, and batches of what their queues and streams hold.
    /// Each invocation taken is to be ended with [`World::end_invocation`].
    pub fn take_invocations(&mut self) -> Vec<Invocation> {
        let mut taken: Vec<Invocation> = self.lambda.waiting.drain(..).collect();
        let enabled = self.lambda.mappings.iter().filter(|(_, mapping)| mapping.enabled);
        let ids: Vec<String> = enabled.map(|(id, _)| id.clone()).collect();
        for id in ids {
            while let Some(batch) = batch(self, &id) {
                taken.push(batch);
            }
        }
        taken
    }

    /// Ends an invocation with the function's answer or error. Events that failed are tried again twice; messages
    /// that failed come back after their queue's visibility timeout; records that failed are tried again until they succeed.
    pub fn end_invocation(&mut self, invocation: Invocation, answer: Result<Value, String>) {
        match invocation.cause {
            Cause::Event { failures } => {
                if let Err(error) = answer {
                    event_failed(self, invocation.function, invocation.payload, failures, error);
                }
            }
            Cause::Batch { mapping, messages } => batch_ended(self, &mapping, &messages, &answer),
            Cause::Records { mapping, sequence } => streams::ended(self, &mapping, &sequence, &answer),
        }
    }

    /// The events that functions failed on for good, oldest first.
    pub fn failed_invocations(&self) -> &[FailedInvocation] {
        &self.lambda.failed
    }
}

/// Lets a function have a payload some time soon, without its answer.
///
/// # Errors
/// There is no such function.
pub(crate) fn invoke(world: &mut World, function: &str, payload: Value) -> Result<(), String> {
    if !world.lambda.functions.contains_key(function) {
        return Err(format!("the function `{function}` does not exist"));
    }
    world.lambda.waiting.push_back(Invocation {
        function: function.to_owned(),
        payload,
        cause: Cause::Event { failures: 0 },
    });
    Ok(())
}

/// Only events: nobody can wait for an answer while the world stands still.
pub(super) fn invoke_operation(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let input = Input::read("Invoke", input, &["FunctionName", "InvocationType", "Payload"])?;
    let function = find(world, principal, &input)?;
    match input.optional_text("InvocationType")? {
        Some("Event") => {}
        other => {
            return Err(ApiError::new(
                "InvalidParameterValueException",
                format!(
                    "the local Lambda takes the invocation type `Event` only, not `{}`",
                    other.unwrap_or("RequestResponse")
                ),
            ));
        }
    }
    let payload = input.optional_text("Payload")?.unwrap_or("{}");
    let payload = serde_json::from_str(payload).map_err(|error| {
        ApiError::new(
            "InvalidRequestContentException",
            format!("the payload is not JSON: {error}"),
        )
    })?;
    invoke(world, &function, payload).map_err(ApiError::internal)?;
    Ok(json!({ "StatusCode": 202 }))
}

/// The next batch of a mapping, if its function exists, its role may fetch and there is something.
fn batch(world: &mut World, id: &str) -> Option<Invocation> {
    let mapping = world.lambda.mappings.get(id)?;
    let may_fetch = match &mapping.feed {
        Feed::Queue { .. } => sqs::has_visible(world, &mapping.source),
        Feed::Stream(reader) => reader.may_fetch(world.dynamodb.writes),
    };
    // Most of the time there is nothing, and nobody has to be asked whether it may be fetched.
    if !may_fetch {
        return None;
    }
    let (source, size) = (mapping.source.clone(), mapping.batch);
    let deployed = world.lambda.functions.get(&mapping.function)?;
    let function = deployed.function.clone();
    let role = world.role_session(&function.role, &function.name).ok()?;
    let fetch = match mapping.feed {
        Feed::Queue { .. } => "sqs:ReceiveMessage",
        Feed::Stream(_) => "dynamodb:GetRecords",
    };
    if !iam::allowed(world, &role, fetch, &source) {
        tracing::warn!(
            source,
            function = function.arn,
            "the function's role may not fetch"
        );
        return None;
    }
    if let Feed::Stream(_) = mapping.feed {
        let (records, sequence) = streams::fetch(world, id, size)?;
        return Some(Invocation {
            function: function.arn,
            payload: json!({ "Records": records }),
            cause: Cause::Records {
                mapping: id.to_owned(),
                sequence,
            },
        });
    }
    let queue = source;
    let received = sqs::receive(world, &queue, size, None);
    if received.is_empty() {
        return None;
    }
    let region = &world.region;
    let records: Vec<Value> = received
        .iter()
        .map(|(message, handle)| {
            json!({
                "messageId": message.id,
                "receiptHandle": handle,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receive_count.to_string(),
                    "SentTimestamp": message.sent.as_millisecond().to_string(),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": queue,
                "awsRegion": region,
            })
        })
        .collect();
    Some(Invocation {
        function: function.arn,
        payload: json!({ "Records": records }),
        cause: Cause::Batch {
            mapping: id.to_owned(),
            messages: received.into_iter().map(|(message, _)| message.id).collect(),
        },
    })
}

fn event_failed(world: &mut World, function: String, payload: Value, failures: usize, error: String) {
    tracing::warn!(function, error, "function failed");
    let Some(wait) = RETRIES.get(failures) else {
        world.lambda.failed.push(FailedInvocation {
            at: world.now,
            function,
            payload,
            error,
        });
        return;
    };
    let again = Invocation {
        function,
        payload,
        cause: Cause::Event {
            failures: failures + 1,
        },
    };
    world.schedule(*wait, move |world| {
        if world.lambda.functions.contains_key(&again.function) {
            world.lambda.waiting.push_back(again);
        }
    });
}

fn batch_ended(world: &mut World, mapping: &str, messages: &[String], answer: &Result<Value, String>) {
    // A mapping that was deleted meanwhile leaves its messages to their timeout.
    let Some(mapping) = world.lambda.mappings.get(mapping) else {
        return;
    };
    let (queue, reports) = (mapping.source.clone(), mapping.reports_failures);
    let failed: Vec<&str> = match answer {
        Err(error) => {
            tracing::warn!(function = mapping.function, error, "function failed");
            messages.iter().map(String::as_str).collect()
        }
        Ok(answer) if reports => failures(answer, messages),
        Ok(_) => Vec::new(),
    };
    for id in messages.iter().filter(|id| !failed.contains(&id.as_str())) {
        world.delete_message(&queue, id);
    }
    if !failed.is_empty()
        && let Some(timeout) = sqs::visibility(world, &queue)
    {
        // Whoever steps from one thing that happens to the next finds the messages then.
        world.schedule(timeout, |_| {});
    }
}

/// The messages that an answer names as failed; all of them if it names one that was not in the batch.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
pub(super) fn failures<'a>(answer: &'a Value, messages: &'a [String]) -> Vec<&'a str> {
    let items = answer.get("batchItemFailures").and_then(Value::as_array);
    let named: Vec<Option<&str>> = (items.into_iter().flatten())
        .map(|item| item.get("itemIdentifier").and_then(Value::as_str))
        .collect();
    let known: Vec<&str> = (named.iter().flatten().copied())
        .filter(|id| messages.iter().any(|message| message == id))
        .collect();
    if known.len() == named.len() {
        known
    } else {
        messages.iter().map(String::as_str).collect()
    }
}
