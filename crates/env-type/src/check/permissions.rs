//! The manifest's permission statements by themselves and against what the template, the documents and the driver
//! need.

use std::collections::BTreeMap;

use super::ComputeFacts;
use super::resource;
use crate::fault::{Code, Findings};
use crate::manifest::Located;
use crate::package::Package;
use crate::statement::{PLACEHOLDERS, Permissions};
use crate::template::Resource;

pub(super) fn check(package: &Package, compute: Option<&ComputeFacts<'_>>, findings: &mut Findings<'_>) {
    let manifest = &package.manifest.content;
    check_form(&manifest.launch_permissions, &package.manifest.text, findings);
    check_form(&manifest.manage_permissions, &package.manifest.text, findings);

    // Action -> who needs it.
    let mut launch: BTreeMap<&str, String> = BTreeMap::new();
    for resource in &package.template.content.resources {
        for action in resource::actions(resource) {
            launch
                .entry(action)
                .or_insert_with(|| format!("resource `{}`", resource.name));
        }
    }
    check_complete("launch", &launch, &manifest.launch_permissions, findings);

    let manage = managing(package, compute);
    check_complete("manage", &manage, &manifest.manage_permissions, findings);
    for action in manifest.manage_permissions.actions() {
        // Without its compute it is not known what the driver needs.
        if compute.is_some() && !manage.contains_key(&action.text) {
            let wrong = format!("neither a document nor the driver needs `{}`", action.text);
            findings.add(action.line, Code::PermissionUnused, wrong, "remove it");
        }
    }
}

/// The IAM actions that the documents' steps and the driver need, and who needs each.
pub(crate) fn managing(package: &Package, compute: Option<&ComputeFacts<'_>>) -> BTreeMap<String, String> {
    let mut needed = BTreeMap::new();
    for (operation, file) in package.documents() {
        for step in &file.content.steps {
            if let Some((service, api)) = step.call() {
                let who = || format!("step `{}` of the {} document", step.name, operation.as_str());
                needed
                    .entry(format!("{}:{api}", iam_prefix(service)))
                    .or_insert_with(who);
            }
        }
    }
    let Some(compute) = compute else {
        return needed;
    };
    for action in compute.driver_calls {
        needed
            .entry((*action).to_owned())
            .or_insert_with(|| "the compute's driver".to_owned());
    }
    for resource in &package.template.content.resources {
        for action in dependent_actions(resource, compute) {
            needed
                .entry(action.to_owned())
                .or_insert_with(|| format!("starting resource `{}`", resource.name));
        }
    }
    needed
}

/// The IAM actions that the driver needs besides its own calls when it starts this resource.
fn dependent_actions<'a>(resource: &Resource, compute: &ComputeFacts<'a>) -> impl Iterator<Item = &'a str> {
    let started = resource.resource_type == compute.resource_type;
    let set = compute
        .dependent_actions
        .iter()
        .filter(move |(property, _)| started && resource.property(property).is_some());
    set.flat_map(|(_, actions)| *actions).copied()
}

fn check_form(permissions: &Permissions, text: &str, findings: &mut Findings<'_>) {
    for statement in &permissions.statements {
        check_each(&statement.actions, is_action, ACTION, findings);
        check_each(&statement.resources, is_resource, RESOURCE, findings);
        for condition in &statement.conditions {
            let operator = std::slice::from_ref(&condition.operator);
            check_each(operator, is_operator, OPERATOR, findings);
            check_each(std::slice::from_ref(&condition.key), is_key, KEY, findings);
            check_each(&condition.values, has_known_placeholders, VALUE, findings);
        }
        if statement.is_unlimited() && statement.comment(text).is_empty() {
            let wrong = "`on: '*'` without a reason";
            let right = "a comment right above the statement, or something narrower";
            findings.add(statement.line, Code::WildcardComment, wrong, right);
        }
    }
}

/// What one part of a statement is, and how it is written.
type Form = (&'static str, &'static str);

const ACTION: Form = ("single IAM action", "`service:Operation` without `*`");
const RESOURCE: Form = (
    "resource",
    "`*`, or an ARN that starts with `arn:${AWS::Partition}:` and has no other placeholder than \
     `${AWS::Region}` and `${AWS::AccountId}`",
);
const OPERATOR: Form = (
    "condition operator",
    "one of IAM, such as `StringEquals` or `ArnLike`",
);
const KEY: Form = ("condition key", "`service:Key` or `aws:Key`");
const VALUE: Form = (
    "condition value",
    "a text without other placeholders than `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}`",
);

fn check_each(
    list: &[Located],
    is_right: fn(&str) -> bool,
    (what, right): Form,
    findings: &mut Findings<'_>,
) {
    for (place, Located { text, line }) in list.iter().enumerate() {
        if !is_right(text) {
            findings.add(
                *line,
                Code::PermissionForm,
                format!("`{text}` is no {what}"),
                right,
            );
        }
        if list.iter().take(place).any(|before| before.text == *text) {
            let wrong = format!("`{text}` stands here a second time");
            findings.add(*line, Code::PermissionForm, wrong, format!("each {what} once"));
        }
    }
}

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, operation)| {
        is_service(service)
            && operation.starts_with(|c: char| c.is_ascii_uppercase())
            && operation.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

fn is_service(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// `*`, or `arn:<partition>:<service>:<region>:<account>:<resource>`. The partition is never written out, so that
/// a package works in each of them.
fn is_resource(text: &str) -> bool {
    if text == "*" {
        return true;
    }
    let Some(rest) = text.strip_prefix("arn:${AWS::Partition}:") else {
        return false;
    };
    let rest = without_placeholders(rest);
    let parts: Vec<&str> = rest.splitn(4, ':').collect();
    matches!(parts[..], [service, _, _, resource] if is_service(service) && !resource.is_empty())
        && has_known_placeholders(text)
}

/// The text with each placeholder as a word without colon.
fn without_placeholders(text: &str) -> String {
    PLACEHOLDERS.iter().fold(text.to_owned(), |text, placeholder| {
        text.replace(placeholder, "x")
    })
}

fn has_known_placeholders(text: &str) -> bool {
    !without_placeholders(text).contains("${")
}

fn is_operator(text: &str) -> bool {
    const OPERATORS: [&str; 27] = [
        "ArnEquals",
        "ArnLike",
        "ArnNotEquals",
        "ArnNotLike",
        "BinaryEquals",
        "Bool",
        "DateEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateNotEquals",
        "IpAddress",
        "NotIpAddress",
        "Null",
        "NumericEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericNotEquals",
        "StringEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
    ];
    let name = text
        .strip_prefix("ForAllValues:")
        .or_else(|| text.strip_prefix("ForAnyValue:"))
        .unwrap_or(text);
    OPERATORS.contains(&name.strip_suffix("IfExists").unwrap_or(name))
}

fn is_key(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(service, key)| is_service(service) && !key.is_empty() && !key.contains('*'))
}

fn check_complete<T: AsRef<str> + Ord>(
    role: &str,
    needed: &BTreeMap<T, String>,
    permissions: &Permissions,
    findings: &mut Findings<'_>,
) {
    for (action, who) in needed {
        let action = action.as_ref();
        if !permissions.actions().any(|listed| listed.text == action) {
            let wrong = format!("{who} needs `{action}`, which `permissions.{role}` does not allow");
            let right = format!("a statement that allows `{action}`");
            findings.add(permissions.line, Code::PermissionMissing, wrong, right);
        }
    }
}

/// Services whose name in Automation documents is not their prefix in IAM actions.
fn iam_prefix(service: &str) -> &str {
    match service {
        "elb" | "elbv2" => "elasticloadbalancing",
        "efs" => "elasticfilesystem",
        "emr" => "elasticmapreduce",
        "opensearch" => "es",
        "stepfunctions" => "states",
        service => service,
    }
}
