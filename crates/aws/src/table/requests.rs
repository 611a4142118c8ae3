//! What was asked with an Idempotency-Key, and what was answered.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workbench_core::Error as Refusal;
use workbench_core::id::UserId;

use super::Table;
use super::expression::Condition;
use super::key::{self, Key};
use super::launch_facts::{IdempotencyKey, KEPT};
use super::row::{self, Row};
use super::write::{Outcome, ROW, Write};
use crate::error::Error;

/// Longer than the function may work on one request: after this it has died.
const WORKS: SignedDuration = SignedDuration::from_secs(30);

/// A request that was made with an Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyedRequest {
    key: IdempotencyKey,
    user_id: UserId,
    /// SHA-256 of the request and of what its user is, to tell it from another one with the same key.
    request_hash: String,
    /// When it was first made.
    created_at: Timestamp,
    /// Since when it is worked on, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worked_on_since: Option<Timestamp>,
    /// The answer, once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<KeptAnswer>,
    rev: u64,
}

/// The answer to a request that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body: JSON, or nothing.
    pub body: String,
}

/// What is to be done about a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed {
    /// It is to be done, and then [`Table::answered`] or [`Table::not_done`] told.
    ToDo(KeyedRequest),
    /// It was done: this was the answer.
    Done(KeptAnswer),
}

impl KeyedRequest {
    /// The id of what the request makes: the same at every try.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let name = format!("{}#{}#{}", self.user_id, self.key, self.created_at);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
    }

    fn next(&self, worked_on_since: Option<Timestamp>, answer: Option<KeptAnswer>) -> Self {
        Self {
            worked_on_since,
            answer,
            rev: self.rev + 1,
            ..self.clone()
        }
    }
}

impl Row for KeyedRequest {
    fn key(&self) -> Key {
        key::idempotency(self.user_id, &self.key)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.created_at.checked_add(KEPT).ok()
    }
}

impl Table {
    /// Begins a request with a key, at `now`. One write; one more to take up a request that was cut off.
    ///
    /// # Errors
    /// The key was used for another request, or the same one is being worked on; or DynamoDB's.
    pub async fn begin(
        &self,
        user_id: UserId,
        key: IdempotencyKey,
        request_hash: String,
        now: Timestamp,
    ) -> Result<Keyed, Error> {
        let request = KeyedRequest {
            key,
            user_id,
            request_hash,
            created_at: now,
            worked_on_since: Some(now),
            answer: None,
            rev: 1,
        };
        let write = Write::put(&request, Condition::absent().or(Condition::lapsed(now)))?;
        let Outcome::Refused(refusals) = self.transact(vec![write], None).await? else {
            return Ok(Keyed::ToDo(request));
        };
        // A launch keeps its key in a row of another form: it was another request.
        let known = refusals.found(ROW).cloned().map(row::read::<KeyedRequest>);
        let Some(Ok(known)) = known else {
            return Err(Refusal::KeyReused(request.key.to_string()).into());
        };
        if known.request_hash != request.request_hash {
            return Err(Refusal::KeyReused(request.key.to_string()).into());
        }
        if let Some(answer) = known.answer {
            return Ok(Keyed::Done(answer));
        }
        let alive = |since: Timestamp| now.duration_since(since) < WORKS;
        if known.worked_on_since.is_some_and(alive) {
            return Err(under_way(&known).into());
        }
        let taken_up = known.next(Some(now), None);
        match self.move_on(&known, &taken_up).await? {
            Outcome::Written => Ok(Keyed::ToDo(taken_up)),
            Outcome::Refused(_) => Err(under_way(&known).into()),
        }
    }

    /// Keeps the answer to a request that is done.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn answered(&self, request: &KeyedRequest, answer: KeptAnswer) -> Result<(), Error> {
        // Whoever has taken the request up meanwhile has the same answer.
        let _: Outcome = self.move_on(request, &request.next(None, Some(answer))).await?;
        Ok(())
    }

    /// Lets a request be made again. If it was `refused` at its first try, it has changed nothing, and the key is free for
    /// another one. An earlier try may have changed something.
    ///
    /// # Errors
    /// DynamoDB's.
    pub async fn not_done(&self, request: &KeyedRequest, refused: bool) -> Result<(), Error> {
        let outcome = if refused && request.rev == 1 {
            let write = Write::remove_if(request.key(), Condition::revision(request.rev));
            self.transact(vec![write], None).await?
        } else {
            self.move_on(request, &request.next(None, None)).await?
        };
        if let Outcome::Refused(_) = outcome {
            tracing::debug!("a request with an Idempotency-Key was taken up by another worker");
        }
        Ok(())
    }

    async fn move_on(&self, before: &KeyedRequest, after: &KeyedRequest) -> Result<Outcome, Error> {
        let write = Write::put(after, Condition::revision(before.rev))?;
        self.transact(vec![write], None).await
    }
}

fn under_way(request: &KeyedRequest) -> Refusal {
    Refusal::Conflict(format!(
        "Idempotency-Key: the request with key `{}` is under way; ask again in a moment",
        request.key
    ))
}
