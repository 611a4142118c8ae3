//! That launches wait for their turn in a hosting account: who comes later waits, too, and projects take turns.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::id::{AwsAccountId, ProjectId};

use super::Table;
use super::key::{self, Key};
use super::row::Row;
use super::write::{Outcome, Write};
use crate::error::Error;

/// For how long others are taken to wait once AWS had no room: until the sweep after the next one at the latest.
const LASTS: SignedDuration = SignedDuration::from_secs(150);

/// Who waits in one hosting account. Only the order depends on it, so it is written without a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    aws_account_id: AwsAccountId,
    /// Until when others are taken to wait.
    until: Timestamp,
    /// What they wait for.
    pub reason: String,
    /// When each project last had its turn.
    pub turns: BTreeMap<ProjectId, Timestamp>,
}

impl Queue {
    /// That AWS has no room at `now`.
    #[must_use]
    pub fn at(
        account: &AwsAccountId,
        reason: String,
        turns: BTreeMap<ProjectId, Timestamp>,
        now: Timestamp,
    ) -> Self {
        Self {
            aws_account_id: account.clone(),
            until: now.checked_add(LASTS).unwrap_or(now),
            reason,
            turns,
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
        self.without_condition(Write::replace(queue)?).await
    }

    /// Writes that nobody waits any more.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn end_queue(&self, account: &AwsAccountId) -> Result<(), Error> {
        self.without_condition(Write::remove(key::queue(account))).await
    }

    async fn without_condition(&self, write: Write) -> Result<(), Error> {
        // Without a condition nothing can be refused.
        let _: Outcome = self.transact(vec![write], None).await?;
        Ok(())
    }
}
