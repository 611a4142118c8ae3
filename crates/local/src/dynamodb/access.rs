//! What a caller must be allowed for an operation, on which tables and indexes.

use serde_json::Value;

use super::table_arn;
use crate::world::{Principal, World};

/// The IAM actions that an operation needs, each with its resources. Batches and transactions need the actions of
/// what they hold, as
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html> says under IAM.
pub(crate) fn actions(
    world: &World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Vec<(String, Vec<String>)> {
    let parts: &[(&str, &str)] = match operation {
        "TransactWriteItems" => &[
            ("Put", "PutItem"),
            ("Update", "UpdateItem"),
            ("Delete", "DeleteItem"),
            ("ConditionCheck", "ConditionCheckItem"),
        ],
        "TransactGetItems" => &[("Get", "GetItem")],
        _ => {
            return vec![(
                format!("dynamodb:{operation}"),
                resources(world, principal, operation, input),
            )];
        }
    };
    let items = input
        .get("TransactItems")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    items
        .flat_map(|item| {
            parts
                .iter()
                .filter_map(move |(part, action)| Some((item.get(part)?, action)))
        })
        .filter_map(|(part, action)| {
            let table = part.get("TableName")?.as_str()?;
            Some((
                format!("dynamodb:{action}"),
                vec![table_arn(world, principal, table)],
            ))
        })
        .collect()
}

pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let arn = |name: &str| table_arn(world, principal, name);
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    match (operation, text("TableName"), text("IndexName")) {
        ("Query" | "Scan", Some(table), Some(index)) => vec![format!("{}/index/{index}", arn(table))],
        (_, Some(table), _) => vec![arn(table)],
        ("BatchGetItem" | "BatchWriteItem", None, _) => input
            .get("RequestItems")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|tables| tables.keys())
            .map(|table| arn(table))
            .collect(),
        ("TransactWriteItems" | "TransactGetItems", None, _) => {
            let mut tables: Vec<String> = actions(world, principal, operation, input)
                .into_iter()
                .flat_map(|(_, resources)| resources)
                .collect();
            tables.sort();
            tables.dedup();
            tables
        }
        _ => vec!["*".to_owned()],
    }
}
