//! Intrinsic functions: what they use, and what they come to.

mod conditions;
mod evaluate;

use serde_json::{Map, Value};

pub(super) use evaluate::Scope;

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
