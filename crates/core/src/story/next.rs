//! What can safely be done with an environment.

use std::fmt;

use jiff::Timestamp;

use super::Queued;
use crate::action::{Action, Permit, Progress, permit};
use crate::status::{Status, deadline};

/// Something that can be done, or that is to be waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to ask for, if anything.
    pub action: Option<Action>,
    /// Why, or what comes of it.
    pub words: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Some(action) => write!(f, "{}: {}", name(action), self.words),
            None => write!(f, "{}", self.words),
        }
    }
}

const fn name(action: Action) -> &'static str {
    match action {
        Action::Start => "start",
        Action::Stop => "stop",
        Action::Terminate => "terminate",
        Action::Connect => "connect",
    }
}

/// What can be done with an environment that has this status since then, or waits for its turn: each action that is
/// allowed at `now` and would change something, and what to wait for.
#[must_use]
pub fn next(status: Status, queued: Option<&Queued>, since: Timestamp, now: Timestamp) -> Vec<Step> {
    let limit = match queued {
        Some(_) => Some(deadline::PATIENCE),
        None => deadline::limit(status),
    };
    let limit = limit.and_then(|limit| since.checked_add(limit).ok());
    let overdue = limit.is_some_and(|limit| limit < now);
    let progress = match queued {
        _ if overdue => Progress::Overdue,
        Some(_) => Progress::Queued,
        None => Progress::UnderWay,
    };
    let mut steps = Vec::new();
    if let Some(Queued { since, reason }) = queued {
        steps.push(Step {
            action: None,
            words: format!("it waits for its turn since {since:.0}, and begins by itself: {reason}"),
        });
    }
    if let Some(limit) = limit {
        steps.push(Step {
            action: None,
            words: if overdue {
                format!("it should have been over by {limit:.0}; AWS is asked about it again and again")
            } else {
                format!("wait: AWS is asked if no event tells the end; if it is not over by {limit:.0}, it can be terminated")
            },
        });
    }
    let allowed = [Action::Connect, Action::Start, Action::Stop, Action::Terminate]
        .into_iter()
        .filter(|action| permit(*action, status, progress) == Ok(Permit::Run));
    steps.extend(allowed.map(|action| Step {
        action: Some(action),
        words: outcome(action, status, progress).to_owned(),
    }));
    if status == Status::Terminated {
        steps.push(Step {
            action: None,
            words: "nothing is left of it; launch a new one".to_owned(),
        });
    }
    steps
}

/// What comes of an action.
const fn outcome(action: Action, status: Status, progress: Progress) -> &'static str {
    match (action, status) {
        (Action::Terminate, Status::Pending) if matches!(progress, Progress::Queued) => {
            "call it off before it begins; once AWS may have heard of it this is refused, and it is terminated once it runs"
        }
        (Action::Connect, _) => "get a link to it",
        (Action::Start, Status::StartingFailed) => "try again; its data is kept",
        (Action::Start, _) => "it runs again, with its data",
        (Action::Stop, Status::StoppingFailed) => "try again; its data is kept",
        (Action::Stop, _) => "it costs less, and its data is kept",
        (Action::Terminate, Status::TerminatingFailed) => "try again, once the reason is mended",
        (Action::Terminate, Status::Failed) => "remove what the launch left; then launch a new one",
        (Action::Terminate, _) => "remove it and its data for good",
    }
}
