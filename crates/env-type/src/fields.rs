//! Reads a mapping whose keys are all known.

use crate::fault::{Code, Findings, one_of};
use crate::yaml::{Content, Node};

/// A mapping under reading: knows which keys were asked for, so that the rest are faults.
pub(crate) struct Fields<'n> {
    node: &'n Node,
    /// What the mapping is, for messages: "the manifest", "step `Launch`".
    what: String,
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Starts reading; a fault if the node is no mapping.
    pub(crate) fn new(node: &'n Node, what: impl Into<String>, findings: &mut Findings<'_>) -> Option<Self> {
        let what = what.into();
        if !matches!(node.content, Content::Mapping(_)) {
            let right = format!("{what} as a mapping of keys and values");
            findings.add(
                node.line,
                Code::Value,
                format!("{what} is a {}", node.kind()),
                right,
            );
            return None;
        }
        Some(Self {
            node,
            what,
            asked: Vec::new(),
        })
    }

    /// Line where the mapping starts.
    pub(crate) fn line(&self) -> usize {
        self.node.line
    }

    /// A key that may be missing.
    pub(crate) fn optional(&mut self, key: &'static str) -> Option<&'n Node> {
        self.asked.push(key);
        self.node.get(key)
    }

    /// A key that must be there.
    pub(crate) fn required(&mut self, key: &'static str, findings: &mut Findings<'_>) -> Option<&'n Node> {
        let found = self.optional(key);
        if found.is_none() {
            let wrong = format!("{} has no `{key}`", self.what);
            findings.add(self.node.line, Code::MissingKey, wrong, format!("add `{key}`"));
        }
        found
    }

    /// A text that must be there and must not be empty.
    pub(crate) fn text(&mut self, key: &'static str, findings: &mut Findings<'_>) -> Option<&'n str> {
        let node = self.required(key, findings)?;
        text_of(node, key, findings)
    }

    /// A text that may be missing.
    pub(crate) fn optional_text(
        &mut self,
        key: &'static str,
        findings: &mut Findings<'_>,
    ) -> Option<&'n str> {
        let node = self.optional(key)?;
        text_of(node, key, findings)
    }

    /// A list of texts that may be missing.
    pub(crate) fn texts(&mut self, key: &'static str, findings: &mut Findings<'_>) -> Vec<(&'n str, usize)> {
        let Some(node) = self.optional(key) else {
            return Vec::new();
        };
        if !matches!(node.content, Content::Sequence(_)) {
            findings.add(
                node.line,
                Code::Value,
                format!("`{key}` is a {}", node.kind()),
                "a list of texts",
            );
        }
        node.items()
            .iter()
            .filter_map(|item| Some((text_of(item, key, findings)?, item.line)))
            .collect()
    }

    /// Ends reading: every key that was not asked for is a fault.
    pub(crate) fn finish(self, findings: &mut Findings<'_>) {
        for entry in self.node.entries() {
            if !self.asked.contains(&entry.key.as_str()) {
                let wrong = format!("{} has an unknown key `{}`", self.what, entry.key);
                findings.add(
                    entry.line,
                    Code::UnknownKey,
                    wrong,
                    one_of(self.asked.iter().copied()),
                );
            }
        }
    }
}

fn text_of<'n>(node: &'n Node, key: &str, findings: &mut Findings<'_>) -> Option<&'n str> {
    match node.as_str() {
        Some(text) if !text.trim().is_empty() => Some(text),
        Some(_) => {
            findings.add(node.line, Code::Value, format!("`{key}` is empty"), "a text");
            None
        }
        None => {
            findings.add(
                node.line,
                Code::Value,
                format!("`{key}` is a {}", node.kind()),
                "a text",
            );
            None
        }
    }
}
