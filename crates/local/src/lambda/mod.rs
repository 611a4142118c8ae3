//! AWS Lambda: functions by name, who may invoke them, and the queues and streams that they are fed from.
//!
//! The code of a function is not here: an embedding program gives each function a handler ([`handlers`]) and lets
//! what is waiting run ([`invocations`]).

mod functions;
mod handlers;
mod invocations;
mod mappings;
mod permissions;
mod streams;

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::error::ApiError;
use crate::iam::Guard;
use crate::world::{Principal, World};

pub use functions::Function;
pub(crate) use handlers::Handlers;
pub(crate) use invocations::invoke;
pub use invocations::{FailedInvocation, Invocation};

/// Functions of all accounts, and what waits for them.
#[derive(Clone, Default)]
pub(crate) struct State {
    /// By ARN.
    functions: BTreeMap<String, functions::Deployed>,
    /// By UUID.
    mappings: BTreeMap<String, mappings::Mapping>,
    waiting: VecDeque<Invocation>,
    failed: Vec<FailedInvocation>,
}

impl State {
    /// The same functions beside databases whose streams begin anew.
    pub(crate) fn with_new_streams(&self) -> Self {
        let mut copy = self.clone();
        copy.mappings.values_mut().for_each(mappings::Mapping::read_anew);
        copy
    }
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateFunction" => functions::create(world, principal, input),
        "GetFunctionConfiguration" => functions::get_configuration(world, principal, input),
        "GetFunction" => functions::get(world, principal, input),
        "UpdateFunctionConfiguration" => functions::update_configuration(world, principal, input),
        "UpdateFunctionCode" => functions::update_code(world, principal, input),
        "DeleteFunction" => functions::delete(world, principal, input),
        "AddPermission" => permissions::add(world, principal, input),
        "RemovePermission" => permissions::remove(world, principal, input),
        "GetPolicy" => permissions::get(world, principal, input),
        "CreateEventSourceMapping" => mappings::create(world, principal, input),
        "GetEventSourceMapping" => mappings::get(world, principal, input),
        "DeleteEventSourceMapping" => mappings::delete(world, principal, input),
        "Invoke" => invocations::invoke_operation(world, principal, input),
        _ => Err(ApiError::unknown_operation("lambda", operation)),
    }
}

/// The IAM action of an operation, which is not always its name.
pub(crate) fn action(operation: &str) -> String {
    match operation {
        "Invoke" => "lambda:InvokeFunction".to_owned(),
        _ => format!("lambda:{operation}"),
    }
}

/// Mappings have no resource-level permissions on creation (service authorization reference).
pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let resource = match (operation, text("FunctionName"), text("UUID")) {
        ("CreateEventSourceMapping", ..) => None,
        (_, Some(name), _) => Some(function_arn(world, &principal.account, name)),
        (_, None, Some(id)) => Some(mapping_arn(world, &principal.account, id)),
        _ => None,
    };
    vec![resource.unwrap_or_else(|| "*".to_owned())]
}

/// The owner and the policy of the function with this ARN.
pub(crate) fn guard<'a>(world: &'a World, arn: &str) -> Option<Guard<'a>> {
    let function = world.lambda.functions.get(arn)?;
    Some(Guard {
        owner: &function.account,
        policy: function.policy.as_ref(),
        binds_owner: false,
    })
}

/// The ARN of a function that is named by name or ARN.
fn function_arn(world: &World, account: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!("arn:aws:lambda:{}:{account}:function:{name}", world.region)
    }
}

fn mapping_arn(world: &World, account: &str, id: &str) -> String {
    format!(
        "arn:aws:lambda:{}:{account}:event-source-mapping:{id}",
        world.region
    )
}

fn not_found(what: &str) -> ApiError {
    ApiError {
        status: 404,
        ..ApiError::new("ResourceNotFoundException", format!("{what} was not found"))
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValueException", message)
}

fn conflict(message: impl Into<String>) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new("ResourceConflictException", message)
    }
}

#[cfg(test)]
mod tests;
