//! The names of roles and policies. `unique.namespace` begins with the type, and so does each name that is made from it:
//! a permission for another name, such as one that was copied with a package, lets nothing be made.

use std::collections::BTreeMap;

use super::Subject;
use crate::fault::{Code, Findings};
use crate::manifest::Located;
use crate::reference::{Reference, whole};
use crate::statement::Permissions;
use crate::template::Resource;
use crate::yaml::Node;

/// How the resource's part of an ARN begins, the type of such resources in a template, and the property with the name.
const KINDS: [(&str, &str, &str); 2] = [
    ("role/", "AWS::IAM::Role", "RoleName"),
    ("policy/", "AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
];

/// Checks the manifest's permissions by the names in the template, which the launch document gives its namespace.
pub(super) fn check(launch: &Subject<'_>, findings: &mut Findings<'_>) {
    let package = launch.package;
    let begins = format!("{}-", package.name);
    let namespaces = namespaces(launch);
    let resources = &package.template.content.resources;
    let has_boundary = resources.iter().any(|made| has_boundary_of(resources, made));
    for (kind, resource_type, property) in KINDS {
        let mut made = resources
            .iter()
            .filter(|made| made.resource_type == resource_type)
            .peekable();
        // Of any other name, and behind a path, it is not known how it begins.
        let begins_so = |made: &Resource| {
            made.property("Path").is_none() && begins_with_one_of(made.property(property), &namespaces)
        };
        if made.peek().is_none() || !made.all(begins_so) {
            continue;
        }
        let manifest = &package.manifest.content;
        for permissions in [&manifest.launch_permissions, &manifest.manage_permissions] {
            for arns in arns(permissions, has_boundary).values() {
                check_one(arns, kind, &begins, findings);
            }
        }
    }
}

/// What is allowed of one kind, for one action or by one condition: one name at least is of the template.
fn check_one(arns: &[&Located], kind: &str, begins: &str, findings: &mut Findings<'_>) {
    let of_kind = || arns.iter().filter_map(|arn| Some((arn, name(&arn.text, kind)?)));
    let fits = |name: &str| {
        let (start, _) = name.split_once(['*', '?']).unwrap_or((name, ""));
        start.starts_with(begins) || begins.starts_with(start)
    };
    if arns.iter().any(|arn| arn.text == "*") || of_kind().any(|(_, name)| fits(name)) {
        return;
    }
    for (arn, name) in of_kind() {
        let start = arn.text.strip_suffix(name).unwrap_or_default();
        findings.add(
            arn.line,
            Code::PermissionName,
            format!("the template makes nothing that is called `{kind}{name}`"),
            format!("`{start}{begins}*`: the names from `unique.namespace` begin with the type"),
        );
    }
}

/// The resources of each action, and the values of the condition on the boundary if it is one of the template.
fn arns(permissions: &Permissions, has_boundary: bool) -> BTreeMap<&str, Vec<&Located>> {
    let mut arns: BTreeMap<&str, Vec<&Located>> = BTreeMap::new();
    for statement in &permissions.statements {
        for action in &statement.actions {
            arns.entry(&action.text).or_default().extend(&statement.resources);
        }
        for condition in &statement.conditions {
            if has_boundary && condition.key.text == "iam:PermissionsBoundary" {
                arns.entry(&condition.key.text)
                    .or_default()
                    .extend(&condition.values);
            }
        }
    }
    arns
}

/// What stands behind the kind in the ARN of an IAM resource of that kind.
fn name<'t>(arn: &'t str, kind: &str) -> Option<&'t str> {
    let rest = arn.strip_prefix("arn:${AWS::Partition}:iam::")?;
    let (_account, resource) = rest.rsplit_once(':')?;
    resource.strip_prefix(kind)
}

/// The template's parameters that get `unique.namespace` from the launch document.
fn namespaces<'a>(launch: &Subject<'a>) -> Vec<&'a str> {
    let steps = launch.document().steps.iter();
    let given = steps
        .filter(|step| step.call() == Some(("servicecatalog", "ProvisionProduct")))
        .filter_map(|step| step.inputs.get("ProvisioningParameters"))
        .flat_map(Node::items);
    given
        .filter_map(|item| {
            let value = whole(item.get("Value")?.as_str()?)?;
            let is_namespace =
                matches!(value, Reference::Parameter(name) if launch.is_fed(name, "unique", "namespace"));
            is_namespace.then(|| item.get("Key")?.as_str())?
        })
        .collect()
}

/// Whether a name is a `!Sub` that begins with one of the parameters.
fn begins_with_one_of(name: Option<&Node>, parameters: &[&str]) -> bool {
    let text = name.and_then(|name| name.get("Fn::Sub")).and_then(Node::as_str);
    text.is_some_and(|text| {
        parameters
            .iter()
            .any(|parameter| text.starts_with(&format!("${{{parameter}}}-")))
    })
}

/// Whether the boundary of a role is one of the template's own resources.
fn has_boundary_of(resources: &[Resource], role: &Resource) -> bool {
    let boundary = role.property("PermissionsBoundary");
    let name = boundary
        .and_then(|boundary| boundary.get("Ref"))
        .and_then(Node::as_str);
    resources.iter().any(|made| Some(made.name.as_str()) == name)
}
