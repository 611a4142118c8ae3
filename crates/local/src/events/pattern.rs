//! Event patterns, as the EventBridge user guide describes them under "Creating event patterns".

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::iam::{Case, matches_wildcard};

/// An event pattern that has been read.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Fields);

#[derive(Debug, Clone)]
struct Fields {
    fields: Vec<(String, Node)>,
    /// Alternatives of `$or`, of which one must match.
    or: Vec<Fields>,
}

#[derive(Debug, Clone)]
enum Node {
    Fields(Fields),
    Values(Vec<Matcher>),
}

#[derive(Debug, Clone)]
enum Matcher {
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String, Case),
    Suffix(String, Case),
    Wildcard(String),
    AnythingBut(Vec<Matcher>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `InvalidEventPatternException` names what is wrong or not known here.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| invalid(format!("the pattern is not JSON: {error}")))?;
        let fields = value
            .as_object()
            .ok_or_else(|| invalid("the pattern is not an object"))?;
        Fields::parse(fields, "").map(Self)
    }

    /// Whether an event matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.0.matches(event)
    }
}

impl Fields {
    fn parse(object: &Map<String, Value>, path: &str) -> Result<Self, ApiError> {
        if object.is_empty() {
            return Err(invalid(format!("the pattern has an empty object at `{path}`")));
        }
        let mut parsed = Self {
            fields: Vec::new(),
            or: Vec::new(),
        };
        for (name, value) in object {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match value {
                Value::Array(alternatives) if name == "$or" => {
                    if alternatives.len() < 2 {
                        return Err(invalid("`$or` needs at least two alternatives"));
                    }
                    for alternative in alternatives {
                        let fields = alternative
                            .as_object()
                            .ok_or_else(|| invalid("`$or` takes a list of objects"))?;
                        parsed.or.push(Self::parse(fields, &path)?);
                    }
                }
                Value::Object(fields) => {
                    parsed
                        .fields
                        .push((name.clone(), Node::Fields(Self::parse(fields, &path)?)));
                }
                Value::Array(values) if !values.is_empty() => {
                    let matchers = values.iter().map(|value| Matcher::parse(value, &path)).collect();
                    let matchers: Result<Vec<Matcher>, ApiError> = matchers;
                    parsed.fields.push((name.clone(), Node::Values(matchers?)));
                }
                _ => {
                    return Err(invalid(format!(
                        "`{path}` must be an object or a list that is not empty"
                    )));
                }
            }
        }
        Ok(parsed)
    }

    fn matches(&self, event: &Value) -> bool {
        self.fields
            .iter()
            .all(|(name, node)| node.matches(event.get(name)))
            && (self.or.is_empty() || self.or.iter().any(|alternative| alternative.matches(event)))
    }
}

impl Node {
    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Fields(fields), Some(Value::Array(elements))) => {
                elements.iter().any(|element| fields.matches(element))
            }
            (Self::Fields(fields), value) => fields.matches(value.unwrap_or(&Value::Null)),
            (Self::Values(matchers), value) => matchers.iter().any(|matcher| matcher.matches_field(value)),
        }
    }
}

impl Matcher {
    fn parse(value: &Value, path: &str) -> Result<Self, ApiError> {
        let Some(object) = value.as_object() else {
            return if value.is_array() {
                Err(invalid(format!("`{path}` must not hold a list in a list")))
            } else {
                Ok(Self::Equals(value.clone()))
            };
        };
        let mut entries = object.iter();
        let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
            return Err(invalid(format!(
                "a match expression at `{path}` must have exactly one operator"
            )));
        };
        match operator.as_str() {
            "exists" => operand
                .as_bool()
                .map(Self::Exists)
                .ok_or_else(|| invalid(format!("`exists` at `{path}` must be true or false"))),
            "numeric" => parse_numeric(operand, path).map(Self::Numeric),
            "anything-but" => parse_anything_but(operand, path).map(Self::AnythingBut),
            _ => Self::parse_text(operator, operand, path),
        }
    }

    /// The operators on strings, which `anything-but` takes as well.
    fn parse_text(operator: &str, operand: &Value, path: &str) -> Result<Self, ApiError> {
        let text = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| invalid(format!("`{operator}` at `{path}` must be a string")))
        };
        let cased = || match operand.get("equals-ignore-case") {
            Some(inner) => text(inner).map(|text| (text, Case::Insensitive)),
            None => text(operand).map(|text| (text, Case::Sensitive)),
        };
        match operator {
            "prefix" => cased().map(|(text, case)| Self::Prefix(text, case)),
            "suffix" => cased().map(|(text, case)| Self::Suffix(text, case)),
            "equals-ignore-case" => text(operand).map(Self::EqualsIgnoreCase),
            "wildcard" => {
                let pattern = text(operand)?;
                if pattern.contains("**") {
                    return Err(invalid(format!(
                        "`wildcard` at `{path}` must not have `*` twice in a row"
                    )));
                }
                Ok(Self::Wildcard(pattern))
            }
            _ => Err(invalid(format!(
                "the local EventBridge has no operator `{operator}` (at `{path}`)"
            ))),
        }
    }

    fn matches_field(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => *wanted == value.is_some(),
            (_, None) => false,
            (_, Some(Value::Array(elements))) => elements.iter().any(|element| self.matches(element)),
            (_, Some(value)) => self.matches(value),
        }
    }

    fn matches(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Equals(expected) => match (expected.as_f64(), value.as_f64()) {
                (Some(expected), Some(actual)) => expected == actual,
                _ => expected == value,
            },
            Self::EqualsIgnoreCase(expected) => {
                text.is_some_and(|text| text.to_lowercase() == expected.to_lowercase())
            }
            Self::Prefix(prefix, case) => text.is_some_and(|text| match case {
                Case::Sensitive => text.starts_with(prefix),
                Case::Insensitive => text.to_lowercase().starts_with(&prefix.to_lowercase()),
            }),
            Self::Suffix(suffix, case) => text.is_some_and(|text| match case {
                Case::Sensitive => text.ends_with(suffix),
                Case::Insensitive => text.to_lowercase().ends_with(&suffix.to_lowercase()),
            }),
            // A question mark has no meaning here, unlike in policies.
            Self::Wildcard(pattern) => text.is_some_and(|text| {
                matches_wildcard(
                    &pattern.replace('?', "\u{1}"),
                    &text.replace('?', "\u{1}"),
                    Case::Sensitive,
                )
            }),
            Self::AnythingBut(matchers) => {
                !value.is_object() && !matchers.iter().any(|matcher| matcher.matches(value))
            }
            Self::Numeric(comparisons) => value.as_f64().is_some_and(|number| {
                comparisons
                    .iter()
                    .all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(wanted) => *wanted,
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

fn parse_anything_but(operand: &Value, path: &str) -> Result<Vec<Matcher>, ApiError> {
    let scalar = |value: &Value| match value {
        Value::String(_) | Value::Number(_) => Ok(Matcher::Equals(value.clone())),
        _ => Err(invalid(format!(
            "`anything-but` at `{path}` takes strings and numbers"
        ))),
    };
    match operand {
        Value::Array(values) if !values.is_empty() => values.iter().map(scalar).collect(),
        Value::Object(object) => {
            let mut entries = object.iter();
            let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
                return Err(invalid(format!(
                    "`anything-but` at `{path}` must have exactly one operator"
                )));
            };
            match operand {
                Value::Array(values) => values
                    .iter()
                    .map(|value| Matcher::parse_text(operator, value, path))
                    .collect(),
                _ => Matcher::parse_text(operator, operand, path).map(|matcher| vec![matcher]),
            }
        }
        _ => scalar(operand).map(|matcher| vec![matcher]),
    }
}

fn parse_numeric(operand: &Value, path: &str) -> Result<Vec<(Comparison, f64)>, ApiError> {
    let wrong = || {
        invalid(format!(
            "`numeric` at `{path}` takes pairs such as `\">\", 0, \"<=\", 5`"
        ))
    };
    let parts = operand.as_array().ok_or_else(wrong)?;
    if parts.is_empty() || parts.len() > 4 || parts.len() % 2 == 1 {
        return Err(wrong());
    }
    parts
        .chunks(2)
        .map(|pair| {
            let comparison = match pair[0].as_str() {
                Some("=") => Comparison::Equal,
                Some("<") => Comparison::Less,
                Some("<=") => Comparison::LessOrEqual,
                Some(">") => Comparison::Greater,
                Some(">=") => Comparison::GreaterOrEqual,
                _ => return Err(wrong()),
            };
            Ok((comparison, pair[1].as_f64().ok_or_else(wrong)?))
        })
        .collect()
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidEventPatternException", message)
}

#[cfg(test)]
mod tests;
