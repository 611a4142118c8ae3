//! What happened to an environment, as it is kept: each change, and each report that changed nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::status::Status;
use crate::status::transition::Source;

/// One change of an environment, or one report that changed nothing: then `from` and `to` are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// Who or what changed it, in words.
    pub cause: String,
    /// The id of the event that reported it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// When it was written down.
    #[serde(rename = "createdAt")]
    pub at: Timestamp,
    /// Why, where something failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was reported, if it was a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Reported>,
}

impl Entry {
    /// Why the report changed nothing, if it is one that did not.
    #[must_use]
    pub fn kept(&self) -> Option<&str> {
        self.reported.as_ref()?.kept.as_deref()
    }
}

/// A report, as the timeline keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    /// Who said it.
    pub source: Source,
    /// What was said.
    pub status: Status,
    /// When that was so, by the source's clock.
    pub at: Timestamp,
    /// Why it changed nothing, if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
}

/// The id of the entry of the change that made an environment what it is at this revision. Ids sort as the changes came.
#[must_use]
pub fn change_id(rev: u64) -> String {
    format!("{rev:020}")
}

/// The id of the entry of a report that changed nothing and found the environment at this revision. It is made of what
/// is the same each time the event is delivered.
#[must_use]
pub fn kept_id(rev: u64, reported_at: Timestamp, event: &str) -> String {
    format!("{}#{reported_at:.3}#{event}", change_id(rev))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_things_came() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (early, late) = (at("2026-11-24T10:00:00Z"), at("2026-11-24T10:00:00.1Z"));
        let sorted = [
            change_id(9),
            kept_id(9, early, "event-b"),
            kept_id(9, late, "event-a"),
            change_id(10),
        ];
        assert!(sorted.is_sorted(), "{sorted:?}");
        assert_eq!(kept_id(9, early, "event-b"), kept_id(9, early, "event-b"));
    }
}
