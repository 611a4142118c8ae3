//! What AWS has no room for yet waits for its turn.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Environment;
use crate::status::deadline;

/// Why what was asked for has not begun yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Since when it waits.
    pub since: Timestamp,
    /// What it waits for, in the words of whoever has no room.
    pub reason: String,
}

impl Environment {
    /// Whether it waits for its turn, and not for too long.
    #[must_use]
    pub fn is_in_queue(&self, now: Timestamp) -> bool {
        self.waiting.is_some() && self.execution.is_none() && !self.is_overdue(now)
    }

    /// The environment once AWS has no room for its launch or terminate: it is tried again by the next sweep.
    #[must_use]
    pub fn waits(&self, reason: String, now: Timestamp) -> Self {
        let since = self.waiting.as_ref().map_or(now, |waiting| waiting.since);
        Self {
            waiting: Some(Waiting { since, reason }),
            postponed_until: Some(deadline::turn(now)),
            ..self.written(now)
        }
    }
}
