//! Reading rows: one by its key, several by theirs at once, and those of a partition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::de::DeserializeOwned;
use workbench_core::page::{Bounds, Direction};

use super::key::{Key, PK, SK};
use super::list::Source;
use super::row::{self, Item};
use super::{SERVICE, TRIES, Table};
use crate::error::{Error, Fault, FaultKind};

/// How many keys one request may name.
const MOST_KEYS: usize = 100;

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
        let problem = format!("keys were left unprocessed {TRIES} times");
        Err(Fault::noticed(SERVICE, "BatchGetItem", FaultKind::Unclear, problem).into())
    }

    /// The items with these keys, all different, in the order of the keys; those that are not there are left out. One
    /// request per 100 keys.
    pub(super) async fn in_order(&self, keys: Vec<Key>) -> Result<Vec<Item>, Error> {
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(MOST_KEYS) {
            let mut rows = self.batch(keys.to_vec()).await?;
            items.extend(keys.iter().filter_map(|key| rows.0.remove(key)));
        }
        Ok(items)
    }

    /// The rows of a partition whose sort keys begin with `prefix`, in their order, at most `limit` of them if one is
    /// given.
    pub(super) async fn children(
        &self,
        pk: &str,
        prefix: &str,
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

    /// Whether a partition has rows whose sort keys begin with `prefix`.
    pub(super) async fn has_children(&self, pk: &str, prefix: &str) -> Result<bool, Error> {
        Ok(!self.children(pk, prefix, Some(1)).await?.is_empty())
    }

    /// The next rows of a source: those that stand in `range`, its ends included, at most `limit`, and whether there
    /// may be more.
    pub(super) async fn run(
        &self,
        source: &Source,
        range: &Bounds,
        direction: Direction,
        limit: u16,
    ) -> Result<(Vec<Item>, bool), Error> {
        let (partition, sort_key) = source.attributes();
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(source.index.map(|index| index.name().to_owned()))
            .consistent_read(source.index.is_none())
            .scan_index_forward(direction == Direction::Ascending)
            .expression_attribute_names("#partition", partition)
            .expression_attribute_values(":partition", AttributeValue::S(source.partition.clone()))
            .limit(i32::from(limit));
        // Within the table, a run ends where its prefix does.
        let whole = |end: &str| source.index.is_none().then(|| end.to_owned());
        let from = range.from.clone().or_else(|| whole(""));
        let to = range.to.clone().or_else(|| whole(LAST));
        let condition = match (&from, &to) {
            (None, None) => "#partition = :partition",
            (Some(_), None) => "#partition = :partition AND #position >= :from",
            (None, Some(_)) => "#partition = :partition AND #position <= :to",
            (Some(_), Some(_)) => "#partition = :partition AND #position BETWEEN :from AND :to",
        };
        let mut query = query.key_condition_expression(condition);
        if from.is_some() || to.is_some() {
            query = query.expression_attribute_names("#position", sort_key);
        }
        if let Some(from) = from {
            query = query.expression_attribute_values(":from", source.sort_key(&from));
        }
        if let Some(to) = to {
            query = query.expression_attribute_values(":to", source.sort_key(&to));
        }
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

/// Above every character that a sort key has.
const LAST: &str = "\u{10FFFF}";
