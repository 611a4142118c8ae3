//! From an accepted event to its targets. Every hop takes a little simulated time.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{BusEvent, Grantee, Target, Undelivered, bus_account, bus_arn, rule_arn};
use crate::iam;
use crate::queue;
use crate::world::World;

/// From a service or PutEvents to the bus, and from one bus to another.
const HOP: SignedDuration = SignedDuration::from_millis(500);

/// What surrounds an event's detail.
pub(super) struct Envelope<'a> {
    pub(super) account: &'a str,
    pub(super) source: &'a str,
    pub(super) detail_type: &'a str,
    pub(super) time: Timestamp,
}

/// Puts an AWS service's own event on an account's default bus.
pub(crate) fn emit(
    world: &mut World,
    account: &str,
    source: &str,
    detail_type: &str,
    detail: Value,
    resources: Vec<String>,
) {
    let envelope = Envelope {
        account,
        source,
        detail_type,
        time: world.now,
    };
    accept(world, account, &envelope, detail, resources);
}

/// Whether an account may put events on another account's bus.
pub(super) fn may_put(world: &World, from: &str, to: &str) -> bool {
    let granted = |grantee: &Grantee| match grantee {
        Grantee::Everybody => true,
        Grantee::Account(account) => account == from,
    };
    from == to
        || world
            .events
            .buses
            .get(to)
            .is_some_and(|bus| bus.permissions.values().any(granted))
}

/// Takes an event for the bus of `to`, subject to the switched-on faults; its id.
pub(super) fn accept(
    world: &mut World,
    to: &str,
    envelope: &Envelope<'_>,
    detail: Value,
    resources: Vec<String>,
) -> String {
    let id = world.new_uuid();
    let event = json!({
        "version": "0",
        "id": id,
        "detail-type": envelope.detail_type,
        "source": envelope.source,
        "account": envelope.account,
        // The envelope has whole seconds.
        "time": format!("{:.0}", Timestamp::from_second(envelope.time.as_second()).unwrap_or(envelope.time)),
        "region": world.region,
        "resources": resources,
        "detail": detail,
    });
    let fate = world.faults.events.next();
    for _ in 0..fate.copies {
        let (to, event) = (to.to_owned(), event.clone());
        world.schedule(HOP + fate.late_by, move |world| receive(world, &to, event));
    }
    id
}

/// The bus has the event: it goes to every target of every rule that matches.
fn receive(world: &mut World, account: &str, event: Value) {
    let Some(bus) = world.events.buses.get(account) else {
        world.events.seen.push(BusEvent {
            at: world.now,
            account: account.to_owned(),
            event,
        });
        return;
    };
    let matching: Vec<(String, Target)> = bus
        .rules
        .iter()
        .filter(|(_, rule)| rule.enabled && rule.pattern.matches(&event))
        .flat_map(|(name, rule)| rule.targets.values().map(|target| (name.clone(), target.clone())))
        .collect();
    for (rule, target) in matching {
        if let Err(reason) = deliver(world, account, &rule, &target, &event) {
            let failed = Undelivered {
                at: world.now,
                rule: rule_arn(world, account, &rule),
                target: target.arn,
                reason,
            };
            tracing::warn!(
                rule = failed.rule,
                target = failed.target,
                reason = failed.reason,
                "event undelivered"
            );
            world.events.undelivered.push(failed);
        }
    }
    world.events.seen.push(BusEvent {
        at: world.now,
        account: account.to_owned(),
        event,
    });
}

fn deliver(
    world: &mut World,
    account: &str,
    rule: &str,
    target: &Target,
    event: &Value,
) -> Result<(), String> {
    if target.arn.split(':').nth(2) == Some("sqs") {
        return queue::send(world, &target.arn, event.to_string());
    }
    let to = bus_account(world, account, &target.arn).map_err(|error| error.message)?;
    // An event that came from another account is not sent on to a third.
    if event.get("account").and_then(Value::as_str) != Some(account) {
        return Err("the event came from another account and cannot be forwarded again".to_owned());
    }
    let bus = bus_arn(world, &to);
    if let Some(role) = &target.role {
        let session = iam::assume_for_service(world, role, "events.amazonaws.com", rule)
            .map_err(|error| error.message)?;
        if !iam::allowed(world, &session, "events:PutEvents", &bus) {
            return Err(format!(
                "the role `{role}` does not allow events:PutEvents on `{bus}`"
            ));
        }
    } else {
        return Err("a target on another account's bus needs a role".to_owned());
    }
    if !may_put(world, account, &to) {
        return Err(format!("`{bus}` has no permission for account {account}"));
    }
    let event = event.clone();
    world.schedule(HOP, move |world| receive(world, &to, event));
    Ok(())
}
