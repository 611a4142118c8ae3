//! The status events: their shape (seed guide, appendix "Launch/Terminate event structure"; contract section
//! 8.4), their truth and the safety of the text in their JSON.

use serde_json::{Map, Value};

use super::flow::{Cause, Flow};
use super::{Subject, pattern};
use crate::document::Step;
use crate::fault::{Code, Findings, one_of};
use crate::reference::{Reference, VARIABLES, references, replace, whole};
use crate::yaml::Node;

const KEYS: [&str; 7] = [
    "EnvId",
    "ProvisionedProductId",
    "RecordId",
    "EnvType",
    "Operation",
    "Status",
    "ErrorMessage",
];

/// What Service Catalog answers there cannot break JSON: ids and statuses.
const SAFE_SELECTORS: [&str; 6] = [
    "$.ProvisionedProductDetail.Id",
    "$.ProvisionedProductDetail.Status",
    "$.RecordDetail.ProvisionedProductId",
    "$.RecordDetail.RecordId",
    "$.RecordDetail.RecordType",
    "$.RecordDetail.Status",
];

pub(super) fn check(subject: &Subject<'_>, flow: Option<&Flow>, findings: &mut Findings<'_>) {
    let operation = subject.operation;
    let (mut succeeds, mut fails) = (false, false);
    for (place, step) in subject
        .document()
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.is_event())
    {
        let Some(node) = check_entry(subject, step, findings) else {
            continue;
        };
        let Some(text) = node.as_str() else { continue };
        check_text(subject, text, node.line, findings);
        let event = Event {
            subject,
            step,
            line: node.line,
            flow,
            place,
        };
        let status = event.check(text, findings);
        succeeds |= status.as_deref() == Some(operation.success());
        fails |= status.as_deref() == Some(operation.failure());
        if let Some(flow) = flow
            && status.as_deref() == Some(operation.success())
        {
            check_cause(subject, flow, place, findings);
        }
    }
    let first = subject.document().steps.first().map_or(1, |step| step.line);
    for (present, status) in [(succeeds, operation.success()), (fails, operation.failure())] {
        if !present {
            findings.add(
                first,
                Code::EventStatus,
                format!("no step sends status `{status}`"),
                "a PutEvents step that does",
            );
        }
    }
}

/// The one entry of PutEvents; returns its detail.
fn check_entry<'a>(subject: &Subject<'_>, step: &'a Step, findings: &mut Findings<'_>) -> Option<&'a Node> {
    let entries = step.inputs.get("Entries")?;
    let [entry] = entries.items() else {
        let wrong = format!("step `{}` sends {} events", step.name, entries.items().len());
        findings.add(entries.line, Code::EventEntry, wrong, "a list of one entry");
        return None;
    };
    let wanted = [
        ("Source", "automation"),
        ("DetailType", subject.operation.as_str()),
        ("EventBusName", "default"),
    ];
    for (key, value) in wanted {
        let node = entry.get(key);
        if node.and_then(Node::as_str) != Some(value) {
            let wrong = format!("`{key}` of the event of step `{}` is not `{value}`", step.name);
            findings.add(
                node.map_or(entry.line, |node| node.line),
                Code::EventEntry,
                wrong,
                format!("`{key}: {value}`"),
            );
        }
    }
    for known in entry.entries() {
        if known.key != "Detail" && !wanted.iter().any(|(key, _)| *key == known.key) {
            let wrong = format!(
                "the event of step `{}` has an unknown member `{}`",
                step.name, known.key
            );
            findings.add(
                known.line,
                Code::EventEntry,
                wrong,
                "`Source`, `DetailType`, `EventBusName` and `Detail`",
            );
        }
    }
    let detail = entry.get("Detail").filter(|detail| detail.as_str().is_some());
    if detail.is_none() {
        let wrong = format!("the event of step `{}` has no text as `Detail`", step.name);
        findings.add(entry.line, Code::EventEntry, wrong, "`Detail` with JSON as text");
    }
    detail
}

/// Only what cannot contain quotes, backslashes or control characters may be put into JSON.
fn check_text(subject: &Subject<'_>, text: &str, line: usize, findings: &mut Findings<'_>) {
    let document = subject.document();
    for reference in references(text) {
        let (name, safe) = match reference {
            Reference::Parameter(name) => {
                let safe = document.parameter(name).is_none_or(|parameter| {
                    let values = &parameter.allowed_values;
                    let by_values =
                        !values.is_empty() && values.iter().all(|value| pattern::is_json_safe_text(value));
                    let by_pattern = parameter
                        .allowed_pattern
                        .as_ref()
                        .is_some_and(|(text, _)| pattern::is_json_safe(text));
                    parameter.parameter_type == "String" && (by_values || by_pattern)
                });
                (name.to_owned(), safe)
            }
            Reference::Output(step, output) => {
                let known = document.steps.iter().find(|known| known.name == step);
                let known = known.and_then(|step| {
                    Some((
                        step.call()?.0,
                        step.outputs.iter().find(|out| out.name == output)?,
                    ))
                });
                let safe = known.is_none_or(|(service, output)| {
                    service == "servicecatalog"
                        && output.output_type == "String"
                        && SAFE_SELECTORS.contains(&output.selector.as_str())
                });
                (format!("{step}.{output}"), safe)
            }
            Reference::Variable(name) => (name.to_owned(), VARIABLES.contains(&name)),
        };
        if !safe {
            let wrong = format!(
                "`{{{{ {name} }}}}` may hold a quote, backslash or line break, which breaks the event"
            );
            let right =
                "ids only: a parameter with a closed `allowedPattern`, or an id that Service Catalog answers";
            findings.add(line, Code::EventText, wrong, right);
        }
    }
}

fn check_cause(subject: &Subject<'_>, flow: &Flow, place: usize, findings: &mut Findings<'_>) {
    let steps = &subject.document().steps;
    for (from, edges) in flow.edges.iter().enumerate() {
        if edges
            .iter()
            .any(|edge| edge.to == Some(place) && edge.cause != Cause::Success)
        {
            let wrong = format!(
                "step `{}` says success although step `{}` failed",
                steps[place].name, steps[from].name
            );
            findings.add(
                steps[from].line,
                Code::EventStatus,
                wrong,
                "a step that says failure",
            );
        }
    }
}

struct Event<'a> {
    subject: &'a Subject<'a>,
    step: &'a Step,
    line: usize,
    flow: Option<&'a Flow>,
    place: usize,
}

impl Event<'_> {
    /// Checks the detail and returns its status.
    fn check(&self, text: &str, findings: &mut Findings<'_>) -> Option<String> {
        // References stand in strings; any other place is no JSON.
        let (json, _) = replace(text, |_| "reference");
        if !matches!(serde_json::from_str(&json), Ok(Value::Object(_))) {
            let wrong = format!("the detail of step `{}` is no JSON object", self.step.name);
            findings.add(
                self.line,
                Code::EventDetail,
                wrong,
                "a JSON object with every reference inside a string",
            );
            return None;
        }
        // Inside strings, references are plain text to JSON.
        let members: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        for key in members.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            self.fault(format!("has an unknown member `{key}`"), one_of(KEYS), findings);
        }
        let operation = self.subject.operation;
        self.literal(
            &members,
            "EnvType",
            &[self.subject.package.name.as_str()],
            findings,
        );
        self.literal(&members, "Operation", &[operation.as_str()], findings);
        self.literal(
            &members,
            "Status",
            &[operation.success(), operation.failure()],
            findings,
        );
        self.id(&members, "EnvId", "a parameter whose source is `environment.id`", findings, |reference| {
            matches!(reference, Reference::Parameter(name) if self.subject.is_fed(name, "environment", "id"))
        });
        let status = members.get("Status").and_then(Value::as_str).map(str::to_owned);
        let success = status.as_deref() == Some(operation.success());
        for key in ["ProvisionedProductId", "RecordId"] {
            if success || members.contains_key(key) || self.could_name(key) {
                let right =
                    "the id of this operation's record, as a step output or, for the product, a parameter";
                self.id(&members, key, right, findings, |reference| {
                    self.names(reference, key)
                });
            }
        }
        status
    }

    fn fault(&self, wrong: String, right: impl Into<String>, findings: &mut Findings<'_>) {
        findings.add(
            self.line,
            Code::EventDetail,
            format!("the detail of step `{}` {wrong}", self.step.name),
            right,
        );
    }

    fn literal(&self, members: &Map<String, Value>, key: &str, right: &[&str], findings: &mut Findings<'_>) {
        let text = members.get(key).and_then(Value::as_str);
        if !text.is_some_and(|text| right.contains(&text)) {
            let wrong = match text {
                Some(text) => format!("has `{key}` `{text}`"),
                None => format!("has no text `{key}`"),
            };
            let right = format!("write {}", one_of(right.iter().copied()));
            self.fault(wrong, right, findings);
        }
    }

    fn id(
        &self,
        members: &Map<String, Value>,
        key: &str,
        right: &str,
        findings: &mut Findings<'_>,
        is_right: impl Fn(Reference<'_>) -> bool,
    ) {
        let text = members.get(key).and_then(Value::as_str);
        if !text.and_then(whole).is_some_and(is_right) {
            let wrong = match text {
                Some(text) => format!("has `{key}` `{text}`"),
                None => format!("has no `{key}`"),
            };
            self.fault(wrong, right, findings);
        }
    }

    /// Whether a reference is the id that belongs to a key of the detail.
    fn names(&self, reference: Reference<'_>, key: &str) -> bool {
        match reference {
            Reference::Parameter(name) => {
                key == "ProvisionedProductId"
                    && self.subject.is_fed(name, "environment", "provisionedProductId")
            }
            Reference::Output(step, output) => {
                let step = self
                    .subject
                    .document()
                    .steps
                    .iter()
                    .find(|known| known.name == step);
                step.is_some_and(|step| gives(step, key, Some(output)))
            }
            Reference::Variable(_) => false,
        }
    }

    /// Whether the id that belongs to a key is certainly known when this event is sent.
    fn could_name(&self, key: &str) -> bool {
        let document = self.subject.document();
        let succeeded = self.flow.and_then(|flow| flow.succeeded[self.place].as_ref());
        document
            .parameters
            .iter()
            .any(|parameter| self.names(Reference::Parameter(&parameter.name), key))
            || succeeded.is_some_and(|succeeded| {
                succeeded
                    .iter()
                    .any(|&place| gives(&document.steps[place], key, None))
            })
    }
}

/// Whether a step has an output (this one, or any) with the id that belongs to a key.
fn gives(step: &Step, key: &str, name: Option<&str>) -> bool {
    let selectors: &[&str] = match key {
        "RecordId" => &["$.RecordDetail.RecordId"],
        _ => &[
            "$.RecordDetail.ProvisionedProductId",
            "$.ProvisionedProductDetail.Id",
        ],
    };
    step.call()
        .is_some_and(|(service, _)| service == "servicecatalog")
        && step.outputs.iter().any(|output| {
            selectors.contains(&output.selector.as_str()) && name.is_none_or(|name| name == output.name)
        })
}
