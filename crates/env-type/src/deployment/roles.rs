//! What the roles of the deployment's templates allow, against what those need who have them.

use std::path::Path;

use crate::check::{ComputeFacts, permissions};
use crate::fault::{Code, Faults};
use crate::package::Package;
use crate::yaml::Node;

/// An IAM action that somebody needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The action, `service:Operation`.
    pub action: String,
    /// Who, as in a message.
    pub who: String,
}

/// How a role differs from what is needed of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What is needed and not allowed: something will be refused.
    pub lacking: Faults,
    /// What is allowed and nobody needs.
    pub unused: Faults,
}

impl Differences {
    /// Takes those of another role in.
    pub fn extend(&mut self, others: Self) {
        self.lacking.extend(others.lacking);
        self.unused.extend(others.unused);
    }
}

/// What the documents of the packages and the drivers of their computes need of `EnvManagementRole`.
#[must_use]
pub fn managing(packages: &[Package], computes: &[ComputeFacts<'_>]) -> Vec<Need> {
    let of = |package: &Package| {
        let name = package.name.clone();
        let compute = &package.manifest.content.compute.text;
        let compute = computes.iter().find(|known| known.name == compute);
        permissions::managing(package, compute)
            .into_iter()
            .map(move |(action, who)| Need {
                action,
                who: format!("{who} of `{name}`"),
            })
    };
    packages.iter().flat_map(of).collect()
}

/// Compares the role or managed policy `resource` of a template with `needs`.
#[must_use]
pub fn differences(file: &Path, template: &Node, resource: &str, needs: &[Need]) -> Differences {
    let mut differences = Differences::default();
    let role = template.get("Resources").and_then(|all| all.get(resource));
    let allowed = role.map(allowed).unwrap_or_default();
    for Need { action, who } in needs {
        if !allowed.iter().any(|(pattern, _)| covers(pattern, action)) {
            let line = role.map_or(1, |role| role.line);
            let wrong = format!("{who} needs `{action}`, which `{resource}` does not allow");
            let right = format!("a statement that allows `{action}`");
            differences.lacking.add(file, line, Code::RoleLacks, wrong, right);
        }
    }
    for (pattern, line) in allowed {
        if !needs.iter().any(|need| covers(pattern, &need.action)) {
            let wrong = format!("`{resource}` allows `{pattern}`, which nobody is known to need");
            let right = "remove it, or declare it beside the code that calls it";
            differences.unused.add(file, line, Code::RoleUnused, wrong, right);
        }
    }
    differences
}

/// The actions that the statements of a role or policy allow, with their lines.
fn allowed(resource: &Node) -> Vec<(&str, usize)> {
    let properties = resource.get("Properties");
    let inline = properties.and_then(|properties| properties.get("Policies"));
    let inline = inline.map(Node::items).unwrap_or_default().iter();
    inline
        .chain(properties)
        .filter_map(|policy| policy.get("PolicyDocument")?.get("Statement"))
        .flat_map(Node::items)
        .filter(|statement| statement.get("Effect").and_then(Node::as_str) == Some("Allow"))
        .filter_map(|statement| statement.get("Action"))
        .flat_map(Node::scalars)
        .collect()
}

fn covers(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => action.starts_with(start),
        None => pattern == action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    const TEMPLATE: &str = "\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: role
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:PutItem]
                Resource: !GetAtt Table.Arn
              - Effect: Deny
                Action: dynamodb:Query
              - Effect: Allow
                Action: s3:Get*
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: ssm:StartAutomationExecution
";

    fn found(resource: &str, needed: &[&str]) -> (String, String) {
        let needs: Vec<Need> = needed
            .iter()
            .map(|action| Need {
                action: (*action).to_owned(),
                who: "the function".to_owned(),
            })
            .collect();
        let template = parse(TEMPLATE).unwrap();
        let found = differences(Path::new("template.yaml"), &template, resource, &needs);
        (found.lacking.to_string(), found.unused.to_string())
    }

    #[test]
    fn a_role_that_allows_what_is_needed_and_no_more_is_right() {
        let nothing = (String::new(), String::new());
        assert_eq!(
            found("Role", &["dynamodb:GetItem", "dynamodb:PutItem", "s3:GetObject"]),
            nothing
        );
        assert_eq!(found("Boundary", &["ssm:StartAutomationExecution"]), nothing);
    }

    #[test]
    fn an_action_that_is_lacking_is_named_with_who_needs_it() {
        let needed = [
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "s3:GetObject",
        ];
        let lacking = "template.yaml:3: role-lacks: the function needs `dynamodb:Query`, which `Role` does not allow; \
                       a statement that allows `dynamodb:Query`\n";
        assert_eq!(found("Role", &needed), (lacking.to_owned(), String::new()));
    }

    #[test]
    fn an_action_that_nobody_needs_is_named_where_it_stands() {
        let unused = "template.yaml:10: role-unused: `Role` allows `dynamodb:PutItem`, which nobody is known to need; \
                      remove it, or declare it beside the code that calls it\n";
        assert_eq!(
            found("Role", &["dynamodb:GetItem", "s3:GetObject"]),
            (String::new(), unused.to_owned())
        );
    }

    #[test]
    fn a_role_that_is_not_there_allows_nothing() {
        let (lacking, unused) = found("Other", &["dynamodb:GetItem"]);
        assert!(lacking.starts_with("template.yaml:1: role-lacks: "), "{lacking}");
        assert_eq!(unused, "");
    }
}
