//! Selecting a value from an answer (`$.A.B[0].C`) and converting it to an output's declared type.

use serde_json::Value;

use crate::scalar::scalar_text;

/// A JSONPath of names, indexes and `[*]`; filters and recursion are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    Index(usize),
    All,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// What in the text is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let unknown = || format!("selector `{text}` is not a path such as `$.Items[0].Name`");
        let mut rest = text.strip_prefix('$').ok_or_else(unknown)?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, tail) = after.split_at(end);
                if name.is_empty() {
                    return Err(unknown());
                }
                parts.push(if name == "*" {
                    Part::All
                } else {
                    Part::Name(name.to_owned())
                });
                rest = tail;
            } else if let Some((inside, tail)) =
                rest.strip_prefix('[').and_then(|after| after.split_once(']'))
            {
                let quoted = inside.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
                parts.push(match (inside, quoted) {
                    ("*" | ":", _) => Part::All,
                    (_, Some(name)) => Part::Name(name.to_owned()),
                    (index, None) => Part::Index(index.parse().map_err(|_| unknown())?),
                });
                rest = tail;
            } else {
                return Err(unknown());
            }
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The selected value, or none where the path leads nowhere.
    pub(super) fn select(&self, value: &Value) -> Option<Value> {
        let mut found = vec![value];
        let mut many = false;
        for part in &self.parts {
            found = match part {
                Part::Name(name) => found.into_iter().filter_map(|value| value.get(name)).collect(),
                Part::Index(index) => found.into_iter().filter_map(|value| value.get(index)).collect(),
                Part::All => {
                    many = true;
                    found.into_iter().filter_map(Value::as_array).flatten().collect()
                }
            };
        }
        if many {
            return Some(Value::Array(found.into_iter().cloned().collect()));
        }
        found.first().map(|value| (*value).clone())
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The type that an output is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputType {
    String,
    StringList,
    StringMap,
    Integer,
    Boolean,
    MapList,
}

impl OutputType {
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        Ok(match name {
            "String" => Self::String,
            "StringList" => Self::StringList,
            "StringMap" => Self::StringMap,
            "Integer" => Self::Integer,
            "Boolean" => Self::Boolean,
            "MapList" => Self::MapList,
            other => {
                return Err(format!(
                    "unknown type `{other}`; use String, StringList, StringMap, Integer, Boolean or MapList"
                ));
            }
        })
    }

    /// The value as this type, or none where it cannot be.
    pub(super) fn convert(self, value: &Value) -> Option<Value> {
        match self {
            Self::String => scalar_text(value).map(Value::String),
            Self::StringList => {
                let items = value.as_array()?;
                let texts = items.iter().map(|item| scalar_text(item).map(Value::String));
                texts.collect::<Option<Vec<_>>>().map(Value::Array)
            }
            Self::StringMap => value.is_object().then(|| value.clone()),
            Self::Integer => match value {
                Value::String(text) => text.parse::<i64>().ok().map(Value::from),
                other => other.as_i64().map(Value::from),
            },
            Self::Boolean => match value {
                Value::String(text) => text.parse::<bool>().ok().map(Value::Bool),
                other => other.as_bool().map(Value::Bool),
            },
            Self::MapList => value
                .as_array()
                .filter(|items| items.iter().all(Value::is_object))
                .map(|_| value.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{OutputType, Selector};

    #[test]
    fn a_path_of_names_and_indexes_selects_and_nothing_is_nothing() {
        let answer = json!({ "A": { "B": [{ "C": 1 }, { "C": 2 }] }, "odd.name": true });
        let select = |text: &str| Selector::parse(text).unwrap().select(&answer);
        assert_eq!(select("$.A.B[1].C"), Some(json!(2)));
        assert_eq!(select("$.A.B[*].C"), Some(json!([1, 2])));
        assert_eq!(select("$['odd.name']"), Some(json!(true)));
        assert_eq!(select("$.A.B[2].C"), None);
        assert_eq!(select("$.A.X"), None);
    }

    #[test]
    fn a_selector_that_is_no_path_is_refused() {
        for text in ["A.B", "$A", "$..A", "$.A[?(@.B)]", "$.A[", "$."] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_convert_to_the_declared_type_or_not_at_all() {
        assert_eq!(OutputType::String.convert(&json!(7)), Some(json!("7")));
        assert_eq!(OutputType::Integer.convert(&json!("7")), Some(json!(7)));
        assert_eq!(OutputType::Boolean.convert(&json!("true")), Some(json!(true)));
        assert_eq!(
            OutputType::StringList.convert(&json!(["a", 1])),
            Some(json!(["a", "1"]))
        );
        assert_eq!(OutputType::StringList.convert(&json!([{ "Code": "x" }])), None);
        assert_eq!(
            OutputType::MapList.convert(&json!([{ "Code": "x" }])),
            Some(json!([{ "Code": "x" }]))
        );
        assert_eq!(
            OutputType::StringMap.convert(&json!({ "a": "b" })),
            Some(json!({ "a": "b" }))
        );
        assert_eq!(OutputType::StringMap.convert(&json!("a")), None);
        assert_eq!(OutputType::String.convert(&json!({ "a": "b" })), None);
        assert!(OutputType::parse("Text").is_err());
    }
}
