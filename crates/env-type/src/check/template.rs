//! The CloudFormation template by itself: functions, references, cycles, unused names, wildcards.

use std::collections::BTreeSet;

use super::{pattern, resource};
use crate::fault::{Code, Findings, one_of};
use crate::package::File;
use crate::template::Template;
use crate::yaml::{Content, Entry, Node};

/// Functions that Workbench's local AWS evaluates; `Ref` and `Condition` are the others.
const FUNCTIONS: [&str; 12] = [
    "Fn::And",
    "Fn::Base64",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::Join",
    "Fn::Not",
    "Fn::Or",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
];

const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// A name that a template uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// `Ref` or `${Name}`.
    Name(String),
    /// `Fn::GetAtt` or `${Name.Attribute}`.
    Attribute(String, String),
    /// A condition.
    Condition(String),
    /// A mapping.
    Mapping(String),
    /// A function outside [`FUNCTIONS`].
    Unknown(String),
}

pub(super) fn check(file: &File<Template>, findings: &mut Findings<'_>) {
    let template = &file.content;
    let mut uses = Vec::new();
    for entry in &template.conditions {
        collect(&entry.node, true, &mut uses);
    }
    for resource in &template.resources {
        collect(&resource.node, false, &mut uses);
        let condition = resource
            .condition
            .iter()
            .map(|(name, line)| (Use::Condition(name.clone()), *line));
        uses.extend(condition);
    }
    for entry in &template.outputs {
        collect(&entry.node, false, &mut uses);
        if let Some(node) = entry.node.get("Condition") {
            uses.extend(
                node.as_str()
                    .map(|name| (Use::Condition(name.to_owned()), node.line)),
            );
        }
    }
    for (used, line) in &uses {
        check_use(template, used, *line, findings);
    }
    for resource in &template.resources {
        for (name, line) in &resource.depends_on {
            if !template.resources.iter().any(|known| known.name == *name) {
                let wrong = format!("there is no resource `{name}`");
                findings.add(*line, Code::TemplateReference, wrong, resource_names(template));
            }
        }
    }
    check_unused(template, &uses, findings);
    check_cycles(template, findings);
    for parameter in &template.parameters {
        let rule = parameter.allowed_pattern.as_ref();
        let default = parameter.default.as_deref();
        pattern::check(
            &parameter.name,
            parameter.line,
            rule,
            &parameter.allowed_values,
            default,
            findings,
        );
    }
    let lines: Vec<&str> = file.text.lines().collect();
    for resource in &template.resources {
        check_wildcards(&resource.node, &lines, findings);
    }
}

fn resource_names(template: &Template) -> String {
    one_of(template.resources.iter().map(|known| known.name.as_str()))
}

/// Everything that a node uses. `{Condition: Name}` is a use only inside `Conditions`.
fn collect(node: &Node, in_conditions: bool, uses: &mut Vec<(Use, usize)>) {
    if let [
        Entry {
            key, node: argument, ..
        },
    ] = node.entries()
    {
        let line = node.line;
        let text = argument.as_str();
        let first = argument.items().first().and_then(Node::as_str);
        match (key.as_str(), text) {
            ("Ref", Some(name)) => uses.push((Use::Name(name.to_owned()), line)),
            ("Condition", Some(name)) if in_conditions => uses.push((Use::Condition(name.to_owned()), line)),
            ("Fn::GetAtt", _) => uses.extend(attribute(argument).map(|used| (used, line))),
            ("Fn::If", _) => uses.extend(first.map(|name| (Use::Condition(name.to_owned()), line))),
            ("Fn::FindInMap", _) => uses.extend(first.map(|name| (Use::Mapping(name.to_owned()), line))),
            ("Fn::Sub", _) => {
                let own = argument.items().get(1).map(Node::entries).unwrap_or_default();
                let used = placeholders(text.or(first).unwrap_or_default());
                let used = used
                    .into_iter()
                    .filter(|used| !own.iter().any(|own| *used == Use::Name(own.key.clone())));
                uses.extend(used.map(|used| (used, line)));
            }
            (name, _) if name.starts_with("Fn::") && !FUNCTIONS.contains(&name) => {
                uses.push((Use::Unknown(name.to_owned()), line));
            }
            _ => {}
        }
    }
    match &node.content {
        Content::Scalar { .. } => {}
        Content::Sequence(items) => items.iter().for_each(|item| collect(item, in_conditions, uses)),
        Content::Mapping(entries) => entries
            .iter()
            .for_each(|entry| collect(&entry.node, in_conditions, uses)),
    }
}

fn attribute(argument: &Node) -> Option<Use> {
    let (resource, attribute) = match (argument.as_str(), argument.items()) {
        (Some(text), _) => text.split_once('.')?,
        (None, [resource, attribute]) => (resource.as_str()?, attribute.as_str()?),
        _ => return None,
    };
    Some(Use::Attribute(resource.to_owned(), attribute.to_owned()))
}

/// `${Name}` and `${Name.Attribute}` in a text for `Fn::Sub`; `${!Name}` is plain text.
fn placeholders(text: &str) -> Vec<Use> {
    let parts = text.split("${").skip(1).filter_map(|part| part.split_once('}'));
    let names = parts
        .map(|(name, _)| name.trim())
        .filter(|name| !name.starts_with('!'));
    let used = names.map(|name| match name.split_once('.') {
        Some((resource, attribute)) => Use::Attribute(resource.to_owned(), attribute.to_owned()),
        None => Use::Name(name.to_owned()),
    });
    used.collect()
}

fn check_use(template: &Template, used: &Use, line: usize, findings: &mut Findings<'_>) {
    let has_key = |entries: &[Entry], name: &str| entries.iter().any(|entry| entry.key == name);
    match used {
        Use::Name(name) => {
            let known = template.parameter(name).is_some()
                || template.resources.iter().any(|resource| resource.name == *name)
                || PSEUDO_PARAMETERS.contains(&name.as_str());
            if !known {
                let wrong = format!("`{name}` is neither a parameter nor a resource");
                findings.add(
                    line,
                    Code::TemplateReference,
                    wrong,
                    "the name of one, or a pseudo parameter",
                );
            }
        }
        Use::Attribute(name, attribute) => {
            match template.resources.iter().find(|known| known.name == *name) {
                None => {
                    let wrong = format!("there is no resource `{name}`");
                    findings.add(line, Code::TemplateReference, wrong, resource_names(template));
                }
                Some(found) => {
                    if let Some(known) =
                        resource::attributes(found).filter(|known| !known.contains(&attribute.as_str()))
                    {
                        let wrong = format!("`{}` has no attribute `{attribute}`", found.resource_type);
                        findings.add(
                            line,
                            Code::TemplateReference,
                            wrong,
                            one_of(known.iter().copied()),
                        );
                    }
                }
            }
        }
        Use::Condition(name) if !has_key(&template.conditions, name) => {
            let names = one_of(template.conditions.iter().map(|entry| entry.key.as_str()));
            findings.add(
                line,
                Code::TemplateReference,
                format!("there is no condition `{name}`"),
                names,
            );
        }
        Use::Mapping(name) if !has_key(&template.mappings, name) => {
            let names = one_of(template.mappings.iter().map(|entry| entry.key.as_str()));
            findings.add(
                line,
                Code::TemplateReference,
                format!("there is no mapping `{name}`"),
                names,
            );
        }
        Use::Unknown(name) => {
            findings.add(
                line,
                Code::TemplateFunction,
                format!("`{name}` is no known function"),
                one_of(FUNCTIONS),
            );
        }
        Use::Condition(_) | Use::Mapping(_) => {}
    }
}

fn check_unused(template: &Template, uses: &[(Use, usize)], findings: &mut Findings<'_>) {
    let is_used = |wanted: &Use| uses.iter().any(|(used, _)| used == wanted);
    for parameter in &template.parameters {
        if !is_used(&Use::Name(parameter.name.clone())) {
            let wrong = format!("nothing uses parameter `{}`", parameter.name);
            findings.add(parameter.line, Code::TemplateUnused, wrong, "use or remove it");
        }
    }
    for condition in &template.conditions {
        if !is_used(&Use::Condition(condition.key.clone())) {
            let wrong = format!("nothing uses condition `{}`", condition.key);
            findings.add(condition.line, Code::TemplateUnused, wrong, "use or remove it");
        }
    }
}

fn check_cycles(template: &Template, findings: &mut Findings<'_>) {
    let needs: Vec<BTreeSet<usize>> = template
        .resources
        .iter()
        .map(|resource| {
            let mut uses = Vec::new();
            collect(&resource.node, false, &mut uses);
            let names = uses.iter().filter_map(|(used, _)| match used {
                Use::Name(name) | Use::Attribute(name, _) => Some(name.as_str()),
                _ => None,
            });
            let names = names.chain(resource.depends_on.iter().map(|(name, _)| name.as_str()));
            names
                .filter_map(|name| template.resources.iter().position(|known| known.name == name))
                .collect()
        })
        .collect();
    // Take away what needs nothing more, until nothing changes: the rest needs itself.
    let mut rest: BTreeSet<usize> = (0..needs.len()).collect();
    while let Some(&free) = rest.iter().find(|&&at| needs[at].is_disjoint(&rest)) {
        rest.remove(&free);
    }
    // A resource that merely needs one of a cycle is not at fault.
    while let Some(&outer) = rest
        .iter()
        .find(|&&at| !rest.iter().any(|other| needs[*other].contains(&at)))
    {
        rest.remove(&outer);
    }
    if let Some(first) = rest.first().and_then(|&at| template.resources.get(at)) {
        let names: Vec<_> = rest
            .iter()
            .filter_map(|&at| Some(format!("`{}`", template.resources.get(at)?.name)))
            .collect();
        let wrong = format!("resources that need each other: {}", names.join(", "));
        findings.add(
            first.line,
            Code::TemplateCycle,
            wrong,
            "an order in which they can be made",
        );
    }
}

/// `*` in a policy statement needs a comment beside or above it.
fn check_wildcards(node: &Node, lines: &[&str], findings: &mut Findings<'_>) {
    for entry in node.entries() {
        let is_wild: fn(&str) -> bool = match entry.key.as_str() {
            "Resource" | "NotResource" | "Principal" | "AWS" => |text| text == "*",
            "Action" | "NotAction" => |text| text.contains('*'),
            _ => |_| false,
        };
        let values = std::iter::once(&entry.node).chain(entry.node.items());
        for value in values.filter(|value| value.as_str().is_some_and(is_wild)) {
            if !has_comment(lines, value.line) && !has_comment(lines, entry.line) {
                let wrong = format!(
                    "`{}: {}` without a reason",
                    entry.key,
                    value.as_str().unwrap_or_default()
                );
                findings.add(
                    value.line,
                    Code::WildcardComment,
                    wrong,
                    "a comment above it, or something narrower",
                );
            }
        }
    }
    match &node.content {
        Content::Scalar { .. } => {}
        Content::Sequence(items) => items
            .iter()
            .for_each(|item| check_wildcards(item, lines, findings)),
        Content::Mapping(entries) => entries
            .iter()
            .for_each(|entry| check_wildcards(&entry.node, lines, findings)),
    }
}

fn has_comment(lines: &[&str], line: usize) -> bool {
    let text = |line: usize| {
        line.checked_sub(1)
            .and_then(|at| lines.get(at))
            .copied()
            .unwrap_or_default()
    };
    text(line).contains(" #") || text(line - 1).trim_start().starts_with('#')
}
