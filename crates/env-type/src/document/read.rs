//! Reads documents, parameters and steps.

use super::{Action, Document, Otherwise, Parameter, Step, StepOutput};
use crate::fault::{Code, Findings, one_of};
use crate::fields::Fields;
use crate::yaml::{Entry, Node};

/// Types of parameters and of step outputs.
const TYPES: [&str; 6] = [
    "String",
    "StringList",
    "Integer",
    "Boolean",
    "MapList",
    "StringMap",
];

impl Document {
    /// Reads the document.
    pub(crate) fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(node, "the document", findings)?;
        let version_line = fields.optional("schemaVersion").map_or(1, |node| node.line);
        let version = fields
            .text("schemaVersion", findings)
            .unwrap_or_default()
            .to_owned();
        fields.text("description", findings);
        let assume_role = fields
            .optional("assumeRole")
            .and_then(|node| Some((node.as_str()?.to_owned(), node.line)));
        let parameters = fields
            .optional("parameters")
            .map(Node::entries)
            .unwrap_or_default();
        let outputs = fields.texts("outputs", findings);
        let steps = fields.required("mainSteps", findings)?;
        fields.finish(findings);
        if steps.items().is_empty() {
            findings.add(
                steps.line,
                Code::Value,
                "`mainSteps` has no step",
                "a list of steps",
            );
        }
        Some(Self {
            assume_role,
            parameters: parameters
                .iter()
                .filter_map(|entry| Parameter::read(entry, findings))
                .collect(),
            steps: steps
                .items()
                .iter()
                .filter_map(|node| Step::read(node, findings))
                .collect(),
            outputs: outputs
                .into_iter()
                .map(|(text, line)| (text.to_owned(), line))
                .collect(),
            schema_version: (version, version_line),
        })
    }
}

impl Parameter {
    fn read(entry: &Entry, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(&entry.node, format!("parameter `{}`", entry.key), findings)?;
        let parameter_type = fields.text("type", findings);
        fields.optional_text("description", findings);
        let default = fields.optional("default").map(|node| match node.as_str() {
            Some(text) => text.to_owned(),
            None => node.to_json().to_string(),
        });
        let pattern_line = fields
            .optional("allowedPattern")
            .map_or(entry.line, |node| node.line);
        let pattern = fields.optional_text("allowedPattern", findings);
        let allowed_values = fields.texts("allowedValues", findings);
        for key in ["displayType", "minChars", "maxChars", "minItems", "maxItems"] {
            fields.optional(key);
        }
        fields.finish(findings);
        if let Some(name) = parameter_type
            && !TYPES.contains(&name)
        {
            findings.add(
                entry.line,
                Code::Value,
                format!("`{name}` is no parameter type"),
                one_of(TYPES),
            );
        }
        Some(Self {
            name: entry.key.clone(),
            parameter_type: parameter_type?.to_owned(),
            default,
            allowed_pattern: pattern.map(|text| (text.to_owned(), pattern_line)),
            allowed_values: allowed_values
                .into_iter()
                .map(|(text, _)| text.to_owned())
                .collect(),
            line: entry.line,
        })
    }
}

impl Step {
    fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let name = node.get("name").and_then(Node::as_str).unwrap_or("?").to_owned();
        let mut fields = Fields::new(node, format!("step `{name}`"), findings)?;
        fields.text("name", findings);
        let action = fields.text("action", findings);
        fields.optional_text("description", findings);
        let inputs = fields.required("inputs", findings);
        let outputs = fields.optional("outputs").map(Node::items).unwrap_or_default();
        let next_line = fields.optional("nextStep").map_or(node.line, |node| node.line);
        let next = fields.optional_text("nextStep", findings);
        let is_end = boolean(&mut fields, "isEnd", findings).unwrap_or(false);
        boolean(&mut fields, "isCritical", findings);
        let on_failure = otherwise(&mut fields, "onFailure", findings);
        let on_cancel = otherwise(&mut fields, "onCancel", findings);
        let timeout_seconds = number(&mut fields, "timeoutSeconds", findings);
        number(&mut fields, "maxAttempts", findings);
        fields.finish(findings);
        let known = action.and_then(|name| Action::NAMES.iter().find(|(known, _)| *known == name));
        if let (Some(action), None) = (action, known) {
            let line = node.get("action").map_or(node.line, |node| node.line);
            let wrong = format!("step `{name}` has the unknown action `{action}`");
            findings.add(
                line,
                Code::StepAction,
                wrong,
                one_of(Action::NAMES.map(|(name, _)| name)),
            );
        }
        if let (true, Some(next)) = (is_end, next) {
            let wrong = format!("step `{name}` has both `isEnd` and `nextStep: {next}`");
            findings.add(next_line, Code::StepTarget, wrong, "one of the two");
        }
        Some(Self {
            name,
            action: known?.1,
            inputs: inputs?.clone(),
            outputs: outputs
                .iter()
                .filter_map(|node| StepOutput::read(node, findings))
                .collect(),
            next: next.map(|name| (name.to_owned(), next_line)),
            is_end,
            on_failure,
            on_cancel,
            timeout_seconds,
            line: node.line,
        })
    }
}

impl StepOutput {
    fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(node, "a step output", findings)?;
        let name = fields.text("Name", findings);
        let selector = fields.text("Selector", findings);
        let output_type = fields.text("Type", findings);
        fields.finish(findings);
        let output = Self {
            name: name?.to_owned(),
            selector: selector?.to_owned(),
            output_type: output_type?.to_owned(),
        };
        if !output.selector.starts_with('$') {
            let wrong = format!("selector `{}` is no JSONPath", output.selector);
            findings.add(node.line, Code::Value, wrong, "a path that starts with `$.`");
        }
        if !TYPES.contains(&output.output_type.as_str()) {
            let wrong = format!("`{}` is no output type", output.output_type);
            findings.add(node.line, Code::Value, wrong, one_of(TYPES));
        }
        Some(output)
    }
}

fn boolean(fields: &mut Fields<'_>, key: &'static str, findings: &mut Findings<'_>) -> Option<bool> {
    let node = fields.optional(key)?;
    match node.as_str() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => {
            findings.add(
                node.line,
                Code::Value,
                format!("`{key}` is no truth value"),
                "`true` or `false`",
            );
            None
        }
    }
}

fn number(fields: &mut Fields<'_>, key: &'static str, findings: &mut Findings<'_>) -> Option<u64> {
    let node = fields.optional(key)?;
    let number = node
        .as_str()
        .and_then(|text| text.parse().ok())
        .filter(|number| *number > 0);
    if number.is_none() {
        findings.add(
            node.line,
            Code::Value,
            format!("`{key}` is no number above 0"),
            "a number such as `3600`",
        );
    }
    number
}

fn otherwise(fields: &mut Fields<'_>, key: &'static str, findings: &mut Findings<'_>) -> Otherwise {
    let Some(node) = fields.optional(key) else {
        return Otherwise::Abort;
    };
    match node.as_str() {
        Some("Abort") => Otherwise::Abort,
        Some("Continue") if key == "onFailure" => Otherwise::Continue,
        Some(text) if text.starts_with("step:") => Otherwise::Step(text[5..].trim().to_owned(), node.line),
        other => {
            let wrong = format!("`{key}` is `{}`", other.unwrap_or("no text"));
            findings.add(
                node.line,
                Code::Value,
                wrong,
                "`Abort` or `step:<name>`; `Continue` for `onFailure` alone",
            );
            Otherwise::Abort
        }
    }
}
