//! That launches and terminates wait for their turn in a hosting account: who they are, that whoever comes later waits,
//! too, and that projects take turns.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use workbench_core::id::{AwsAccountId, EnvironmentId, ProjectId};

use super::expression::Condition;
use super::index::Place;
use super::key::{self, Key};
use super::row::Row;
use super::write::Write;
use super::{Table, Updated};
use crate::error::Error;

/// For how long others are taken to wait once AWS had no room: until the sweep after the next one at the latest.
const LASTS: SignedDuration = SignedDuration::from_secs(150);

/// How long it lasts once everybody has had a turn: until the sweep after that finds nobody.
const ENDS: SignedDuration = SignedDuration::from_secs(65);

/// How long whoever has read that others wait may take to join them.
const JOINING: SignedDuration = SignedDuration::from_secs(30);

/// How long the turns of projects are remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// That others wait in one hosting account. It is in flight, so that the sweep gives them their turns. It says nothing
/// about who waits: each who does has a mark of its own, written and removed with its row. So it is written without a
/// condition; if it is lost, order suffers, and those that wait are found later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    aws_account_id: AwsAccountId,
    /// Until when others are taken to wait.
    until: Timestamp,
    /// Since when the sweep is to look.
    look_at: Timestamp,
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
            look_at: now,
            reason,
        }
    }

    /// That nobody is known to wait any more. Who began to wait a moment ago may not have been seen.
    #[must_use]
    pub fn ending(&self, now: Timestamp) -> Self {
        Self {
            until: now.checked_add(ENDS).unwrap_or(now).min(self.until),
            ..self.clone()
        }
    }

    /// Whether others are taken to wait at `now`: whoever comes then joins them.
    #[must_use]
    pub fn is_joined(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Whether nobody joins any more, and whoever was about to has joined.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.until) > JOINING
    }
}

/// Who waits in a hosting account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    /// Since when.
    pub since: Timestamp,
    /// For which project.
    pub project: ProjectId,
    /// The environment.
    pub environment: EnvironmentId,
}

impl Waiter {
    /// What a mark says, by what follows its prefix.
    fn read(mark: &str) -> Option<Self> {
        let mut parts = mark.splitn(3, '#');
        let (since, project, environment) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            since: since.parse().ok()?,
            project: project.parse().ok()?,
            environment: environment.parse().ok()?,
        })
    }
}

impl Row for Queue {
    fn key(&self) -> Key {
        key::queue(&self.aws_account_id)
    }

    fn places(&self) -> Vec<Place> {
        vec![Place::in_flight(self.look_at, &self.aws_account_id)]
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
    /// The queue of a hosting account, if there is one.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn queue(&self, account: &AwsAccountId) -> Result<Option<Queue>, Error> {
        self.get(key::queue(account)).await
    }

    /// Who waits in a hosting account, the longest waiting first.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn waiters(&self, account: &AwsAccountId) -> Result<Vec<Waiter>, Error> {
        let items = self.children(&key::queue(account).pk, key::WAITING, None).await?;
        let waiter = |item| {
            let key = Key::of(item);
            let waiter = key.sk.strip_prefix(key::WAITING).and_then(Waiter::read);
            if waiter.is_none() {
                tracing::error!(%key, "a mark in a queue can not be read");
            }
            waiter
        };
        Ok(items.iter().filter_map(waiter).collect())
    }

    /// Writes that others wait.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn keep_queue(&self, queue: &Queue) -> Result<(), Error> {
        self.without_condition(vec![Write::replace(queue)?]).await
    }

    /// Removes a queue in which nobody waits, unless it was written since it was read.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn end_queue(&self, queue: &Queue) -> Result<Updated, Error> {
        let unchanged = Condition::is("until", queue.until.to_string());
        let write = Write::remove_if(queue.key(), unchanged);
        Ok(self.transact(vec![write], None).await?.into())
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
