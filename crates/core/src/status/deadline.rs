//! How long a status in flight may last, and when AWS is asked what is so.
//!
//! Events tell the end of nearly every operation. Where none has come after a while, the repair sweep asks, at first
//! soon and then at growing intervals, until the operation is over. Past its limit an operation is overdue: what can
//! not be settled by then is given up, and the environment can be terminated.

use jiff::{SignedDuration, Timestamp};

use super::Status;

/// How long after a request something of it may begin: an automation that waits for its turn.
pub const BEGINNING: SignedDuration = SignedDuration::from_mins(75);

/// The time after which a status in flight is overdue; none for a status that may last.
///
/// Launch and terminate follow the documents' own limit of an hour, with room for the event to
/// arrive; starting and stopping an instance takes minutes.
#[must_use]
pub const fn limit(status: Status) -> Option<SignedDuration> {
    match status {
        Status::Pending | Status::Terminating => Some(SignedDuration::from_mins(75)),
        Status::Starting | Status::Stopping => Some(SignedDuration::from_mins(15)),
        Status::Completed
        | Status::Stopped
        | Status::Terminated
        | Status::Failed
        | Status::TerminatingFailed
        | Status::StartingFailed
        | Status::StoppingFailed => None,
    }
}

/// The time after which AWS is first asked about a status in flight: a little longer than the operation takes as a rule.
#[must_use]
pub const fn first_look(status: Status) -> Option<SignedDuration> {
    match status {
        Status::Pending | Status::Terminating => Some(SignedDuration::from_mins(10)),
        Status::Starting | Status::Stopping => Some(SignedDuration::from_mins(5)),
        Status::Completed
        | Status::Stopped
        | Status::Terminated
        | Status::Failed
        | Status::TerminatingFailed
        | Status::StartingFailed
        | Status::StoppingFailed => None,
    }
}

/// How long a launch or terminate may wait for its turn, before it is given up.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// When to look after something that waits for its turn, beside its queue: in case that was lost.
#[must_use]
pub fn turn(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(1)).unwrap_or(now)
}

/// When to ask about a status that nothing is under way for, as far as anybody knows, and that may be wrong all the same:
/// soon, but not before what is on its way has had the time to arrive.
#[must_use]
pub fn doubt(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_mins(2)).unwrap_or(now)
}

/// When to ask again about what was asked for at `requested_at` and is under way at `now`: after half of the time that
/// it has taken so far, within 2 minutes and an hour.
#[must_use]
pub fn next_look(requested_at: Timestamp, now: Timestamp) -> Timestamp {
    const SHORTEST: SignedDuration = SignedDuration::from_mins(2);
    const LONGEST: SignedDuration = SignedDuration::from_hours(1);
    let wait = (now.duration_since(requested_at) / 2).clamp(SHORTEST, LONGEST);
    now.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_asked_is_asked_before_the_limit_and_then_less_and_less_often() {
        for status in Status::ALL {
            assert_eq!(first_look(status).is_some(), status.in_flight(), "{status}");
            assert!(first_look(status) <= limit(status), "{status}");
        }
        let requested: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let looks: Vec<i64> = std::iter::successors(Some(requested + SignedDuration::from_mins(10)), |now| {
            Some(next_look(requested, *now))
        })
        .take(8)
        .map(|look| look.duration_since(requested).as_mins())
        .collect();
        assert_eq!(looks, [10, 15, 22, 33, 50, 75, 113, 170]);
        let days = SignedDuration::from_hours(72);
        let late = next_look(requested, requested + days);
        assert_eq!(
            late.duration_since(requested),
            days + SignedDuration::from_hours(1)
        );
        assert_eq!(
            next_look(requested, requested)
                .duration_since(requested)
                .as_mins(),
            2
        );
    }

    #[test]
    fn exactly_the_statuses_in_flight_have_a_deadline() {
        for status in Status::ALL {
            assert_eq!(limit(status).is_some(), status.in_flight(), "{status}");
        }
    }
}
