//! `AWS::DynamoDB::Table`. `Ref` is the name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Caller, Change, New, Physical, ResourceType};
use crate::dynamodb::stream_arn;
use crate::world::Service::DynamoDb;

pub(super) struct Table;

/// Properties that decide what the table is.
const SCHEMA: [&str; 5] = [
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "ProvisionedThroughput",
];

/// What of each change the table's stream has. CloudFormation switches the stream on by it.
const STREAM: &str = "StreamSpecification";

/// A table that has it is not deleted, not even by the stack's own rollback.
const PROTECTION: &str = "DeletionProtectionEnabled";

fn expire(caller: &mut Caller<'_>, new: &New, name: &str) -> Result<(), String> {
    let Some(specification) = new.properties.get("TimeToLiveSpecification") else {
        return Ok(());
    };
    let request = json!({ "TableName": name, "TimeToLiveSpecification": specification });
    caller.call(DynamoDb, "UpdateTimeToLive", &request).map(drop)
}

/// The stream as DynamoDB is asked for it.
fn stream(new: &New) -> Value {
    match new.properties.get(STREAM) {
        Some(specification) => {
            json!({ "StreamEnabled": true, "StreamViewType": specification["StreamViewType"] })
        }
        None => json!({ "StreamEnabled": false }),
    }
}

/// What `Fn::GetAtt` comes to.
fn attributes(caller: &mut Caller<'_>, name: &str) -> Result<BTreeMap<String, Value>, String> {
    let arn = format!(
        "arn:aws:dynamodb:{}:{}:table/{name}",
        caller.world.region, caller.principal.account
    );
    let stream =
        stream_arn(caller.world, &caller.principal.clone(), name).map_err(|error| error.to_string())?;
    let stream = stream.map(|arn| ("StreamArn".to_owned(), json!(arn)));
    Ok(std::iter::once(("Arn".to_owned(), json!(arn)))
        .chain(stream)
        .collect())
}

impl ResourceType for Table {
    fn name(&self) -> &'static str {
        "AWS::DynamoDB::Table"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "AttributeDefinitions",
            "BillingMode",
            "DeletionProtectionEnabled",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "PointInTimeRecoverySpecification",
            "ProvisionedThroughput",
            "SSESpecification",
            "StreamSpecification",
            "TableClass",
            "TableName",
            "Tags",
            "TimeToLiveSpecification",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["KeySchema"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "StreamArn"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("TableName")
            .map_or_else(|| new.long_name(255), str::to_owned);
        let mut request = new.request(&SCHEMA);
        request.insert("TableName".to_owned(), json!(name));
        if let Some(protected) = new.properties.get(PROTECTION) {
            request.insert(PROTECTION.to_owned(), protected.clone());
        }
        if new.properties.contains_key(STREAM) {
            request.insert(STREAM.to_owned(), stream(new));
        }
        let answer = caller.call(DynamoDb, "CreateTable", &Value::Object(request))?;
        tracing::debug!(table = name, %answer, "table made");
        let mut table = Physical {
            attributes: attributes(caller, &name)?,
            ..Physical::new(new, &*name, &[])
        };
        if let Err(reason) = expire(caller, new, &name) {
            self.delete(caller, &mut table)
                .map_err(|also| format!("{reason}; and the table stays: {also}"))?;
            return Err(reason);
        }
        Ok(table)
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &SCHEMA) || new.differs(old, &["TableName"]) {
            return Ok(Change::Replace);
        }
        if new.differs(old, &["TimeToLiveSpecification"]) {
            expire(caller, new, &old.id)?;
        }
        if new.differs(old, &[PROTECTION]) {
            let protected = new.properties.get(PROTECTION).unwrap_or(&Value::Bool(false));
            let request = json!({ "TableName": old.id, PROTECTION: protected });
            caller.call(DynamoDb, "UpdateTable", &request)?;
        }
        if new.differs(old, &[STREAM]) {
            let request = json!({ "TableName": old.id, STREAM: stream(new) });
            caller.call(DynamoDb, "UpdateTable", &request)?;
            return Ok(Change::InPlace(Physical {
                attributes: attributes(caller, &old.id)?,
                properties: new.properties.clone(),
                ..old.clone()
            }));
        }
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "TableName": physical.id });
        caller.call_unless_gone(DynamoDb, "DeleteTable", &request, &["ResourceNotFoundException"])?;
        Ok(true)
    }
}
