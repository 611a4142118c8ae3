//! Which of two status reports is the newer one.
//!
//! Event envelopes carry whole seconds; some sources carry milliseconds. Within one time the rank
//! of the status in the life cycle decides. Model checking has shown that no rule on whole seconds
//! is right for three changes within one, so this is half of the answer: asking AWS once a
//! deadline has passed is the other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Status;

/// How fine a report's time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resolution {
    /// The envelope's `time`.
    Seconds,
    /// A field of the source's own, such as SageMaker's `LastModifiedTime`.
    Milliseconds,
}

/// When, by the source's clock, an environment had a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportTime {
    /// The time, cut to the resolution.
    pub at: Timestamp,
    /// How fine it is.
    pub resolution: Resolution,
}

impl ReportTime {
    /// Whether what was reported may have happened after `moment`: true unless the report is
    /// certainly older, cutting `moment` to the report's own resolution.
    #[must_use]
    pub fn may_follow(&self, moment: Timestamp) -> bool {
        match self.resolution {
            Resolution::Seconds => self.at.as_second() >= moment.as_second(),
            Resolution::Milliseconds => self.at.as_millisecond() >= moment.as_millisecond(),
        }
    }
}

/// The place of a report among the others of its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Order {
    at: Timestamp,
    rank: u8,
}

impl Order {
    /// The order of a report of `status` at `time`.
    #[must_use]
    pub const fn new(time: ReportTime, status: Status) -> Self {
        Self {
            at: time.at,
            rank: rank(status),
        }
    }

    /// The report's time.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        self.at
    }
}

/// The step of the life cycle at which a status stands: later steps win within one time.
const fn rank(status: Status) -> u8 {
    match status {
        Status::Pending => 0,
        Status::Starting => 1,
        Status::StartingFailed => 2,
        Status::Completed => 3,
        Status::Stopping => 4,
        Status::StoppingFailed => 5,
        Status::Stopped => 6,
        Status::Failed => 7,
        Status::Terminating => 8,
        Status::TerminatingFailed => 9,
        Status::Terminated => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, resolution: Resolution) -> ReportTime {
        ReportTime {
            at: text.parse().unwrap(),
            resolution,
        }
    }

    #[test]
    fn a_later_time_wins_and_within_one_time_the_later_step() {
        let early = at("2026-01-01T00:00:00Z", Resolution::Seconds);
        let late = at("2026-01-01T00:00:01Z", Resolution::Seconds);
        assert!(Order::new(late, Status::Stopping) > Order::new(early, Status::Stopped));
        assert!(Order::new(early, Status::Stopped) > Order::new(early, Status::Stopping));
    }

    #[test]
    fn whole_seconds_are_compared_as_whole_seconds() {
        let asked: Timestamp = "2026-01-01T00:00:00.600Z".parse().unwrap();
        assert!(at("2026-01-01T00:00:00Z", Resolution::Seconds).may_follow(asked));
        assert!(!at("2026-01-01T00:00:00.500Z", Resolution::Milliseconds).may_follow(asked));
        assert!(at("2026-01-01T00:00:00.700Z", Resolution::Milliseconds).may_follow(asked));
    }
}
