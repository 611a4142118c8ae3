//! AWS CloudFormation: templates evaluated, stacks created, rolled back and deleted.
//!
//! [`transform`] expands a template, [`template`] reads and [`check`] checks it before anything is created, and
//! [`functions`] computes its functions. [`change`] creates and updates a [`stack`]'s resources one after the other on
//! the world's schedule, [`completion`] ends that or goes back, and [`deletion`] deletes them. What a resource type means is in [`mod@resources`], one file
//! per service; every resource is made by calls as the stack's principal, so the role's policies apply.

use serde_json::Value;

use crate::error::ApiError;
use crate::world::{Principal, World};

mod change;
mod check;
mod completion;
mod deletion;
mod describe;
mod functions;
mod inventory;
mod operations;
mod parameters;
mod resources;
mod stack;
mod template;
mod transform;

#[cfg(test)]
mod tests;

pub(crate) use inventory::{Resource, every_resource, resources_of};
pub use resources::INERT_TYPES;
pub(crate) use stack::{Ended, ended, tagged};
pub(crate) use template::{hidden_parameters, parameter_names};

/// Stacks of all accounts by their ids, deleted ones included.
#[derive(Clone, Default)]
pub(crate) struct State {
    stacks: std::collections::BTreeMap<String, stack::Stack>,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateStack" => operations::create(world, principal, input),
        "UpdateStack" => operations::update(world, principal, input),
        "DeleteStack" => operations::delete(world, principal, input),
        "DescribeStacks" => describe::stacks(world, principal, input),
        "DescribeStackEvents" => describe::events(world, principal, input),
        "DescribeStackResources" => describe::resources(world, principal, input),
        "GetTemplate" => describe::template(world, principal, input),
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
    let id = stack::find(world, &principal.account, name).map(|stack| stack.id.clone());
    vec![id.unwrap_or_else(|| {
        format!(
            "arn:aws:cloudformation:{}:{}:stack/{name}/*",
            world.region, principal.account
        )
    })]
}
