//! Keys: made, described, kept from use, scheduled for deletion.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{find, not_found};
use crate::error::ApiError;
use crate::iam::{Kind, Policy};
use crate::input::Input;
use crate::request::epoch_seconds;
use crate::world::{Principal, World};

/// A key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) account: String,
    id: String,
    description: String,
    pub(super) policy: Policy,
    pub(super) state: KeyState,
    rotates: bool,
    tags: BTreeMap<String, String>,
    created: Timestamp,
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyState {
    Enabled,
    Disabled,
    /// Until it is gone for good.
    PendingDeletion(Timestamp),
}

impl Key {
    fn describe(&self, arn: &str) -> Value {
        let state = match self.state {
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion(_) => "PendingDeletion",
        };
        let mut described = json!({
            "AWSAccountId": self.account,
            "KeyId": self.id,
            "Arn": arn,
            "Description": self.description,
            "CreationDate": epoch_seconds(self.created),
            "Enabled": self.state == KeyState::Enabled,
            "KeyState": state,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyManager": "CUSTOMER",
            "Origin": "AWS_KMS",
            "MultiRegion": false,
        });
        if let KeyState::PendingDeletion(at) = self.state {
            described["DeletionDate"] = json!(epoch_seconds(at));
        }
        described
    }

    /// `KMSInvalidStateException`.
    pub(super) fn wrong_state(&self) -> ApiError {
        let state = match self.state {
            KeyState::Enabled => "enabled",
            KeyState::Disabled => "disabled",
            KeyState::PendingDeletion(_) => "pending deletion",
        };
        ApiError::new(
            "KMSInvalidStateException",
            format!("the key `{}` is {state}", self.id),
        )
    }
}

pub(super) fn arn(world: &World, account: &str, id: &str) -> String {
    format!("arn:aws:kms:{}:{account}:key/{id}", world.region)
}

pub(super) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    let account = principal.account.as_str();
    match operation {
        "CreateKey" => create(
            world,
            account,
            &read(&["Description", "Policy", "KeyUsage", "KeySpec", "Tags"])?,
        ),
        "DescribeKey" => {
            let (arn, key) = key(world, account, &read(&["KeyId"])?)?;
            Ok(json!({ "KeyMetadata": key.describe(&arn) }))
        }
        "EnableKeyRotation" | "DisableKeyRotation" => {
            usable(world, account, &read(&["KeyId"])?)?.rotates = operation == "EnableKeyRotation";
            Ok(json!({}))
        }
        "GetKeyRotationStatus" => {
            let (_, key) = key(world, account, &read(&["KeyId"])?)?;
            Ok(json!({ "KeyRotationEnabled": key.rotates }))
        }
        "EnableKey" | "DisableKey" => {
            let (_, key) = key(world, account, &read(&["KeyId"])?)?;
            if matches!(key.state, KeyState::PendingDeletion(_)) {
                return Err(key.wrong_state());
            }
            key.state = if operation == "EnableKey" {
                KeyState::Enabled
            } else {
                KeyState::Disabled
            };
            Ok(json!({}))
        }
        "GetKeyPolicy" => {
            let (_, key) = key(world, account, &read(&["KeyId", "PolicyName"])?)?;
            Ok(json!({ "Policy": key.policy.text, "PolicyName": "default" }))
        }
        "PutKeyPolicy" => {
            let input = read(&["KeyId", "PolicyName", "Policy"])?;
            let policy = policy(input.text("Policy")?)?;
            usable(world, account, &input)?.policy = policy;
            Ok(json!({}))
        }
        "UpdateKeyDescription" => {
            let input = read(&["KeyId", "Description"])?;
            let description = input.text("Description")?.to_owned();
            usable(world, account, &input)?.description = description;
            Ok(json!({}))
        }
        "TagResource" => {
            let input = read(&["KeyId", "Tags"])?;
            let tags = tags(&input)?;
            usable(world, account, &input)?.tags.extend(tags);
            Ok(json!({}))
        }
        "ScheduleKeyDeletion" => schedule_deletion(world, account, &read(&["KeyId", "PendingWindowInDays"])?),
        "CancelKeyDeletion" => {
            let (arn, key) = key(world, account, &read(&["KeyId"])?)?;
            if !matches!(key.state, KeyState::PendingDeletion(_)) {
                return Err(key.wrong_state());
            }
            // A key that was saved has to be enabled before it can be used.
            key.state = KeyState::Disabled;
            Ok(json!({ "KeyId": arn }))
        }
        _ => Err(ApiError::unknown_operation("kms", operation)),
    }
}

fn create(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    for (member, only) in [("KeyUsage", "ENCRYPT_DECRYPT"), ("KeySpec", "SYMMETRIC_DEFAULT")] {
        if let Some(other) = input.optional_text(member)?.filter(|value| *value != only) {
            return Err(ApiError::new(
                "UnsupportedOperationException",
                format!("the local KMS has `{only}` keys only; `{member}` is `{other}`"),
            ));
        }
    }
    let default = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
    }]});
    let policy = match input.optional_text("Policy")? {
        Some(text) => policy(text)?,
        None => policy(&default.to_string())?,
    };
    let tags = tags(input)?;
    let id = world.new_uuid();
    let arn = arn(world, account, &id);
    let key = Key {
        account: account.to_owned(),
        id,
        description: input.optional_text("Description")?.unwrap_or_default().to_owned(),
        policy,
        state: KeyState::Enabled,
        rotates: false,
        tags,
        created: world.now,
    };
    let described = key.describe(&arn);
    world.kms.keys.insert(arn, key);
    Ok(json!({ "KeyMetadata": described }))
}

fn schedule_deletion(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let days = input.integer("PendingWindowInDays", 7..=30)?.unwrap_or(30);
    let wait = SignedDuration::from_hours(24 * days);
    let at = world.now.saturating_add(wait).unwrap_or(Timestamp::MAX);
    let (arn, key) = key(world, account, input)?;
    if matches!(key.state, KeyState::PendingDeletion(_)) {
        return Err(key.wrong_state());
    }
    key.state = KeyState::PendingDeletion(at);
    let answer = json!({
        "KeyId": arn,
        "DeletionDate": epoch_seconds(at),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    });
    world.schedule(wait, move |world| {
        let due = |key: &Key| key.state == KeyState::PendingDeletion(at);
        if world.kms.keys.get(&arn).is_some_and(due) {
            world.kms.keys.remove(&arn);
            world.kms.aliases.retain(|_, target| *target != arn);
        }
    });
    Ok(answer)
}

fn policy(text: &str) -> Result<Policy, ApiError> {
    Policy::parse(text, Kind::Resource)
        .map_err(|error| ApiError::new("MalformedPolicyDocumentException", error.message))
}

/// KMS has its own names for the members of a tag.
fn tags(input: &Input<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let tags = input.list("Tags")?.iter().map(|tag| {
        let tag = Input::read("Tags", tag, &["TagKey", "TagValue"])?;
        Ok((tag.text("TagKey")?.to_owned(), tag.text("TagValue")?.to_owned()))
    });
    tags.collect()
}

/// The key that a request names, in whatever state.
pub(super) fn key<'a>(
    world: &'a mut World,
    account: &str,
    input: &Input<'_>,
) -> Result<(String, &'a mut Key), ApiError> {
    let name = input.text("KeyId")?;
    let arn = find(world, account, name).ok_or_else(|| not_found(name))?;
    let key = world.kms.keys.get_mut(&arn).ok_or_else(|| not_found(name))?;
    Ok((arn, key))
}

/// The key that a request names, unless it is about to go.
fn usable<'a>(world: &'a mut World, account: &str, input: &Input<'_>) -> Result<&'a mut Key, ApiError> {
    let (_, key) = key(world, account, input)?;
    match key.state {
        KeyState::PendingDeletion(_) => Err(key.wrong_state()),
        KeyState::Enabled | KeyState::Disabled => Ok(key),
    }
}
