//! Amazon EventBridge: the default bus of each account, rules, and delivery to queues, functions and other accounts'
//! buses.

mod delivery;
mod pattern;
mod permission;
mod put;
mod rules;
mod schedule;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

pub(crate) use delivery::emit;
pub(crate) use put::add_context;

use crate::error::ApiError;
use crate::iam::{Guard, Policy};
use crate::world::{Principal, World};
pub(crate) use pattern::Pattern;
use schedule::Schedule;

/// Buses by account, and what was delivered.
#[derive(Clone, Default)]
pub(crate) struct State {
    buses: BTreeMap<String, Bus>,
    /// How often schedules were started; each start has its number.
    armed: u64,
    /// What buses have taken.
    taken: Vec<BusEvent>,
    pub(crate) seen: Vec<BusEvent>,
    pub(crate) undelivered: Vec<Undelivered>,
}

/// The default bus of an account.
#[derive(Clone, Default)]
struct Bus {
    rules: BTreeMap<String, Rule>,
    /// Who else may put events.
    statements: Vec<Value>,
    /// The statements, read.
    policy: Option<Policy>,
}

#[derive(Clone)]
struct Rule {
    /// The text of the pattern, and what it says.
    pattern: Option<(String, Pattern)>,
    schedule: Option<Schedule>,
    /// The number of the schedule's last start.
    armed: u64,
    enabled: bool,
    description: Option<String>,
    /// Targets by their id.
    targets: BTreeMap<String, Target>,
}

#[derive(Clone)]
struct Target {
    arn: String,
    role: Option<String>,
    /// What the target gets instead of the event.
    input: Option<String>,
}

/// An event that a bus received.
#[derive(Debug, Clone)]
pub struct BusEvent {
    /// When the bus received it.
    pub at: Timestamp,
    /// Account of the bus.
    pub account: String,
    /// The event with its envelope.
    pub event: Value,
}

/// An event that matched a rule and could not be delivered to one of its targets.
#[derive(Debug, Clone)]
pub struct Undelivered {
    /// When it was tried.
    pub at: Timestamp,
    /// The rule's ARN.
    pub rule: String,
    /// The target's ARN.
    pub target: String,
    /// Why not.
    pub reason: String,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "PutEvents" => put::put_events(world, principal, input),
        _ => rules::handle(world, principal, operation, input),
    }
}

pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let account = &principal.account;
    if operation == "PutEvents" {
        return put::buses(world, principal, input);
    }
    let rule = input
        .get("Name")
        .or_else(|| input.get("Rule"))
        .and_then(Value::as_str);
    match rule {
        Some(rule) => vec![rule_arn(world, account, rule)],
        None => vec![bus_arn(world, account)],
    }
}

fn bus_arn(world: &World, account: &str) -> String {
    format!("arn:aws:events:{}:{account}:event-bus/default", world.region)
}

fn rule_arn(world: &World, account: &str, name: &str) -> String {
    format!("arn:aws:events:{}:{account}:rule/{name}", world.region)
}

/// The owner and the policy of the bus with this ARN.
pub(crate) fn guard<'a>(world: &'a World, arn: &str) -> Option<Guard<'a>> {
    let account = bus_account(world, "", arn).ok()?;
    Some(Guard {
        owner: world.accounts.get(&account)?,
        policy: (world.events.buses.get(&account)).and_then(|bus| bus.policy.as_ref()),
        binds_owner: false,
    })
}

/// The account of the default bus that an ARN or name means, as seen from an account.
fn bus_account(world: &World, own: &str, name: &str) -> Result<String, ApiError> {
    let account = match name {
        "default" => own,
        arn => arn
            .strip_prefix(&format!("arn:aws:events:{}:", world.region))
            .and_then(|rest| rest.strip_suffix(":event-bus/default"))
            .ok_or_else(|| no_bus(name))?,
    };
    if world.accounts.contains(account) {
        Ok(account.to_owned())
    } else {
        Err(no_bus(name))
    }
}

fn no_bus(name: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("event bus `{name}` does not exist"),
    )
}

impl World {
    /// The events that were put on the account's default bus so far and taken, in order, whatever faults did to them then.
    pub fn taken_events(&self, account: &str) -> impl Iterator<Item = &BusEvent> {
        let taken = self.events.taken.iter();
        taken.filter(move |event| event.account == account)
    }

    /// The events that the account's default bus received so far, oldest first.
    pub fn events(&self, account: &str) -> impl Iterator<Item = &BusEvent> {
        self.events
            .seen
            .iter()
            .filter(move |event| event.account == account)
    }

    /// The deliveries that failed so far, oldest first.
    pub fn undelivered(&self) -> &[Undelivered] {
        &self.events.undelivered
    }
}

#[cfg(test)]
mod tests;
