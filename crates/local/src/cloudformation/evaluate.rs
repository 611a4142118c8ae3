//! Intrinsic functions: what they use, and what they come to.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::parameters::scalar_text;
use super::resources::Physical;
use super::template::Template;

/// The pseudo parameters.
pub(super) const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Something that a value uses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// `Ref`, or a name in `Fn::Sub`.
    Name(String),
    /// `Fn::GetAtt`, or a dotted name in `Fn::Sub`.
    Attribute(String, String),
    /// A mapping with a literal name.
    Mapping(String),
    /// A condition by name.
    Condition(String),
}

/// The function's name and argument if the object is a function call.
fn function(members: &Map<String, Value>) -> Result<Option<(&str, &Value)>, String> {
    let Some((name, argument)) = members
        .iter()
        .find(|(name, _)| *name == "Ref" || name.starts_with("Fn::"))
    else {
        return Ok(None);
    };
    if members.len() != 1 {
        return Err(format!("`{name}` must be the only key of its object"));
    }
    Ok(Some((name, argument)))
}

/// Collects what a value uses, and refuses functions that are not known or malformed.
///
/// # Errors
/// The function, by its name.
pub(super) fn uses(value: &Value, condition: bool, found: &mut Vec<Use>) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| uses(item, condition, found)),
        Value::Object(members) => {
            if condition
                && members.len() == 1
                && let Some(Value::String(name)) = members.get("Condition")
            {
                found.push(Use::Condition(name.clone()));
                return Ok(());
            }
            let Some((name, argument)) = function(members)? else {
                return members
                    .values()
                    .try_for_each(|member| uses(member, condition, found));
            };
            function_uses(name, argument, condition, found)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn function_uses(name: &str, argument: &Value, condition: bool, found: &mut Vec<Use>) -> Result<(), String> {
    match name {
        "Ref" => {
            let target = argument.as_str().ok_or("`Ref` takes a name")?;
            found.push(Use::Name(target.to_owned()));
            return Ok(());
        }
        "Fn::GetAtt" => {
            let (resource, attribute) = attribute_of(argument)?;
            found.push(Use::Attribute(resource, attribute));
            return Ok(());
        }
        "Fn::Sub" => {
            let (text, variables) = sub_arguments(argument)?;
            for placeholder in placeholders(text)? {
                if let Placeholder::Name(name) = placeholder {
                    if variables.is_some_and(|variables| variables.contains_key(name)) {
                        continue;
                    }
                    found.push(match name.split_once('.') {
                        Some((resource, attribute)) => {
                            Use::Attribute(resource.to_owned(), attribute.to_owned())
                        }
                        None => Use::Name(name.to_owned()),
                    });
                }
            }
            return variables.map_or(Ok(()), |variables| {
                variables
                    .values()
                    .try_for_each(|value| uses(value, condition, found))
            });
        }
        "Fn::If" => match list(name, argument, 3..=3)? {
            [Value::String(condition), ..] => found.push(Use::Condition(condition.clone())),
            _ => return Err("`Fn::If` takes the name of a condition first".to_owned()),
        },
        "Fn::FindInMap" => {
            if let [Value::String(mapping), ..] = list(name, argument, 3..=3)? {
                found.push(Use::Mapping(mapping.clone()));
            }
        }
        "Fn::Join" | "Fn::Select" | "Fn::Split" => {
            list(name, argument, 2..=2)?;
        }
        "Fn::Base64" | "Fn::GetAZs" | "Fn::ImportValue" => {}
        "Fn::Equals" if condition => {
            list(name, argument, 2..=2)?;
        }
        "Fn::Not" if condition => {
            list(name, argument, 1..=1)?;
        }
        "Fn::And" | "Fn::Or" if condition => {
            list(name, argument, 2..=10)?;
        }
        "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" => {
            return Err(format!("`{name}` can only stand in Conditions"));
        }
        other => return Err(format!("unknown function `{other}`")),
    }
    uses(argument, condition, found)
}

fn list<'a>(
    name: &str,
    argument: &'a Value,
    count: std::ops::RangeInclusive<usize>,
) -> Result<&'a [Value], String> {
    match argument.as_array() {
        Some(items) if count.contains(&items.len()) => Ok(items),
        _ if count.start() == count.end() => Err(format!("`{name}` takes a list of {}", count.start())),
        _ => Err(format!(
            "`{name}` takes a list of {} to {}",
            count.start(),
            count.end()
        )),
    }
}

/// `[resource, attribute]` or `resource.attribute`.
fn attribute_of(argument: &Value) -> Result<(String, String), String> {
    match argument {
        Value::String(dotted) => dotted.split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())),
        Value::Array(items) => match items.as_slice() {
            [Value::String(resource), Value::String(attribute)] => {
                Some((resource.clone(), attribute.clone()))
            }
            _ => None,
        },
        _ => None,
    }
    .ok_or_else(|| "`Fn::GetAtt` takes a resource and an attribute".to_owned())
}

type Variables = Map<String, Value>;

fn sub_arguments(argument: &Value) -> Result<(&str, Option<&Variables>), String> {
    match argument {
        Value::String(text) => Some((text.as_str(), None)),
        Value::Array(items) => match items.as_slice() {
            [Value::String(text), Value::Object(variables)] => Some((text.as_str(), Some(variables))),
            _ => None,
        },
        _ => None,
    }
    .ok_or_else(|| "`Fn::Sub` takes a string, or a string and a map".to_owned())
}

enum Placeholder<'a> {
    Text(&'a str),
    Name(&'a str),
    /// `${!Text}` stands for `${Text}`.
    Literal(&'a str),
}

fn placeholders(text: &str) -> Result<Vec<Placeholder<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("${") {
        let (name, after) = tail
            .split_once('}')
            .ok_or_else(|| format!("`Fn::Sub`: `${{` without `}}` in `{text}`"))?;
        found.push(Placeholder::Text(before));
        found.push(match name.strip_prefix('!') {
            Some(literal) => Placeholder::Literal(literal),
            None => Placeholder::Name(name.trim()),
        });
        rest = after;
    }
    found.push(Placeholder::Text(rest));
    Ok(found)
}

/// Everything that functions can refer to.
pub(super) struct Scope<'a> {
    pub(super) template: &'a Template,
    pub(super) parameters: &'a BTreeMap<String, Value>,
    pub(super) conditions: &'a BTreeMap<String, bool>,
    pub(super) resources: &'a BTreeMap<String, Physical>,
    pub(super) exports: &'a BTreeMap<String, Value>,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) stack_id: &'a str,
    pub(super) stack_name: &'a str,
}

impl Scope<'_> {
    /// What a value comes to; none for `AWS::NoValue`.
    ///
    /// # Errors
    /// The function that has no value, by its name and argument.
    pub(super) fn evaluate(&self, value: &Value) -> Result<Option<Value>, String> {
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
                (None, Some(physical)) => json!(physical.id),
                (None, None) => return Err(format!("`Ref` to `{other}`, which was not created")),
            },
        }))
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Result<Value, String> {
        self.resources
            .get(resource)
            .and_then(|physical| physical.attributes.get(attribute))
            .map(|value| json!(value))
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

    /// Whether a condition of the template holds.
    pub(super) fn condition_value(&self, name: &str) -> Result<bool, String> {
        match (self.conditions.get(name), self.template.conditions.get(name)) {
            (Some(holds), _) => Ok(*holds),
            (None, Some(condition)) => self.condition(condition),
            (None, None) => Err(format!("condition `{name}` does not exist")),
        }
    }

    fn condition(&self, value: &Value) -> Result<bool, String> {
        let members = value.as_object().filter(|members| members.len() == 1);
        let Some((name, argument)) = members.and_then(|members| members.iter().next()) else {
            return Err(format!("{value} is not a condition"));
        };
        let all = |range| {
            list(name, argument, range)?
                .iter()
                .map(|item| self.condition(item))
                .collect::<Result<Vec<_>, _>>()
        };
        match name.as_str() {
            "Condition" => self.condition_value(argument.as_str().unwrap_or_default()),
            "Fn::Equals" => {
                let [left, right] = list(name, argument, 2..=2)? else {
                    return Err(bad(name, argument));
                };
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                let texts = |value: &Option<Value>| value.as_ref().and_then(scalar_text);
                // Values are compared as text: the parameter `0` equals the number 0.
                Ok(match (texts(&left), texts(&right)) {
                    (Some(left), Some(right)) => left == right,
                    _ => left == right,
                })
            }
            "Fn::Not" => Ok(!all(1..=1)?.contains(&true)),
            "Fn::And" => Ok(!all(2..=10)?.contains(&false)),
            "Fn::Or" => Ok(all(2..=10)?.contains(&true)),
            other => Err(format!("`{other}` is not a condition function")),
        }
    }
}

fn bad(function: &str, argument: &Value) -> String {
    format!("`{function}` cannot take {argument}")
}
