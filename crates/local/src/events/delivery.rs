//! From an accepted event to its targets. Every hop takes a little simulated time.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{BusEvent, Target, Undelivered, bus_account, bus_arn, rule_arn};
use crate::iam::{self, Source};
use crate::world::World;
use crate::{lambda, sqs};

/// What rules are called in policies.
const SERVICE: &str = "events.amazonaws.com";

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
    world.events.taken.push(BusEvent {
        at: world.now,
        account: to.to_owned(),
        event: event.clone(),
    });
    for late in world.faults.arrivals() {
        let (to, event) = (to.to_owned(), event.clone());
        world.schedule(HOP + late, move |world| receive(world, &to, event));
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
        .filter(|(_, rule)| {
            let pattern = rule.pattern.as_ref();
            rule.enabled && pattern.is_some_and(|(_, pattern)| pattern.matches(&event))
        })
        .flat_map(|(name, rule)| rule.targets.values().map(|target| (name.clone(), target.clone())))
        .collect();
    for (rule, target) in matching {
        deliver_or_note(world, account, &rule, &target, &event);
    }
    world.events.seen.push(BusEvent {
        at: world.now,
        account: account.to_owned(),
        event,
    });
}

/// Delivers an event to a target; what can not be delivered is noted.
pub(super) fn deliver_or_note(world: &mut World, account: &str, rule: &str, target: &Target, event: &Value) {
    let Err(reason) = deliver(world, account, rule, target, event) else {
        return;
    };
    let failed = Undelivered {
        at: world.now,
        rule: rule_arn(world, account, rule),
        target: target.arn.clone(),
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

fn deliver(
    world: &mut World,
    account: &str,
    rule: &str,
    target: &Target,
    event: &Value,
) -> Result<(), String> {
    let arn = rule_arn(world, account, rule);
    let source = Source { account, arn: &arn };
    let may = |world: &World, action: &str| {
        if iam::service_may(world, SERVICE, source, action, &target.arn) {
            Ok(())
        } else {
            Err(format!(
                "the policy of `{}` does not allow {action} by `{SERVICE}` for `{arn}`",
                target.arn
            ))
        }
    };
    let body = || target.input.clone().unwrap_or_else(|| event.to_string());
    match target.arn.split(':').nth(2) {
        Some("sqs") => {
            may(world, "sqs:SendMessage")?;
            sqs::send(world, &target.arn, body()).map(|_| ())
        }
        Some("lambda") => {
            may(world, "lambda:InvokeFunction")?;
            let payload = serde_json::from_str(&body()).map_err(|error| error.to_string())?;
            lambda::invoke(world, &target.arn, payload)
        }
        _ => forward(world, rule, source, target, event),
    }
}

/// To the bus of another account, as the target's role.
fn forward(
    world: &mut World,
    rule: &str,
    source: Source<'_>,
    target: &Target,
    event: &Value,
) -> Result<(), String> {
    let account = source.account;
    let to = bus_account(world, account, &target.arn).map_err(|error| error.message)?;
    // An event that came from another account is not sent on to a third.
    if event.get("account").and_then(Value::as_str) != Some(account) {
        return Err("the event came from another account and cannot be forwarded again".to_owned());
    }
    let bus = bus_arn(world, &to);
    let Some(role) = &target.role else {
        return Err("a target on another account's bus needs a role".to_owned());
    };
    let session =
        iam::assume_for_service(world, role, SERVICE, rule, source).map_err(|error| error.message)?;
    let mut context = iam::principal_context(world, &session);
    for (member, key) in [("source", "events:source"), ("detail-type", "events:detail-type")] {
        let value = event.get(member).and_then(Value::as_str);
        context.set(key, value.unwrap_or_default());
    }
    if iam::decide(world, &session, "events:PutEvents", &bus, &context) != iam::Decision::Allowed {
        return Err(format!(
            "the role `{role}` does not allow events:PutEvents on `{bus}`"
        ));
    }
    if iam::decide_with_resource(world, &session, "events:PutEvents", &bus, &context)
        != iam::Decision::Allowed
    {
        return Err(format!("`{bus}` has no permission for account {account}"));
    }
    let event = match &target.input {
        Some(_) => return Err("a target on another account's bus takes the event as it is".to_owned()),
        None => event.clone(),
    };
    world.schedule(HOP, move |world| receive(world, &to, event));
    Ok(())
}
