//! Queues and their messages: in flight until deleted, made visible again or timed out, and set aside in another
//! queue after too many receives.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::attributes::Attributes;
use super::moves::Move;
use crate::iam::Policy;
use crate::world::World;

/// Queues by ARN.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(super) queues: BTreeMap<String, Queue>,
    pub(super) moves: Vec<Move>,
}

/// A queue.
#[derive(Clone)]
pub(super) struct Queue {
    pub(super) account: String,
    pub(super) name: String,
    pub(super) attributes: Attributes,
    pub(super) created: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) messages: VecDeque<Message>,
    /// Messages that somebody works on, by id.
    pub(super) in_flight: BTreeMap<String, Receipt>,
}

/// One receive of a message.
#[derive(Clone)]
pub(super) struct Receipt {
    pub(super) handle: String,
    /// From then on the message can be received again.
    pub(super) until: Timestamp,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Queue {
    pub(super) fn new(account: &str, name: &str, attributes: Attributes, created: Timestamp) -> Self {
        Self {
            account: account.to_owned(),
            name: name.to_owned(),
            attributes,
            created,
            tags: BTreeMap::new(),
            messages: VecDeque::new(),
            in_flight: BTreeMap::new(),
        }
    }

    pub(super) fn policy(&self) -> Option<&Policy> {
        self.attributes.policy.as_ref()
    }

    /// Forgets what nobody works on any more and what is too old.
    fn turn(&mut self, now: Timestamp) {
        self.in_flight.retain(|_, receipt| receipt.until > now);
        let kept = self.attributes.retention();
        self.messages
            .retain(|message| now.duration_since(message.sent) <= kept);
    }

    /// Takes the messages that were received too often out of the queue.
    fn dead(&mut self) -> Option<(String, Vec<Message>)> {
        let letters = self.attributes.dead_letters.clone()?;
        let is_dead = |message: &Message| {
            message.receive_count >= letters.max_receives && !self.in_flight.contains_key(&message.id)
        };
        let (dead, alive) = self.messages.drain(..).partition(is_dead);
        self.messages = alive;
        Some((letters.queue, Vec::from(dead)))
    }
}

impl World {
    /// Creates a queue, which EventBridge may send to; its ARN.
    pub fn create_queue(&mut self, account: &str, name: &str, dead_letters: Option<DeadLetters>) -> String {
        let arn = super::arn(self, account, name);
        let attributes = Attributes::for_events(&arn, dead_letters);
        let queue = Queue::new(account, name, attributes, self.now);
        self.queues.queues.entry(arn.clone()).or_insert(queue);
        arn
    }

    /// Takes up to `max` messages, oldest first; they stay in flight until deleted, made visible or timed out.
    pub fn receive_messages(&mut self, queue: &str, max: usize) -> Vec<Message> {
        let received = receive(self, queue, max, None);
        received.into_iter().map(|(message, _)| message).collect()
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
        if let Some(found) = self.queues.queues.get_mut(queue) {
            found.in_flight.remove(id);
        }
        set_dead_aside(self, queue);
    }

    /// How many messages a queue holds, those in flight included.
    pub fn queue_length(&self, queue: &str) -> usize {
        self.queues
            .queues
            .get(queue)
            .map_or(0, |queue| queue.messages.len())
    }
}

/// Whether there is a message that nobody works on.
pub(crate) fn has_visible(world: &World, arn: &str) -> bool {
    let free = |queue: &Queue, message: &Message| {
        let receipt = queue.in_flight.get(&message.id);
        receipt.is_none_or(|receipt| receipt.until <= world.now)
    };
    let queue = world.queues.queues.get(arn);
    queue.is_some_and(|queue| queue.messages.iter().any(|message| free(queue, message)))
}

/// Takes up to `max` messages, oldest first, for the queue's visibility timeout or another; each with its receipt.
pub(crate) fn receive(
    world: &mut World,
    arn: &str,
    max: usize,
    timeout: Option<SignedDuration>,
) -> Vec<(Message, String)> {
    let now = world.now;
    if let Some(queue) = world.queues.queues.get_mut(arn) {
        queue.turn(now);
    }
    set_dead_aside(world, arn);
    let Some(queue) = world.queues.queues.get(arn) else {
        return Vec::new();
    };
    let timeout = timeout.unwrap_or_else(|| queue.attributes.visibility());
    let visible = (queue.messages.iter()).filter(|message| !queue.in_flight.contains_key(&message.id));
    let ids: Vec<String> = visible.take(max).map(|message| message.id.clone()).collect();
    let handles: Vec<String> = ids.iter().map(|_| world.new_id("", 48)).collect();
    let until = now.saturating_add(timeout).unwrap_or(Timestamp::MAX);
    let Some(queue) = world.queues.queues.get_mut(arn) else {
        return Vec::new();
    };
    let mut received = Vec::new();
    for message in &mut queue.messages {
        let Some(at) = ids.iter().position(|id| *id == message.id) else {
            continue;
        };
        message.receive_count += 1;
        let handle = handles[at].clone();
        let receipt = Receipt {
            handle: handle.clone(),
            until,
        };
        queue.in_flight.insert(message.id.clone(), receipt);
        received.push((message.clone(), handle));
    }
    received
}

fn set_dead_aside(world: &mut World, arn: &str) {
    let dead = world.queues.queues.get_mut(arn).and_then(Queue::dead);
    if let Some((other, dead)) = dead
        && let Some(other) = world.queues.queues.get_mut(&other)
    {
        other.messages.extend(dead);
    }
}

/// Puts a message into a queue; its id.
pub(crate) fn send(world: &mut World, arn: &str, body: String) -> Result<String, String> {
    let id = world.new_uuid();
    let message = Message {
        id: id.clone(),
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
    Ok(id)
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

    fn turn(world: &mut World, seconds: i64) {
        let at = world.now + SignedDuration::from_secs(seconds);
        world.run_until(at);
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
    fn a_message_that_is_not_deleted_comes_again_after_the_visibility_timeout() {
        let (mut world, queue, dead) = world_with_message();
        for count in 1..=2 {
            let received = world.receive_messages(&queue, 10);
            assert_eq!(received[0].receive_count, count);
            turn(&mut world, 29);
            assert!(world.receive_messages(&queue, 10).is_empty());
            turn(&mut world, 1);
        }
        assert!(world.receive_messages(&queue, 10).is_empty());
        assert_eq!((world.queue_length(&queue), world.queue_length(&dead)), (0, 1));
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
    fn a_message_is_lost_after_the_retention_period() {
        let (mut world, queue, _) = world_with_message();
        turn(&mut world, 4 * 24 * 3600 + 1);
        assert!(world.receive_messages(&queue, 10).is_empty());
        assert_eq!(world.queue_length(&queue), 0);
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
