//! What single steps do: their inputs, tokens, tags and provisioning parameters.

use super::Subject;
use super::api::api;
use crate::document::{Action, Step};
use crate::fault::{Code, Findings, one_of};
use crate::reference::{Reference, whole};
use crate::yaml::Node;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    for step in &subject.document().steps {
        check_inputs(step, findings);
        match step.call() {
            Some(("servicecatalog", "ProvisionProduct")) => {
                check_token(subject, step, "ProvisionToken", "provisionToken", findings);
                check_env_tag(subject, step, findings);
                check_provisioning(subject, step, findings);
            }
            Some(("servicecatalog", "TerminateProvisionedProduct")) => {
                check_token(subject, step, "TerminateToken", "terminateToken", findings);
            }
            _ => {}
        }
    }
}

fn check_inputs(step: &Step, findings: &mut Findings<'_>) {
    let name = &step.name;
    let required: &[&str] = match step.action {
        Action::ExecuteAwsApi => &["Service", "Api"],
        Action::WaitForAwsResourceProperty | Action::AssertAwsResourceProperty => {
            &["Service", "Api", "PropertySelector", "DesiredValues"]
        }
        Action::Branch => &["Choices"],
        Action::Sleep if step.inputs.get("Timestamp").is_some() => &["Timestamp"],
        Action::Sleep => &["Duration"],
        Action::Pause => &[],
    };
    let own: &[&str] = if step.action == Action::Branch {
        &["Choices", "Default"]
    } else {
        required
    };
    let call = step.call().and_then(|(service, name)| api(service, name));
    for key in required
        .iter()
        .chain(call.map(|api| api.required).unwrap_or_default())
    {
        if step.inputs.get(key).is_none() {
            let wrong = format!("step `{name}` has no input `{key}`");
            findings.add(
                step.line,
                Code::ApiInput,
                wrong,
                format!("add `{key}` to its inputs"),
            );
        }
    }
    // The members of a call outside the table are not known.
    if step.action.calls_api() && call.is_none() {
        return;
    }
    let known = || {
        own.iter()
            .chain(call.map(|api| api.members).unwrap_or_default())
            .copied()
    };
    for entry in step.inputs.entries() {
        if !known().any(|known| known == entry.key) {
            let wrong = format!("step `{name}` has an unknown input `{}`", entry.key);
            findings.add(entry.line, Code::ApiInput, wrong, one_of(known()));
        }
    }
}

/// The token must be the same however often the launch is repeated, which only these sources are.
fn check_token(subject: &Subject<'_>, step: &Step, member: &str, field: &str, findings: &mut Findings<'_>) {
    let node = step.inputs.get(member);
    let fed = node.and_then(Node::as_str).and_then(whole).is_some_and(
        |reference| matches!(reference, Reference::Parameter(name) if subject.is_fed(name, "unique", field)),
    );
    if !fed {
        let line = node.map_or(step.line, |node| node.line);
        let wrong = format!(
            "`{member}` of step `{}` is no token that repeats with the request",
            step.name
        );
        findings.add(
            line,
            Code::Token,
            wrong,
            format!("a parameter whose source is `unique.{field}`"),
        );
    }
}

fn check_env_tag(subject: &Subject<'_>, step: &Step, findings: &mut Findings<'_>) {
    let tags = step.inputs.get("Tags");
    let is_env = |tag: &Node| {
        let value = tag.get("Value").and_then(Node::as_str).and_then(whole);
        tag.get("Key").and_then(Node::as_str) == Some("Env")
            && matches!(value, Some(Reference::Parameter(name)) if subject.is_fed(name, "environment", "id"))
    };
    if !tags.is_some_and(|tags| tags.items().iter().any(is_env)) {
        let line = tags.map_or(step.line, |tags| tags.line);
        let wrong = format!(
            "step `{}` does not tag its product with the environment's id",
            step.name
        );
        let right = "tag `Env` with a parameter whose source is `environment.id`";
        findings.add(line, Code::EnvTag, wrong, right);
    }
}

fn check_provisioning(subject: &Subject<'_>, step: &Step, findings: &mut Findings<'_>) {
    let template = &subject.package.template.content;
    let given = step.inputs.get("ProvisioningParameters");
    let items = given.map(Node::items).unwrap_or_default();
    let keys: Vec<(&str, usize)> = items
        .iter()
        .filter_map(|item| item.get("Key"))
        .filter_map(|key| Some((key.as_str()?, key.line)))
        .collect();
    for item in items {
        if item.entries().len() != 2 || item.get("Key").is_none() || item.get("Value").is_none() {
            let wrong = "a provisioning parameter of another form";
            findings.add(item.line, Code::ProvisioningParameter, wrong, "`Key` and `Value`");
        }
    }
    for (place, (key, line)) in keys.iter().enumerate() {
        if template.parameter(key).is_none() {
            let names = one_of(
                template
                    .parameters
                    .iter()
                    .map(|parameter| parameter.name.as_str()),
            );
            let wrong = format!("the template has no parameter `{key}`");
            findings.add(*line, Code::ProvisioningParameter, wrong, names);
        }
        if keys.iter().take(place).any(|(before, _)| before == key) {
            let wrong = format!("provisioning parameter `{key}` stands here a second time");
            findings.add(*line, Code::ProvisioningParameter, wrong, "each parameter once");
        }
    }
    for parameter in &template.parameters {
        if parameter.default.is_none() && !keys.iter().any(|(key, _)| *key == parameter.name) {
            let line = given.map_or(step.line, |given| given.line);
            let wrong = format!(
                "template parameter `{}` has no default and is not given",
                parameter.name
            );
            findings.add(
                line,
                Code::ProvisioningMissing,
                wrong,
                "give it, or a default in the template",
            );
        }
    }
}
