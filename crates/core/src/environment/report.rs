//! What a status report makes of an environment: what has to be asked first, and what is learned.

use jiff::Timestamp;

use super::{Environment, Failure, Instance};
use crate::id::{ExecutionId, ProvisionedProductId, RecordId};
use crate::report::{Facts, Report, Subject};
use crate::status::Status;
use crate::status::order::{ReportTime, Resolution};
use crate::status::transition::{self, Decision, KeepReason, Lifecycle, Operation, Source};

/// What a status report still has to be completed with before it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The outputs of the launch's record: instance name, ARN and role.
    Outputs(RecordId),
    /// Why the launch failed: the errors of its record, else the failure of its automation.
    LaunchFailure {
        /// Missing where nothing was provisioned.
        record: Option<RecordId>,
        /// Missing where its id was not stored yet.
        execution: Option<ExecutionId>,
    },
    /// Whether the product is gone after all, and else why the terminate failed.
    TerminateFailure {
        /// The product that was to be removed.
        product: Option<ProvisionedProductId>,
        /// Missing where the request to remove it was refused.
        record: Option<RecordId>,
        /// Missing where its id was not stored yet.
        execution: Option<ExecutionId>,
    },
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The launch's instance.
    Instance(Instance),
    /// A reason, in the words of whoever refused.
    Reason(String),
    /// There is no such product any more.
    Gone,
}

/// What a report made of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// To be written. The status may be the same: then something else was learned.
    Changed(Box<Environment>),
    /// Nothing to write.
    Kept(KeepReason),
}

impl Environment {
    /// What has to be asked of AWS before `report` is applied, if anything.
    #[must_use]
    pub fn question(&self, report: &Report) -> Option<Question> {
        if report.facts.error_message.is_some() || !self.would_change(report) {
            return None;
        }
        let record = report.facts.record.clone();
        let execution = self.execution.clone();
        match (report.source, report.status) {
            (Source::Launch, Status::Completed) if self.instance.is_none() => record.map(Question::Outputs),
            (Source::Launch, Status::Failed) => Some(Question::LaunchFailure { record, execution }),
            (Source::Terminate, Status::TerminatingFailed) => Some(Question::TerminateFailure {
                product: self.product.clone(),
                record,
                execution,
            }),
            _ => None,
        }
    }

    /// What comes of having asked the instance itself, at `now`.
    #[must_use]
    pub fn seen(&self, status: Status, now: Timestamp) -> Applied {
        let report = self.found(Source::Instance, status, Facts::default(), now);
        self.apply(&report, None, now)
    }

    /// The report that nobody sent: what was found out by asking AWS at `now`.
    #[must_use]
    pub fn found(&self, source: Source, status: Status, facts: Facts, now: Timestamp) -> Report {
        Report {
            event_id: "asked".to_owned(),
            account: self.home.account.aws_account_id.clone(),
            subject: Subject::Environment(self.id),
            source,
            status,
            time: ReportTime {
                at: now,
                resolution: Resolution::Milliseconds,
            },
            facts,
        }
    }

    fn would_change(&self, report: &Report) -> bool {
        matches!(self.decide(report, report.status), Decision::Change(_)) || self.learns_product(report)
    }

    fn learns_product(&self, report: &Report) -> bool {
        report.source == Source::Launch
            && self.product.is_none()
            && report.facts.product.is_some()
            && self.status() != Status::Terminated
    }

    fn decide(&self, report: &Report, status: Status) -> Decision {
        // An automation that is not the latest one says nothing about what was asked last.
        if let Subject::Execution(id) = &report.subject
            && self.execution.as_ref() != Some(id)
        {
            return Decision::Keep(KeepReason::Superseded);
        }
        transition::report(&self.lifecycle, report.source, status, report.time)
    }

    /// Applies a report, completed with the answer to its [`Question`].
    #[must_use]
    pub fn apply(&self, report: &Report, answer: Option<Answer>, now: Timestamp) -> Applied {
        let gone = answer == Some(Answer::Gone);
        let (instance, reason) = match answer {
            Some(Answer::Instance(instance)) => (Some(instance), None),
            Some(Answer::Reason(reason)) => (None, Some(reason)),
            Some(Answer::Gone) | None => (None, None),
        };
        // A launch is not over while nobody knows what it launched.
        let lost = report.source == Source::Launch
            && report.status == Status::Completed
            && instance.is_none()
            && self.instance.is_none();
        let status = match report.source {
            Source::Launch if lost => Status::Failed,
            Source::Terminate if gone => Status::Terminated,
            Source::Launch | Source::Terminate | Source::Instance => report.status,
        };

        let mut next = self.written(now);
        let mut learned = false;
        if report.source == Source::Launch && self.status() != Status::Terminated {
            learned |= learn(&mut next.product, report.facts.product.clone());
            learned |= learn(&mut next.instance, instance);
        }
        let kept = match self.decide(report, status) {
            Decision::Change(lifecycle) => {
                next.lifecycle = lifecycle;
                if report.source != Source::Instance && report.facts.record.is_some() {
                    next.record.clone_from(&report.facts.record);
                }
                None
            }
            Decision::Keep(reason) => Some(reason),
        };
        if next.status() != self.status() {
            next.wait_no_more();
            next.postponed_until = None;
            next.error = failure(report, next.status(), reason);
        } else if learned && next.status() == Status::Failed && next.error.is_none() {
            next.error = failure(report, Status::Failed, reason);
        }
        if next.status() != self.status() && self.makes_doubtful(&next.lifecycle) {
            next = next.doubted(now);
        }
        match kept {
            // What is left of it is on its way somewhere: it may be gone soon, and nobody else would tell.
            Some(KeepReason::TerminateFailed) if self.postponed_until.is_none() => {
                Applied::Changed(Box::new(next.doubted(now)))
            }
            Some(reason) if !learned => Applied::Kept(reason),
            _ => Applied::Changed(Box::new(next)),
        }
    }

    /// Whether what comes `next` may be wrong though it was reported: a document gives up before AWS does, and AWS may
    /// succeed without a word; and what is said to be there after all may have been removed meanwhile. Of an instance
    /// that goes by nobody's request, nobody tells whether its product goes as well.
    fn makes_doubtful(&self, next: &Lifecycle) -> bool {
        let launch = next.operation == Operation::Launch;
        match next.status {
            Status::TerminatingFailed => true,
            Status::Terminating => next.operation != Operation::Terminate,
            Status::Failed => launch && next.launched_at.is_none(),
            _ => launch && self.status() == Status::Failed,
        }
    }
}

/// Fills what is empty; tells whether it did.
fn learn<T>(known: &mut Option<T>, news: Option<T>) -> bool {
    if known.is_none() && news.is_some() {
        *known = news;
        return true;
    }
    false
}

/// The failure to show with a status that nobody wanted.
fn failure(report: &Report, status: Status, reason: Option<String>) -> Option<Failure> {
    match status {
        Status::Failed | Status::TerminatingFailed | Status::StartingFailed | Status::StoppingFailed => {}
        Status::Pending
        | Status::Completed
        | Status::Starting
        | Status::Stopping
        | Status::Stopped
        | Status::Terminating
        | Status::Terminated => return None,
    }
    let kind = match report.source {
        Source::Launch => Operation::Launch.label(),
        Source::Terminate => Operation::Terminate.label(),
        Source::Instance => status.label(),
    };
    let value = report
        .facts
        .error_message
        .clone()
        .or(reason)
        .unwrap_or_else(|| format!("reported {} without a reason", report.status));
    Some(Failure {
        kind: kind.to_owned(),
        value,
    })
}
