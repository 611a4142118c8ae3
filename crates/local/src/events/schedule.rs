//! Rules that fire by the clock.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{delivery, rule_arn};
use crate::error::ApiError;
use crate::world::World;

/// A schedule expression that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) text: String,
    every: SignedDuration,
}

impl Schedule {
    /// Reads `rate(<value> <unit>)`.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
    ///
    /// # Errors
    /// `ValidationException` for anything else, `cron(…)` included.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        if text.starts_with("cron(") {
            return Err(ApiError::validation(format!(
                "the local EventBridge has no cron schedules; `ScheduleExpression` is `{text}`"
            )));
        }
        let every = text
            .strip_prefix("rate(")
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|rate| rate.split_once(' '))
            .and_then(|(value, unit)| Some((value.parse::<i64>().ok().filter(|value| *value > 0)?, unit)))
            .and_then(|(value, unit)| match (value, unit) {
                (1, "minute") | (2.., "minutes") => Some(SignedDuration::from_mins(value)),
                (1, "hour") | (2.., "hours") => Some(SignedDuration::from_hours(value)),
                (1, "day") | (2.., "days") => Some(SignedDuration::from_hours(value * 24)),
                _ => None,
            });
        match every {
            Some(every) => Ok(Self {
                text: text.to_owned(),
                every,
            }),
            None => Err(ApiError::validation(format!(
                "Parameter ScheduleExpression is not valid: `{text}` must be such as `rate(1 minute)` or \
                 `rate(5 minutes)`"
            ))),
        }
    }
}

/// Starts a rule's schedule anew, if it has one and is enabled.
pub(super) fn arm(world: &mut World, account: &str, name: &str) {
    world.events.armed += 1;
    let armed = world.events.armed;
    let Some(rule) = (world.events.buses.get_mut(account)).and_then(|bus| bus.rules.get_mut(name)) else {
        return;
    };
    rule.armed = armed;
    let Some(every) = rule.schedule.as_ref().map(|schedule| schedule.every) else {
        return;
    };
    if rule.enabled {
        wait(world, account.to_owned(), name.to_owned(), armed, every);
    }
}

fn wait(world: &mut World, account: String, name: String, armed: u64, every: SignedDuration) {
    world.schedule(every, move |world| fire(world, account, name, armed, every));
}

/// A rule that was changed, disabled or deleted since has another number, or none.
fn fire(world: &mut World, account: String, name: String, armed: u64, every: SignedDuration) {
    let rule = (world.events.buses.get(&account)).and_then(|bus| bus.rules.get(&name));
    let Some(rule) = rule.filter(|rule| rule.armed == armed && rule.enabled) else {
        return;
    };
    let targets: Vec<_> = rule.targets.values().cloned().collect();
    let event = event(world, &account, &name);
    for target in targets {
        delivery::deliver_or_note(world, &account, &name, &target, &event);
    }
    wait(world, account, name, armed, every);
}

fn event(world: &mut World, account: &str, name: &str) -> Value {
    let time = Timestamp::from_second(world.now.as_second()).unwrap_or(world.now);
    json!({
        "version": "0",
        "id": world.new_uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": format!("{time:.0}"),
        "region": world.region,
        "resources": [rule_arn(world, account, name)],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_a_value_and_the_unit_that_goes_with_it() {
        let every = |text: &str| Schedule::parse(text).map(|schedule| schedule.every);
        assert_eq!(every("rate(1 minute)"), Ok(SignedDuration::from_mins(1)));
        assert_eq!(every("rate(10 minutes)"), Ok(SignedDuration::from_mins(10)));
        assert_eq!(every("rate(2 hours)"), Ok(SignedDuration::from_hours(2)));
        assert_eq!(every("rate(1 day)"), Ok(SignedDuration::from_hours(24)));
    }

    #[test]
    fn what_is_no_rate_is_refused_by_name() {
        for text in [
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(5 seconds)",
            "cron(0 12 * * ? *)",
            "daily",
        ] {
            let error = Schedule::parse(text).unwrap_err();
            assert_eq!(error.code, "ValidationException");
            assert!(error.message.contains(text), "{error}");
        }
    }
}
