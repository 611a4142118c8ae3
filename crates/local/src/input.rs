//! Reading an operation's input: members by their type, unknown members refused by name.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// The members of one operation's input.
pub(crate) struct Input<'a> {
    members: &'a Map<String, Value>,
}

impl<'a> Input<'a> {
    /// Takes an operation's input, refusing members that are not in `known`.
    pub(crate) fn read(operation: &str, input: &'a Value, known: &[&str]) -> Result<Self, ApiError> {
        let members = input
            .as_object()
            .ok_or_else(|| ApiError::new("SerializationException", format!("{operation} takes an object")))?;
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(ApiError::unknown_member(operation, name)),
            None => Ok(Self { members }),
        }
    }

    /// A member's value; null counts as absent.
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A string that may be absent.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        self.value(name)
            .map(|value| value.as_str().ok_or_else(|| wrong_type(name, "a string")))
            .transpose()
    }

    /// A string that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, ApiError> {
        self.optional_text(name)?
            .ok_or_else(|| ApiError::validation(format!("`{name}` must not be null")))
    }

    /// A boolean that may be absent.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.value(name)
            .map(|value| value.as_bool().ok_or_else(|| wrong_type(name, "a boolean")))
            .transpose()
    }

    /// An integer that may be absent, within a range.
    pub(crate) fn integer(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let number = value.as_i64().ok_or_else(|| wrong_type(name, "an integer"))?;
        if range.contains(&number) {
            Ok(Some(number))
        } else {
            let (least, most) = range.into_inner();
            Err(ApiError::validation(format!(
                "`{name}` is {number}; it must be from {least} to {most}"
            )))
        }
    }

    /// A list; empty when absent.
    pub(crate) fn list(&self, name: &str) -> Result<&'a [Value], ApiError> {
        match self.value(name) {
            None => Ok(&[]),
            Some(value) => value
                .as_array()
                .map(Vec::as_slice)
                .ok_or_else(|| wrong_type(name, "a list")),
        }
    }

    /// A list of strings; empty when absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, ApiError> {
        self.list(name)?
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| wrong_type(name, "a list of strings"))
            })
            .collect()
    }

    /// A list of tags (`Key`, `Value`); empty when absent.
    pub(crate) fn tags(&self, name: &str) -> Result<Vec<(String, String)>, ApiError> {
        self.list(name)?.iter().map(|tag| read_tag(name, tag)).collect()
    }
}

fn read_tag(name: &str, tag: &Value) -> Result<(String, String), ApiError> {
    let tag = Input::read(name, tag, &["Key", "Value"])?;
    let (key, value) = (tag.text("Key")?, tag.text("Value")?);
    if key.is_empty() || key.chars().count() > 128 {
        return Err(ApiError::validation(format!(
            "a tag's key in `{name}` must have 1 to 128 characters"
        )));
    }
    if value.chars().count() > 256 {
        return Err(ApiError::validation(format!(
            "a tag's value in `{name}` must have at most 256 characters"
        )));
    }
    Ok((key.to_owned(), value.to_owned()))
}

fn wrong_type(name: &str, expected: &str) -> ApiError {
    ApiError::new("SerializationException", format!("`{name}` must be {expected}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_member_is_refused_by_name() {
        let input = json!({"Name": "a", "Colour": "red"});
        let error = Input::read("CreateThing", &input, &["Name"]).err().unwrap();
        assert_eq!(error.code, "ValidationException");
        assert!(error.message.contains("`Colour`"), "{error}");
    }

    #[test]
    fn a_missing_member_and_a_wrong_type_are_refused_by_name() {
        let input = json!({"Size": 3, "List": ["a", 1]});
        let input = Input::read("CreateThing", &input, &["Size", "List"]).unwrap();
        assert!(input.text("Name").unwrap_err().message.contains("`Name`"));
        assert_eq!(input.text("Size").unwrap_err().code, "SerializationException");
        assert!(
            input
                .integer("Size", 5..=10)
                .unwrap_err()
                .message
                .contains("from 5 to 10")
        );
        assert_eq!(input.integer("Size", 1..=10).unwrap(), Some(3));
        assert!(input.texts("List").is_err());
    }
}
