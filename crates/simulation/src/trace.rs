//! What happened in a run, line by line.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::{SignedDuration, Timestamp};

/// What happened, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    began: Timestamp,
    lines: Vec<(SignedDuration, String)>,
}

impl Trace {
    pub(crate) fn new(began: Timestamp) -> Self {
        Self {
            began,
            lines: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, at: Timestamp, what: impl Into<String>) {
        self.lines.push((at.duration_since(self.began), what.into()));
    }

    /// A number that differs between different traces.
    pub fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.lines.hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (after, what) in &self.lines {
            let (minutes, rest) = (after.as_secs() / 60, after.as_secs() % 60);
            writeln!(f, "{minutes:4}:{rest:02}.{:03}  {what}", after.subsec_millis())?;
        }
        Ok(())
    }
}
