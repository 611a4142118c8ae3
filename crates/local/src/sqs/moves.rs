//! Moving dead letters back to where they came from. <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
//!
//! A task is over as soon as it is started.

use serde_json::{Value, json};

use super::no_queue;
use crate::error::ApiError;
use crate::input::Input;
use crate::request::epoch_seconds;
use crate::world::World;

/// A task that was run.
#[derive(Clone)]
pub(super) struct Move {
    source: String,
    described: Value,
}

pub(super) fn start(world: &mut World, input: &Input<'_>) -> Result<Value, ApiError> {
    let source = input.text("SourceArn")?;
    let destination = input.text("DestinationArn")?;
    input.integer("MaxNumberOfMessagesPerSecond", 1..=500)?;
    let queues = &world.queues.queues;
    for queue in [source, destination] {
        queues.get(queue).ok_or_else(|| no_queue(queue))?;
    }
    let has_it = |letters: &super::DeadLetters| letters.queue == source;
    if !(queues.values()).any(|queue| queue.attributes.dead_letters.as_ref().is_some_and(has_it)) {
        return Err(ApiError::new(
            "InvalidParameterValueException",
            "Source queue must be configured as a Dead Letter Queue.",
        ));
    }
    let now = world.now;
    let moved = world.receive_messages(source, usize::MAX);
    let count = moved.len();
    for message in moved {
        world.delete_message(source, &message.id);
        // What is moved is a new message, which was received by nobody yet.
        super::send(world, destination, message.body).map_err(ApiError::internal)?;
    }
    let handle = world.new_id("", 48);
    let described = json!({
        "SourceArn": source,
        "DestinationArn": destination,
        "Status": "COMPLETED",
        "ApproximateNumberOfMessagesMoved": count,
        "ApproximateNumberOfMessagesToMove": count,
        "StartedTimestamp": epoch_seconds(now),
    });
    let source = source.to_owned();
    world.queues.moves.push(Move { source, described });
    Ok(json!({ "TaskHandle": handle }))
}

/// The latest tasks of a source, the newest first.
pub(super) fn list(world: &World, input: &Input<'_>) -> Result<Value, ApiError> {
    let source = input.text("SourceArn")?;
    let most = input.integer("MaxResults", 1..=10)?.unwrap_or(1);
    let moves = world.queues.moves.iter().rev();
    let found: Vec<&Value> = moves
        .filter(|task| task.source == source)
        .take(usize::try_from(most).unwrap_or(1))
        .map(|task| &task.described)
        .collect();
    Ok(json!({ "Results": found }))
}
