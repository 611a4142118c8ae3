//! The story of an environment in words: what happened, why it failed, and what can safely be done next.
//!
//! It is told from what the API shows, so that whoever may see an environment can be told its story.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use crate::environment::Failure;
use crate::id::EnvironmentId;
use crate::status::Status;
use crate::status::transition::Source;
use crate::text::Name;
use crate::timeline::Entry;

mod cause;
mod next;

pub use cause::{Cause, cause};
pub use next::{Step, next};

/// An environment as the API shows it, as far as its story needs it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// Its id.
    pub id: EnvironmentId,
    /// Its name.
    pub name: Name,
    /// Its status.
    pub status: Status,
    /// Why it failed, while it is failed, or why the last request was refused.
    #[serde(default)]
    pub error: Option<Failure>,
    /// Why what was asked for has not begun yet, while it waits for its turn.
    #[serde(default)]
    pub queued: Option<Queued>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Why what was asked for has not begun yet, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Queued {
    /// Since when it waits.
    pub since: Timestamp,
    /// What it waits for.
    pub reason: String,
}

/// A story. [`fmt::Display`] tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// What the environment is, and since when.
    pub headline: String,
    /// What happened, the oldest first.
    pub happened: Vec<String>,
    /// Why it is not as somebody wanted it.
    pub cause: Option<Cause>,
    /// What can be done now. Nothing here makes anything worse.
    pub next: Vec<Step>,
}

impl Story {
    /// The story of an environment at `now`, by its timeline, the oldest entry first.
    #[must_use]
    pub fn of(shown: &Shown, timeline: &[Entry], now: Timestamp) -> Self {
        let since = since(shown, timeline);
        let Shown { id, name, status, .. } = shown;
        Self {
            headline: format!("`{name}` ({id}) {}: {status} since {since:.0}", is(*status)),
            happened: timeline.iter().map(told).collect(),
            cause: shown.error.as_ref().map(cause),
            next: next(*status, shown.queued.as_ref(), since, now),
        }
    }
}

/// Since when it has the status that it has.
fn since(shown: &Shown, timeline: &[Entry]) -> Timestamp {
    let changed = |entry: &&Entry| entry.to == shown.status && entry.from != entry.to;
    let last = timeline.iter().rev().find(changed);
    last.map_or(shown.created_at, |entry| entry.at)
}

/// What it means to have this status.
const fn is(status: Status) -> &'static str {
    match status {
        Status::Pending => "is being launched",
        Status::Completed => "runs and can be connected to",
        Status::Starting => "is starting",
        Status::Stopping => "is stopping",
        Status::Stopped => "is stopped; its data is kept",
        Status::Terminating => "is being removed",
        Status::Terminated => "is gone",
        Status::Failed => "has failed",
        Status::TerminatingFailed => "could not be removed",
        Status::StartingFailed => "could not be started",
        Status::StoppingFailed => "could not be stopped",
    }
}

/// One entry in a line.
fn told(entry: &Entry) -> String {
    let statuses = if entry.from == entry.to {
        entry.to.to_string()
    } else {
        format!("{} -> {}", entry.from, entry.to)
    };
    let mut line = format!("{:.0}  {statuses}  {}", entry.at, entry.cause);
    if let Some(reported) = &entry.reported {
        let (who, status) = (who(reported.source), reported.status);
        line += &format!(": {who} was {status} at {:.0}", reported.at);
    }
    if let Some(id) = &entry.source_id {
        line += &format!(" (event {id})");
    }
    if let Some(kept) = entry.kept() {
        line += &format!("; it changed nothing: {kept}");
    }
    if let Some(reason) = &entry.reason {
        line += &format!("; {reason}");
    }
    line
}

const fn who(source: Source) -> &'static str {
    match source {
        Source::Launch => "the launch",
        Source::Terminate => "the terminate",
        Source::Instance => "the instance",
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline)?;
        if !self.happened.is_empty() {
            writeln!(f, "\nWhat happened (UTC)")?;
        }
        for line in &self.happened {
            writeln!(f, "  {line}")?;
        }
        if let Some(Cause {
            what,
            reason,
            meaning,
        }) = &self.cause
        {
            writeln!(f, "\nWhy\n  {what}: {reason}")?;
            for line in meaning {
                writeln!(f, "  {line}")?;
            }
        }
        writeln!(f, "\nWhat can be done")?;
        for step in &self.next {
            writeln!(f, "  {step}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
