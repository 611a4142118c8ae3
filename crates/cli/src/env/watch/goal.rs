//! What waiting is for.

use workbench_core::status::Status;

/// When an environment has been waited for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::env) enum Goal {
    /// Never: people look on.
    Never,
    /// When no operation is under way any more. A failure is no success.
    Ends,
    /// When no operation is under way any more, which should leave it so.
    EndsAs(Status),
    /// When it is so, whatever is done to it before.
    Reaches(Status),
}

/// What is to be said of one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing yet.
    Wait,
    /// It is as it should be.
    Good,
    /// It will not be as it should.
    Bad,
}

impl Goal {
    /// What is to be said of an environment of this status.
    pub(super) fn verdict(self, status: Status) -> Verdict {
        match self {
            Self::Never => Verdict::Wait,
            Self::Reaches(wanted) if status == wanted => Verdict::Good,
            // A failed environment can still be terminated.
            Self::Reaches(Status::Terminated) if status != Status::TerminatingFailed => Verdict::Wait,
            Self::Reaches(_) if has_failed(status) || status == Status::Terminated => Verdict::Bad,
            Self::Reaches(_) => Verdict::Wait,
            Self::Ends | Self::EndsAs(_) if status.in_flight() => Verdict::Wait,
            Self::Ends if has_failed(status) => Verdict::Bad,
            Self::EndsAs(wanted) if status != wanted => Verdict::Bad,
            Self::Ends | Self::EndsAs(_) => Verdict::Good,
        }
    }
}

/// Whether an operation has failed.
fn has_failed(status: Status) -> bool {
    match status {
        Status::Failed | Status::TerminatingFailed | Status::StartingFailed | Status::StoppingFailed => true,
        Status::Pending
        | Status::Completed
        | Status::Starting
        | Status::Stopping
        | Status::Stopped
        | Status::Terminating
        | Status::Terminated => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goal_is_decided_as_it_says() {
        use Status::{
            Completed, Failed, Pending, Stopped, Stopping, StoppingFailed, Terminated, TerminatingFailed,
        };
        use Verdict::{Bad, Good, Wait};
        for (goal, status, verdict) in [
            (Goal::Never, Terminated, Wait),
            (Goal::Ends, Pending, Wait),
            (Goal::Ends, Completed, Good),
            (Goal::Ends, StoppingFailed, Bad),
            (Goal::EndsAs(Stopped), Stopping, Wait),
            (Goal::EndsAs(Stopped), Stopped, Good),
            (Goal::EndsAs(Stopped), Completed, Bad),
            (Goal::Reaches(Stopped), Completed, Wait),
            (Goal::Reaches(Stopped), Stopped, Good),
            (Goal::Reaches(Stopped), Failed, Bad),
            (Goal::Reaches(Stopped), Terminated, Bad),
            (Goal::Reaches(Terminated), Failed, Wait),
            (Goal::Reaches(Terminated), TerminatingFailed, Bad),
        ] {
            assert_eq!(goal.verdict(status), verdict, "{goal:?} {status}");
        }
    }
}
