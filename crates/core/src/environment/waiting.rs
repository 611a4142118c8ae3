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
    /// When it was last tried, or put behind others: nothing of it has begun before.
    pub tried_at: Timestamp,
    /// What it waits for, in the words of whoever has no room.
    pub reason: String,
}

impl Environment {
    /// Whether it waits for its turn, and not for too long.
    #[must_use]
    pub fn is_in_queue(&self, now: Timestamp) -> bool {
        self.waiting.is_some() && self.execution.is_none() && !self.is_overdue(now)
    }

    /// Ends its waiting. What was asked for has the time that others have, from the last try on.
    pub(super) fn wait_no_more(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            self.lifecycle.requested_at = self.lifecycle.requested_at.max(waiting.tried_at);
            self.postponed_until = None;
        }
    }

    /// The environment once AWS has no room for its launch or terminate: it is tried again by the next sweep.
    #[must_use]
    pub fn waits(&self, reason: String, now: Timestamp) -> Self {
        let since = self.waiting.as_ref().map_or(now, |waiting| waiting.since);
        Self {
            waiting: Some(Waiting {
                since,
                tried_at: now,
                reason,
            }),
            postponed_until: Some(deadline::turn(now)),
            ..self.written(now)
        }
    }
}
