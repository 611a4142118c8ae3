//! What AWS has no room for yet waits for its turn.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Environment, Failure};
use crate::action::Progress;
use crate::status::transition::{Lifecycle, Operation};
use crate::status::{Status, deadline};

/// Why what was asked for has not begun yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Since when it waits.
    pub since: Timestamp,
    /// When it was last tried, or put behind others: nothing of it has begun before, unless AWS had heard of it then.
    pub tried_at: Timestamp,
    /// Whether AWS may have heard of it.
    #[serde(default)]
    pub heard: Heard,
    /// What it was before a terminate was asked for: it is that again if AWS refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Lifecycle>,
    /// What it waits for, in the words of whoever has no room.
    pub reason: String,
}

/// What is written about a launch or terminate that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What it waits for, in the words of whoever has no room.
    pub reason: String,
    /// Whether AWS may have heard of it, at this or an earlier try.
    pub heard: Heard,
    /// What it was before a terminate was asked for, if that is known.
    pub before: Option<Lifecycle>,
}

impl Wait {
    /// What waits after the first try was refused, or not even made: AWS has not heard of it.
    #[must_use]
    pub const fn first_try(reason: String) -> Self {
        Self {
            reason,
            heard: Heard::No,
            before: None,
        }
    }

    /// What waits after a try that may not be the first: AWS may have heard of it at an earlier one.
    #[must_use]
    pub const fn later_try(reason: String) -> Self {
        Self {
            reason,
            heard: Heard::Perhaps,
            before: None,
        }
    }
}

/// Why a launch that was called off is over.
const CALLED_OFF: &str = "it was called off before it began";

/// Whether AWS may have heard of what waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Heard {
    /// Every try was refused in so many words, and nobody is asking: it can be called off.
    No,
    /// Somebody is asking, or was not answered: it may have begun.
    #[default]
    Perhaps,
}

/// How long whoever asks AWS may live: a sweep has half a minute.
const ASKING: SignedDuration = SignedDuration::from_secs(45);

impl Environment {
    /// Whether it waits for its turn, and not for too long.
    #[must_use]
    pub fn is_in_queue(&self, now: Timestamp) -> bool {
        self.execution.is_none() && self.waits_until().is_some_and(|until| now <= until)
    }

    /// Whether it waits, and somebody may be asking AWS for it at this moment.
    #[must_use]
    pub fn is_being_asked(&self, now: Timestamp) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| {
            waiting.heard == Heard::Perhaps && now.duration_since(waiting.tried_at) < ASKING
        })
    }

    /// Until when it is given turns, if it waits.
    fn waits_until(&self) -> Option<Timestamp> {
        self.waiting.as_ref()?;
        self.lifecycle.since().checked_add(deadline::PATIENCE).ok()
    }

    /// When it is looked after beside its queue: once its turns are over at the latest.
    pub(super) fn look_in_queue(&self, now: Timestamp) -> Timestamp {
        let over = self.lifecycle.since().checked_add(deadline::PATIENCE);
        let over = over.map(|over| over.max(now)).unwrap_or(now);
        deadline::turn(now).min(over.checked_add(SignedDuration::from_secs(1)).unwrap_or(over))
    }

    /// Until when its status may last if it waits. What AWS may have heard of has, from the last try on, the time that
    /// others have.
    pub(super) fn waiting_deadline(&self) -> Option<Timestamp> {
        let until = self.waits_until()?;
        match (&self.waiting, deadline::limit(self.status())) {
            (Some(waiting), Some(limit)) if waiting.heard == Heard::Perhaps => {
                let begun = waiting.tried_at.checked_add(limit).ok()?;
                Some(until.max(begun))
            }
            _ => Some(until),
        }
    }

    /// How far what its status says is under way.
    #[must_use]
    pub fn progress(&self, now: Timestamp) -> Progress {
        if self.is_overdue(now) {
            return Progress::Overdue;
        }
        if self.status() == Status::Terminating && self.lifecycle.operation != Operation::Terminate {
            return Progress::ByItself;
        }
        let launch = self.status() == Status::Pending && self.lifecycle.operation == Operation::Launch;
        match &self.waiting {
            Some(waiting) if launch && self.execution.is_none() && self.product.is_none() => {
                match waiting.heard {
                    Heard::No => Progress::Queued,
                    Heard::Perhaps => Progress::HasTurn,
                }
            }
            _ => Progress::UnderWay,
        }
    }

    /// Ends its waiting. What was asked for has the time that others have, from the last try on.
    pub(super) fn wait_no_more(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            self.lifecycle.requested_at = self.lifecycle.requested_at.max(waiting.tried_at);
            self.postponed_until = None;
        }
    }

    /// The environment once AWS has no room for its launch or terminate: it is tried again when it is its turn.
    #[must_use]
    pub fn waits(&self, wait: &Wait, now: Timestamp) -> Self {
        let known = self.waiting.as_ref();
        Self {
            waiting: Some(Waiting {
                since: known.map_or(now, |waiting| waiting.since),
                tried_at: now,
                heard: wait.heard,
                before: wait.before.clone().or_else(|| known?.before.clone()),
                reason: wait.reason.clone(),
            }),
            postponed_until: Some(self.look_in_queue(now)),
            ..self.written(now)
        }
    }

    /// The environment once somebody is about to ask AWS for its launch or terminate, who is not the first to do so.
    /// Written before AWS is asked: whoever decides by the row as it was, decides anew.
    #[must_use]
    pub fn asked(&self, now: Timestamp) -> Self {
        let mut next = self.written(now);
        if let Some(waiting) = &mut next.waiting {
            waiting.tried_at = now;
            waiting.heard = Heard::Perhaps;
            next.postponed_until = Some(self.look_in_queue(now));
        }
        next
    }

    /// The environment once its launch, of which AWS has not heard, is called off: nothing was made, and nothing will be.
    #[must_use]
    pub fn called_off(&self, now: Timestamp) -> Self {
        Self {
            error: Some(Failure {
                kind: Operation::Launch.label().to_owned(),
                value: CALLED_OFF.to_owned(),
            }),
            ..self.intend(Operation::Terminate, now)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::{environment, now};

    fn wait(heard: Heard) -> Wait {
        let reason = "100 automations run already".to_owned();
        match heard {
            Heard::No => Wait::first_try(reason),
            Heard::Perhaps => Wait::later_try(reason),
        }
    }

    fn after(minutes: i64) -> Timestamp {
        now() + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn a_launch_can_be_called_off_only_while_aws_has_not_heard_of_it() {
        let refused = environment().waits(&wait(Heard::No), now());
        assert_eq!(environment().progress(after(1)), Progress::UnderWay);
        assert_eq!(refused.progress(after(1)), Progress::Queued);
        let asked = refused.asked(after(1));
        assert_eq!(asked.progress(after(1)), Progress::HasTurn);
        assert_eq!(
            asked.waits(&wait(Heard::No), after(2)).progress(after(2)),
            Progress::Queued
        );
        let perhaps = asked.waits(&wait(Heard::Perhaps), after(2));
        assert_eq!(perhaps.progress(after(2)), Progress::HasTurn);
    }

    #[test]
    fn what_is_called_off_is_terminated_with_the_reason_and_waits_no_more() {
        let over = environment().waits(&wait(Heard::No), now()).called_off(after(1));
        assert_eq!((over.status(), &over.waiting), (Status::Terminated, &None));
        assert_eq!(over.error.as_ref().unwrap().value, CALLED_OFF);
        assert_eq!(over.look_at(), None);
    }

    #[test]
    fn a_terminate_that_waits_can_not_be_called_off() {
        let mut running = environment();
        running.lifecycle.status = Status::Completed;
        running.product = Some("pp-uac6562y6s6ls".parse().unwrap());
        let terminating = running.intend(Operation::Terminate, now());
        let queued = terminating.waits(&wait(Heard::No), now());
        assert_eq!(queued.progress(after(1)), Progress::UnderWay);
    }

    #[test]
    fn whoever_waits_waits_since_the_first_refusal_and_knows_what_it_was_before() {
        let before = environment().lifecycle;
        let first = Wait {
            before: Some(before.clone()),
            ..wait(Heard::No)
        };
        let again = environment()
            .waits(&first, now())
            .waits(&wait(Heard::No), after(1));
        let waiting = again.waiting.unwrap();
        assert_eq!((waiting.since, waiting.tried_at), (now(), after(1)));
        assert_eq!(waiting.before, Some(before));
    }

    #[test]
    fn turns_end_after_a_day_and_what_aws_may_have_heard_of_then_has_its_time() {
        let day = 24 * 60;
        let refused = environment().waits(&wait(Heard::No), now());
        assert!(refused.is_in_queue(after(day)) && !refused.is_overdue(after(day)));
        assert!(!refused.is_in_queue(after(day + 1)) && refused.is_overdue(after(day + 1)));
        let asked = refused.asked(after(day));
        assert!(!asked.is_in_queue(after(day + 1)) && !asked.is_overdue(after(day + 75)));
        assert!(asked.is_overdue(after(day + 76)));
    }

    #[test]
    fn what_waits_is_looked_after_each_hour_and_when_its_turns_are_over() {
        let looks = |minutes: i64| {
            let waits = environment().waits(&wait(Heard::No), after(minutes));
            waits.look_at().unwrap().duration_since(now()).as_secs()
        };
        let day = 24 * 60;
        assert_eq!(looks(0), 60 * 60);
        assert_eq!(looks(day - 10), day * 60 + 1);
    }

    #[test]
    fn whoever_asks_is_left_to_it_for_as_long_as_they_can_live() {
        let refused = environment().waits(&wait(Heard::No), now());
        assert!(!refused.is_being_asked(now()));
        let asked = refused.asked(after(1));
        assert!(asked.is_being_asked(after(1)) && !asked.is_being_asked(after(2)));
    }

    #[test]
    fn whoever_asks_again_is_seen_by_all_who_decide() {
        let asked = environment().asked(after(1));
        assert_eq!((asked.rev, asked.waiting), (environment().rev + 1, None));
    }

    #[test]
    fn of_a_row_that_does_not_tell_aws_may_have_heard() {
        let queued = environment().waits(&wait(Heard::No), now());
        let mut row = serde_json::to_value(&queued).unwrap();
        assert_eq!(
            serde_json::from_value::<Environment>(row.clone()).unwrap(),
            queued
        );
        row["waiting"].as_object_mut().unwrap().remove("heard");
        let read: Environment = serde_json::from_value(row).unwrap();
        assert_eq!(read.waiting.unwrap().heard, Heard::Perhaps);
    }
}
