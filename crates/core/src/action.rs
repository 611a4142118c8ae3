//! What may be asked of an environment in which status: section 5.3 of the contract, with the
//! cells that it marks as bugs decided.

use crate::error::Error;
use crate::status::Status;
use crate::status::transition::Operation;

/// What a caller asks of an environment that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start the stopped instance.
    Start,
    /// Stop the running instance.
    Stop,
    /// Remove the product, for good.
    Terminate,
    /// Hand out credentials and an instruction to connect.
    Connect,
}

impl Action {
    const fn verb(self) -> &'static str {
        match self {
            Self::Start => "started",
            Self::Stop => "stopped",
            Self::Terminate => "terminated",
            Self::Connect => "connected to",
        }
    }
}

/// What changes an environment that exists, and is asked of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// Start the stopped instance.
    Start,
    /// Stop the running instance.
    Stop,
    /// Remove the product, for good.
    Terminate,
}

impl Change {
    /// What a caller asks for with it.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Start => Action::Start,
            Self::Stop => Action::Stop,
            Self::Terminate => Action::Terminate,
        }
    }

    /// What is under way then.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Start => Operation::Start,
            Self::Stop => Operation::Stop,
            Self::Terminate => Operation::Terminate,
        }
    }
}

/// What to do about an action that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permit {
    /// Do it.
    Run,
    /// It is under way or done: answer that it is accepted.
    AlreadySo,
}

/// How far what an environment's status says is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// It waits for its turn, and AWS has not heard of it: it can be called off.
    Queued,
    /// It waits for its turn, which may have come just now.
    HasTurn,
    /// It goes by nobody's request, and may leave its product behind.
    ByItself,
    /// It is under way, or over.
    UnderWay,
    /// It takes longer than it may.
    Overdue,
}

/// Decides whether `action` is allowed on an environment of `status`. A launch that has not begun can be called off. One
/// whose status is in flight for longer than it may be can always be terminated: nothing else is sure to end it.
///
/// # Errors
/// [`Error::Conflict`] where the status forbids it; for terminate [`Error::WrongState`], as the
/// contract answers 400 there. The message names the status and what to wait for.
pub fn permit(action: Action, status: Status, progress: Progress) -> Result<Permit, Error> {
    use Permit::{AlreadySo, Run};
    match (action, status) {
        (Action::Terminate, Status::Pending | Status::Starting | Status::Stopping | Status::Terminating)
            if progress == Progress::Overdue =>
        {
            Ok(Run)
        }
        (Action::Terminate, Status::Pending) if progress == Progress::Queued => Ok(Run),
        (Action::Terminate, Status::Terminating) if progress == Progress::ByItself => Ok(Run),
        (Action::Terminate, Status::Pending) if progress == Progress::HasTurn => {
            Err(Error::WrongState(TURN.to_owned()))
        }
        (Action::Start, Status::Pending | Status::Starting | Status::Completed) => Ok(AlreadySo),
        (Action::Start, Status::Stopped | Status::StartingFailed | Status::StoppingFailed) => Ok(Run),
        (Action::Stop, Status::Stopping | Status::Stopped) => Ok(AlreadySo),
        (Action::Stop, Status::Completed | Status::StartingFailed | Status::StoppingFailed) => Ok(Run),
        (Action::Terminate, Status::Terminating | Status::Terminated) => Ok(AlreadySo),
        (
            Action::Terminate,
            Status::Completed
            | Status::Stopped
            | Status::Failed
            | Status::TerminatingFailed
            | Status::StartingFailed
            | Status::StoppingFailed,
        ) => Ok(Run),
        (Action::Connect, Status::Completed) => Ok(Run),
        (Action::Terminate, Status::Pending | Status::Starting | Status::Stopping) => {
            Err(Error::WrongState(refusal(action, status)))
        }
        (
            Action::Start,
            Status::Stopping
            | Status::Terminating
            | Status::Terminated
            | Status::Failed
            | Status::TerminatingFailed,
        )
        | (
            Action::Stop,
            Status::Pending
            | Status::Starting
            | Status::Terminating
            | Status::Terminated
            | Status::Failed
            | Status::TerminatingFailed,
        )
        | (
            Action::Connect,
            Status::Pending
            | Status::Starting
            | Status::Stopping
            | Status::Stopped
            | Status::Terminating
            | Status::Terminated
            | Status::Failed
            | Status::TerminatingFailed
            | Status::StartingFailed
            | Status::StoppingFailed,
        ) => Err(Error::Conflict(refusal(action, status))),
    }
}

/// Why a launch in the queue is not called off just now.
const TURN: &str = "status: AWS may be hearing of the launch just now, or has heard of it and not answered; ask again in \
                    a minute, and if that is refused, too, terminate it once it runs or has FAILED";

fn refusal(action: Action, status: Status) -> String {
    let advice = match status {
        Status::Pending | Status::Starting | Status::Stopping | Status::Terminating => {
            "wait until that is over"
        }
        Status::Stopped => "start it first",
        Status::StartingFailed | Status::StoppingFailed => "start it first",
        Status::Failed | Status::TerminatingFailed => "terminate it and launch a new one",
        Status::Terminated => "launch a new one",
        Status::Completed => "stop it first",
    };
    format!(
        "status: an environment that is {status} can not be {}; {advice}",
        action.verb()
    )
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_table_of_preconditions() {
        let mut table = String::new();
        let usual = Status::ALL.map(|status| (status, Progress::UnderWay));
        let waiting = [Progress::Queued, Progress::HasTurn].map(|progress| (Status::Pending, progress));
        let by_itself = [(Status::Terminating, Progress::ByItself)];
        for (status, progress) in usual.into_iter().chain(waiting).chain(by_itself) {
            let name = match progress {
                Progress::UnderWay => status.to_string(),
                _ => format!("{status} {progress:?}"),
            };
            let _ = write!(table, "{name:18}");
            for action in [Action::Start, Action::Stop, Action::Terminate, Action::Connect] {
                let cell = match permit(action, status, progress) {
                    Ok(Permit::Run) => "run",
                    Ok(Permit::AlreadySo) => "already",
                    Err(Error::WrongState(_)) => "400",
                    Err(_) => "409",
                };
                let _ = write!(table, " | {action:?} {cell:7}");
            }
            table.push('\n');
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn every_settled_status_but_terminated_can_be_terminated() {
        for status in Status::ALL {
            let run = permit(Action::Terminate, status, Progress::UnderWay) == Ok(Permit::Run);
            assert_eq!(
                run,
                !status.in_flight() && status != Status::Terminated,
                "{status}"
            );
        }
    }

    #[test]
    fn f06_what_is_overdue_can_be_terminated_and_nothing_else() {
        for status in Status::ALL.into_iter().filter(|status| status.in_flight()) {
            assert_eq!(
                permit(Action::Terminate, status, Progress::Overdue),
                Ok(Permit::Run),
                "{status}"
            );
            for action in [Action::Start, Action::Stop, Action::Connect] {
                assert_eq!(
                    permit(action, status, Progress::Overdue),
                    permit(action, status, Progress::UnderWay),
                    "{status}"
                );
            }
        }
    }

    #[test]
    fn who_may_be_beginning_just_now_is_told_to_ask_again() {
        let error = permit(Action::Terminate, Status::Pending, Progress::HasTurn).unwrap_err();
        assert!(error.to_string().contains("ask again in a minute"), "{error}");
    }

    #[test]
    fn a_refusal_names_the_status_and_the_next_step() {
        let error = permit(Action::Connect, Status::Stopped, Progress::UnderWay).unwrap_err();
        assert_eq!(
            error.to_string(),
            "status: an environment that is STOPPED can not be connected to; start it first"
        );
    }
}
