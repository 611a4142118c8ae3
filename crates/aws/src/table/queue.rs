//! That launches wait for their turn in a hosting account: who comes later waits, too, and projects take turns.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::id::{AwsAccountId, ProjectId};

use super::Table;
use super::key::{self, Key};
use super::row::Row;
use super::write::Write;
use crate::error::Error;

/// For how long others are taken to wait once AWS had no room: until the sweep after the next one at the latest.
const LASTS: SignedDuration = SignedDuration::from_secs(150);

/// How long it lasts once everybody has had a turn: until the sweep after that finds nobody.
const ENDS: SignedDuration = SignedDuration::from_secs(65);

/// How long the turns of projects are remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// That others wait in one hosting account. Only the order depends on it, so it is written without a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    aws_account_id: AwsAccountId,
    /// Until when others are taken to wait.
    until: Timestamp,
    /// What they wait for.
    pub reason: String,
}

impl Queue {
    /// That others wait at `now`.
    #[must_use]
    pub fn at(account: &AwsAccountId, reason: String, now: Timestamp) -> Self {
        Self {
            aws_account_id: account.clone(),
            until: now.checked_add(LASTS).unwrap_or(now),
            reason,
        }
    }

    /// That nobody is known to wait any more. Who began to wait a moment ago may not have been seen.
    #[must_use]
    pub fn ending(self, now: Timestamp) -> Self {
        Self {
            until: now.checked_add(ENDS).unwrap_or(now).min(self.until),
            ..self
        }
    }
}

impl Row for Queue {
    fn key(&self) -> Key {
        key::queue(&self.aws_account_id)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// When each project last had its turn in one hosting account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Turns {
    aws_account_id: AwsAccountId,
    projects: BTreeMap<ProjectId, Timestamp>,
    written_at: Timestamp,
}

impl Row for Turns {
    fn key(&self) -> Key {
        key::turns(&self.aws_account_id)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.written_at.checked_add(REMEMBERED).ok()
    }
}

impl Table {
    /// The queue of a hosting account, if anybody is taken to wait there.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn queue(&self, account: &AwsAccountId, now: Timestamp) -> Result<Option<Queue>, Error> {
        let queue: Option<Queue> = self.get(key::queue(account)).await?;
        Ok(queue.filter(|queue| queue.until > now))
    }

    /// Writes that others wait.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn keep_queue(&self, queue: &Queue) -> Result<(), Error> {
        self.without_condition(vec![Write::replace(queue)?]).await
    }

    /// When each project last had its turn in a hosting account.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn turns(&self, account: &AwsAccountId) -> Result<BTreeMap<ProjectId, Timestamp>, Error> {
        let turns: Option<Turns> = self.get(key::turns(account)).await?;
        Ok(turns.map(|turns| turns.projects).unwrap_or_default())
    }

    /// Writes the turns at `now`.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn keep_turns(
        &self,
        account: &AwsAccountId,
        projects: BTreeMap<ProjectId, Timestamp>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let turns = Turns {
            aws_account_id: account.clone(),
            projects,
            written_at: now,
        };
        self.without_condition(vec![Write::replace(&turns)?]).await
    }
}
