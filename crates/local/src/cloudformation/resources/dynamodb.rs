//! `AWS::DynamoDB::Table`. `Ref` is the name.

use serde_json::{Value, json};

use super::{Caller, Change, New, Physical, ResourceType};
use crate::world::Service::DynamoDb;

pub(super) struct Table;

/// Properties that decide what the table is.
const SCHEMA: [&str; 6] = [
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "ProvisionedThroughput",
    "StreamSpecification",
];

/// A table that has it is not deleted, not even by the stack's own rollback.
const PROTECTION: &str = "DeletionProtectionEnabled";

fn expire(caller: &mut Caller<'_>, new: &New, name: &str) -> Result<(), String> {
    let Some(specification) = new.properties.get("TimeToLiveSpecification") else {
        return Ok(());
    };
    let request = json!({ "TableName": name, "TimeToLiveSpecification": specification });
    caller.call(DynamoDb, "UpdateTimeToLive", &request).map(drop)
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
        &["Arn"]
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
        let answer = caller.call(DynamoDb, "CreateTable", &Value::Object(request))?;
        let arn = format!(
            "arn:aws:dynamodb:{}:{}:table/{name}",
            caller.world.region, caller.principal.account
        );
        tracing::debug!(table = name, %answer, "table made");
        let mut table = Physical::new(new, &*name, &[("Arn", &arn)]);
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
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "TableName": physical.id });
        caller.call_unless_gone(DynamoDb, "DeleteTable", &request, &["ResourceNotFoundException"])?;
        Ok(true)
    }
}
