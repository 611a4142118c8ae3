//! `aws:executeAwsApi`, `aws:waitForAwsResourceProperty` and `aws:assertAwsResourceProperty`: calls made as the
//! execution's principal.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::super::selector::Selector;
use super::Progress;
use crate::error::ApiError;
use crate::scalar::scalar_text;
use crate::world::{Principal, Service, World};

/// Time between two looks at a property.
const POLL: SignedDuration = SignedDuration::from_secs(10);

/// The inputs that are the action's own; all others are members of the request.
const OWN: [&str; 4] = ["Service", "Api", "PropertySelector", "DesiredValues"];

pub(super) fn check(action: &str, inputs: &Map<String, Value>, property: bool) -> Result<(), String> {
    let required = if property { &OWN[..] } else { &OWN[..2] };
    for name in required {
        if !inputs.contains_key(*name) {
            return Err(format!("{action} needs the input `{name}`"));
        }
    }
    for name in ["Service", "Api"] {
        if !inputs.get(name).is_some_and(Value::is_string) {
            return Err(format!("{action}: input `{name}` must be a string"));
        }
    }
    if property {
        if !inputs.get("DesiredValues").is_some_and(Value::is_array) {
            return Err(format!("{action}: input `DesiredValues` must be a list"));
        }
        let selector = inputs
            .get("PropertySelector")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !selector.contains("{{") {
            Selector::parse(selector).map_err(|error| format!("{action}: {error}"))?;
        }
    }
    Ok(())
}

/// The answer, or the failure in the words an Automation step has for it.
fn call(world: &mut World, principal: &Principal, inputs: &Map<String, Value>) -> Result<Value, Refusal> {
    let text = |name: &str| inputs.get(name).and_then(Value::as_str).unwrap_or_default();
    let (service, api) = (text("Service"), text("Api"));
    let Some(known) = Service::from_prefix(service) else {
        return Err(Refusal {
            text: format!("unknown service `{service}` in the call of `{api}`"),
            throttled: false,
        });
    };
    let request: Map<String, Value> = inputs
        .iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    world
        .call(principal, known, api, &Value::Object(request))
        .map_err(|error| Refusal::new(api, &error))
}

struct Refusal {
    text: String,
    throttled: bool,
}

impl Refusal {
    fn new(api: &str, error: &ApiError) -> Self {
        Self {
            text: format!(
                "An error occurred ({}) when calling the {api} operation: {}",
                error.code, error.message
            ),
            throttled: error.code.contains("Throttl") || error.code == "TooManyRequestsException",
        }
    }
}

pub(super) fn execute(world: &mut World, principal: &Principal, inputs: &Map<String, Value>) -> Progress {
    match call(world, principal, inputs) {
        Ok(answer) => Progress::Done { answer, next: None },
        Err(refusal) => Progress::Failed(refusal.text),
    }
}

/// Looks once. Throttling is waited out as the service does; any other refusal fails the step.
pub(super) fn wait(world: &mut World, principal: &Principal, inputs: &Map<String, Value>) -> Progress {
    match call(world, principal, inputs) {
        Err(refusal) if refusal.throttled => Progress::Again(POLL),
        Err(refusal) => Progress::Failed(refusal.text),
        Ok(answer) => match desired(inputs, &answer) {
            Ok(Ok(())) => Progress::Done { answer, next: None },
            Ok(Err(_)) => Progress::Again(POLL),
            Err(reason) => Progress::Failed(reason),
        },
    }
}

pub(super) fn assert(world: &mut World, principal: &Principal, inputs: &Map<String, Value>) -> Progress {
    match call(world, principal, inputs) {
        Err(refusal) => Progress::Failed(refusal.text),
        Ok(answer) => match desired(inputs, &answer) {
            Ok(Ok(())) => Progress::Done { answer, next: None },
            Ok(Err(mismatch)) => Progress::Failed(mismatch),
            Err(reason) => Progress::Failed(reason),
        },
    }
}

/// Whether the selected property has one of the desired values; the inner error says what it has instead.
fn desired(inputs: &Map<String, Value>, answer: &Value) -> Result<Result<(), String>, String> {
    let selector = Selector::parse(
        inputs
            .get("PropertySelector")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    )?;
    let found = selector
        .select(answer)
        .ok_or_else(|| format!("selector `{selector}` of PropertySelector matches nothing in the answer"))?;
    let text = scalar_text(&found)
        .ok_or_else(|| format!("selector `{selector}` of PropertySelector must lead to a single value"))?;
    let wanted: Vec<String> = inputs
        .get("DesiredValues")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(scalar_text)
        .collect();
    if wanted.contains(&text) {
        return Ok(Ok(()));
    }
    Ok(Err(format!(
        "`{selector}` is `{text}`, not one of [{}]",
        wanted.join(", ")
    )))
}
