//! `AWS::Lambda::*`: functions, who may invoke them, and what feeds them.

use serde_json::{Value, json};

use super::one_call::{OneCall, Update};
use super::{Caller, Change, New, Physical, ResourceType, answered};
use crate::world::Service::Lambda;

const GONE: [&str; 1] = ["ResourceNotFoundException"];

/// What UpdateFunctionConfiguration changes.
const CONFIGURATION: [&str; 14] = [
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

/// `Ref` is the name.
pub(super) struct Function;

impl ResourceType for Function {
    fn name(&self) -> &'static str {
        "AWS::Lambda::Function"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "Architectures",
            "Code",
            "DeadLetterConfig",
            "Description",
            "Environment",
            "EphemeralStorage",
            "FunctionName",
            "Handler",
            "KmsKeyArn",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "PackageType",
            "ReservedConcurrentExecutions",
            "Role",
            "Runtime",
            "SnapStart",
            "Tags",
            "Timeout",
            "TracingConfig",
            "VpcConfig",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["Code", "Role"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("FunctionName")
            .map_or_else(|| new.long_name(64), str::to_owned);
        let mut request = new.request(&CONFIGURATION);
        request.extend(new.request(&["Architectures", "Code", "PackageType", "SnapStart"]));
        request.insert("FunctionName".to_owned(), json!(name));
        let answer = caller.call(Lambda, "CreateFunction", &Value::Object(request))?;
        Ok(Physical::new(
            new,
            name,
            &[("Arn", &answered(&answer, "/FunctionArn"))],
        ))
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["Architectures", "FunctionName", "PackageType"]) {
            return Ok(Change::Replace);
        }
        if new.differs(old, &["Code"]) {
            let code = new.properties.get("Code").and_then(Value::as_object);
            let mut request = code.cloned().unwrap_or_default();
            request.insert("FunctionName".to_owned(), json!(old.id));
            caller.call(Lambda, "UpdateFunctionCode", &Value::Object(request))?;
        }
        if new.differs(old, &CONFIGURATION) {
            let mut request = new.request(&CONFIGURATION);
            request.insert("FunctionName".to_owned(), json!(old.id));
            caller.call(Lambda, "UpdateFunctionConfiguration", &Value::Object(request))?;
        }
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "FunctionName": physical.id });
        caller.call_unless_gone(Lambda, "DeleteFunction", &request, &GONE)?;
        Ok(true)
    }
}

/// `Ref` is the statement's id.
pub(super) const PERMISSION: OneCall = OneCall {
    name: "AWS::Lambda::Permission",
    properties: &[
        "Action",
        "FunctionName",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ],
    required: &["Action", "FunctionName", "Principal"],
    attributes: &["Id"],
    service: Lambda,
    create: ("AddPermission", |new| {
        let members = [
            "Action",
            "FunctionName",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        ];
        let mut request = new.request(&members);
        request.insert("StatementId".to_owned(), json!(new.long_name(100)));
        Value::Object(request)
    }),
    made: |_, new, _| {
        let id = new.long_name(100);
        Physical::new(new, &*id, &[("Id", &id)])
    },
    update: None,
    delete: (
        "RemovePermission",
        |permission| json!({ "FunctionName": permission.text("FunctionName"), "StatementId": permission.id }),
    ),
    gone: &GONE,
};

const MAPPING: [&str; 9] = [
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "ScalingConfig",
    "StartingPosition",
];

/// `Ref` is the mapping's id.
pub(super) const EVENT_SOURCE_MAPPING: OneCall = OneCall {
    name: "AWS::Lambda::EventSourceMapping",
    properties: &MAPPING,
    required: &["EventSourceArn", "FunctionName"],
    attributes: &["Id"],
    service: Lambda,
    create: ("CreateEventSourceMapping", |new| {
        Value::Object(new.request(&MAPPING))
    }),
    made: |_, new, answer| {
        let id = answered(answer, "/UUID");
        Physical::new(new, &*id, &[("Id", &id)])
    },
    update: Some(Update {
        operation: "UpdateEventSourceMapping",
        request: |old, new| {
            let mut request = new.request(&MAPPING);
            request.remove("EventSourceArn");
            request.insert("UUID".to_owned(), json!(old.id));
            Value::Object(request)
        },
        properties: &[
            "BatchSize",
            "Enabled",
            "FilterCriteria",
            "FunctionName",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "ScalingConfig",
        ],
    }),
    delete: (
        "DeleteEventSourceMapping",
        |mapping| json!({ "UUID": mapping.id }),
    ),
    gone: &GONE,
};
