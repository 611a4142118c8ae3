//! Where an execution goes when a step has ended.

use serde_json::Value;

use super::document::{Detour, Document};

/// How a step ended.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Success { answer: Value, next: Option<String> },
    Failed(String),
    TimedOut,
    Cancelled,
}

/// Where the flow goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Step(usize),
    End,
    /// The flow is broken off; the step's own status is the execution's.
    Abort,
}

/// The step after `index`, by the step's end.
pub(super) fn after(document: &Document, index: usize, outcome: &Outcome) -> Next {
    let Some(step) = document.steps.get(index) else {
        return Next::End;
    };
    let named = |name: &str| document.position(name).map_or(Next::End, Next::Step);
    let onward = || match &step.next_step {
        _ if step.is_end => Next::End,
        Some(name) => named(name),
        None if index + 1 < document.steps.len() => Next::Step(index + 1),
        None => Next::End,
    };
    let detour = |detour: &Detour| match detour {
        Detour::Abort => Next::Abort,
        Detour::Continue => onward(),
        Detour::Step(name) => named(name),
    };
    match outcome {
        Outcome::Success { next: Some(name), .. } => named(name),
        Outcome::Success { next: None, .. } => onward(),
        // An end is an end whether the step succeeded or failed (Automation user guide, `isEnd`).
        Outcome::Failed(_) | Outcome::TimedOut if step.is_end => match step.on_failure {
            Detour::Abort => Next::Abort,
            Detour::Continue | Detour::Step(_) => Next::End,
        },
        Outcome::Failed(_) | Outcome::TimedOut => detour(&step.on_failure),
        Outcome::Cancelled => detour(&step.on_cancel),
    }
}
