//! From the parser's events to nodes, short forms as long forms.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::{Content, Entry, Node, YamlError};

/// How deep a file may nest; far beyond any template, far below the stack.
const MAX_DEPTH: usize = 64;

/// Prefix of YAML's own tags such as `!!str`.
const CORE_TAGS: &str = "tag:yaml.org,2002:";

pub(super) fn read(text: &str) -> Result<Node, YamlError> {
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

fn error(line: usize, wrong: &str, right: &str) -> YamlError {
    YamlError {
        line: line.max(1),
        wrong: wrong.to_owned(),
        right: right.to_owned(),
    }
}
