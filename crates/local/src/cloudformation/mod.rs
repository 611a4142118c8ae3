//! AWS CloudFormation: templates evaluated, stacks created, rolled back and deleted.
//!
//! [`template`] reads and checks a template before anything is created, [`evaluate`] computes its functions,
//! [`stacks`] creates and deletes resources one after the other on the world's schedule. What a resource type means
//! is in [`mod@resources`], one file per service; every resource is made by calls as the stack's principal, so the
//! role's policies apply.

use serde_json::Value;

use crate::error::ApiError;
use crate::world::{Principal, World};

mod check;
mod evaluate;
mod operations;
mod parameters;
mod resources;
mod stacks;
mod template;

#[cfg(test)]
mod tests;

pub(crate) use stacks::{Ended, ended};
pub(crate) use template::parameter_names;

/// Stacks of all accounts by their ids, deleted ones included.
#[derive(Default)]
pub(crate) struct State {
    stacks: std::collections::BTreeMap<String, stacks::Stack>,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateStack" => operations::create(world, principal, input),
        "DeleteStack" => operations::delete(world, principal, input),
        "DescribeStacks" => operations::describe(world, principal, input),
        "DescribeStackEvents" => operations::describe_events(world, principal, input),
        "DescribeStackResources" => operations::describe_resources(world, principal, input),
        _ => Err(ApiError::unknown_operation("cloudformation", operation)),
    }
}

pub(crate) fn resources(
    world: &World,
    principal: &Principal,
    _operation: &str,
    input: &Value,
) -> Vec<String> {
    let Some(name) = input.get("StackName").and_then(Value::as_str) else {
        return vec!["*".to_owned()];
    };
    if name.starts_with("arn:") {
        return vec![name.to_owned()];
    }
    let id = stacks::find(world, &principal.account, name).map(|stack| stack.id.clone());
    vec![id.unwrap_or_else(|| {
        format!(
            "arn:aws:cloudformation:{}:{}:stack/{name}/*",
            world.region, principal.account
        )
    })]
}
