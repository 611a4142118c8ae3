//! The manifest by itself and against the compute and the template's outputs.

use serde_json::Value;

use super::ComputeFacts;
use crate::fault::{Code, Findings, one_of};
use crate::manifest::Located;
use crate::package::Package;

pub(super) fn check(
    package: &Package,
    compute: Option<&ComputeFacts<'_>>,
    computes: &[ComputeFacts<'_>],
    findings: &mut Findings<'_>,
) {
    let manifest = &package.manifest.content;
    let name = &package.name;
    let is_camel_case =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_camel_case {
        let wrong = format!("the folder's name `{name}` is not camelCase");
        findings.add(
            1,
            Code::PackageName,
            wrong,
            "letters and digits that start with a small letter",
        );
    }
    match compute {
        Some(compute) => check_links(&manifest.instruction, compute, findings),
        None => {
            let wrong = format!("compute `{}` has no driver", manifest.compute.text);
            let names = one_of(computes.iter().map(|compute| compute.name));
            findings.add(manifest.compute.line, Code::Compute, wrong, names);
        }
    }
    let outputs = &package.template.content.outputs;
    for output in [
        &manifest.instance_name,
        &manifest.instance_arn,
        &manifest.instance_role,
    ] {
        if !outputs.iter().any(|known| known.key == output.text) {
            let wrong = format!("`{}` is no output of the template", output.text);
            findings.add(
                output.line,
                Code::RecordOutput,
                wrong,
                one_of(outputs.iter().map(|known| known.key.as_str())),
            );
        }
    }
}

/// Placeholders are `#{...}` with a JSON object that has no braces inside (contract section 7.4).
fn check_links(instruction: &Located, compute: &ComputeFacts<'_>, findings: &mut Findings<'_>) {
    let right = || {
        let keys = one_of(compute.credential_keys.iter().copied());
        format!("`#{{\"type\":\"link\",\"hrefKey\":KEY,\"text\":LABEL}}` with KEY {keys}")
    };
    let mut rest = instruction.text.as_str();
    while let Some((_, after)) = rest.split_once("#{") {
        let (inside, next) = after.split_once('}').unwrap_or((after, ""));
        rest = next;
        let wrong = match serde_json::from_str::<Value>(&format!("{{{inside}}}")) {
            Ok(link) if !is_link(&link) => Some(format!("placeholder `#{{{inside}}}` is no link")),
            Ok(link) => {
                let key = link["hrefKey"].as_str().unwrap_or_default();
                let known = compute.credential_keys.contains(&key);
                (!known).then(|| {
                    format!(
                        "link to `{key}`, which the credentials of `{}` do not have",
                        compute.name
                    )
                })
            }
            Err(_) => Some(format!("placeholder `#{{{inside}}}` is no JSON object")),
        };
        if let Some(wrong) = wrong {
            findings.add(instruction.line, Code::ConnectionLink, wrong, right());
        }
    }
}

fn is_link(link: &Value) -> bool {
    let text = |key: &str| link[key].as_str().is_some_and(|text| !text.is_empty());
    link.as_object().is_some_and(|members| members.len() == 3)
        && link["type"] == "link"
        && text("hrefKey")
        && text("text")
}
