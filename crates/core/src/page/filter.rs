//! Filters: the seven operators of the contract's section 2.4, as a range of positions.
//!
//! In an index a row stands at `<value><TAB><id>`. No value has a character as small as the tab, so
//! positions sort as their values do, and every operator is one range of positions.

use crate::error::Error;

/// What stands between value and id in a position.
const SEPARATOR: char = '\t';
/// Just after the separator: above every position of a value, below those of all larger values.
const AFTER: char = '\n';
/// Above every character that a position has.
const LAST: char = char::MAX;

/// Which values of a property are wanted. Values are compared as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// This one.
    Eq(String),
    /// Smaller ones.
    Lt(String),
    /// This one and smaller ones.
    Lte(String),
    /// Larger ones.
    Gt(String),
    /// This one and larger ones.
    Gte(String),
    /// Those that begin so.
    Begins(String),
    /// Those from the first to the second, both included.
    Between(String, String),
}

/// A range of positions; nothing stands at its ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Where it begins; at the smallest position if there is none.
    pub from: Option<String>,
    /// Where it ends; at the largest position if there is none.
    pub to: Option<String>,
}

impl Filter {
    /// The most characters that a value may have.
    pub const LONGEST: usize = 128;

    /// The filter of one operator and its value; `field` is where the caller wrote it.
    ///
    /// # Errors
    /// There is no such operator, or the value is empty or too long.
    pub fn new(field: &str, operator: &str, value: String) -> Result<Self, Error> {
        let make = match operator {
            "eq" => Self::Eq,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "begins" => Self::Begins,
            _ => {
                let problem = "Unrecognized operator; must be one of 'eq', 'lt', 'lte', 'gt', 'gte', 'begins', 'between'";
                return Err(Error::invalid(field, problem));
            }
        };
        Ok(make(checked(field, value)?))
    }

    /// The filter `between`.
    ///
    /// # Errors
    /// A value is empty or too long, or the first is larger than the second.
    pub fn between(field: &str, value1: String, value2: String) -> Result<Self, Error> {
        let value1 = checked(&format!("{field}.value1"), value1)?;
        let value2 = checked(&format!("{field}.value2"), value2)?;
        if value1 > value2 {
            return Err(Error::invalid(field, "value1 must not be larger than value2"));
        }
        Ok(Self::Between(value1, value2))
    }

    /// Where in an index the wanted rows stand.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let before = |value: &str| Some(format!("{value}{SEPARATOR}"));
        let after = |value: &str| Some(format!("{value}{AFTER}"));
        let (from, to) = match self {
            Self::Eq(value) => (before(value), after(value)),
            Self::Lt(value) => (None, before(value)),
            Self::Lte(value) => (None, after(value)),
            Self::Gt(value) => (after(value), None),
            Self::Gte(value) => (before(value), None),
            Self::Begins(value) => (Some(value.clone()), Some(format!("{value}{LAST}"))),
            Self::Between(one, other) => (before(one), after(other)),
        };
        Bounds { from, to }
    }
}

impl Bounds {
    /// Whether a position lies in the range.
    #[must_use]
    pub fn contain(&self, position: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= position)
            && self.to.as_deref().is_none_or(|to| position <= to)
    }
}

/// The position of the row with this value and id.
#[must_use]
pub fn position(value: &str, id: impl std::fmt::Display) -> String {
    format!("{value}{SEPARATOR}{id}")
}

fn checked(field: &str, value: String) -> Result<String, Error> {
    if value.is_empty() {
        return Err(Error::invalid(field, "Required"));
    }
    if value.chars().count() > Filter::LONGEST {
        let problem = format!("must be {} characters or less", Filter::LONGEST);
        return Err(Error::invalid(field, problem));
    }
    if value.chars().any(char::is_control) || value.contains(LAST) {
        return Err(Error::invalid(field, "must not have control characters"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let new = |operator: &str, value: &str| {
            Filter::new("filter.name", operator, value.to_owned()).map_err(|error| error.to_string())
        };
        assert_eq!(new("eq", "a"), Ok(Filter::Eq("a".into())));
        assert_eq!(new("eq", "").unwrap_err(), "filter.name: Required");
        assert_eq!(
            new("eq", &"a".repeat(129)).unwrap_err(),
            "filter.name: must be 128 characters or less"
        );
        assert!(
            new("like", "a")
                .unwrap_err()
                .starts_with("filter.name: Unrecognized operator")
        );
        let between = Filter::between("filter.name", "b".into(), "a".into()).unwrap_err();
        assert_eq!(
            between.to_string(),
            "filter.name: value1 must not be larger than value2"
        );
    }

    /// What each operator means.
    fn means(filter: &Filter, value: &str) -> bool {
        match filter {
            Filter::Eq(other) => value == other,
            Filter::Lt(other) => value < other.as_str(),
            Filter::Lte(other) => value <= other.as_str(),
            Filter::Gt(other) => value > other.as_str(),
            Filter::Gte(other) => value >= other.as_str(),
            Filter::Begins(prefix) => value.starts_with(prefix),
            Filter::Between(one, other) => (one.as_str()..=other.as_str()).contains(&value),
        }
    }

    fn filters(one: &str, other: &str) -> Vec<Filter> {
        let operators = ["eq", "lt", "lte", "gt", "gte", "begins"];
        let single = operators.map(|operator| Filter::new("f", operator, one.to_owned()).unwrap());
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        let between = Filter::between("f", low.to_owned(), high.to_owned()).unwrap();
        single.into_iter().chain([between]).collect()
    }

    proptest! {
        #[test]
        fn every_operator_is_one_range_of_positions(
            one in "[ab .-]{1,4}", other in "[ab .-]{1,4}", value in "[ab .-]{1,5}", id in "[a-z0-9,-]{1,9}"
        ) {
            for filter in filters(&one, &other) {
                prop_assert_eq!(
                    filter.bounds().contain(&position(&value, &id)), means(&filter, &value), "{:?} {}", filter, value
                );
            }
        }

        #[test]
        fn positions_sort_as_their_values(one in "[ -~]{1,6}", other in "[ -~]{1,6}", ids in "[a-z]{2}") {
            prop_assume!(one != other);
            prop_assert_eq!(one.cmp(&other), position(&one, &ids[..1]).cmp(&position(&other, &ids[1..])));
        }

        #[test]
        fn no_text_makes_reading_a_filter_panic(operator in ".{0,10}", value in ".{0,140}", other in ".{0,9}") {
            if let Ok(filter) = Filter::new("f", &operator, value.clone()) {
                let _ = filter.bounds();
            }
            let _ = Filter::between("f", value, other);
        }
    }
}
