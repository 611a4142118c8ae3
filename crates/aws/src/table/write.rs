//! The one way to write: a transaction. Its writes have conditions, but for marks, and for rows that nobody changes by
//! what they hold.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use super::expression::Condition;
use super::key::Key;
use super::row::{self, Item, Row};
use super::{SERVICE, TRIES, Table};
use crate::error::{Error, Fault, FaultKind};

/// The IAM action behind writing a row whole. A transaction needs those of its parts.
pub const PUT: &[&str] = &["dynamodb:PutItem"];
/// The IAM action behind removing a row in a transaction.
pub const REMOVE: &[&str] = &["dynamodb:DeleteItem"];
/// The IAM action behind only looking, in a transaction.
pub const CHECK: &[&str] = &["dynamodb:ConditionCheckItem"];
/// The IAM action behind raising a `rev`, in a transaction.
pub const RAISE: &[&str] = &["dynamodb:UpdateItem"];

/// What a write does to its row.
#[derive(Debug, Clone)]
enum Change {
    /// Writes the row whole.
    Put(Item),
    /// Removes it.
    Remove(Key),
    /// Nothing: only the condition counts.
    Check(Key),
    /// Raises its `rev`, and sets one attribute if one is given.
    Raise(Key, Option<(&'static str, AttributeValue)>),
}

/// One write of a transaction.
#[derive(Debug, Clone)]
pub(super) struct Write {
    change: Change,
    condition: Option<Condition>,
}

impl Write {
    /// Writes `row` whole.
    pub(super) fn put<T: Row>(row: &T, condition: Condition) -> Result<Self, Error> {
        Ok(Self {
            change: Change::Put(row::item(row)?),
            condition: Some(condition),
        })
    }

    /// Writes `row` whole, whatever was there: for rows without a `rev`, of which the last one written is right.
    pub(super) fn replace<T: Row>(row: &T) -> Result<Self, Error> {
        Ok(Self {
            change: Change::Put(row::item(row)?),
            condition: None,
        })
    }

    /// Writes an item that says something by being there. Doing so again changes nothing.
    pub(super) fn mark(key: Key) -> Self {
        Self {
            change: Change::Put(row::mark(key)),
            condition: None,
        }
    }

    /// Removes a row, if it is there.
    pub(super) fn remove(key: Key) -> Self {
        Self {
            change: Change::Remove(key),
            condition: None,
        }
    }

    /// Removes a row that must be so.
    pub(super) fn remove_if(key: Key, condition: Condition) -> Self {
        Self {
            change: Change::Remove(key),
            condition: Some(condition),
        }
    }

    /// Only looks whether the condition holds.
    pub(super) fn check(key: Key, condition: Condition) -> Self {
        Self {
            change: Change::Check(key),
            condition: Some(condition),
        }
    }

    /// Raises a row's `rev`: who decided by the row as it was before must decide again.
    pub(super) fn raise(key: Key, condition: Condition) -> Self {
        Self {
            change: Change::Raise(key, None),
            condition: Some(condition),
        }
    }

    /// Sets one attribute of a row and raises its `rev`.
    pub(super) fn set(
        key: Key,
        attribute: &'static str,
        value: AttributeValue,
        condition: Condition,
    ) -> Self {
        Self {
            change: Change::Raise(key, Some((attribute, value))),
            condition: Some(condition),
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "each builder is given all members that it requires"
    )]
    fn request(self, table: &str) -> TransactWriteItem {
        const COMPLETE: &str = "all required members are set";
        let return_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let (text, mut names, mut values) = match self.condition {
            Some(Condition { text, names, values }) => (Some(text), names, values),
            None => (None, Default::default(), Default::default()),
        };
        let request = TransactWriteItem::builder();
        let request = match self.change {
            Change::Put(item) => request.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(some(names))
                    .set_expression_attribute_values(some(values))
                    .return_values_on_condition_check_failure(return_old)
                    .build()
                    .expect(COMPLETE),
            ),
            Change::Remove(key) => request.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key.attributes()))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(some(names))
                    .set_expression_attribute_values(some(values))
                    .build()
                    .expect(COMPLETE),
            ),
            Change::Check(key) => request.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key.attributes()))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(some(names))
                    .set_expression_attribute_values(some(values))
                    .return_values_on_condition_check_failure(return_old)
                    .build()
                    .expect(COMPLETE),
            ),
            Change::Raise(key, set) => {
                let mut update = "ADD #rev :one".to_owned();
                names.insert("#rev".to_owned(), "rev".to_owned());
                values.insert(":one".to_owned(), AttributeValue::N("1".to_owned()));
                if let Some((attribute, value)) = set {
                    update = format!("SET #{attribute} = :new {update}");
                    names.insert(format!("#{attribute}"), attribute.to_owned());
                    values.insert(":new".to_owned(), value);
                }
                request.update(
                    Update::builder()
                        .table_name(table)
                        .set_key(Some(key.attributes()))
                        .update_expression(update)
                        .set_condition_expression(text)
                        .set_expression_attribute_names(some(names))
                        .set_expression_attribute_values(some(values))
                        .return_values_on_condition_check_failure(return_old)
                        .build()
                        .expect(COMPLETE),
                )
            }
        };
        request.build()
    }
}

/// Where the row that a transaction is about stands in it.
pub(super) const ROW: usize = 0;

/// Adds a write to a transaction, and says where it stands there: its refusal is told from others' by that.
pub(super) fn add(writes: &mut Vec<Write>, write: Write) -> usize {
    writes.push(write);
    writes.len() - 1
}

/// DynamoDB refuses empty maps of names and values.
fn some<T>(map: std::collections::HashMap<String, T>) -> Option<std::collections::HashMap<String, T>> {
    (!map.is_empty()).then_some(map)
}

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Outcome {
    /// All of it was written.
    Written,
    /// Nothing was: some conditions did not hold.
    Refused(Refusals),
}

impl Outcome {
    /// Whether the condition of the write at `index` did not hold.
    pub(super) fn refused(&self, index: usize) -> bool {
        match self {
            Self::Written => false,
            Self::Refused(refusals) => refusals.has(index),
        }
    }
}

/// Which conditions of a transaction did not hold.
#[derive(Debug)]
pub(super) struct Refusals(Vec<CancellationReason>);

impl Refusals {
    /// Whether the condition of the write at `index` did not hold.
    pub(super) fn has(&self, index: usize) -> bool {
        self.0.get(index).is_some_and(condition_failed)
    }

    /// Whether the condition of the write at `index` is the only one that did not hold.
    pub(super) fn has_only(&self, index: usize) -> bool {
        let failed = (0..self.0.len()).filter(|index| self.has(*index));
        failed.eq([index])
    }

    /// The row that the write at `index` found, if there was one.
    pub(super) fn found(&self, index: usize) -> Option<&Item> {
        self.0.get(index)?.item()
    }
}

fn condition_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// Cancelled because another transaction was at one of the rows: the same request may pass now.
fn passing(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        None | Some("None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
    )
}

impl Table {
    /// Writes all or nothing. `token` tells DynamoDB for ten minutes that a request is a repeated
    /// one; without it the SDK makes one for this call and its own retries.
    pub(super) async fn transact(&self, writes: Vec<Write>, token: Option<String>) -> Result<Outcome, Error> {
        let requests: Vec<_> = writes
            .into_iter()
            .map(|write| write.request(&self.name))
            .collect();
        let mut tries = 1;
        loop {
            let call = self
                .client
                .transact_write_items()
                .set_transact_items(Some(requests.clone()));
            let error = match call.set_client_request_token(token.clone()).send().await {
                Ok(_) => return Ok(Outcome::Written),
                Err(error) => error,
            };
            let mut fault = Fault::of(SERVICE, "TransactWriteItems", &error);
            let again = match cancelled(&error) {
                Some(reasons) if reasons.iter().any(condition_failed) => {
                    return Ok(Outcome::Refused(Refusals(reasons)));
                }
                Some(reasons) => reasons.iter().all(passing),
                None => false,
            };
            if again && tries < TRIES {
                self.pause(tries).await;
                tries += 1;
                continue;
            }
            if again {
                fault.kind = FaultKind::Unclear;
            }
            return Err(fault.into());
        }
    }

    /// As [`Table::transact`], by writes of which the first makes a row whose id is made for this request: if that row is
    /// there, this request wrote it, and so all of them.
    pub(super) async fn create(&self, writes: Vec<Write>, token: Option<String>) -> Result<Outcome, Error> {
        Ok(match self.transact(writes, token).await? {
            Outcome::Refused(refusals) if refusals.has(ROW) => Outcome::Written,
            outcome => outcome,
        })
    }

    /// Writes all or nothing, by writes of which none has a condition.
    pub(super) async fn without_condition(&self, writes: Vec<Write>) -> Result<(), Error> {
        // Without a condition nothing can be refused.
        let _: Outcome = self.transact(writes, None).await?;
        Ok(())
    }
}

fn cancelled<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Vec<CancellationReason>> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            Some(cancelled.cancellation_reasons().to_vec())
        }
        _ => None,
    }
}
