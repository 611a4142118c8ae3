//! Template parameters: their types, rules and values.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

/// A declared parameter.
pub(super) struct Parameter {
    kind: Kind,
    pub(super) default: Option<String>,
    pub(super) no_echo: bool,
    allowed_values: Vec<String>,
    allowed_pattern: Option<Regex>,
    constraint_description: Option<String>,
    length: (Option<u64>, Option<u64>),
    value: (Option<f64>, Option<f64>),
}

/// What a value must look like. `List<...>` and CommaDelimitedList are lists of these.
struct Kind {
    list: bool,
    number: bool,
    /// Prefix of the ids of an AWS-specific type.
    prefix: Option<&'static str>,
}

impl Kind {
    fn parse(name: &str) -> Option<Self> {
        if name == "CommaDelimitedList" {
            return Some(Self {
                list: true,
                number: false,
                prefix: None,
            });
        }
        let (list, item) = match name.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')) {
            Some(item) => (true, item),
            None => (false, name),
        };
        let (number, prefix) = match item {
            "String" if !list => (false, None),
            "Number" => (true, None),
            "AWS::EC2::VPC::Id" => (false, Some("vpc-")),
            "AWS::EC2::Subnet::Id" => (false, Some("subnet-")),
            "AWS::EC2::SecurityGroup::Id" => (false, Some("sg-")),
            "AWS::EC2::Image::Id" => (false, Some("ami-")),
            "AWS::EC2::KeyPair::KeyName" | "AWS::EC2::AvailabilityZone::Name" => (false, None),
            _ => return None,
        };
        Some(Self { list, number, prefix })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Raw {
    #[serde(rename = "Type")]
    kind: String,
    default: Option<Value>,
    #[serde(default)]
    no_echo: Value,
    #[serde(default)]
    allowed_values: Vec<Value>,
    allowed_pattern: Option<String>,
    #[serde(rename = "Description")]
    _description: Option<String>,
    constraint_description: Option<String>,
    min_length: Option<u64>,
    max_length: Option<u64>,
    min_value: Option<f64>,
    max_value: Option<f64>,
}

/// A string, number or boolean as CloudFormation carries it: as text.
pub(super) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl Parameter {
    pub(super) fn read(name: &str, value: Value) -> Result<Self, String> {
        let raw: Raw =
            serde_json::from_value(value).map_err(|error| format!("parameter `{name}`: {error}"))?;
        let kind = Kind::parse(&raw.kind)
            .ok_or_else(|| format!("parameter `{name}`: unknown type `{}`", raw.kind))?;
        // AllowedPattern has to match the whole value.
        let allowed_pattern = raw
            .allowed_pattern
            .map(|pattern| {
                Regex::new(&format!("^(?:{pattern})$"))
                    .map_err(|error| format!("parameter `{name}`: AllowedPattern `{pattern}`: {error}"))
            })
            .transpose()?;
        let default = raw
            .default
            .map(|value| {
                scalar_text(&value).ok_or_else(|| format!("parameter `{name}`: Default must be a string"))
            })
            .transpose()?;
        Ok(Self {
            kind,
            default,
            no_echo: scalar_text(&raw.no_echo).as_deref() == Some("true"),
            allowed_values: raw.allowed_values.iter().filter_map(scalar_text).collect(),
            allowed_pattern,
            constraint_description: raw.constraint_description,
            length: (raw.min_length, raw.max_length),
            value: (raw.min_value, raw.max_value),
        })
    }

    /// The given text as a value: a string, or a list of strings.
    fn value(&self, name: &str, text: &str) -> Result<Value, String> {
        if !self.kind.list {
            self.check(name, text)?;
            return Ok(json!(text));
        }
        let items: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect();
        for item in &items {
            self.check(name, item)?;
        }
        Ok(json!(items))
    }

    fn check(&self, name: &str, text: &str) -> Result<(), String> {
        let refuse = |rule: String| match &self.constraint_description {
            Some(description) => Err(format!("parameter `{name}` {rule}: {description}")),
            None => Err(format!("parameter `{name}` {rule}")),
        };
        if let Some(prefix) = self.kind.prefix
            && !text.starts_with(prefix)
        {
            return refuse(format!("is `{text}`; it must begin with `{prefix}`"));
        }
        if self.kind.number {
            let Ok(number) = text.parse::<f64>() else {
                return refuse(format!("is `{text}`; it must be a number"));
            };
            let (least, most) = self.value;
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                return refuse(format!("is `{text}`, outside MinValue and MaxValue"));
            }
        }
        if !self.allowed_values.is_empty() && !self.allowed_values.iter().any(|allowed| allowed == text) {
            return refuse(format!(
                "must be one of AllowedValues [{}]",
                self.allowed_values.join(", ")
            ));
        }
        if self
            .allowed_pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.is_match(text))
        {
            return refuse("does not match AllowedPattern".to_owned());
        }
        let length = text.chars().count() as u64;
        let (least, most) = self.length;
        if least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most) {
            return refuse(format!(
                "has {length} characters, outside MinLength and MaxLength"
            ));
        }
        Ok(())
    }
}

/// The values of all parameters, defaults filled in.
///
/// # Errors
/// A parameter that is unknown, missing or breaks its rules, by its name.
pub(super) fn resolve(
    declared: &BTreeMap<String, Parameter>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, String> {
    let unknown: Vec<&str> = given
        .keys()
        .filter(|name| !declared.contains_key(*name))
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        return Err(format!(
            "parameters [{}] do not exist in the template",
            unknown.join(", ")
        ));
    }
    let missing: Vec<&str> = declared
        .iter()
        .filter(|(name, parameter)| parameter.default.is_none() && !given.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(format!("parameters [{}] must have values", missing.join(", ")));
    }
    declared
        .iter()
        .filter_map(|(name, parameter)| {
            let text = given.get(name).or(parameter.default.as_ref())?;
            Some(parameter.value(name, text).map(|value| (name.clone(), value)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Parameter, resolve};

    fn value(declaration: Value, given: Option<&str>) -> Result<Value, String> {
        let declared = BTreeMap::from([("P".to_owned(), Parameter::read("P", declaration)?)]);
        let given = given
            .map(|text| ("P".to_owned(), text.to_owned()))
            .into_iter()
            .collect();
        resolve(&declared, &given).map(|values| values["P"].clone())
    }

    #[test]
    fn each_rule_refuses_what_breaks_it_and_takes_what_does_not() {
        let cases = [
            (json!({ "Type": "Number" }), "7", "seven"),
            (
                json!({ "Type": "Number", "MinValue": 1, "MaxValue": 7 }),
                "7",
                "8",
            ),
            (
                json!({ "Type": "String", "AllowedValues": [true, "b"] }),
                "true",
                "c",
            ),
            (
                json!({ "Type": "String", "AllowedPattern": "[a-z]+" }),
                "abc",
                "abc1",
            ),
            (
                json!({ "Type": "String", "MinLength": 2, "MaxLength": 3 }),
                "abc",
                "a",
            ),
            (json!({ "Type": "AWS::EC2::VPC::Id" }), "vpc-1", "subnet-1"),
            (json!({ "Type": "AWS::EC2::Subnet::Id" }), "subnet-1", "1"),
        ];
        for (declaration, right, wrong) in cases {
            assert_eq!(
                value(declaration.clone(), Some(right)),
                Ok(json!(right)),
                "{declaration}"
            );
            let refused = value(declaration.clone(), Some(wrong)).unwrap_err();
            assert!(refused.contains("`P`"), "{declaration}: {refused}");
        }
    }

    #[test]
    fn lists_are_split_and_numbers_stay_text() {
        assert_eq!(
            value(json!({ "Type": "CommaDelimitedList" }), Some("a, b")),
            Ok(json!(["a", "b"]))
        );
        assert_eq!(
            value(json!({ "Type": "Number", "Default": 0 }), None),
            Ok(json!("0"))
        );
    }

    #[test]
    fn unknown_and_missing_parameters_and_unknown_types_are_named() {
        let declared = BTreeMap::from([(
            "P".to_owned(),
            Parameter::read("P", json!({ "Type": "String" })).unwrap(),
        )]);
        let unknown = BTreeMap::from([("P".to_owned(), String::new()), ("Q".to_owned(), String::new())]);
        assert_eq!(
            resolve(&declared, &unknown).unwrap_err(),
            "parameters [Q] do not exist in the template"
        );
        assert_eq!(
            resolve(&declared, &BTreeMap::new()).unwrap_err(),
            "parameters [P] must have values"
        );
        assert!(
            value(json!({ "Type": "Text" }), Some("a"))
                .unwrap_err()
                .contains("Text")
        );
        assert!(
            value(json!({ "Type": "String", "Defalt": "a" }), None)
                .unwrap_err()
                .contains("Defalt")
        );
    }
}
