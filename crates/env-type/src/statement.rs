//! The IAM statements of a manifest: which calls a role may make, on what, and when.

use crate::fault::{Code, Findings};
use crate::fields::Fields;
use crate::manifest::Located;
use crate::yaml::{Content, Node};

/// What stands for the partition, region and account in which a policy lives. No other placeholder is known.
pub const PLACEHOLDERS: [&str; 3] = ["${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"];

/// What a role may do: one list of the manifest's `permissions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// Its statements, in the order of the file.
    pub statements: Vec<Statement>,
    /// Line of the list's key, from 1.
    pub line: usize,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The IAM actions that it allows.
    pub actions: Vec<Located>,
    /// ARNs with [`PLACEHOLDERS`] and `*`, or only `*`.
    pub resources: Vec<Located>,
    /// What must hold besides.
    pub conditions: Vec<Condition>,
    /// Line in the file, from 1.
    pub line: usize,
}

/// One condition of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`, `ArnLike`, ...
    pub operator: Located,
    /// The key of the request's context, such as `iam:PassedToService`.
    pub key: Located,
    /// Values of which one must match.
    pub values: Vec<Located>,
}

impl Permissions {
    /// Reads the list under a key.
    pub(crate) fn read(
        fields: &mut Fields<'_>,
        key: &'static str,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let node = fields.required(key, findings)?;
        if !matches!(node.content, Content::Sequence(_)) {
            findings.add(
                node.line,
                Code::Value,
                format!("`{key}` is a {}", node.kind()),
                "a list of statements with `allow` and `on`",
            );
            return None;
        }
        let statements = node
            .items()
            .iter()
            .filter_map(|item| Statement::read(item, findings));
        Some(Self {
            statements: statements.collect(),
            line: node.line,
        })
    }

    /// Every action of every statement.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &Located> {
        self.statements.iter().flat_map(|statement| &statement.actions)
    }
}

impl Statement {
    fn read(node: &Node, findings: &mut Findings<'_>) -> Option<Self> {
        let mut fields = Fields::new(node, "a permission statement", findings)?;
        let actions = list(&mut fields, "allow", findings);
        let resources = list(&mut fields, "on", findings);
        let conditions = fields.optional("when").map(|node| conditions(node, findings));
        fields.finish(findings);
        Some(Self {
            actions: actions?,
            resources: resources?,
            conditions: conditions.unwrap_or_default(),
            line: node.line,
        })
    }

    /// Whether it allows its actions on everything.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.resources.iter().any(|resource| resource.text == "*")
    }

    /// The comment right above the statement in the manifest's text, a line each, with the `#`.
    pub(crate) fn comment<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let above: Vec<&str> = text.lines().take(self.line.saturating_sub(1)).collect();
        let lines = above.into_iter().rev().map(str::trim);
        let mut comment: Vec<&str> = lines.take_while(|line| line.starts_with('#')).collect();
        comment.reverse();
        comment
    }
}

fn list(fields: &mut Fields<'_>, key: &'static str, findings: &mut Findings<'_>) -> Option<Vec<Located>> {
    let node = fields.required(key, findings)?;
    let texts = fields.texts(key, findings);
    if node.items().is_empty() && matches!(node.content, Content::Sequence(_)) {
        findings.add(
            node.line,
            Code::Value,
            format!("`{key}` is empty"),
            "a list of texts",
        );
    }
    let located = |(text, line): (&str, usize)| Located {
        text: text.to_owned(),
        line,
    };
    Some(texts.into_iter().map(located).collect())
}

/// `{ Operator: { key: value, key: [value, value] } }`
fn conditions(node: &Node, findings: &mut Findings<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if Fields::new(node, "`when`", findings).is_none() {
        return conditions;
    }
    for operator in node.entries() {
        if Fields::new(&operator.node, format!("`{}`", operator.key), findings).is_none() {
            continue;
        }
        for key in operator.node.entries() {
            let values = match key.node.content {
                Content::Scalar { .. } => std::slice::from_ref(&key.node),
                _ => key.node.items(),
            };
            let texts = values.iter().filter_map(|value| {
                Some(Located {
                    text: value.as_str()?.to_owned(),
                    line: value.line,
                })
            });
            let texts: Vec<Located> = texts.collect();
            if texts.is_empty() || texts.len() < values.len() {
                let wrong = format!("`{}` has no text or list of texts as value", key.key);
                findings.add(
                    key.line,
                    Code::Value,
                    wrong,
                    "`key: value` or `key: [value, value]`",
                );
            }
            conditions.push(Condition {
                operator: Located {
                    text: operator.key.clone(),
                    line: operator.line,
                },
                key: Located {
                    text: key.key.clone(),
                    line: key.line,
                },
                values: texts,
            });
        }
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_what_stands_right_above_the_statement() {
        let statement = |line| Statement {
            actions: Vec::new(),
            resources: Vec::new(),
            conditions: Vec::new(),
            line,
        };
        let text = "launch:\n  # One\n  # Two\n  - allow: [a:B]\n  # Far\n\n  - allow: [c:D]\n";
        assert_eq!(statement(4).comment(text), ["# One", "# Two"]);
        assert!(statement(7).comment(text).is_empty());
        assert!(statement(1).comment(text).is_empty());
    }
}
