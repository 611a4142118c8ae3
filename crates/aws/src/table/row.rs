//! From domain to item and back: a row is its keys, its places in indexes, and the domain's own
//! fields beside them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::index::Place;
use super::key::{Key, TTL};
use crate::error::Error;

/// A row as DynamoDB has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// What is stored as a row of its own.
pub(super) trait Row: Serialize + DeserializeOwned {
    /// Where it is.
    fn key(&self) -> Key;

    /// In which indexes.
    fn places(&self) -> Vec<Place> {
        Vec::new()
    }

    /// When DynamoDB may remove it.
    fn expires(&self) -> Option<Timestamp> {
        None
    }
}

/// The item of a row.
pub(super) fn item<T: Row>(row: &T) -> Result<Item, Error> {
    let key = row.key();
    let mut item: Item = serde_dynamo::to_item(row).map_err(|error| bad(&key, error))?;
    for Place {
        index,
        partition,
        position,
    } in row.places()
    {
        item.insert(index.partition().to_owned(), AttributeValue::S(partition));
        item.insert(index.position().to_owned(), AttributeValue::S(position));
    }
    if let Some(expires) = row.expires() {
        item.insert(TTL.to_owned(), AttributeValue::N(expires.as_second().to_string()));
    }
    item.extend(key.attributes());
    Ok(item)
}

/// The value of one attribute that is written alone.
pub(super) fn value(key: &Key, value: &impl Serialize) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value).map_err(|error| bad(key, error))
}

/// Reads a row that was asked for by its key.
pub(super) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    let key = Key::of(&item);
    serde_dynamo::from_item(item).map_err(|error| bad(&key, error))
}

/// Reads the rows of a list. One that can not be read is left out and logged: it must not hide the others.
pub(super) fn read_all<T: DeserializeOwned>(items: impl IntoIterator<Item = Item>) -> Vec<T> {
    let readable = |item| {
        read(item)
            .inspect_err(|error| tracing::error!(%error, "a row that can not be read is left out of a list"))
            .ok()
    };
    items.into_iter().filter_map(readable).collect()
}

/// That a row can not be read or written.
pub(super) fn bad(key: &Key, problem: impl std::fmt::Display) -> Error {
    Error::Row {
        key: key.to_string(),
        problem: problem.to_string(),
    }
}

/// An item that is nothing but its key: that it is there is what it says.
pub(super) fn mark(key: Key) -> Item {
    key.attributes()
}
