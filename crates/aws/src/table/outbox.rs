//! The outbox: changes that the bus has not taken in time, each a row of its own until it is published.
//!
//! It is empty as a rule. Nothing in it expires.

use std::collections::BTreeSet;

use workbench_core::id::EnvironmentId;
use workbench_core::page::{Bounds, Direction};
use workbench_core::publication::StatusChange;

use super::Table;
use super::key::{self, Key};
use super::list::Source;
use super::row::{self, Row};
use super::write::Write;
use crate::error::Error;

/// How many writes one transaction has at most.
const MOST: usize = 100;

/// How many rows are read at once.
const PAGE: u16 = 500;

impl Row for StatusChange {
    fn key(&self) -> Key {
        key::unpublished(self.environment_id, &self.timeline_id)
    }
}

/// Some of the changes that wait to be published.
#[derive(Debug, Default)]
pub struct Outbox {
    /// The changes, those of an environment one after the other, in their order.
    pub changes: Vec<StatusChange>,
    /// How many more rows there were that can not be read.
    pub unreadable: usize,
    /// Where to go on, if there may be more.
    pub next: Option<String>,
}

impl Table {
    /// Puts changes into the outbox, from the first to the last. Doing so again changes nothing.
    ///
    /// # Errors
    /// DynamoDB's. The first of them may be there.
    pub async fn set_aside(&self, changes: &[StatusChange]) -> Result<(), Error> {
        for some in changes.chunks(MOST) {
            let writes: Result<Vec<Write>, Error> = some.iter().map(Write::replace).collect();
            self.without_condition(writes?).await?;
        }
        Ok(())
    }

    /// Those of these environments that have changes in the outbox, as it is after every write before now. One query
    /// where nothing waits, one more for each environment where anything does.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn with_unpublished(
        &self,
        environments: &BTreeSet<EnvironmentId>,
    ) -> Result<BTreeSet<EnvironmentId>, Error> {
        let mut waiting = BTreeSet::new();
        if !self.has_children(key::OUTBOX, key::CHANGES).await? {
            return Ok(waiting);
        }
        for &id in environments {
            if self.has_children(key::OUTBOX, &key::unpublished_of(id)).await? {
                waiting.insert(id);
            }
        }
        Ok(waiting)
    }

    /// What waits to be published, from the beginning or from where it was left. One query.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn outbox(&self, from: Option<String>) -> Result<Outbox, Error> {
        let source = Source::of_table(key::OUTBOX.to_owned(), key::CHANGES);
        let range = Bounds {
            from: from.clone(),
            to: None,
        };
        let (mut items, more) = self.run(&source, &range, Direction::Ascending, PAGE).await?;
        // A range includes its ends.
        items.retain(|item| Some(source.position_of(item)) != from);
        let next = items.last().filter(|_| more).map(|item| source.position_of(item));
        let rows = items.len();
        let changes: Vec<StatusChange> = row::read_all(items);
        Ok(Outbox {
            unreadable: rows - changes.len(),
            changes,
            next,
        })
    }

    /// Takes changes out of the outbox that were published.
    ///
    /// # Errors
    /// DynamoDB's. Some of them may be gone.
    pub async fn take_out(&self, changes: &[StatusChange]) -> Result<(), Error> {
        for some in changes.chunks(MOST) {
            let writes = some.iter().map(|change| Write::remove(change.key())).collect();
            self.without_condition(writes).await?;
        }
        Ok(())
    }
}
