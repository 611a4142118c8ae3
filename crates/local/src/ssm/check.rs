//! What takes the whole document to see: names, targets and references.

use std::collections::BTreeSet;

use serde_json::Value;

use super::actions::Action;
use super::document::{Detour, Document, Step};
use super::executions;
use super::reference::{Reference, references};

/// Refuses a document as AWS does when it is created.
///
/// # Errors
/// The reason, naming the step or parameter.
pub(super) fn check(document: &Document) -> Result<(), String> {
    if document.steps.is_empty() {
        return Err("mainSteps must have at least one step".to_owned());
    }
    let mut names = BTreeSet::new();
    for step in &document.steps {
        if !valid_name(&step.name) {
            return Err(format!(
                "step name `{}` must be letters, digits and `_`",
                step.name
            ));
        }
        if !names.insert(step.name.as_str()) {
            return Err(format!("step name `{}` is used twice", step.name));
        }
    }
    for (name, parameter) in &document.parameters {
        if !valid_name(name) {
            return Err(format!("parameter name `{name}` must be letters, digits and `_`"));
        }
        if let Some(default) = &parameter.default {
            executions::check_value(name, parameter, default)
                .map_err(|reason| format!("default of a parameter breaks its own rule: {reason}"))?;
        }
    }
    for step in &document.steps {
        check_targets(document, step)?;
        check_references(document, &Value::Object(step.inputs.clone()))
            .map_err(|reason| format!("step `{}`: {reason}", step.name))?;
    }
    if let Some(role) = &document.assume_role {
        check_references(document, &Value::String(role.clone()))
            .map_err(|reason| format!("assumeRole: {reason}"))?;
    }
    for output in &document.outputs {
        let reference = format!("{{{{ {} }}}}", output.trim_matches(['{', '}', ' ']));
        check_references(document, &Value::String(reference))
            .map_err(|reason| format!("outputs: {reason}"))?;
    }
    Ok(())
}

fn valid_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn check_targets(document: &Document, step: &Step) -> Result<(), String> {
    let detours = [("onFailure", &step.on_failure), ("onCancel", &step.on_cancel)];
    let detours = detours.into_iter().filter_map(|(property, detour)| match detour {
        Detour::Step(name) => Some((property, name.as_str())),
        Detour::Abort | Detour::Continue => None,
    });
    let next = step.next_step.iter().map(|name| ("nextStep", name.as_str()));
    let branches = match &step.action {
        Action::Branch(branch) => branch.targets(),
        _ => Vec::new(),
    };
    let branches = branches.into_iter().map(|name| ("branch", name));
    for (property, name) in next.chain(detours).chain(branches) {
        if document.position(name).is_none() {
            return Err(format!(
                "step `{}`: {property} names step `{name}`, which does not exist",
                step.name
            ));
        }
    }
    if let Detour::Step(name) = &step.on_cancel
        && let Some(target) = document
            .position(name)
            .and_then(|index| document.steps.get(index))
        && target.action.is_barred_from_cancellation()
    {
        return Err(format!(
            "step `{}`: onCancel leads to step `{name}`, which is of the action {}",
            step.name,
            target.action.name()
        ));
    }
    if step.is_end && step.next_step.is_some() {
        return Err(format!("step `{}` has both isEnd and nextStep", step.name));
    }
    Ok(())
}

fn check_references(document: &Document, value: &Value) -> Result<(), String> {
    for reference in references(value)? {
        match reference {
            Reference::Parameter(name) => {
                if !document.parameters.contains_key(&name) {
                    return Err(format!("reference `{{{{ {name} }}}}` names no parameter"));
                }
            }
            Reference::Output { step, output } => {
                let Some(found) = document
                    .position(&step)
                    .and_then(|position| document.steps.get(position))
                else {
                    return Err(format!("reference `{{{{ {step}.{output} }}}}` names no step"));
                };
                if !found.outputs.iter().any(|declared| declared.name == output) {
                    return Err(format!(
                        "reference `{{{{ {step}.{output} }}}}`: step `{step}` declares no output `{output}`"
                    ));
                }
            }
            Reference::Variable(_) => {}
        }
    }
    Ok(())
}
