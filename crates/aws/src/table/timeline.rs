//! What happened to an environment: each change, and each report that changed nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::environment::Environment;
use workbench_core::id::EnvironmentId;
use workbench_core::status::Status;
use workbench_core::status::transition::Source;

use super::Table;
use super::key::{self, Key};
use super::row::{self, Row};
use super::write::{Outcome, Write};
use crate::error::Error;

/// How long a change is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One change of an environment, or one report that changed nothing: then `from` and `to` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// Who or what changed it, in words.
    pub cause: String,
    /// The id of the event that reported it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Why, where something failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was reported, if it was a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
}

/// A report, as the timeline keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    /// Who said it.
    pub source: Source,
    /// What was said.
    pub status: Status,
    /// When that was so, by the source's clock.
    pub at: Timestamp,
    /// Why it changed nothing, if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}

/// An entry with its place: the environment, and the revision that the change made or that the report met.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) environment_id: EnvironmentId,
    pub(super) rev: u64,
    pub(super) entry: Entry,
}

impl Change {
    /// What `entry` says about `environment`, which it has made what it is.
    pub(super) fn of(environment: &Environment, entry: &Entry) -> Self {
        Self {
            environment_id: environment.id,
            rev: environment.rev,
            entry: entry.clone(),
        }
    }

    /// That an environment was asked for.
    pub(super) fn first(environment: &Environment) -> Self {
        let entry = Entry {
            from: environment.status(),
            to: environment.status(),
            cause: format!("launch by {}", environment.owner),
            source_id: None,
            at: environment.created_at,
            reason: None,
            reported: None,
        };
        Self::of(environment, &entry)
    }
}

impl Row for Change {
    fn key(&self) -> Key {
        let kept = self
            .entry
            .reported
            .as_ref()
            .is_some_and(|reported| reported.kept.is_some());
        match &self.entry.source_id {
            // Events are delivered again with the same id: each is kept once.
            Some(id) if kept => key::kept(self.environment_id, self.rev, id),
            _ => key::change(self.environment_id, self.rev),
        }
    }

    fn expires(&self) -> Option<Timestamp> {
        self.entry.at.checked_add(KEPT).ok()
    }
}

impl Table {
    /// Keeps a report that changed nothing, with its reason. Doing so again changes nothing.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn keep_report(&self, environment: &Environment, entry: &Entry) -> Result<(), Error> {
        let write = Write::replace(&Change::of(environment, entry))?;
        // Without a condition nothing can be refused.
        let _: Outcome = self.transact(vec![write], None).await?;
        Ok(())
    }

    /// The latest entries of an environment, the last one first, at most `limit`. They are kept for
    /// 90 days.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn timeline(&self, id: EnvironmentId, limit: u16) -> Result<Vec<Entry>, Error> {
        let pk = key::environment(id).pk;
        let items = self
            .children(&pk, key::CHANGES, false, Some(limit.max(1)))
            .await?;
        Ok(row::read_all::<Change>(items)
            .into_iter()
            .map(|change| change.entry)
            .collect())
    }
}
