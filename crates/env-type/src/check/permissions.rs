//! The manifest's IAM actions against what the template, the documents and the driver need.

use std::collections::BTreeMap;

use super::ComputeFacts;
use super::resource;
use crate::fault::{Code, Findings};
use crate::manifest::Located;
use crate::package::Package;

pub(super) fn check(package: &Package, compute: Option<&ComputeFacts<'_>>, findings: &mut Findings<'_>) {
    let manifest = &package.manifest.content;
    check_form(&manifest.launch_actions, findings);
    check_form(&manifest.manage_actions, findings);

    // Action -> who needs it.
    let mut launch: BTreeMap<&str, String> = BTreeMap::new();
    for resource in &package.template.content.resources {
        for action in resource::actions(resource) {
            launch
                .entry(action)
                .or_insert_with(|| format!("resource `{}`", resource.name));
        }
    }
    check_complete(
        "launch",
        &launch,
        &manifest.launch_actions,
        manifest.launch_actions_line,
        findings,
    );

    let mut manage: BTreeMap<String, String> = BTreeMap::new();
    for (operation, file) in package.documents() {
        for step in &file.content.steps {
            if let Some((service, api)) = step.call() {
                let who = || format!("step `{}` of the {} document", step.name, operation.as_str());
                manage
                    .entry(format!("{}:{api}", iam_prefix(service)))
                    .or_insert_with(who);
            }
        }
    }
    for action in compute.map(|compute| compute.driver_calls).unwrap_or_default() {
        manage
            .entry((*action).to_owned())
            .or_insert_with(|| "the compute's driver".to_owned());
    }
    check_complete(
        "manage",
        &manage,
        &manifest.manage_actions,
        manifest.manage_actions_line,
        findings,
    );
    for action in &manifest.manage_actions {
        // Without its compute it is not known what the driver needs.
        if compute.is_some() && !manage.contains_key(&action.text) {
            let wrong = format!("neither a document nor the driver calls `{}`", action.text);
            findings.add(action.line, Code::PermissionUnused, wrong, "remove it");
        }
    }
}

fn check_form(actions: &[Located], findings: &mut Findings<'_>) {
    for (place, action) in actions.iter().enumerate() {
        if !is_action(&action.text) {
            let wrong = format!("`{}` is no single IAM action", action.text);
            findings.add(
                action.line,
                Code::PermissionForm,
                wrong,
                "`service:Operation` without `*`",
            );
        }
        if actions
            .iter()
            .take(place)
            .any(|before| before.text == action.text)
        {
            let wrong = format!("`{}` stands here a second time", action.text);
            findings.add(action.line, Code::PermissionForm, wrong, "each action once");
        }
    }
}

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, operation)| {
        !service.is_empty()
            && service
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && operation.starts_with(|c: char| c.is_ascii_uppercase())
            && operation.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

fn check_complete<T: AsRef<str> + Ord>(
    role: &str,
    needed: &BTreeMap<T, String>,
    listed: &[Located],
    line: usize,
    findings: &mut Findings<'_>,
) {
    for (action, who) in needed {
        let action = action.as_ref();
        if !listed.iter().any(|listed| listed.text == action) {
            let wrong = format!("{who} needs `{action}`, which `permissions.{role}` does not list");
            findings.add(line, Code::PermissionMissing, wrong, format!("add `{action}`"));
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
