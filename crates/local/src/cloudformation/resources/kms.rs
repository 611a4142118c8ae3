//! `AWS::KMS::*`: keys and their aliases.

use serde_json::{Value, json};

use super::one_call::{OneCall, Update};
use super::{Physical, answered};
use crate::world::Service::Kms;

/// `Ref` is the key's id.
pub(super) const KEY: OneCall = OneCall {
    name: "AWS::KMS::Key",
    properties: &[
        "Description",
        "Enabled",
        "EnableKeyRotation",
        "KeyPolicy",
        "KeySpec",
        "KeyUsage",
        "MultiRegion",
        "PendingWindowInDays",
        "Tags",
    ],
    required: &[],
    attributes: &["Arn", "KeyId"],
    service: Kms,
    create: ("CreateKey", |new| {
        let mut request = new.request(&["Description", "KeySpec", "KeyUsage", "MultiRegion"]);
        if let Some(policy) = new.properties.get("KeyPolicy") {
            request.insert("Policy".to_owned(), json!(super::policy_text(policy)));
        }
        Value::Object(request)
    }),
    made: |_, new, answer| {
        let (id, arn) = (
            answered(answer, "/KeyMetadata/KeyId"),
            answered(answer, "/KeyMetadata/Arn"),
        );
        Physical::new(new, &*id, &[("Arn", &arn), ("KeyId", &id)])
    },
    update: Some(Update {
        operation: "PutKeyPolicy",
        request: |old, new| {
            let policy = super::policy_text(&new.properties["KeyPolicy"]);
            json!({ "KeyId": old.id, "Policy": policy })
        },
        properties: &[
            "Description",
            "EnableKeyRotation",
            "KeyPolicy",
            "PendingWindowInDays",
            "Tags",
        ],
    }),
    delete: ("ScheduleKeyDeletion", |key| {
        let mut request = json!({ "KeyId": key.id });
        if let Some(days) = key.properties.get("PendingWindowInDays") {
            request["PendingWindowInDays"] = days.clone();
        }
        request
    }),
    gone: &["NotFoundException"],
};

/// `Ref` is the alias.
pub(super) const ALIAS: OneCall = OneCall {
    name: "AWS::KMS::Alias",
    properties: &["AliasName", "TargetKeyId"],
    required: &["AliasName", "TargetKeyId"],
    attributes: &[],
    service: Kms,
    create: ("CreateAlias", |new| {
        Value::Object(new.request(&["AliasName", "TargetKeyId"]))
    }),
    made: |_, new, _| Physical::new(new, new.text("AliasName").unwrap_or_default(), &[]),
    update: Some(Update {
        operation: "UpdateAlias",
        request: |_, new| Value::Object(new.request(&["AliasName", "TargetKeyId"])),
        properties: &["TargetKeyId"],
    }),
    delete: ("DeleteAlias", |alias| json!({ "AliasName": alias.id })),
    gone: &["NotFoundException"],
};
