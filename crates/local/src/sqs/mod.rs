//! Amazon SQS: standard queues with their policies, visibility timeouts and dead letters.

mod attributes;
mod moves;
mod queue;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::iam::Guard;
use crate::input::Input;
use crate::world::{Principal, World};
use attributes::Attributes;
use queue::Queue;

pub use queue::{DeadLetters, Message};
pub(crate) use queue::{State, has_visible, receive, send};

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    match operation {
        "CreateQueue" => create(
            world,
            &principal.account,
            &read(&["QueueName", "Attributes", "tags"])?,
        ),
        "GetQueueUrl" => {
            let input = read(&["QueueName", "QueueOwnerAWSAccountId"])?;
            let owner = input.optional_text("QueueOwnerAWSAccountId")?;
            let owner = owner.unwrap_or(&principal.account);
            let name = input.text("QueueName")?;
            let found = world.queues.queues.get(&arn(world, owner, name));
            found.ok_or_else(|| no_queue(name))?;
            Ok(json!({ "QueueUrl": url(world, owner, name) }))
        }
        "ListQueues" => {
            let input = read(&["QueueNamePrefix", "MaxResults"])?;
            let prefix = input.optional_text("QueueNamePrefix")?.unwrap_or_default();
            let own = (world.queues.queues.values())
                .filter(|queue| queue.account == principal.account && queue.name.starts_with(prefix));
            let urls: Vec<String> = own.map(|queue| url(world, &queue.account, &queue.name)).collect();
            Ok(json!({ "QueueUrls": urls }))
        }
        "SetQueueAttributes" => {
            let input = read(&["QueueUrl", "Attributes"])?;
            let arn = named(world, &input)?;
            let given = members(&input, "Attributes")?;
            let known = world.queues.queues.get(&arn).map(|queue| &queue.attributes);
            let changed = known.map(|known| known.with(&world.queues, &arn, &given));
            let changed = changed.transpose()?;
            if let (Some(queue), Some(changed)) = (world.queues.queues.get_mut(&arn), changed) {
                queue.attributes = changed;
            }
            Ok(json!({}))
        }
        "GetQueueAttributes" => describe(world, &read(&["QueueUrl", "AttributeNames"])?),
        "DeleteQueue" => {
            let arn = named(world, &read(&["QueueUrl"])?)?;
            world.queues.queues.remove(&arn);
            Ok(json!({}))
        }
        "PurgeQueue" => {
            let queue = queue_mut(world, &read(&["QueueUrl"])?)?;
            queue.messages.clear();
            queue.in_flight.clear();
            Ok(json!({}))
        }
        "TagQueue" => {
            let input = read(&["QueueUrl", "Tags"])?;
            let tags = tags(&members(&input, "Tags")?)?;
            queue_mut(world, &input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "UntagQueue" => {
            let input = read(&["QueueUrl", "TagKeys"])?;
            let keys = input.texts("TagKeys")?;
            queue_mut(world, &input)?
                .tags
                .retain(|key, _| !keys.contains(key));
            Ok(json!({}))
        }
        "ListQueueTags" => {
            let tags = queue_mut(world, &read(&["QueueUrl"])?)?.tags.clone();
            Ok(json!({ "Tags": tags }))
        }
        "StartMessageMoveTask" => {
            let known = ["SourceArn", "DestinationArn", "MaxNumberOfMessagesPerSecond"];
            moves::start(world, &read(&known)?)
        }
        "ListMessageMoveTasks" => moves::list(world, &read(&["SourceArn", "MaxResults"])?),
        "SendMessage" => send_message(world, &read(&["QueueUrl", "MessageBody"])?),
        "ReceiveMessage" => receive_message(
            world,
            &read(&[
                "QueueUrl",
                "MaxNumberOfMessages",
                "VisibilityTimeout",
                "WaitTimeSeconds",
                "AttributeNames",
                "MessageSystemAttributeNames",
            ])?,
        ),
        "DeleteMessage" => {
            let input = read(&["QueueUrl", "ReceiptHandle"])?;
            let arn = named(world, &input)?;
            let id = in_flight(world, &arn, input.text("ReceiptHandle")?)?;
            world.delete_message(&arn, &id);
            Ok(json!({}))
        }
        "ChangeMessageVisibility" => {
            let input = read(&["QueueUrl", "ReceiptHandle", "VisibilityTimeout"])?;
            let arn = named(world, &input)?;
            let id = in_flight(world, &arn, input.text("ReceiptHandle")?)?;
            let seconds = input
                .integer("VisibilityTimeout", 0..=43_200)?
                .unwrap_or_default();
            let until = world.now + SignedDuration::from_secs(seconds);
            let queue = world.queues.queues.get_mut(&arn);
            if let Some(receipt) = queue.and_then(|queue| queue.in_flight.get_mut(&id)) {
                receipt.until = until;
            }
            Ok(json!({}))
        }
        _ => Err(ApiError::unknown_operation("sqs", operation)),
    }
}

pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let resource = match (text("QueueUrl").or(text("SourceArn")), text("QueueName")) {
        (Some(source), _) if source.starts_with("arn:") => Some(source.to_owned()),
        (Some(url), _) => arn_of(world, url),
        (None, Some(name)) => {
            let owner = text("QueueOwnerAWSAccountId").unwrap_or(&principal.account);
            Some(arn(world, owner, name))
        }
        (None, None) => None,
    };
    match resource {
        Some(resource) if operation != "ListQueues" => vec![resource],
        _ => vec!["*".to_owned()],
    }
}

/// The owner and the policy of the queue with this ARN.
pub(crate) fn guard<'a>(world: &'a World, arn: &str) -> Option<Guard<'a>> {
    let queue = world.queues.queues.get(arn)?;
    Some(Guard {
        owner: &queue.account,
        policy: queue.policy(),
        binds_owner: false,
    })
}

/// How long a received message of a queue is hidden; none if there is no such queue.
pub(crate) fn visibility(world: &World, arn: &str) -> Option<SignedDuration> {
    let queue = world.queues.queues.get(arn)?;
    Some(queue.attributes.visibility())
}

fn arn(world: &World, account: &str, name: &str) -> String {
    format!("arn:aws:sqs:{}:{account}:{name}", world.region)
}

fn url(world: &World, account: &str, name: &str) -> String {
    format!("https://sqs.{}.amazonaws.com/{account}/{name}", world.region)
}

/// The ARN of the queue with this URL, whatever its host.
fn arn_of(world: &World, url: &str) -> Option<String> {
    let (rest, name) = url.rsplit_once('/')?;
    Some(arn(world, rest.rsplit('/').next()?, name))
}

/// The ARN of the queue that a request names, which must exist.
fn named(world: &World, input: &Input<'_>) -> Result<String, ApiError> {
    let url = input.text("QueueUrl")?;
    arn_of(world, url)
        .filter(|arn| world.queues.queues.contains_key(arn))
        .ok_or_else(|| no_queue(url))
}

fn queue_mut<'a>(world: &'a mut World, input: &Input<'_>) -> Result<&'a mut Queue, ApiError> {
    let arn = named(world, input)?;
    world.queues.queues.get_mut(&arn).ok_or_else(|| no_queue(&arn))
}

/// The id of the message that was received with this handle.
fn in_flight(world: &World, arn: &str, handle: &str) -> Result<String, ApiError> {
    let queue = world.queues.queues.get(arn);
    let mut receipts = queue.into_iter().flat_map(|queue| &queue.in_flight);
    receipts
        .find(|(_, receipt)| receipt.handle == handle)
        .map(|(id, _)| id.clone())
        .ok_or_else(|| ApiError::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid."))
}

fn create(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let name = input.text("QueueName")?;
    let valid = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if !valid || !(1..=80).contains(&name.len()) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("`QueueName` is `{name}`; it must have 1 to 80 letters, digits, hyphens or underscores"),
        ));
    }
    let arn = arn(world, account, name);
    let given = members(input, "Attributes")?;
    let attributes = Attributes::default().with(&world.queues, &arn, &given)?;
    let tags = tags(&members(input, "tags")?)?;
    let answer = json!({ "QueueUrl": url(world, account, name) });
    match world.queues.queues.get(&arn) {
        Some(known) if known.attributes.include(&given) => {}
        Some(_) => {
            return Err(ApiError::new(
                "QueueNameExists",
                format!("a queue `{name}` with other attributes exists"),
            ));
        }
        None => {
            let mut queue = Queue::new(account, name, attributes, world.now);
            queue.tags = tags;
            world.queues.queues.insert(arn, queue);
        }
    }
    Ok(answer)
}

fn describe(world: &mut World, input: &Input<'_>) -> Result<Value, ApiError> {
    let arn = named(world, input)?;
    let names = input.texts("AttributeNames")?;
    let queue = world.queues.queues.get(&arn).ok_or_else(|| no_queue(&arn))?;
    let mut all = queue.attributes.describe();
    let waiting = queue.messages.len() - queue.in_flight.len();
    all.extend([
        ("QueueArn".to_owned(), arn),
        ("ApproximateNumberOfMessages".to_owned(), waiting.to_string()),
        (
            "ApproximateNumberOfMessagesNotVisible".to_owned(),
            queue.in_flight.len().to_string(),
        ),
        ("ApproximateNumberOfMessagesDelayed".to_owned(), "0".to_owned()),
        (
            "CreatedTimestamp".to_owned(),
            queue.created.as_second().to_string(),
        ),
    ]);
    let known = ["All", "Policy", "RedrivePolicy", "RedriveAllowPolicy"];
    if let Some(name) =
        (names.iter()).find(|name| !all.contains_key(*name) && !known.contains(&name.as_str()))
    {
        return Err(ApiError::new(
            "InvalidAttributeName",
            format!("the local SQS has no attribute `{name}`"),
        ));
    }
    if !names.iter().any(|name| name == "All") {
        all.retain(|name, _| names.contains(name));
    }
    Ok(json!({ "Attributes": all }))
}

fn send_message(world: &mut World, input: &Input<'_>) -> Result<Value, ApiError> {
    let arn = named(world, input)?;
    let body = input.text("MessageBody")?;
    let most = (world.queues.queues.get(&arn)).map_or(0, |queue| queue.attributes.largest_message());
    if body.is_empty() || i64::try_from(body.len()).is_ok_and(|bytes| bytes > most) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("`MessageBody` must have 1 to {most} bytes"),
        ));
    }
    let id = send(world, &arn, body.to_owned()).map_err(|_| no_queue(&arn))?;
    Ok(json!({ "MessageId": id }))
}

fn receive_message(world: &mut World, input: &Input<'_>) -> Result<Value, ApiError> {
    let arn = named(world, input)?;
    let most = input.integer("MaxNumberOfMessages", 1..=10)?.unwrap_or(1);
    let timeout = input.integer("VisibilityTimeout", 0..=43_200)?;
    // Time stands still during a call, so there is nothing to wait for.
    input.integer("WaitTimeSeconds", 0..=20)?;
    let mut names = input.texts("AttributeNames")?;
    names.extend(input.texts("MessageSystemAttributeNames")?);
    let received = receive(
        world,
        &arn,
        usize::try_from(most).unwrap_or_default(),
        timeout.map(SignedDuration::from_secs),
    );
    let messages: Vec<Value> = received
        .into_iter()
        .map(|(message, handle)| {
            let mut attributes = BTreeMap::from([
                (
                    "ApproximateReceiveCount".to_owned(),
                    message.receive_count.to_string(),
                ),
                (
                    "SentTimestamp".to_owned(),
                    message.sent.as_millisecond().to_string(),
                ),
            ]);
            attributes.retain(|name, _| names.iter().any(|wanted| wanted == "All" || wanted == name));
            json!({
                "MessageId": message.id,
                "ReceiptHandle": handle,
                "Body": message.body,
                "Attributes": attributes,
            })
        })
        .collect();
    Ok(json!({ "Messages": messages }))
}

/// A member that is a map; empty when absent.
fn members(input: &Input<'_>, name: &str) -> Result<Map<String, Value>, ApiError> {
    match input.value(name) {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(ApiError::new(
            "SerializationException",
            format!("`{name}` must be a map"),
        )),
    }
}

fn tags(given: &Map<String, Value>) -> Result<BTreeMap<String, String>, ApiError> {
    given
        .iter()
        .map(|(key, value)| {
            let text = value.as_str().map(str::to_owned);
            let text = text.ok_or_else(|| ApiError::validation(format!("tag `{key}` must be a text")))?;
            Ok((key.clone(), text))
        })
        .collect()
}

fn no_queue(name: &str) -> ApiError {
    ApiError::new(
        "QueueDoesNotExist",
        format!("the specified queue `{name}` does not exist"),
    )
}

#[cfg(test)]
mod tests;
