//! Reading rows: one by its key, several by theirs at once, and those of a partition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::de::DeserializeOwned;

use super::key::{Index, Key, PK, SK};
use super::row::{self, Item};
use super::{SERVICE, TRIES, Table};
use crate::error::{Error, Fault, FaultKind};

/// The IAM action behind reading one row.
pub const GET: &[&str] = &["dynamodb:GetItem"];
/// The IAM action behind reading several rows at once.
pub const BATCH: &[&str] = &["dynamodb:BatchGetItem"];
/// The IAM action behind reading lists and the rows of a partition.
pub const QUERY: &[&str] = &["dynamodb:Query"];

/// Rows that were read together.
#[derive(Debug, Default)]
pub(super) struct Rows(HashMap<Key, Item>);

impl Rows {
    /// Takes out the row with this key.
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &Key) -> Result<Option<T>, Error> {
        self.0.remove(key).map(row::read).transpose()
    }

    /// All rows that can be read.
    pub(super) fn readable<T: DeserializeOwned>(self) -> Vec<T> {
        row::read_all(self.0.into_values())
    }

    /// Whether there is a row with this key.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }
}

impl Table {
    /// The row with this key, as it is after every write before now.
    pub(super) async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, Error> {
        self.item(key).await?.map(row::read).transpose()
    }

    /// The item with this key, as it is after every write before now.
    pub(super) async fn item(&self, key: Key) -> Result<Option<Item>, Error> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()));
        let output = get.consistent_read(true).send().await;
        Ok(output
            .map_err(|error| Fault::of(SERVICE, "GetItem", &error))?
            .item)
    }

    /// The rows with these keys, all different, as they are after every write before now. One
    /// request, unless DynamoDB leaves keys unprocessed.
    #[expect(
        clippy::expect_used,
        reason = "the builder is given the keys that it requires"
    )]
    pub(super) async fn batch(&self, keys: Vec<Key>) -> Result<Rows, Error> {
        let keys = keys.into_iter().map(Key::attributes).collect();
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true);
        let wanted = wanted.build().expect("the keys are set");
        let mut request = HashMap::from([(self.name.clone(), wanted)]);
        let mut rows = Rows::default();
        for attempt in 1..=TRIES {
            let output = self
                .client
                .batch_get_item()
                .set_request_items(Some(request))
                .send()
                .await;
            let output = output.map_err(|error| Fault::of(SERVICE, "BatchGetItem", &error))?;
            let items = output.responses.unwrap_or_default().into_values().flatten();
            rows.0.extend(items.map(|item| (Key::of(&item), item)));
            request = output.unprocessed_keys.unwrap_or_default();
            if request.is_empty() {
                return Ok(rows);
            }
            self.pause(attempt).await;
        }
        Err(Error::Aws(Fault {
            service: SERVICE,
            operation: "BatchGetItem",
            code: None,
            message: format!("keys were left unprocessed {TRIES} times"),
            request_id: None,
            kind: FaultKind::Unclear,
        }))
    }

    /// The rows of a partition whose sort keys begin with `prefix`, ascending or descending, at
    /// most `limit` of them if one is given.
    pub(super) async fn children(
        &self,
        pk: &str,
        prefix: &str,
        ascending: bool,
        limit: Option<u16>,
    ) -> Result<Vec<Item>, Error> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .scan_index_forward(ascending)
            .consistent_read(true)
            .set_limit(limit.map(i32::from));
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let output = query.clone().set_exclusive_start_key(start).send().await;
            let output = output.map_err(|error| Fault::of(SERVICE, "Query", &error))?;
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            let enough = limit.is_some_and(|limit| items.len() >= usize::from(limit));
            if start.is_none() || enough {
                return Ok(items);
            }
        }
    }

    /// The next rows of an index partition: those that stand in `range`, at most `limit`, and
    /// whether there may be more.
    pub(super) async fn indexed(
        &self,
        index: Index,
        partition: String,
        range: Range,
        limit: u16,
    ) -> Result<(Vec<Item>, bool), Error> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index.name())
            .expression_attribute_names("#partition", index.partition())
            .expression_attribute_values(":partition", AttributeValue::S(partition))
            .limit(i32::from(limit));
        let query = match range {
            Range::All => query.key_condition_expression("#partition = :partition"),
            Range::After(position) => query
                .key_condition_expression("#partition = :partition AND #position > :position")
                .expression_attribute_names("#position", index.position())
                .expression_attribute_values(":position", AttributeValue::S(position)),
            Range::Before(position) => query
                .key_condition_expression("#partition = :partition AND #position < :position")
                .expression_attribute_names("#position", index.position())
                .expression_attribute_values(":position", AttributeValue::S(position)),
        };
        let output = query
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, "Query", &error))?;
        Ok((
            output.items.unwrap_or_default(),
            output.last_evaluated_key.is_some(),
        ))
    }
}

/// A part of an index partition.
#[derive(Debug, Clone)]
pub(super) enum Range {
    /// All of it.
    All,
    /// What stands after a position.
    After(String),
    /// What stands before a position.
    Before(String),
}
