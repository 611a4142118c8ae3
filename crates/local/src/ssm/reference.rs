//! `{{ }}` references: parameters, step outputs, `automation:` and `global:` variables.

use serde_json::Value;

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    Parameter(String),
    Output { step: String, output: String },
    Variable(Variable),
}

/// The system variables of an Automation document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    ExecutionId,
    AccountId,
    Region,
    Partition,
    Date,
    DateTime,
}

impl Variable {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "automation:EXECUTION_ID" => Self::ExecutionId,
            "global:ACCOUNT_ID" => Self::AccountId,
            "global:REGION" => Self::Region,
            "global:AWS_PARTITION" => Self::Partition,
            "global:DATE" => Self::Date,
            "global:DATE_TIME" => Self::DateTime,
            _ => return None,
        })
    }
}

impl Reference {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(format!("`{{{{ {text} }}}}` is not a reference"));
        }
        if text.contains(':') {
            return Variable::parse(text)
                .map(Self::Variable)
                .ok_or_else(|| format!("unknown variable `{{{{ {text} }}}}`"));
        }
        Ok(match text.split_once('.') {
            Some((step, output)) => Self::Output {
                step: step.to_owned(),
                output: output.to_owned(),
            },
            None => Self::Parameter(text.to_owned()),
        })
    }
}

/// A string cut at its references.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Reference(Reference),
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    // A lone `{{` is text, as in a JSON document within a string.
    while let Some((before, inside, after)) = rest.split_once("{{").and_then(|(before, tail)| {
        let (inside, after) = tail.split_once("}}")?;
        Some((before, inside, after))
    }) {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Reference(Reference::parse(inside.trim())?));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// Every reference in a value, nested ones included.
///
/// # Errors
/// A `{{ }}` that is no reference.
pub(super) fn references(value: &Value) -> Result<Vec<Reference>, String> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => {
                found.extend(parts(text)?.into_iter().filter_map(|part| match part {
                    Part::Text(_) => None,
                    Part::Reference(reference) => Some(reference),
                }));
            }
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    Ok(found)
}

/// The value with its references replaced. A string that is nothing but one reference takes the referenced
/// value's type; within other text, lists and maps are written as JSON.
///
/// # Errors
/// The first reference that `look_up` cannot resolve, in its words.
pub(super) fn resolve(
    value: &Value,
    look_up: &dyn Fn(&Reference) -> Result<Value, String>,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match parts(text)?.as_slice() {
            [Part::Reference(reference)] => look_up(reference)?,
            parts => {
                let mut resolved = String::with_capacity(text.len());
                for part in parts {
                    match part {
                        Part::Text(text) => resolved.push_str(text),
                        Part::Reference(reference) => match look_up(reference)? {
                            Value::String(text) => resolved.push_str(&text),
                            other => resolved.push_str(&other.to_string()),
                        },
                    }
                }
                Value::String(resolved)
            }
        },
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| resolve(item, look_up))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| Ok((name.clone(), resolve(value, look_up)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Reference, references, resolve};

    fn look_up(reference: &Reference) -> Result<Value, String> {
        match reference {
            Reference::Parameter(name) if name == "List" => Ok(json!(["a", "b"])),
            Reference::Parameter(name) if name == "Brace" => Ok(json!("{{ Name }}")),
            Reference::Parameter(name) => Ok(json!(name)),
            Reference::Output { step, output } => Err(format!("{step}.{output} has no value")),
            Reference::Variable(_) => Ok(json!("v")),
        }
    }

    #[test]
    fn a_whole_value_keeps_its_type_and_text_takes_json() {
        let value = json!({ "whole": "{{ List }}", "text": "x-{{List}}-{{ Name }}", "n": 1 });
        let resolved = resolve(&value, &look_up).unwrap();
        assert_eq!(
            resolved,
            json!({ "whole": ["a", "b"], "text": "x-[\"a\",\"b\"]-Name", "n": 1 })
        );
    }

    #[test]
    fn what_a_reference_stands_for_is_not_resolved_again() {
        assert_eq!(
            resolve(&json!("<{{ Brace }}>"), &look_up),
            Ok(json!("<{{ Name }}>"))
        );
    }

    #[test]
    fn a_reference_without_a_value_is_named() {
        assert_eq!(
            resolve(&json!("{{ A.B }}"), &look_up),
            Err("A.B has no value".to_owned())
        );
    }

    #[test]
    fn every_reference_is_found_and_an_unknown_variable_refused() {
        let found = references(&json!(["{{ A }} {{ B.C }}", { "k": "{{ global:REGION }}" }])).unwrap();
        assert_eq!(found.len(), 3);
        assert!(
            references(&json!("{{ global:NOTHING }}"))
                .unwrap_err()
                .contains("global:NOTHING")
        );
        assert!(references(&json!("{{ two words }}")).is_err());
        assert!(references(&json!("{\"a\":{\"b\":{}}}")).unwrap().is_empty());
    }
}
