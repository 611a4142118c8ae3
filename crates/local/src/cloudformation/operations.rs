//! The operations on stacks.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::parameters::scalar_text;
use super::stacks::{self, Create, Stack};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateStack {
    stack_name: String,
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
    #[serde(default)]
    parameters: Vec<ParameterValue>,
    #[serde(default)]
    tags: Vec<Tag>,
    /// Every template here may make IAM resources; AWS wants to be told.
    #[serde(rename = "Capabilities")]
    _capabilities: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ParameterValue {
    parameter_key: String,
    parameter_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: CreateStack = parse("CreateStack", input)?;
    let valid_name = request.stack_name.starts_with(|c: char| c.is_ascii_alphabetic())
        && request
            .stack_name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
        && request.stack_name.len() <= 128;
    if !valid_name {
        return Err(ApiError::new(
            "ValidationError",
            format!(
                "StackName `{}` must be a letter and then at most 127 letters, digits and `-`",
                request.stack_name
            ),
        ));
    }
    let template = match (request.template_body, request.template_url) {
        (Some(body), None) => body,
        (None, Some(url)) => crate::s3::object(world, &url)
            .ok_or_else(|| ApiError::new("ValidationError", format!("no template at TemplateURL `{url}`")))?,
        _ => {
            return Err(ApiError::new(
                "ValidationError",
                "either TemplateBody or TemplateURL must be given",
            ));
        }
    };
    let parameters = request
        .parameters
        .into_iter()
        .map(|value| (value.parameter_key, value.parameter_value));
    let create = Create {
        name: request.stack_name,
        template,
        parameters: parameters.collect::<BTreeMap<_, _>>(),
        tags: request.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    };
    let id = stacks::create(world, principal, create)?;
    Ok(json!({ "StackId": id }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    stack_name: String,
}

fn missing(name: &str) -> ApiError {
    ApiError::new("ValidationError", format!("stack with id {name} does not exist"))
}

/// Deleting a stack that does not exist succeeds.
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: Named = parse("DeleteStack", input)?;
    let found = stacks::find(world, &principal.account, &request.stack_name).map(|stack| stack.id.clone());
    if let Some(id) = found {
        stacks::delete(world, principal, &id)?;
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeStacks {
    stack_name: Option<String>,
}

pub(super) fn describe(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: DescribeStacks = parse("DescribeStacks", input)?;
    let shown: Vec<Value> = match &request.stack_name {
        Some(name) => {
            vec![stack(
                stacks::find(world, &principal.account, name).ok_or_else(|| missing(name))?,
            )]
        }
        None => {
            let all = world.cloudformation.stacks.values();
            let live = all.filter(|stack| stack.account == principal.account && stack.deleted.is_none());
            live.map(stack).collect()
        }
    };
    Ok(json!({ "Stacks": shown }))
}

fn stack(stack: &Stack) -> Value {
    let parameters: Vec<_> = stack
        .parameters
        .iter()
        .map(|(name, value)| {
            let hidden = stack.template.parameters.get(name).is_some_and(|parameter| parameter.no_echo);
            let text = value
                .as_array()
                .map(|items| items.iter().filter_map(scalar_text).collect::<Vec<_>>().join(","))
                .or_else(|| scalar_text(value));
            json!({ "ParameterKey": name, "ParameterValue": if hidden { Some("****".to_owned()) } else { text } })
        })
        .collect();
    let outputs: Vec<_> = stack
        .outputs
        .iter()
        .map(|output| {
            let mut shown = json!({ "OutputKey": output.key, "OutputValue": output.value });
            if let Some(description) = &output.description {
                shown["Description"] = json!(description);
            }
            if let Some(export) = &output.export {
                shown["ExportName"] = json!(export);
            }
            shown
        })
        .collect();
    let tags: Vec<_> = stack
        .tags
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    let mut shown = json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "CreationTime": epoch_seconds(stack.created),
        "Parameters": parameters,
        "Outputs": outputs,
        "Tags": tags,
    });
    if let Some(description) = &stack.template.description {
        shown["Description"] = json!(description);
    }
    if let Some(reason) = &stack.reason {
        shown["StackStatusReason"] = json!(reason);
    }
    if let Some(deleted) = stack.deleted {
        shown["DeletionTime"] = json!(epoch_seconds(deleted));
    }
    shown
}

/// Newest first, in one page.
pub(super) fn describe_events(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: Named = parse("DescribeStackEvents", input)?;
    let stack = stacks::find(world, &principal.account, &request.stack_name)
        .ok_or_else(|| missing(&request.stack_name))?;
    let events: Vec<_> = stack
        .events
        .iter()
        .rev()
        .map(|event| {
            let mut shown = json!({
                "StackId": stack.id,
                "StackName": stack.name,
                "LogicalResourceId": event.logical_id,
                "PhysicalResourceId": event.physical_id,
                "ResourceType": event.kind,
                "ResourceStatus": event.status,
                "Timestamp": epoch_seconds(event.at),
            });
            if let Some(reason) = &event.reason {
                shown["ResourceStatusReason"] = json!(reason);
            }
            shown
        })
        .collect();
    Ok(json!({ "StackEvents": events }))
}

pub(super) fn describe_resources(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: Named = parse("DescribeStackResources", input)?;
    let stack = stacks::find(world, &principal.account, &request.stack_name)
        .ok_or_else(|| missing(&request.stack_name))?;
    let last = |name: &String| stack.events.iter().rev().find(|event| event.logical_id == *name);
    let resources: Vec<_> = stack
        .template
        .resources
        .keys()
        .filter_map(|name| {
            let event = last(name)?;
            Some(json!({
                "LogicalResourceId": name,
                "PhysicalResourceId": event.physical_id,
                "ResourceType": event.kind,
                "ResourceStatus": event.status,
                "Timestamp": epoch_seconds(event.at),
            }))
        })
        .collect();
    Ok(json!({ "StackResources": resources }))
}
