//! Executions: started with checked parameters, read, stopped, signalled.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::describe;
use super::document::{Document, Parameter, ParameterType};
use super::execution::{Execution, Start, Status};
use super::interpreter;
use super::reference::resolve;
use super::store::{self, Missing};
use super::values::parameter_or_variable;
use crate::error::ApiError;
use crate::request::parse;
use crate::scalar::scalar_text;
use crate::world::{Principal, World};

/// Most automations that an account can run at a time (Systems Manager quotas).
const MAX_RUNNING: usize = 100;

pub(super) fn arn(world: &World, account: &str, id: &str) -> String {
    format!("arn:aws:ssm:{}:{account}:automation-execution/{id}", world.region)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StartAutomationExecution {
    document_name: String,
    document_version: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, Vec<String>>,
    client_token: Option<String>,
    mode: Option<String>,
    #[serde(rename = "Tags")]
    _tags: Option<Value>,
}

pub(super) fn start(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: StartAutomationExecution = parse("StartAutomationExecution", input)?;
    if request.mode.as_deref().is_some_and(|mode| mode != "Auto") {
        return Err(ApiError::validation(
            "Mode must be `Auto`; the local ssm knows no other",
        ));
    }
    if let Some(token) = &request.client_token {
        if uuid::Uuid::parse_str(token).is_err() || token.len() != 36 {
            return Err(ApiError::validation(format!(
                "ClientToken `{token}` must be a UUID"
            )));
        }
        let known = world.ssm.executions.values().find(|execution| {
            execution.account() == principal.account && execution.client_token.as_deref() == Some(token)
        });
        if let Some(known) = known {
            if known.given == request.parameters && known.requested_document == request.document_name {
                return Ok(json!({ "AutomationExecutionId": known.id }));
            }
            return Err(ApiError::new(
                "IdempotentParameterMismatch",
                format!("ClientToken `{token}` was used with another document or other parameters"),
            ));
        }
    }
    let found = store::find(
        world,
        &principal.account,
        &request.document_name,
        request.document_version.as_deref(),
    )
    .map_err(|missing| match missing {
        Missing::Document => ApiError::new(
            "AutomationDefinitionNotFoundException",
            format!(
                "document `{}` does not exist or is not shared with account {}",
                request.document_name, principal.account
            ),
        ),
        Missing::Version => ApiError::new(
            "AutomationDefinitionVersionNotFoundException",
            format!("document `{}` has no such version", request.document_name),
        ),
    })?;
    let refuse = |reason| ApiError::new("InvalidAutomationExecutionParametersException", reason);
    let parameters = parameters(&found.document, &request.parameters).map_err(refuse)?;
    let running = world
        .ssm
        .executions
        .values()
        .filter(|execution| execution.account() == principal.account && !execution.status.is_final());
    if running.count() >= MAX_RUNNING || !world.faults.has_room_for_automation() {
        return Err(ApiError::new(
            "AutomationExecutionLimitExceededException",
            format!(
                "account {} already runs {MAX_RUNNING} automations",
                principal.account
            ),
        ));
    }
    let runs_as = runs_as(world, principal, &found.document, &parameters)?;
    let id = interpreter::start(
        world,
        Start {
            principal: runs_as,
            executed_by: principal.arn.clone(),
            requested_document: request.document_name,
            document_name: found.name,
            document_version: found.version,
            document: found.document,
            given: request.parameters,
            parameters,
            client_token: request.client_token,
        },
    );
    Ok(json!({ "AutomationExecutionId": id }))
}

/// The caller, or the role that the document's `assumeRole` names.
fn runs_as(
    world: &mut World,
    principal: &Principal,
    document: &Document,
    parameters: &BTreeMap<String, Value>,
) -> Result<Principal, ApiError> {
    let Some(role) = &document.assume_role else {
        return Ok(principal.clone());
    };
    let refuse = |reason| ApiError::new("InvalidAutomationExecutionParametersException", reason);
    let role = resolve(&Value::String(role.clone()), &|reference| {
        parameter_or_variable(world, &principal.account, parameters, reference)
    })
    .map_err(refuse)?;
    let role = role.as_str().unwrap_or_default();
    if role.is_empty() {
        return Ok(principal.clone());
    }
    crate::iam::role_principal(world, role, "Automation").map_err(|error| {
        refuse(format!(
            "assumeRole `{role}` cannot be assumed: {}",
            error.message
        ))
    })
}

/// The values of all declared parameters, defaults filled in.
fn parameters(
    document: &Document,
    given: &BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, Value>, String> {
    if let Some(name) = given.keys().find(|name| !document.parameters.contains_key(*name)) {
        return Err(format!("parameter `{name}` is not defined in the document"));
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in &document.parameters {
        let value = match (given.get(name), &parameter.default) {
            (Some(given), _) => {
                let value = typed(name, parameter.kind, given)?;
                check_value(name, parameter, &value)?;
                value
            }
            (None, Some(default)) => default.clone(),
            (None, None) => return Err(format!("parameter `{name}` is required and has no value")),
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// The request's list of strings as a value of the parameter's type.
fn typed(name: &str, kind: ParameterType, given: &[String]) -> Result<Value, String> {
    let single = || match given {
        [value] => Ok(value.as_str()),
        _ => Err(format!("parameter `{name}` takes one value, not {}", given.len())),
    };
    let mistyped = |what: &str| format!("parameter `{name}` must be {what}");
    match kind {
        ParameterType::String => single().map(|text| json!(text)),
        ParameterType::StringList => Ok(json!(given)),
        ParameterType::Boolean => match single()? {
            "true" | "True" => Ok(json!(true)),
            "false" | "False" => Ok(json!(false)),
            _ => Err(mistyped("true or false")),
        },
        ParameterType::Integer => single()?
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| mistyped("an integer")),
        ParameterType::StringMap => serde_json::from_str(single()?)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| mistyped("a map, written as JSON")),
        ParameterType::MapList => given
            .iter()
            .map(|item| serde_json::from_str(item).ok().filter(Value::is_object))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array)
            .ok_or_else(|| mistyped("a list of maps, each written as JSON")),
    }
}

/// Checks a value against a parameter's type and rules.
///
/// # Errors
/// The rule that the value breaks, with the parameter's name.
pub(super) fn check_value(name: &str, parameter: &Parameter, value: &Value) -> Result<(), String> {
    let fits = match parameter.kind {
        ParameterType::String => value.is_string(),
        ParameterType::StringList | ParameterType::MapList => value.is_array(),
        ParameterType::Boolean => value.is_boolean(),
        ParameterType::Integer => value.is_i64(),
        ParameterType::StringMap => value.is_object(),
    };
    if !fits {
        return Err(format!(
            "parameter `{name}` must be of type {}",
            parameter.kind_name
        ));
    }
    let items: Vec<&Value> = value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect());
    let (least, most) = parameter.items;
    if let Some(list) = value.as_array()
        && (least.is_some_and(|least| list.len() < least) || most.is_some_and(|most| list.len() > most))
    {
        return Err(format!(
            "parameter `{name}` has {} items, outside minItems and maxItems",
            list.len()
        ));
    }
    for item in items {
        if !parameter.allowed_values.is_empty()
            && !parameter
                .allowed_values
                .iter()
                .any(|allowed| scalar_text(allowed) == scalar_text(item))
        {
            let allowed: Vec<_> = parameter.allowed_values.iter().filter_map(scalar_text).collect();
            return Err(format!(
                "parameter `{name}` must be one of allowedValues [{}]",
                allowed.join(", ")
            ));
        }
        let Some(text) = item.as_str() else { continue };
        if let Some(pattern) = &parameter.allowed_pattern
            && !pattern.is_match(text)
        {
            return Err(format!(
                "parameter `{name}` does not match allowedPattern `{pattern}`"
            ));
        }
        let chars = text.chars().count();
        let (least, most) = parameter.chars;
        if least.is_some_and(|least| chars < least) || most.is_some_and(|most| chars > most) {
            return Err(format!(
                "parameter `{name}` has {chars} characters, outside minChars and maxChars"
            ));
        }
    }
    Ok(())
}

fn own<'a>(world: &'a World, principal: &Principal, id: &str) -> Result<&'a Execution, ApiError> {
    world
        .ssm
        .executions
        .get(id)
        .filter(|execution| execution.account() == principal.account)
        .ok_or_else(|| {
            ApiError::new(
                "AutomationExecutionNotFoundException",
                format!("automation execution `{id}` does not exist"),
            )
        })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetAutomationExecution {
    automation_execution_id: String,
}

pub(super) fn get(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: GetAutomationExecution = parse("GetAutomationExecution", input)?;
    let execution = own(world, principal, &request.automation_execution_id)?;
    Ok(json!({ "AutomationExecution": describe::execution(execution) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeAutomationExecutions {
    #[serde(default)]
    filters: Vec<Filter>,
    #[serde(rename = "MaxResults")]
    _max_results: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    key: String,
    values: Vec<String>,
}

/// All executions of the account in one page, newest first.
pub(super) fn list(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: DescribeAutomationExecutions = parse("DescribeAutomationExecutions", input)?;
    let mut found: Vec<&Execution> = world
        .ssm
        .executions
        .values()
        .filter(|execution| execution.account() == principal.account)
        .collect();
    for filter in &request.filters {
        let wanted = |value: &str| filter.values.iter().any(|wanted| wanted == value);
        match filter.key.as_str() {
            "DocumentNamePrefix" => found.retain(|execution| {
                filter
                    .values
                    .iter()
                    .any(|prefix| execution.document_name.starts_with(prefix))
            }),
            "ExecutionId" => found.retain(|execution| wanted(&execution.id)),
            "ExecutionStatus" => found.retain(|execution| wanted(execution.status.name())),
            other => {
                return Err(ApiError::new(
                    "InvalidFilterKey",
                    format!("filter `{other}` must be DocumentNamePrefix, ExecutionId or ExecutionStatus"),
                ));
            }
        }
    }
    found.sort_by(|left, right| (right.started, &right.id).cmp(&(left.started, &left.id)));
    let shown: Vec<_> = found.into_iter().map(describe::metadata).collect();
    Ok(json!({ "AutomationExecutionMetadataList": shown }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StopAutomationExecution {
    automation_execution_id: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

pub(super) fn stop(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: StopAutomationExecution = parse("StopAutomationExecution", input)?;
    if request.kind.as_deref().is_some_and(|kind| kind != "Cancel") {
        return Err(ApiError::validation(
            "Type must be `Cancel`; the local ssm knows no other",
        ));
    }
    let status = own(world, principal, &request.automation_execution_id)?.status;
    if status.is_final() {
        return Err(ApiError::new(
            "InvalidAutomationStatusUpdateException",
            format!("the automation execution has already ended: {}", status.name()),
        ));
    }
    interpreter::cancel(world, &request.automation_execution_id);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendAutomationSignal {
    automation_execution_id: String,
    signal_type: String,
    #[serde(rename = "Payload")]
    _payload: Option<Value>,
}

/// `Resume` ends a pause.
pub(super) fn signal(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: SendAutomationSignal = parse("SendAutomationSignal", input)?;
    let status = own(world, principal, &request.automation_execution_id)?.status;
    if request.signal_type != "Resume" || status != Status::Waiting {
        return Err(ApiError::new(
            "InvalidAutomationSignalException",
            "only `Resume` can be sent, to an execution that waits in aws:pause",
        ));
    }
    interpreter::resume(world, &request.automation_execution_id);
    Ok(json!({}))
}
