//! YAML text as a tree that remembers its lines.
//!
//! One reader for manifests, CloudFormation templates and Automation documents. CloudFormation's short forms
//! (`!Ref`, `!GetAtt a.b`, `!Sub`, ...) become their long forms while reading, so nobody after this module
//! sees a tag. Plain scalars are typed by the core schema of YAML 1.2; quoted and block scalars are strings.
//! Refused with their line: anchors, aliases, duplicate keys, keys that are no scalars, several documents.

mod reader;

use serde_json::{Map, Number, Value};

/// A value and the line (from 1) on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Line in the file, from 1.
    pub line: usize,
    /// What stands there.
    pub content: Content,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A single value.
    Scalar {
        /// The text without quotes.
        text: String,
        /// Written without quotes and not as a block, so that its type follows from its text.
        plain: bool,
    },
    /// `- a` or `[a]`.
    Sequence(Vec<Node>),
    /// `key: value`, in the order of the file.
    Mapping(Vec<Entry>),
}

/// One `key: value` of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Line of the key, from 1.
    pub line: usize,
    /// The value.
    pub node: Node,
}

/// Text that is no YAML, or YAML beyond what this reader takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}; {right}")]
pub struct YamlError {
    /// Line in the text, from 1.
    pub line: usize,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

/// Reads one YAML document.
///
/// # Errors
/// [`YamlError`] with the line of the first thing that is no YAML or not accepted here.
pub fn parse(text: &str) -> Result<Node, YamlError> {
    reader::read(text)
}

/// Reads one YAML document as JSON, CloudFormation's short forms as their long forms.
///
/// # Errors
/// As [`parse`].
pub fn to_json(text: &str) -> Result<Value, YamlError> {
    parse(text).map(|node| node.to_json())
}

impl Node {
    /// The text, if this is a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries, none if this is no mapping.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items, none if this is no sequence.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    /// `mapping`, `list` or `scalar`, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Scalar { .. } => "scalar",
            Content::Sequence(_) => "list",
            Content::Mapping(_) => "mapping",
        }
    }

    /// Every scalar below and including this node, in the order of the file.
    #[must_use]
    pub fn scalars(&self) -> Vec<(&str, usize)> {
        match &self.content {
            Content::Scalar { text, .. } => vec![(text.as_str(), self.line)],
            Content::Sequence(items) => items.iter().flat_map(Node::scalars).collect(),
            Content::Mapping(entries) => entries.iter().flat_map(|entry| entry.node.scalars()).collect(),
        }
    }

    /// The node as JSON, plain scalars typed.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Scalar { text, plain: false } => Value::String(text.clone()),
            Content::Scalar { text, plain: true } => typed(text),
            Content::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Content::Mapping(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

/// Core schema of YAML 1.2, section 10.3.2.
fn typed(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Some(number) = integer(text) {
        return Value::Number(number);
    }
    let number = text.trim_start_matches(['-', '+']);
    let numeric = number.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && number.contains(|c: char| c.is_ascii_digit())
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    let float = numeric
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .and_then(Number::from_f64);
    float.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn integer(text: &str) -> Option<Number> {
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(Number::from);
    }
    text.parse::<i64>()
        .map(Number::from)
        .or_else(|_| text.parse::<u64>().map(Number::from))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_scalars_have_the_types_of_the_core_schema() {
        let text = "a: 1\nb: -2.5\nc: true\nd: null\ne: yes\nf: 0x1F\ng: 2012-10-17\nh: '1'\ni: \"true\"\nj: ~\nk: 1e3\nl: .\nm: !!str 7\nn:\n";
        assert_eq!(
            to_json(text).unwrap(),
            json!({"a": 1, "b": -2.5, "c": true, "d": null, "e": "yes", "f": 31, "g": "2012-10-17", "h": "1",
                "i": "true", "j": null, "k": 1000.0, "l": ".", "m": "7", "n": null})
        );
    }

    #[test]
    fn short_forms_become_long_forms() {
        let text = "a: !Ref X\nb: !GetAtt X.Y.Z\nc: !Sub '${X}-a'\nd: !If [C, !Ref A, !Ref AWS::NoValue]\ne:\n  Fn::Base64: !Sub\n    - '${V}'\n    - V: !Ref X\nf: !Condition C\ng: !GetAtt [A, B]\n";
        assert_eq!(
            to_json(text).unwrap(),
            json!({
                "a": {"Ref": "X"}, "b": {"Fn::GetAtt": ["X", "Y.Z"]}, "c": {"Fn::Sub": "${X}-a"},
                "d": {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]},
                "e": {"Fn::Base64": {"Fn::Sub": ["${V}", {"V": {"Ref": "X"}}]}},
                "f": {"Condition": "C"}, "g": {"Fn::GetAtt": ["A", "B"]}
            })
        );
    }

    #[test]
    fn lines_count_from_one_and_point_at_keys_and_values() {
        let node = parse("# comment\na: 1\nb:\n  - x\n  - c: |\n      text\n").unwrap();
        let b = &node.entries()[1];
        assert_eq!(
            (node.entries()[0].line, b.line, b.node.items()[1].line),
            (2, 3, 5)
        );
        assert_eq!(b.node.items()[1].get("c").and_then(Node::as_str), Some("text\n"));
    }

    #[test]
    fn refused_yaml_says_its_line() {
        let line = |text: &str| parse(text).unwrap_err().line;
        assert_eq!(line("a: 1\nb: 2\na: 3\n"), 3, "duplicate key");
        assert_eq!(line("a: &x 1\n"), 1, "anchor");
        assert_eq!(line("a: 1\nb: *x\n"), 2, "alias");
        assert_eq!(line("a: 1\n? [b]\n: 2\n"), 2, "key that is a list");
        assert_eq!(line("a: 1\n---\nb: 1\n"), 2, "two documents");
        assert_eq!(line("a: 'x\n"), 1, "open quote");
        assert_eq!(line(""), 1, "nothing");
        assert_eq!(line("a: !GetAtt X\n"), 1, "attribute missing");
        assert!(parse(&"[".repeat(1000)).is_err(), "deep nesting");
    }
}
