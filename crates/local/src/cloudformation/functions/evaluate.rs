//! What functions come to.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::super::parameters::scalar_text;
use super::super::stack::Existing;
use super::super::template::Template;
use super::{Placeholder, attribute_of, function, list, placeholders, sub_arguments};

/// Everything that functions can refer to.
pub(in crate::cloudformation) struct Scope<'a> {
    pub(in crate::cloudformation) template: &'a Template,
    pub(in crate::cloudformation) parameters: &'a BTreeMap<String, Value>,
    pub(in crate::cloudformation) conditions: &'a BTreeMap<String, bool>,
    pub(in crate::cloudformation) resources: &'a BTreeMap<String, Existing>,
    pub(in crate::cloudformation) exports: &'a BTreeMap<String, Value>,
    pub(in crate::cloudformation) account: &'a str,
    pub(in crate::cloudformation) region: &'a str,
    pub(in crate::cloudformation) stack_id: &'a str,
    pub(in crate::cloudformation) stack_name: &'a str,
}

impl Scope<'_> {
    /// What a value comes to; none for `AWS::NoValue`.
    ///
    /// # Errors
    /// The function that has no value, by its name and argument.
    pub(in crate::cloudformation) fn evaluate(&self, value: &Value) -> Result<Option<Value>, String> {
        match value {
            Value::Object(members) => match function(members)? {
                Some((name, argument)) => self.call(name, argument),
                None => {
                    let mut evaluated = Map::new();
                    for (name, member) in members {
                        if let Some(value) = self.evaluate(member)? {
                            evaluated.insert(name.clone(), value);
                        }
                    }
                    Ok(Some(Value::Object(evaluated)))
                }
            },
            Value::Array(items) => {
                let evaluated = items
                    .iter()
                    .map(|item| self.evaluate(item))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Some(Value::Array(evaluated.into_iter().flatten().collect())))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Some(value.clone())),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Option<Value>, String> {
        Ok(Some(match name {
            "Ref" => return self.name(argument.as_str().unwrap_or_default()),
            "Fn::If" => {
                let [Value::String(condition), yes, no] = list(name, argument, 3..=3)? else {
                    return Err("`Fn::If` takes the name of a condition first".to_owned());
                };
                return self.evaluate(if self.condition_value(condition)? { yes } else { no });
            }
            "Fn::GetAtt" => {
                let (resource, attribute) = attribute_of(argument)?;
                self.attribute(&resource, &attribute)?
            }
            "Fn::Sub" => json!(self.sub(argument)?),
            "Fn::Join" => {
                let [delimiter, items] = list(name, argument, 2..=2)? else {
                    return Err(bad(name, argument));
                };
                json!(self.texts(name, items)?.join(&self.text(name, delimiter)?))
            }
            "Fn::Split" => {
                let [delimiter, text] = list(name, argument, 2..=2)? else {
                    return Err(bad(name, argument));
                };
                let (delimiter, text) = (self.text(name, delimiter)?, self.text(name, text)?);
                json!(text.split(delimiter.as_str()).collect::<Vec<_>>())
            }
            "Fn::Select" => {
                let [index, items] = list(name, argument, 2..=2)? else {
                    return Err(bad(name, argument));
                };
                let items = self.evaluate(items)?.unwrap_or_default();
                let index: Option<usize> = self.text(name, index)?.parse().ok();
                index
                    .and_then(|index| items.as_array()?.get(index).cloned())
                    .ok_or_else(|| format!("`Fn::Select` has no item at index {index:?}"))?
            }
            "Fn::Base64" => {
                json!(base64::engine::general_purpose::STANDARD.encode(self.text(name, argument)?))
            }
            "Fn::GetAZs" => {
                let region = self.text(name, argument)?;
                let region = if region.is_empty() { self.region } else { &region };
                json!(["a", "b", "c"].map(|zone| format!("{region}{zone}")))
            }
            "Fn::ImportValue" => {
                let export = self.text(name, argument)?;
                self.exports
                    .get(&export)
                    .cloned()
                    .ok_or_else(|| format!("no export named `{export}` found"))?
            }
            "Fn::FindInMap" => {
                let keys = list(name, argument, 3..=3)?
                    .iter()
                    .map(|key| self.text(name, key))
                    .collect::<Result<Vec<_>, _>>()?;
                let [mapping, first, second] = keys.as_slice() else {
                    return Err(bad(name, argument));
                };
                let found = self
                    .template
                    .mappings
                    .get(mapping)
                    .and_then(|map| map.get(first)?.get(second));
                found
                    .cloned()
                    .ok_or_else(|| format!("`Fn::FindInMap` finds nothing at {mapping}.{first}.{second}"))?
            }
            other => return Err(format!("unknown function `{other}`")),
        }))
    }

    fn name(&self, name: &str) -> Result<Option<Value>, String> {
        Ok(Some(match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::AccountId" => json!(self.account),
            "AWS::NotificationARNs" => json!([]),
            "AWS::Partition" => json!("aws"),
            "AWS::Region" => json!(self.region),
            "AWS::StackId" => json!(self.stack_id),
            "AWS::StackName" => json!(self.stack_name),
            "AWS::URLSuffix" => json!("amazonaws.com"),
            other => match (self.parameters.get(other), self.resources.get(other)) {
                (Some(value), _) => value.clone(),
                (None, Some(existing)) => json!(existing.physical.id),
                (None, None) => return Err(format!("`Ref` to `{other}`, which was not created")),
            },
        }))
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Result<Value, String> {
        self.resources
            .get(resource)
            .and_then(|existing| existing.physical.attributes.get(attribute).cloned())
            .ok_or_else(|| format!("`Fn::GetAtt` of `{resource}.{attribute}`, which has no value"))
    }

    fn sub(&self, argument: &Value) -> Result<String, String> {
        let (text, variables) = sub_arguments(argument)?;
        let mut substituted = String::with_capacity(text.len());
        for placeholder in placeholders(text)? {
            match placeholder {
                Placeholder::Text(text) => substituted.push_str(text),
                Placeholder::Literal(text) => substituted.push_str(&format!("${{{text}}}")),
                Placeholder::Name(name) => {
                    let value = match (
                        variables.and_then(|variables| variables.get(name)),
                        name.split_once('.'),
                    ) {
                        (Some(value), _) => self.evaluate(value)?,
                        (None, Some((resource, attribute))) => Some(self.attribute(resource, attribute)?),
                        (None, None) => self.name(name)?,
                    };
                    let value = value.as_ref().and_then(scalar_text);
                    substituted.push_str(
                        &value.ok_or_else(|| format!("`Fn::Sub`: `{name}` is not a single value"))?,
                    );
                }
            }
        }
        Ok(substituted)
    }

    fn text(&self, function: &str, value: &Value) -> Result<String, String> {
        self.evaluate(value)?
            .as_ref()
            .and_then(scalar_text)
            .ok_or_else(|| bad(function, value))
    }

    fn texts(&self, function: &str, value: &Value) -> Result<Vec<String>, String> {
        let evaluated = self.evaluate(value)?.unwrap_or_default();
        let items = evaluated.as_array().ok_or_else(|| bad(function, value))?;
        items
            .iter()
            .map(|item| scalar_text(item).ok_or_else(|| bad(function, item)))
            .collect()
    }
}

pub(super) fn bad(function: &str, argument: &Value) -> String {
    format!("`{function}` cannot take {argument}")
}
