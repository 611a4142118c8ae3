//! The two cases of a SageMaker resource's name. Calls are authorised by the name as the caller writes it, IAM tells upper
//! and lower case apart, and the ARNs that SageMaker answers are in lower case: a permission takes both.

use crate::fault::{Code, Findings};
use crate::manifest::Located;
use crate::package::Package;

pub(super) fn check(package: &Package, findings: &mut Findings<'_>) {
    let resources = package.template.content.resources.iter();
    let names: Vec<&str> = resources
        .map(|resource| resource.name.as_str())
        .chain([package.name.as_str()])
        .collect();
    let manifest = &package.manifest.content;
    for statement in [&manifest.launch_permissions, &manifest.manage_permissions]
        .into_iter()
        .flat_map(|permissions| &permissions.statements)
    {
        for Located { text, line } in &statement.resources {
            let Some(other) = in_other_case(text, &names) else {
                continue;
            };
            if !statement.resources.iter().any(|listed| listed.text == other) {
                let wrong = format!("`{text}` is a SageMaker name in one of its two cases only");
                findings.add(*line, Code::PermissionCase, wrong, format!("`{other}` beside it"));
            }
        }
    }
}

/// The ARN of a SageMaker resource with its name in the other case. A name in lower case has one if it begins as
/// CloudFormation or the type names what the product makes, in other letters.
fn in_other_case(arn: &str, names: &[&str]) -> Option<String> {
    let (start, name) = arn.rsplit_once('/')?;
    // What stands for a placeholder has no case of its own.
    if !start.starts_with("arn:${AWS::Partition}:sagemaker:") || name.contains("${") {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if lower != name {
        return Some(format!("{start}/{lower}"));
    }
    names.iter().find_map(|written| {
        let rest = name.strip_prefix(&written.to_ascii_lowercase())?;
        let whole = rest.is_empty() || rest.starts_with(['-', '*']);
        let other = format!("{start}/{written}{rest}");
        (whole && other != arn).then_some(other)
    })
}
