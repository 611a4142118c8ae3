//! Permission statements as the statements of a policy.

use std::fmt::Write as _;

use super::text::{filled, indented, scalar};
use crate::manifest::Located;
use crate::package::Package;
use crate::statement::Permissions;

/// A statement of a policy, with the manifest's reason for it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PolicyStatement<'a> {
    comment: Vec<&'a str>,
    actions: Vec<&'a str>,
    resources: Vec<&'a str>,
    /// Operator, key, values.
    conditions: Vec<(&'a str, &'a str, Vec<&'a str>)>,
}

/// The statements of one list of a package's manifest.
pub(super) fn statements<'a>(package: &'a Package, permissions: &'a Permissions) -> Vec<PolicyStatement<'a>> {
    let texts =
        |list: &'a [Located]| -> Vec<&'a str> { list.iter().map(|item| item.text.as_str()).collect() };
    let statements = permissions.statements.iter().map(|statement| PolicyStatement {
        comment: statement.comment(&package.manifest.text),
        actions: texts(&statement.actions),
        resources: texts(&statement.resources),
        conditions: statement
            .conditions
            .iter()
            .map(|condition| {
                (
                    condition.operator.text.as_str(),
                    condition.key.text.as_str(),
                    texts(&condition.values),
                )
            })
            .collect(),
    });
    statements.collect()
}

/// Statements on the same resources under the same conditions become one.
pub(super) fn merge<'a>(
    statements: impl IntoIterator<Item = PolicyStatement<'a>>,
) -> Vec<PolicyStatement<'a>> {
    let mut merged: Vec<PolicyStatement<'a>> = Vec::new();
    for statement in statements {
        let same = merged
            .iter_mut()
            .find(|known| known.resources == statement.resources && known.conditions == statement.conditions);
        match same {
            Some(known) => {
                add_new(&mut known.comment, statement.comment);
                add_new(&mut known.actions, statement.actions);
            }
            None => merged.push(statement),
        }
    }
    merged
}

fn add_new<'a>(list: &mut Vec<&'a str>, more: Vec<&'a str>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

/// The statements as items of a YAML list.
pub(super) fn render(statements: &[PolicyStatement<'_>]) -> String {
    statements.iter().map(PolicyStatement::render).collect()
}

impl PolicyStatement<'_> {
    fn render(&self) -> String {
        let comment: String = self.comment.iter().map(|line| format!("{line}\n")).collect();
        // The reason for a wildcard stands where the wildcard does.
        let (above, beside) = if self.resources.contains(&"*") {
            (String::new(), comment)
        } else {
            (comment, String::new())
        };
        let mut body = String::from("Effect: Allow\n");
        body.push_str(&entry("Action", &self.actions));
        body.push_str(&beside);
        body.push_str(&entry("Resource", &self.resources));
        body.push_str(&self.condition());
        let body = indented(&body, 2);
        format!("{above}-{}", body.get(1..).unwrap_or_default())
    }

    fn condition(&self) -> String {
        let mut text = String::new();
        let mut written: Vec<&str> = Vec::new();
        for (operator, ..) in &self.conditions {
            if written.contains(operator) {
                continue;
            }
            written.push(operator);
            let _ = writeln!(text, "  {operator}:");
            let same = self.conditions.iter().filter(|(other, ..)| other == operator);
            for (_, key, values) in same {
                text.push_str(&indented(&entry(key, values), 4));
            }
        }
        if text.is_empty() {
            text
        } else {
            format!("Condition:\n{text}")
        }
    }
}

/// `Key: value`, or `Key:` and a list of values.
fn entry(key: &str, values: &[&str]) -> String {
    let key = scalar(key);
    match values {
        [value] => format!("{key}: {}\n", filled(value)),
        values => {
            let items = values.iter().map(|value| format!("  - {}\n", filled(value)));
            format!("{key}:\n{}", items.collect::<String>())
        }
    }
}
