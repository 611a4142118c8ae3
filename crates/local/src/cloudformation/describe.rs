//! The operations that show stacks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::operations::{Named, missing};
use super::parameters::scalar_text;
use super::stack::{Stack, find};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeStacks {
    stack_name: Option<String>,
}

pub(super) fn stacks(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: DescribeStacks = parse("DescribeStacks", input)?;
    let shown: Vec<Value> = match &request.stack_name {
        Some(name) => {
            vec![stack(
                find(world, &principal.account, name).ok_or_else(|| missing(name))?,
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
        .plan
        .parameters
        .iter()
        .map(|(name, value)| {
            let hidden = stack.plan.template.parameters.get(name).is_some_and(|parameter| parameter.no_echo);
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
    if let Some(description) = &stack.plan.template.description {
        shown["Description"] = json!(description);
    }
    if let Some(reason) = &stack.reason {
        shown["StackStatusReason"] = json!(reason);
    }
    if let Some(updated) = stack.updated {
        shown["LastUpdatedTime"] = json!(epoch_seconds(updated));
    }
    if let Some(deleted) = stack.deleted {
        shown["DeletionTime"] = json!(epoch_seconds(deleted));
    }
    shown
}

/// Newest first, in one page.
pub(super) fn events(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: Named = parse("DescribeStackEvents", input)?;
    let stack =
        find(world, &principal.account, &request.stack_name).ok_or_else(|| missing(&request.stack_name))?;
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

pub(super) fn resources(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: Named = parse("DescribeStackResources", input)?;
    let stack =
        find(world, &principal.account, &request.stack_name).ok_or_else(|| missing(&request.stack_name))?;
    let last = |name: &String| stack.events.iter().rev().find(|event| event.logical_id == *name);
    let resources: Vec<_> = stack
        .plan
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

/// The template as it was given.
pub(super) fn template(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: Named = parse("GetTemplate", input)?;
    let stack =
        find(world, &principal.account, &request.stack_name).ok_or_else(|| missing(&request.stack_name))?;
    Ok(json!({ "TemplateBody": &*stack.plan.text, "StagesAvailable": ["Original", "Processed"] }))
}
