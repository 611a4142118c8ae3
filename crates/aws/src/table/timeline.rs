//! What happened to an environment, change by change.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::id::EnvironmentId;
use workbench_core::status::Status;

use super::Table;
use super::key::{self, Key};
use super::row::{self, Row};
use crate::error::Error;

/// How long a change is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One change of an environment.
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
}

/// An entry with its place: the environment, and the revision that the change made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) environment_id: EnvironmentId,
    pub(super) rev: u64,
    pub(super) entry: Entry,
}

impl Row for Change {
    fn key(&self) -> Key {
        key::change(self.environment_id, self.rev)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.entry.at.checked_add(KEPT).ok()
    }
}

impl Table {
    /// The latest changes of an environment, the last one first, at most `limit`. Changes are kept
    /// for 90 days.
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
