//! PutEvents: what an entry must be.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{bus_account, bus_arn, delivery};
use crate::error::ApiError;
use crate::iam::Context;
use crate::input::Input;
use crate::world::{Principal, World};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
const MOST_ENTRIES: usize = 10;
const MOST_BYTES: usize = 256 * 1024;

const ENTRY: [&str; 7] = [
    "Source",
    "DetailType",
    "Detail",
    "Resources",
    "EventBusName",
    "Time",
    "TraceHeader",
];

pub(super) fn put_events(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("PutEvents", input, &["Entries"])?;
    let entries = input.list("Entries")?;
    if entries.is_empty() || entries.len() > MOST_ENTRIES {
        return Err(ApiError::validation(format!(
            "`Entries` must have 1 to {MOST_ENTRIES} entries"
        )));
    }
    let entries: Vec<Input<'_>> = entries
        .iter()
        .map(|entry| Input::read("PutEvents", entry, &ENTRY))
        .collect::<Result<_, _>>()?;
    let mut bytes = 0;
    for entry in &entries {
        bytes += size(entry)?;
    }
    if bytes > MOST_BYTES {
        return Err(ApiError::validation(format!(
            "the entries have {bytes} bytes; a request can have {MOST_BYTES}"
        )));
    }
    let mut failed = 0;
    let mut answers = Vec::new();
    for entry in &entries {
        match put_one(world, principal, entry) {
            Ok(id) => answers.push(json!({ "EventId": id })),
            Err(error) => {
                failed += 1;
                answers.push(json!({ "ErrorCode": error.code, "ErrorMessage": error.message }));
            }
        }
    }
    Ok(json!({ "FailedEntryCount": failed, "Entries": answers }))
}

/// The size of an entry as the user guide computes it: 14 bytes for a time, and the bytes of its texts.
fn size(entry: &Input<'_>) -> Result<usize, ApiError> {
    let mut bytes = if entry.value("Time").is_some() { 14 } else { 0 };
    for member in ["Source", "DetailType", "Detail"] {
        bytes += entry.optional_text(member)?.map_or(0, str::len);
    }
    Ok(bytes + entry.texts("Resources")?.iter().map(String::len).sum::<usize>())
}

fn put_one(world: &mut World, principal: &Principal, entry: &Input<'_>) -> Result<String, ApiError> {
    let invalid = |message: &str| ApiError::new("InvalidArgument", message);
    let required = |member: &str| {
        entry
            .optional_text(member)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                invalid(&format!(
                    "Parameter {member} is not valid. Reason: {member} is a required argument."
                ))
            })
    };
    let source = required("Source")?;
    let detail_type = required("DetailType")?;
    let detail: Value = serde_json::from_str(required("Detail")?)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| ApiError::new("MalformedDetail", "Detail is malformed."))?;
    if source.starts_with("aws.") {
        let message = "Not authorized for the source.";
        return Err(ApiError::new("NotAuthorizedForSourceException", message));
    }
    let name = entry.optional_text("EventBusName")?.unwrap_or("default");
    let account = bus_account(world, &principal.account, name)?;
    let time = entry
        .value("Time")
        .and_then(Value::as_f64)
        .map_or(world.now, seconds);
    let resources = entry.texts("Resources")?;
    let envelope = delivery::Envelope {
        account: &principal.account,
        source,
        detail_type,
        time,
    };
    Ok(delivery::accept(world, &account, &envelope, detail, resources))
}

/// Sub-second parts are lost in an event's envelope anyway.
fn seconds(epoch: f64) -> Timestamp {
    let clamped = epoch.clamp(0.0, 1e11);
    Timestamp::UNIX_EPOCH
        .saturating_add(jiff::SignedDuration::from_secs_f64(clamped.trunc()))
        .unwrap_or(Timestamp::MAX)
}

/// ARNs of the buses that a PutEvents names.
pub(super) fn buses(world: &World, principal: &Principal, input: &Value) -> Vec<String> {
    let entries = input
        .get("Entries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut buses: Vec<String> = entries
        .map(|entry| match entry.get("EventBusName").and_then(Value::as_str) {
            Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
            _ => bus_arn(world, &principal.account),
        })
        .collect();
    buses.sort();
    buses.dedup();
    buses
}

/// Condition keys of a PutEvents: `events:source` and `events:detail-type` of its entries.
pub(crate) fn add_context(context: &mut Context, input: &Value) {
    let entries = input
        .get("Entries")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for (member, key) in [("Source", "events:source"), ("DetailType", "events:detail-type")] {
        let values: Vec<String> = entries
            .iter()
            .filter_map(|entry| entry.get(member).and_then(Value::as_str).map(str::to_owned))
            .collect();
        if !values.is_empty() {
            context.set_all(key, values);
        }
    }
}
