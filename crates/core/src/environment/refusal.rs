//! What AWS refuses for good is taken back.

use jiff::Timestamp;

use super::{Applied, Environment, Failure};
use crate::status::transition::{Lifecycle, Operation};
use crate::status::{Status, deadline};

/// What is left of an intent that AWS refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    /// The environment, to be written over the intent.
    pub environment: Environment,
    /// Whether the instance is what was asked for anyway.
    pub fulfilled: bool,
}

impl Environment {
    /// The environment once AWS has refused its launch: it has FAILED, with the reason. Another request for the same
    /// launch may have been heard, so the status is in doubt.
    #[must_use]
    pub fn launch_refused(&self, reason: String, now: Timestamp) -> Self {
        let mut next = self.written(now);
        next.wait_no_more();
        next.postponed_until = None;
        next.lifecycle.status = Status::Failed;
        next.error = Some(self.refusal(reason));
        next.doubted(now)
    }

    /// The environment once AWS has refused a start, stop or terminate that was intended after `before`. `truth` is what
    /// the instance said when it was asked at `now`, if it could be asked: that is the status then, because what it has
    /// said since the intent was written may not have been applied. Without it the status from before comes back.
    #[must_use]
    pub fn taken_back(
        &self,
        before: &Lifecycle,
        truth: Option<Status>,
        reason: String,
        now: Timestamp,
    ) -> TakenBack {
        let operation = self.lifecycle.operation;
        let fulfilled = matches!(
            (operation, truth),
            (Operation::Start, Some(Status::Completed | Status::Pending))
                | (Operation::Stop, Some(Status::Stopped | Status::Stopping))
        );
        let mut back = self.written(now);
        back.waiting = None;
        back.postponed_until = None;
        if !fulfilled {
            back.lifecycle.status = before.status;
            // What was under way before goes on: its reports are to be applied again.
            back.lifecycle.operation = before.operation;
            back.lifecycle.requested_at = before.requested_at;
            back.error = Some(self.refusal(reason));
        }
        let environment = match truth.map(|status| back.seen(status, now)) {
            Some(Applied::Changed(seen)) => Self {
                error: back.error,
                rev: back.rev,
                ..*seen
            },
            Some(Applied::Kept(_)) | None => back,
        };
        // While a terminate is under way, what the instance says is not applied; and who could not be asked has not told.
        let doubtful = operation == Operation::Terminate || truth.is_none();
        TakenBack {
            environment: if doubtful {
                environment.doubted(now)
            } else {
                environment
            },
            fulfilled,
        }
    }

    /// The environment once AWS has refused at its turn what it may have heard of at an earlier one: nothing is concluded
    /// from that. It is under way as far as anybody knows, and waits no more.
    #[must_use]
    pub fn turned_away(&self, now: Timestamp) -> Self {
        let mut next = self.written(now);
        next.wait_no_more();
        next.postponed_until = Some(deadline::next_look(next.lifecycle.since(), now));
        next
    }

    fn refusal(&self, reason: String) -> Failure {
        Failure {
            kind: self.lifecycle.operation.label().to_owned(),
            value: reason,
        }
    }
}
