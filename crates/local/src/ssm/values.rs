//! What steps put out, and what references stand for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::document::Step;
use super::execution::Execution;
use super::reference::{Reference, Variable};
use crate::world::World;

/// The step's declared outputs, selected from its action's answer.
///
/// # Errors
/// A selector that matches nothing, a value that is not of the declared type.
pub(super) fn outputs(step: &Step, answer: &Value) -> Result<BTreeMap<String, Value>, String> {
    let mut values = BTreeMap::new();
    for output in &step.outputs {
        let found = output.selector.select(answer).ok_or_else(|| {
            format!(
                "selector `{}` of output `{}` matches nothing in the answer",
                output.selector, output.name
            )
        })?;
        let value = output.kind.convert(&found).ok_or_else(|| {
            format!(
                "selector `{}` of output `{}` leads to no {:?}",
                output.selector, output.name, output.kind
            )
        })?;
        values.insert(output.name.clone(), value);
    }
    Ok(values)
}

/// What a reference stands for in the course of an execution.
///
/// # Errors
/// A reference that has no value yet.
pub(super) fn value_of(world: &World, execution: &Execution, reference: &Reference) -> Result<Value, String> {
    match reference {
        Reference::Output { step, output } => execution
            .outputs
            .get(&(step.clone(), output.clone()))
            .cloned()
            .ok_or_else(|| format!("`{step}.{output}` has no value: the step has not succeeded")),
        Reference::Variable(Variable::ExecutionId) => Ok(json!(execution.id)),
        other => parameter_or_variable(world, execution.account(), &execution.parameters, other),
    }
}

/// What a reference stands for before any step has run.
///
/// # Errors
/// A reference that has no value by then.
pub(super) fn parameter_or_variable(
    world: &World,
    account: &str,
    parameters: &BTreeMap<String, Value>,
    reference: &Reference,
) -> Result<Value, String> {
    Ok(match reference {
        Reference::Parameter(name) => parameters
            .get(name)
            .cloned()
            .ok_or_else(|| format!("parameter `{name}` has no value"))?,
        Reference::Variable(Variable::AccountId) => json!(account),
        Reference::Variable(Variable::Region) => json!(world.region),
        Reference::Variable(Variable::Partition) => json!("aws"),
        Reference::Variable(Variable::Date) => json!(world.now.strftime("%Y-%m-%d").to_string()),
        Reference::Variable(Variable::DateTime) => json!(world.now.strftime("%Y-%m-%d_%H.%M.%S").to_string()),
        Reference::Variable(Variable::ExecutionId) | Reference::Output { .. } => {
            return Err("only parameters and global variables have a value here".to_owned());
        }
    })
}
