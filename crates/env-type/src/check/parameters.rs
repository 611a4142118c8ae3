//! Document parameters: their sources, patterns and uses.

use super::{Subject, pattern};
use crate::document::{Document, Operation};
use crate::fault::{Code, Findings, one_of};
use crate::reference::{Reference, VARIABLES, references};
use crate::source::Source;

/// The manifest's sources against the document.
pub(super) fn check_sources(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let operation = subject.operation.as_str();
    for fed in subject.sources {
        if subject.document().parameter(&fed.parameter).is_none() {
            let wrong = format!("the {operation} document has no parameter `{}`", fed.parameter);
            let names = subject
                .document()
                .parameters
                .iter()
                .map(|parameter| parameter.name.as_str());
            findings.add(fed.line, Code::SourceUnused, wrong, one_of(names));
        }
        if let Source::Field(group, field) = &fed.source
            && !has_value(group.name, field, subject.operation)
        {
            let wrong = format!("`{}` has no value in the {operation} document", fed.source);
            findings.add(fed.line, Code::SourceOperation, wrong, "another source");
        }
    }
}

fn has_value(group: &str, field: &str, operation: Operation) -> bool {
    match (group, field) {
        ("environment", "provisionedProductId") | ("unique", "terminateToken") => {
            operation == Operation::Terminate
        }
        ("unique", "provisionToken") => operation == Operation::Launch,
        _ => true,
    }
}

/// The document's parameters by themselves and against the manifest's sources.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let document = subject.document();
    let (version, line) = &document.schema_version;
    if version != "0.3" {
        findings.add(
            *line,
            Code::DocumentSchema,
            format!("schema version `{version}`"),
            "`0.3`, which is Automation's",
        );
    }
    check_document_references(document, findings);
    for parameter in &document.parameters {
        let default = parameter
            .default
            .as_deref()
            .filter(|_| parameter.parameter_type == "String");
        let rule = parameter.allowed_pattern.as_ref();
        pattern::check(
            &parameter.name,
            parameter.line,
            rule,
            &parameter.allowed_values,
            default,
            findings,
        );
        let has_source = subject.sources.iter().any(|fed| fed.parameter == parameter.name);
        if parameter.default.is_none() && !has_source {
            let wrong = format!(
                "parameter `{}` has neither a default nor a source",
                parameter.name
            );
            let key = subject.operation.as_str().to_lowercase();
            let right = format!("a source under `parameters.{key}` in `env-type.yaml`");
            findings.add(parameter.line, Code::SourceMissing, wrong, right);
        }
        if !is_used(document, &parameter.name) {
            let wrong = format!("no step uses parameter `{}`", parameter.name);
            findings.add(parameter.line, Code::ParameterUnused, wrong, "use or remove it");
        }
    }
}

fn texts(document: &Document) -> impl Iterator<Item = (&str, usize)> {
    let steps = document.steps.iter().flat_map(|step| step.inputs.scalars());
    steps.chain(
        document
            .assume_role
            .iter()
            .map(|(text, line)| (text.as_str(), *line)),
    )
}

fn is_used(document: &Document, name: &str) -> bool {
    texts(document).any(|(text, _)| references(text).contains(&Reference::Parameter(name)))
}

/// Every reference names something that is there. Whether it has a value by then is `flow`'s question.
fn check_document_references(document: &Document, findings: &mut Findings<'_>) {
    for (text, line) in texts(document) {
        for reference in references(text) {
            check_reference(document, reference, line, findings);
        }
    }
    for (text, line) in &document.outputs {
        let reference = text
            .split_once('.')
            .map(|(step, output)| Reference::Output(step, output));
        check_reference(
            document,
            reference.unwrap_or(Reference::Output(text, "")),
            *line,
            findings,
        );
    }
}

fn check_reference(document: &Document, reference: Reference<'_>, line: usize, findings: &mut Findings<'_>) {
    match reference {
        Reference::Parameter(name) if document.parameter(name).is_none() => {
            let names = document
                .parameters
                .iter()
                .map(|parameter| parameter.name.as_str());
            findings.add(
                line,
                Code::Reference,
                format!("the document has no parameter `{name}`"),
                one_of(names),
            );
        }
        Reference::Variable(name) if !VARIABLES.contains(&name) => {
            findings.add(
                line,
                Code::Reference,
                format!("`{name}` is no Automation variable"),
                one_of(VARIABLES),
            );
        }
        Reference::Output(name, output) => match document.steps.iter().find(|step| step.name == name) {
            None => {
                let names = one_of(document.steps.iter().map(|step| step.name.as_str()));
                findings.add(
                    line,
                    Code::Reference,
                    format!("the document has no step `{name}`"),
                    names,
                );
            }
            Some(step) if !step.outputs.iter().any(|known| known.name == output) => {
                let names = one_of(step.outputs.iter().map(|known| known.name.as_str()));
                findings.add(
                    line,
                    Code::Reference,
                    format!("step `{name}` has no output `{output}`"),
                    names,
                );
            }
            Some(_) => {}
        },
        Reference::Parameter(_) | Reference::Variable(_) => {}
    }
}
