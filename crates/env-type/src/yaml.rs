//! YAML text as a tree that remembers its lines.
//!
//! One reader for manifests, CloudFormation templates and Automation documents. CloudFormation's short forms
//! (`!Ref`, `!GetAtt a.b`, `!Sub`, ...) become their long forms while reading, so nobody after this module
//! sees a tag. Plain scalars are typed by the core schema of YAML 1.2; quoted and block scalars are strings.
//! Refused with their line: anchors, aliases, duplicate keys, keys that are no scalars, several documents.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::{Map, Number, Value};

/// How deep a file may nest; far beyond any template, far below the stack.
const MAX_DEPTH: usize = 64;

/// Prefix of YAML's own tags such as `!!str`.
const CORE_TAGS: &str = "tag:yaml.org,2002:";

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
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        depth: 0,
    };
    reader.skip_to_content()?;
    let (event, span) = reader.next()?;
    if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
        return Err(error(1, "the file is empty", "a mapping"));
    }
    let node = reader.node(event, span)?;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(node),
            (Event::DocumentStart(_), span) => {
                return Err(error(
                    span.start.line(),
                    "a second YAML document starts here",
                    "one document a file",
                ));
            }
            _ => {}
        }
    }
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

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
    depth: usize,
}

impl<'text> Reader<'text> {
    fn next(&mut self) -> Result<(Event<'text>, Span), YamlError> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(scan)) => Err(error(
                scan.marker().line(),
                &format!("no YAML: {}", scan.info()),
                "valid YAML",
            )),
            None => Err(error(1, "the file ends too early", "a whole YAML document")),
        }
    }

    fn skip_to_content(&mut self) -> Result<(), YamlError> {
        while let Some(Ok((Event::Nothing | Event::StreamStart | Event::DocumentStart(_), _))) =
            self.parser.peek()
        {
            self.next()?;
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'text>, span: Span) -> Result<Node, YamlError> {
        let line = span.start.line();
        if self.depth > MAX_DEPTH {
            return Err(error(
                line,
                &format!("nested deeper than {MAX_DEPTH} levels"),
                "a flatter file",
            ));
        }
        self.depth += 1;
        let node = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_anchor(anchor, line)?;
                let plain = style == ScalarStyle::Plain && !is_core(tag.as_deref(), "str");
                let scalar = Node {
                    line,
                    content: Content::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                };
                expand(scalar, tag.as_deref())
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_anchor(anchor, line)?;
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.node(event, span)?),
                    }
                }
                expand(
                    Node {
                        line,
                        content: Content::Sequence(items),
                    },
                    tag.as_deref(),
                )
            }
            Event::MappingStart(anchor, tag) => {
                refuse_anchor(anchor, line)?;
                let entries = self.entries()?;
                // A block mapping starts where its first key does.
                let line = entries.first().map_or(line, |entry| entry.line);
                expand(
                    Node {
                        line,
                        content: Content::Mapping(entries),
                    },
                    tag.as_deref(),
                )
            }
            Event::Alias(_) => Err(error(line, "an alias (`*name`)", "the value itself, written out")),
            _ => Err(error(
                line,
                "no value where one is expected",
                "a scalar, list or mapping",
            )),
        };
        self.depth -= 1;
        node
    }

    fn entries(&mut self) -> Result<Vec<Entry>, YamlError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let line = span.start.line();
            let key = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(error(line, "a key that is no plain text", "a text as key")),
            };
            if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let wrong = format!(
                    "key `{key}` stands here a second time (first on line {})",
                    first.line
                );
                return Err(error(line, &wrong, "each key once"));
            }
            let (event, span) = self.next()?;
            let node = self.node(event, span)?;
            entries.push(Entry { key, line, node });
        }
    }
}

fn refuse_anchor(anchor: usize, line: usize) -> Result<(), YamlError> {
    if anchor == 0 {
        Ok(())
    } else {
        Err(error(line, "an anchor (`&name`)", "the value without anchor"))
    }
}

fn is_core(tag: Option<&Tag>, name: &str) -> bool {
    tag.is_some_and(|tag| tag.handle == CORE_TAGS && tag.suffix == name)
}

/// Turns `!Ref x` into `{Ref: x}`, `!GetAtt a.b` into `{Fn::GetAtt: [a, b]}` and `!Name x` into `{Fn::Name: x}`.
fn expand(node: Node, tag: Option<&Tag>) -> Result<Node, YamlError> {
    let line = node.line;
    let Some(tag) = tag.filter(|tag| tag.handle != CORE_TAGS) else {
        return Ok(node);
    };
    if tag.handle != "!" || tag.suffix.is_empty() {
        let wrong = format!("tag `{}{}`", tag.handle, tag.suffix);
        return Err(error(line, &wrong, "no tag, or a short form such as `!Ref`"));
    }
    let key = match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    };
    let argument = match (tag.suffix.as_str(), node.as_str()) {
        ("GetAtt", Some(text)) => {
            let (resource, attribute) = text.split_once('.').ok_or_else(|| {
                error(
                    line,
                    &format!("`!GetAtt {text}` names no attribute"),
                    "`!GetAtt Resource.Attribute`",
                )
            })?;
            let part = |text: &str| Node {
                line,
                content: Content::Scalar {
                    text: text.to_owned(),
                    plain: false,
                },
            };
            Node {
                line,
                content: Content::Sequence(vec![part(resource), part(attribute)]),
            }
        }
        _ => node,
    };
    Ok(Node {
        line,
        content: Content::Mapping(vec![Entry {
            key,
            line,
            node: argument,
        }]),
    })
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

fn error(line: usize, wrong: &str, right: &str) -> YamlError {
    YamlError {
        line: line.max(1),
        wrong: wrong.to_owned(),
        right: right.to_owned(),
    }
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
