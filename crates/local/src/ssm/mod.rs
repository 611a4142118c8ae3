//! AWS Systems Manager, as far as Automation goes: documents and their executions.
//!
//! [`document`] reads and checks a document of schema 0.3, [`documents`] versions and [`permissions`] shares what
//! [`store`] keeps, [`executions`] starts and stops executions, and [`interpreter`] runs them step by step on the
//! world's schedule. The actions that a step can take are in [`actions`].

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ApiError;
use crate::world::{Principal, World};

mod actions;
mod check;
mod describe;
mod document;
mod documents;
mod execution;
mod executions;
mod flow;
mod interpreter;
mod permissions;
mod reference;
mod selector;
mod store;
mod values;

#[cfg(test)]
mod tests;

/// Documents of all accounts and executions of all documents.
#[derive(Clone, Default)]
pub(crate) struct State {
    /// By owning account and name.
    documents: BTreeMap<(String, String), store::StoredDocument>,
    /// By execution id.
    executions: BTreeMap<String, execution::Execution>,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateDocument" => documents::create(world, principal, input),
        "UpdateDocument" => documents::update(world, principal, input),
        "UpdateDocumentDefaultVersion" => documents::set_default_version(world, principal, input),
        "DescribeDocument" => documents::describe(world, principal, input),
        "GetDocument" => documents::get(world, principal, input),
        "DeleteDocument" => documents::delete(world, principal, input),
        "ModifyDocumentPermission" => permissions::modify(world, principal, input),
        "DescribeDocumentPermission" => permissions::describe(world, principal, input),
        "StartAutomationExecution" => executions::start(world, principal, input),
        "StopAutomationExecution" => executions::stop(world, principal, input),
        "SendAutomationSignal" => executions::signal(world, principal, input),
        "GetAutomationExecution" => executions::get(world, principal, input),
        "DescribeAutomationExecutions" => executions::list(world, principal, input),
        _ => Err(ApiError::unknown_operation("ssm", operation)),
    }
}

/// The ARN that a policy must allow: the document's, or the execution's.
///
/// An execution is started by its document: `document/<name>`; the others name `automation-execution/<id>`
/// (Systems Manager user guide, "Setting up identity based policies examples").
pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let member = |name: &str| input.get(name).and_then(Value::as_str);
    let resource = match operation {
        "StartAutomationExecution" => {
            member("DocumentName").map(|name| store::arn_of(world, &principal.account, name))
        }
        "StopAutomationExecution" | "SendAutomationSignal" | "GetAutomationExecution" => {
            member("AutomationExecutionId").map(|id| executions::arn(world, &principal.account, id))
        }
        _ => member("Name").map(|name| store::arn_of(world, &principal.account, name)),
    };
    vec![resource.unwrap_or_else(|| "*".to_owned())]
}
