//! Queues as far as an event source mapping needs them: in flight until deleted or made visible again, and set
//! aside in another queue after too many receives.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use crate::world::World;

/// Queues by ARN.
#[derive(Default)]
pub(crate) struct State {
    queues: BTreeMap<String, Queue>,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Message>,
    in_flight: BTreeSet<String>,
    dead_letters: Option<DeadLetters>,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    /// ARN of the queue that takes them.
    pub queue: String,
    /// Receives after which a message is moved.
    pub max_receives: u32,
}

/// A message as a consumer receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub id: String,
    /// What was sent, here an event as JSON.
    pub body: String,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent: Timestamp,
}

impl World {
    /// Creates a queue; its ARN.
    pub fn create_queue(&mut self, account: &str, name: &str, dead_letters: Option<DeadLetters>) -> String {
        let arn = format!("arn:aws:sqs:{}:{account}:{name}", self.region);
        self.queues.queues.entry(arn.clone()).or_default().dead_letters = dead_letters;
        arn
    }

    /// Takes up to `max` messages, oldest first; they stay in flight until deleted or made visible.
    pub fn receive_messages(&mut self, queue: &str, max: usize) -> Vec<Message> {
        let Some(queue) = self.queues.queues.get_mut(queue) else {
            return Vec::new();
        };
        let mut received = Vec::new();
        for message in &mut queue.messages {
            if received.len() < max && !queue.in_flight.contains(&message.id) {
                message.receive_count += 1;
                queue.in_flight.insert(message.id.clone());
                received.push(message.clone());
            }
        }
        received
    }

    /// Deletes a message that was received.
    pub fn delete_message(&mut self, queue: &str, id: &str) {
        if let Some(queue) = self.queues.queues.get_mut(queue) {
            queue.in_flight.remove(id);
            queue.messages.retain(|message| message.id != id);
        }
    }

    /// Makes a received message visible again, or moves it to the dead-letter queue.
    pub fn return_message(&mut self, queue: &str, id: &str) {
        let Some(queue) = self.queues.queues.get_mut(queue) else {
            return;
        };
        queue.in_flight.remove(id);
        let Some(dead_letters) = queue.dead_letters.clone() else {
            return;
        };
        let is_dead =
            |message: &Message| message.id == id && message.receive_count >= dead_letters.max_receives;
        let Some(at) = queue.messages.iter().position(is_dead) else {
            return;
        };
        if let Some(message) = queue.messages.remove(at)
            && let Some(other) = self.queues.queues.get_mut(&dead_letters.queue)
        {
            other.messages.push_back(message);
        }
    }

    /// How many messages a queue holds, those in flight included.
    pub fn queue_length(&self, queue: &str) -> usize {
        self.queues
            .queues
            .get(queue)
            .map_or(0, |queue| queue.messages.len())
    }
}

/// Puts a message into a queue.
pub(crate) fn send(world: &mut World, arn: &str, body: String) -> Result<(), String> {
    let id = world.new_uuid();
    let message = Message {
        id,
        body,
        receive_count: 0,
        sent: world.now,
    };
    let queue = world
        .queues
        .queues
        .get_mut(arn)
        .ok_or_else(|| format!("the queue `{arn}` does not exist"))?;
    queue.messages.push_back(message);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world_with_message() -> (World, String, String) {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH);
        let dead = world.create_queue("111122223333", "dead", None);
        let letters = DeadLetters {
            queue: dead.clone(),
            max_receives: 2,
        };
        let queue = world.create_queue("111122223333", "status", Some(letters));
        send(&mut world, &queue, "{}".to_owned()).unwrap();
        (world, queue, dead)
    }

    #[test]
    fn a_message_in_flight_is_not_received_twice() {
        let (mut world, queue, _) = world_with_message();
        let received = world.receive_messages(&queue, 10);
        assert_eq!(received.len(), 1);
        assert!(world.receive_messages(&queue, 10).is_empty());
        world.delete_message(&queue, &received[0].id);
        assert_eq!(world.queue_length(&queue), 0);
    }

    #[test]
    fn a_returned_message_comes_again_and_is_set_aside_after_too_many_receives() {
        let (mut world, queue, dead) = world_with_message();
        for count in 1..=2 {
            let received = world.receive_messages(&queue, 10);
            assert_eq!(received[0].receive_count, count);
            world.return_message(&queue, &received[0].id);
        }
        assert_eq!((world.queue_length(&queue), world.queue_length(&dead)), (0, 1));
    }

    #[test]
    fn sending_to_a_queue_that_does_not_exist_fails() {
        let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH);
        assert!(
            send(&mut world, "arn:aws:sqs:us-east-1:1:none", String::new())
                .unwrap_err()
                .contains("none")
        );
    }
}
