//! What happened to an environment: each change, and each report that changed nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::environment::Environment;
use workbench_core::id::EnvironmentId;
use workbench_core::page::{Page, PageRequest};
use workbench_core::timeline::{Entry, change_id, kept_id};

use super::Table;
use super::key::{self, Key};
use super::list::List;
use super::row::{self, Row};
use super::write::Write;
use crate::error::Error;

/// How long a change is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

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

    /// The entry's id within its environment.
    fn id(&self) -> String {
        match (&self.entry.source_id, &self.entry.reported) {
            // Events are delivered again with the same id: each is kept once.
            (Some(event), Some(reported)) if reported.kept.is_some() => kept_id(self.rev, reported.at, event),
            _ => change_id(self.rev),
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
        key::change(self.environment_id, &self.id())
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
        self.without_condition(vec![write]).await
    }

    /// All entries of an environment, in the order in which they were written. They are kept for 90 days.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn timeline(&self, id: EnvironmentId) -> Result<Vec<Entry>, Error> {
        let pk = key::environment(id).pk;
        let items = self.children(&pk, key::CHANGES, None).await?;
        Ok(row::read_all::<Change>(items)
            .into_iter()
            .map(|change| change.entry)
            .collect())
    }

    /// A page of an environment's entries with their ids, in the order in which they were written. They are kept for
    /// 90 days.
    ///
    /// # Errors
    /// The token is none of this query; or DynamoDB's.
    pub async fn events(
        &self,
        id: EnvironmentId,
        request: &PageRequest,
    ) -> Result<Page<(String, Entry)>, Error> {
        let page = self.page(&List::changes(id), request, |_: &Change| true).await?;
        Ok(page.map(|change| (change.id(), change.entry)))
    }
}
