//! Conditions on the row that is written. Names and values always go through placeholders, so
//! that DynamoDB's reserved words do no harm.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::key::{PK, TTL};
use super::row::Item;

/// A condition expression with its names and values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Condition {
    /// There is no such row.
    pub(super) fn absent() -> Self {
        Self::about(PK, "attribute_not_exists(#pk)".to_owned())
    }

    /// There is such a row.
    pub(super) fn present() -> Self {
        Self::about(PK, "attribute_exists(#pk)".to_owned())
    }

    /// An attribute of the row has this text.
    pub(super) fn is(attribute: &str, text: impl Into<String>) -> Self {
        Self::equals(attribute, AttributeValue::S(text.into()))
    }

    /// The row has the status with this label.
    pub(super) fn status(label: &str) -> Self {
        Self::is("status", label)
    }

    /// The row is kept no longer, though DynamoDB has not removed it yet.
    pub(super) fn lapsed(now: Timestamp) -> Self {
        let mut condition = Self::about(TTL, format!("#{TTL} <= :{TTL}"));
        let now = AttributeValue::N(now.as_second().to_string());
        condition.values.insert(format!(":{TTL}"), now);
        condition
    }

    /// The row has this revision.
    pub(super) fn revision(rev: u64) -> Self {
        Self::equals("rev", AttributeValue::N(rev.to_string()))
    }

    /// Both hold. They must be about different attributes.
    pub(super) fn and(self, other: Self) -> Self {
        self.join("AND", other)
    }

    /// One of them holds. They must be about different attributes.
    pub(super) fn or(self, other: Self) -> Self {
        self.join("OR", other)
    }

    /// An attribute of the row has this value.
    pub(super) fn equals(attribute: &str, value: AttributeValue) -> Self {
        let mut condition = Self::about(attribute, format!("#{attribute} = :{attribute}"));
        condition.values.insert(format!(":{attribute}"), value);
        condition
    }

    fn about(attribute: &str, text: String) -> Self {
        let names = HashMap::from([(format!("#{attribute}"), attribute.to_owned())]);
        Self {
            text,
            names,
            values: HashMap::new(),
        }
    }

    fn join(mut self, word: &str, other: Self) -> Self {
        self.text = format!("{} {word} {}", self.text, other.text);
        self.names.extend(other.names);
        self.values.extend(other.values);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_carries_its_names_and_values() {
        let condition = Condition::status("CURRENT").and(Condition::revision(7));
        assert_eq!(condition.text, "#status = :status AND #rev = :rev");
        assert_eq!(condition.names["#status"], "status");
        assert_eq!(condition.names["#rev"], "rev");
        assert_eq!(condition.values[":status"], AttributeValue::S("CURRENT".into()));
        assert_eq!(condition.values[":rev"], AttributeValue::N("7".into()));
        let condition = Condition::absent().or(Condition::revision(1));
        assert_eq!(condition.text, "attribute_not_exists(#pk) OR #rev = :rev");
    }
}
