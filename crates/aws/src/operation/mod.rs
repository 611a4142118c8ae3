//! The use cases: what the api and status functions do, step by step.

pub mod act;
pub mod apply;
pub mod connect;
mod document;
pub mod launch;
mod queue;
pub mod repair;
mod write;

use jiff::Timestamp;
use workbench_core::environment::Environment;
use workbench_core::report::Report;

use crate::error::{Error, Fault, FaultKind};
use crate::table::{Entry, Reported};

/// How often a decision is taken anew because another writer was faster. Writers of one
/// environment are few, so a handful of tries means that something is wrong.
pub(crate) const TRIES: usize = 6;

/// The timeline's entry of a change.
pub(crate) fn entry(
    before: &Environment,
    after: &Environment,
    cause: &str,
    source_id: Option<&str>,
    at: Timestamp,
) -> Entry {
    Entry {
        from: before.status(),
        to: after.status(),
        cause: cause.to_owned(),
        source_id: source_id.map(str::to_owned),
        at,
        reason: after.error.as_ref().map(|failure| failure.value.clone()),
        reported: None,
    }
}

/// The timeline's entry of a report; `kept` is why it changed nothing.
fn report_entry(
    before: &Environment,
    after: &Environment,
    cause: &str,
    report: &Report,
    kept: Option<&str>,
    at: Timestamp,
) -> Entry {
    let changed = kept.is_none();
    Entry {
        reason: after
            .error
            .as_ref()
            .filter(|_| changed)
            .map(|failure| failure.value.clone()),
        reported: Some(Reported {
            source: report.source,
            status: report.status,
            at: report.time.at,
            kept: kept.map(str::to_owned),
        }),
        ..entry(before, after, cause, Some(&report.event_id), at)
    }
}

/// Too many writers at once: nothing was lost, and the request may be repeated.
pub(crate) fn busy(id: impl std::fmt::Display) -> Error {
    let problem = format!("{id} was changed by others at the same time, again and again");
    Fault::noticed("dynamodb", "TransactWriteItems", FaultKind::Unclear, problem).into()
}
