//! The table of transitions. Every writer of a status goes through it: API, events, repair.
//!
//! Three sources report on an environment:
//!
//! - the launch document, once, that the launch is over;
//! - the terminate document, once, that the terminate is over;
//! - the instance, each time its state changes, because of Workbench or of anybody else.
//!
//! The documents speak for the whole product, the instance only for itself. So while a launch or
//! a terminate is under way, what the instance says is a detail of it and moves nothing: a
//! notebook that is stopped in order to be deleted must not look stopped. Until a launch has succeeded
//! the last such report is held, because it may be newer than the launch's end and arrive before it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Status;
use super::order::{Order, ReportTime};

/// What was last asked of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// Provision the product.
    Launch,
    /// Start the stopped instance.
    Start,
    /// Stop the running instance.
    Stop,
    /// Remove the product.
    Terminate,
}

impl Operation {
    /// The word in errors and in the timeline.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Launch => "LAUNCH",
            Self::Start => "START",
            Self::Stop => "STOP",
            Self::Terminate => "TERMINATE",
        }
    }
}

/// Who reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Source {
    /// The launch document.
    Launch,
    /// The terminate document.
    Terminate,
    /// The instance, by its compute's state-change event.
    Instance,
}

/// Where an environment is in its life: what the table reads and writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifecycle {
    /// The status that the API shows.
    pub status: Status,
    /// What was last asked.
    pub operation: Operation,
    /// How many operations were asked so far, this one included. Tokens are derived from it.
    pub generation: u32,
    /// When it was asked: instance reports from before it belong to an earlier operation.
    pub requested_at: Timestamp,
    /// The newest report that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Order>,
    /// When the launch was over, by the report that it has succeeded. Said again, that is no news, whatever happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launched_at: Option<Timestamp>,
    /// The newest instance report that came before the launch had succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

impl Lifecycle {
    /// Since when the status may be what it is: the latest request, or a report that came after it.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        let reported = self.reported.map(Order::at);
        reported.map_or(self.requested_at, |at| at.max(self.requested_at))
    }
}

/// An instance report that waits for the end of the launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What the instance said.
    pub status: Status,
    /// When it said so.
    pub time: ReportTime,
}

impl Held {
    fn order(&self) -> Order {
        Order::new(self.time, self.status)
    }
}

/// Why a report leaves the status as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeepReason {
    /// The environment has that status already.
    Same,
    /// A newer report, or a later request, has been applied.
    Superseded,
    /// The environment is TERMINATED, which is final.
    Final,
    /// A terminate is under way, and only its own end moves the status.
    Terminating,
    /// A terminate failed; only another terminate moves the status.
    TerminateFailed,
    /// The launch is over already.
    LaunchOver,
    /// No terminate is under way.
    NotTerminating,
    /// The source does not report that status.
    NotOfThisSource,
}

impl KeepReason {
    /// The word under which kept reports are logged and counted.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Same => "same status",
            Self::Superseded => "superseded",
            Self::Final => "terminated is final",
            Self::Terminating => "terminate under way",
            Self::TerminateFailed => "terminate failed",
            Self::LaunchOver => "launch over",
            Self::NotTerminating => "not terminating",
            Self::NotOfThisSource => "not of this source",
        }
    }
}

/// What the table says about one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    To(Status),
    Hold,
    Keep(KeepReason),
}

/// What a report changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The life cycle after the report. The status may be the same: then only what was held moved.
    Change(Lifecycle),
    /// Nothing, and why.
    Keep(KeepReason),
}

/// Decides what a report of `status` by `source` at `time` does to `current`.
#[must_use]
pub fn report(current: &Lifecycle, source: Source, status: Status, time: ReportTime) -> Decision {
    let step = step(
        current.status,
        current.operation,
        launched(current),
        source,
        status,
    );
    if let Some(reason) = out_of_date(current, source, step, status, time) {
        return Decision::Keep(reason);
    }
    match step {
        Step::Keep(reason) => Decision::Keep(reason),
        Step::Hold => Decision::Change(Lifecycle {
            held: Some(Held { status, time }),
            ..current.clone()
        }),
        Step::To(next) => Decision::Change(settle_held(Lifecycle {
            status: next,
            launched_at: match (source, status) {
                (Source::Launch, Status::Completed) => Some(time.at),
                _ => current.launched_at,
            },
            // A launch's end tells when the document has noticed it. What the instance has said of itself since it came
            // up may be older than that, and is the truth all the same.
            reported: match (source, status) {
                (Source::Launch, Status::Completed) => current.reported,
                _ => current.reported.max(Some(Order::new(time, status))),
            },
            ..current.clone()
        })),
    }
}

/// Why a report comes too late to count, if it does.
fn out_of_date(
    current: &Lifecycle,
    source: Source,
    step: Step,
    status: Status,
    time: ReportTime,
) -> Option<KeepReason> {
    let order = Order::new(time, status);
    let late = match (source, step) {
        (_, Step::Keep(_)) => false,
        // A launch ends once, whatever the instance has said meanwhile. After that, only what is newer counts.
        (Source::Launch, _) => {
            current.launched_at.is_some()
                || current.status != Status::Pending
                    && current.reported.is_some_and(|reported| reported >= order)
        }
        // That the product is gone is true at any time; that it could not be removed only of the latest try.
        (Source::Terminate, Step::To(Status::Terminated)) => false,
        (Source::Terminate, _) => !time.may_follow(current.requested_at),
        (Source::Instance, Step::Hold) => current.held.is_some_and(|held| held.order() >= order),
        // That it came up is no news once the launch is over.
        (Source::Instance, Step::To(Status::Starting))
            if current.launched_at.is_some_and(|over| time.at <= over) =>
        {
            true
        }
        (Source::Instance, Step::To(_)) => {
            !time.may_follow(current.requested_at)
                || current.reported.is_some_and(|reported| reported >= order)
        }
    };
    late.then_some(KeepReason::Superseded)
}

/// Once a launch has succeeded, applies what the instance said meanwhile.
fn settle_held(mut next: Lifecycle) -> Lifecycle {
    if next.status == Status::Pending || next.status == Status::Failed && !launched(&next) {
        return next;
    }
    if let Some(held) = next.held.take()
        && next.reported.is_none_or(|reported| held.order() > reported)
        && let Step::To(status) = step(next.status, next.operation, true, Source::Instance, held.status)
    {
        // That it comes up is no news once the launch is over.
        if status != Status::Starting {
            next.status = status;
        }
        next.reported = Some(held.order());
    }
    next
}

/// Whether the launch has ever succeeded: later operations are asked of what was launched.
fn launched(current: &Lifecycle) -> bool {
    current.launched_at.is_some() || current.operation != Operation::Launch
}

/// The table itself.
fn step(current: Status, operation: Operation, launched: bool, source: Source, reported: Status) -> Step {
    match source {
        Source::Launch => launch_step(current, operation, reported),
        Source::Terminate => terminate_step(current, operation, reported),
        Source::Instance => instance_step(current, operation, launched, reported),
    }
}

fn launch_step(current: Status, operation: Operation, reported: Status) -> Step {
    match reported {
        Status::Completed | Status::Failed => {}
        Status::Pending
        | Status::Starting
        | Status::Stopping
        | Status::Stopped
        | Status::Terminating
        | Status::Terminated
        | Status::TerminatingFailed
        | Status::StartingFailed
        | Status::StoppingFailed => return Step::Keep(KeepReason::NotOfThisSource),
    }
    match current {
        Status::Terminated => Step::Keep(KeepReason::Final),
        _ if operation != Operation::Launch => Step::Keep(KeepReason::LaunchOver),
        Status::Pending => Step::To(reported),
        // Given up too early, by a time limit: the product is there after all.
        Status::Failed if reported == Status::Completed => Step::To(Status::Completed),
        _ if current == reported => Step::Keep(KeepReason::Same),
        Status::Completed
        | Status::Starting
        | Status::Stopping
        | Status::Stopped
        | Status::Terminating
        | Status::Failed
        | Status::TerminatingFailed
        | Status::StartingFailed
        | Status::StoppingFailed => Step::Keep(KeepReason::LaunchOver),
    }
}

fn terminate_step(current: Status, operation: Operation, reported: Status) -> Step {
    match reported {
        Status::Terminated if current == Status::Terminated => Step::Keep(KeepReason::Same),
        Status::Terminated => Step::To(Status::Terminated),
        Status::TerminatingFailed => match current {
            Status::Terminating if operation == Operation::Terminate => Step::To(Status::TerminatingFailed),
            Status::TerminatingFailed => Step::Keep(KeepReason::Same),
            Status::Terminated => Step::Keep(KeepReason::Final),
            Status::Terminating
            | Status::Pending
            | Status::Completed
            | Status::Starting
            | Status::Stopping
            | Status::Stopped
            | Status::Failed
            | Status::StartingFailed
            | Status::StoppingFailed => Step::Keep(KeepReason::NotTerminating),
        },
        Status::Pending
        | Status::Completed
        | Status::Starting
        | Status::Stopping
        | Status::Stopped
        | Status::Terminating
        | Status::Failed
        | Status::StartingFailed
        | Status::StoppingFailed => Step::Keep(KeepReason::NotOfThisSource),
    }
}

fn instance_step(current: Status, operation: Operation, launched: bool, reported: Status) -> Step {
    let reported = match reported {
        // An instance that comes up again says PENDING; people asked it to start.
        Status::Pending | Status::Starting => Status::Starting,
        // Its product may be there still, and must not be forgotten: only that one's end is the environment's.
        Status::Terminated => Status::Terminating,
        Status::Completed | Status::Stopping | Status::Stopped | Status::Terminating | Status::Failed => {
            reported
        }
        Status::TerminatingFailed | Status::StartingFailed | Status::StoppingFailed => {
            return Step::Keep(KeepReason::NotOfThisSource);
        }
    };
    match current {
        Status::Terminated => Step::Keep(KeepReason::Final),
        Status::Terminating if operation == Operation::Terminate => Step::Keep(KeepReason::Terminating),
        Status::TerminatingFailed => Step::Keep(KeepReason::TerminateFailed),
        // What happens to the instance while a failed launch is cleaned up changes nothing.
        Status::Failed if !launched => Step::Hold,
        Status::Pending => Step::Hold,
        // The same status again is newer knowledge of it: what is older must not count any more.
        Status::Completed
        | Status::Starting
        | Status::Stopping
        | Status::Stopped
        | Status::Terminating
        | Status::Failed
        | Status::StartingFailed
        | Status::StoppingFailed => Step::To(reported),
    }
}

#[cfg(test)]
mod tests;
