//! Amazon DynamoDB: an embedded database per account, behind the IAM check on table and index ARNs.

mod access;
mod streams;

use std::collections::BTreeMap;
use std::sync::Arc;

use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::types::AttributeValue;
use dynoxide::{Database, DynoxideError, ImportOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clock::SimulatedClock;
use crate::error::ApiError;
use crate::world::{Principal, World};

pub(crate) use access::{actions, resources};
use streams::stream_label;
pub(crate) use streams::{stream_arn, stream_records};

/// Databases by account.
#[derive(Default)]
pub(crate) struct State {
    databases: BTreeMap<String, Database>,
    /// What each table was made from, by account and name.
    made_from: BTreeMap<(String, String), Value>,
    /// The label of each stream, once it was asked for. In a copy it is that of the first one.
    stream_labels: BTreeMap<(String, String), String>,
    /// How many calls may have written so far.
    pub(crate) writes: u64,
}

/// The operations that leave everything as it is.
const READS: [&str; 8] = [
    "BatchGetItem",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetItem",
    "ListTables",
    "Query",
    "Scan",
    "TransactGetItems",
];

impl State {
    /// The same tables with the same items, in databases of their own.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn copy(&self, clock: &SimulatedClock) -> Result<Self, ApiError> {
        let mut databases = BTreeMap::new();
        let mut stream_labels = self.stream_labels.clone();
        for (account, database) in &self.databases {
            let copy = open(clock)?;
            let tables = self.made_from.iter().filter(|((of, _), _)| of == account);
            for ((_, table), made_from) in tables {
                run(made_from, |request| copy.create_table(request))?;
                copy_items(database, &copy, table).map_err(|error| answer_error(&error))?;
                if let Some(label) = stream_label(database, table)? {
                    stream_labels
                        .entry((account.clone(), table.clone()))
                        .or_insert(label);
                }
            }
            databases.insert(account.clone(), copy);
        }
        Ok(Self {
            databases,
            made_from: self.made_from.clone(),
            stream_labels,
            writes: self.writes,
        })
    }
}

fn open(clock: &SimulatedClock) -> Result<Database, ApiError> {
    Database::memory_with_clock(Arc::new(clock.clone())).map_err(|error| answer_error(&error))
}

fn copy_items(from: &Database, to: &Database, table: &str) -> Result<(), DynoxideError> {
    let mut start = None;
    loop {
        let scan = ScanRequest {
            table_name: table.to_owned(),
            exclusive_start_key: start,
            ..ScanRequest::default()
        };
        let page = from.scan(scan)?;
        let items = page.items.unwrap_or_default();
        to.import_items(table, items, ImportOptions::default())?;
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(());
        }
    }
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    if !READS.contains(&operation) {
        world.dynamodb.writes += 1;
    }
    let database = database(world, &principal.account)?;
    let named = || {
        let name = input.get("TableName").and_then(Value::as_str);
        (principal.account.clone(), name.unwrap_or_default().to_owned())
    };
    match operation {
        "CreateTable" => {
            let made = run(input, |request| database.create_table(request))?;
            world.dynamodb.made_from.insert(named(), input.clone());
            Ok(made)
        }
        "DeleteTable" => {
            let deleted = run(input, |request| database.delete_table(request))?;
            world.dynamodb.made_from.remove(&named());
            world.dynamodb.stream_labels.remove(&named());
            Ok(deleted)
        }
        "DescribeTable" => run(input, |request| database.describe_table(request)),
        "ListTables" => run(input, |request| database.list_tables(request)),
        "UpdateTable" => {
            let updated = run(input, |request| database.update_table(request))?;
            world.dynamodb.stream_labels.remove(&named());
            Ok(updated)
        }
        "PutItem" => run(input, |request| database.put_item(request)),
        "GetItem" => run(input, |request| database.get_item(request)),
        "DeleteItem" => run(input, |request| database.delete_item(request)),
        "UpdateItem" => run(input, |request| database.update_item(request)),
        "Query" => run(input, |request| database.query(request)),
        "Scan" => run(input, |request| database.scan(request)),
        "BatchGetItem" => run(input, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(input, |request| database.batch_write_item(request)),
        "TransactWriteItems" => run(input, |request| database.transact_write_items(request)),
        "TransactGetItems" => run(input, |request| database.transact_get_items(request)),
        "UpdateTimeToLive" => run(input, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => run(input, |request| database.describe_time_to_live(request)),
        _ => Err(ApiError::unknown_operation("dynamodb", operation)),
    }
}

impl World {
    /// The text at `path` in a row, for whoever looks on: asked of nobody's rights, and in no log. Nothing where there is
    /// no such row, or no text in that place.
    pub fn row_text(
        &mut self,
        account: &str,
        table: &str,
        key: [(&str, &str); 2],
        path: &[&str],
    ) -> Option<String> {
        let key = key.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
        let request = GetItemRequest {
            table_name: table.to_owned(),
            key: key.into(),
            consistent_read: Some(true),
            ..GetItemRequest::default()
        };
        let found = database(self, account).ok()?.get_item(request).ok()?;
        let mut value = AttributeValue::M(found.item?);
        for name in path {
            let AttributeValue::M(mut members) = value else {
                return None;
            };
            value = members.remove(*name)?;
        }
        match value {
            AttributeValue::S(text) => Some(text),
            _ => None,
        }
    }
}

fn database<'a>(world: &'a mut World, account: &str) -> Result<&'a Database, ApiError> {
    if !world.dynamodb.databases.contains_key(account) {
        let database = open(&world.clock)?;
        world.dynamodb.databases.insert(account.to_owned(), database);
    }
    world
        .dynamodb
        .databases
        .get(account)
        .ok_or_else(|| ApiError::internal("the database is gone"))
}

fn run<Request: DeserializeOwned, Answer: Serialize>(
    input: &Value,
    operation: impl FnOnce(Request) -> Result<Answer, DynoxideError>,
) -> Result<Value, ApiError> {
    let request = Request::deserialize(input).map_err(|error| unreadable(&error.to_string()))?;
    let answer = operation(request).map_err(|error| answer_error(&error))?;
    serde_json::to_value(answer).map_err(|error| ApiError::internal(error.to_string()))
}

/// The error for a request that the database's types refuse: they mark what DynamoDB words as a validation error.
fn unreadable(message: &str) -> ApiError {
    let without_position = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    for (marker, code) in [
        ("VALIDATION:", "ValidationException"),
        ("VALIDATION_REQUEST:", "ValidationException"),
        ("VALIDATION_AS_READ:", "ValidationException"),
        ("SERIALIZATION:", "SerializationException"),
        ("SERIALIZATION_AS_READ:", "SerializationException"),
    ] {
        if let Some(text) = without_position.strip_prefix(marker) {
            return ApiError::new(code, text);
        }
    }
    let is_validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "AttributeValue",
    ]
    .iter()
    .any(|part| message.contains(part));
    let code = if is_validation {
        "ValidationException"
    } else {
        "SerializationException"
    };
    ApiError::new(code, without_position)
}

/// The database's error with all members of its body, for example the reasons of a cancelled transaction.
fn answer_error(error: &DynoxideError) -> ApiError {
    let body: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
    let text = |member: &str| body.get(member).and_then(Value::as_str);
    let code = text("__type")
        .and_then(|kind| kind.rsplit('#').next())
        .unwrap_or("InternalServerError");
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    ApiError {
        status: error.status_code(),
        details: Some(body.clone()),
        ..ApiError::new(code, message)
    }
}

/// ARN of a table that is called so.
fn table_arn(world: &World, principal: &Principal, name: &str) -> String {
    if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!(
            "arn:aws:dynamodb:{}:{}:table/{name}",
            world.region, principal.account
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
        handle(world, &Principal::root(ACCOUNT), operation, &input)
    }

    fn world_with_table() -> World {
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        let input = json!({
            "TableName": "workbench", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        });
        call(&mut world, "CreateTable", input).unwrap();
        world
    }

    #[test]
    fn a_condition_that_fails_keeps_the_item() {
        let mut world = world_with_table();
        let put = json!({"TableName": "workbench", "Item": {"pk": {"S": "a"}, "rev": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(pk)", "ReturnConsumedCapacity": "TOTAL"});
        let answer = call(&mut world, "PutItem", put.clone()).unwrap();
        assert!(
            answer["ConsumedCapacity"]["CapacityUnits"].is_number(),
            "{answer}"
        );
        let error = call(&mut world, "PutItem", put).unwrap_err();
        assert_eq!(error.code, "ConditionalCheckFailedException");
    }

    #[test]
    fn a_cancelled_transaction_tells_the_reason_for_each_item() {
        let mut world = world_with_table();
        let put = |key: &str| {
            json!({"Put": {"TableName": "workbench", "Item": {"pk": {"S": key}},
                "ConditionExpression": "attribute_not_exists(pk)"}})
        };
        call(
            &mut world,
            "TransactWriteItems",
            json!({"TransactItems": [put("a")]}),
        )
        .unwrap();
        let error = call(
            &mut world,
            "TransactWriteItems",
            json!({"TransactItems": [put("b"), put("a")]}),
        )
        .unwrap_err();
        assert_eq!(error.code, "TransactionCanceledException");
        let reasons = &error.details.unwrap()["CancellationReasons"];
        assert_eq!(
            (&reasons[0]["Code"], &reasons[1]["Code"]),
            (&json!("None"), &json!("ConditionalCheckFailed"))
        );
    }

    #[test]
    fn accounts_have_their_own_tables_and_bad_requests_are_validation_errors() {
        let mut world = world_with_table();
        let other = handle(
            &mut world,
            &Principal::root("444455556666"),
            "DescribeTable",
            &json!({"TableName": "workbench"}),
        );
        assert_eq!(other.unwrap_err().code, "ResourceNotFoundException");
        let short = call(&mut world, "Query", json!({"TableName": "t"})).unwrap_err();
        assert_eq!(short.code, "ValidationException", "{short}");
    }
}
