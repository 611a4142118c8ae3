//! `aws:branch`: the first choice whose condition holds names the next step, else `Default`.

use serde_json::{Map, Value};

use super::Progress;
use crate::scalar::scalar_text;

/// The choices of a branch.
#[derive(Debug)]
pub(in super::super) struct Branch {
    choices: Vec<(Condition, String)>,
    default: Option<String>,
}

#[derive(Debug)]
enum Condition {
    Compare {
        variable: Value,
        operator: Operator,
        operand: Value,
    },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    StringEquals,
    EqualsIgnoreCase,
    StartsWith,
    EndsWith,
    Contains,
    NumericEquals,
    NumericGreater,
    NumericLesser,
    NumericGreaterOrEquals,
    NumericLesserOrEquals,
    BooleanEquals,
}

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "StringEquals" => Self::StringEquals,
            "EqualsIgnoreCase" => Self::EqualsIgnoreCase,
            "StartsWith" => Self::StartsWith,
            "EndsWith" => Self::EndsWith,
            "Contains" => Self::Contains,
            "NumericEquals" => Self::NumericEquals,
            "NumericGreater" => Self::NumericGreater,
            "NumericLesser" => Self::NumericLesser,
            "NumericGreaterOrEquals" => Self::NumericGreaterOrEquals,
            "NumericLesserOrEquals" => Self::NumericLesserOrEquals,
            "BooleanEquals" => Self::BooleanEquals,
            _ => return None,
        })
    }

    fn holds(self, variable: &Value, operand: &Value) -> Result<bool, String> {
        let mistyped = |kind: &str| format!("{self:?} compares {kind}, not {variable} with {operand}");
        let texts = || Some((scalar_text(variable)?, scalar_text(operand)?));
        let text = |test: fn(&str, &str) -> bool| {
            texts()
                .map(|(left, right)| test(&left, &right))
                .ok_or_else(|| mistyped("strings"))
        };
        let number = |test: fn(&f64, &f64) -> bool| {
            texts()
                .and_then(|(left, right)| Some(test(&left.parse().ok()?, &right.parse().ok()?)))
                .ok_or_else(|| mistyped("numbers"))
        };
        match self {
            Self::StringEquals => text(|left, right| left == right),
            Self::EqualsIgnoreCase => text(|left, right| left.to_lowercase() == right.to_lowercase()),
            Self::StartsWith => text(|left, right| left.starts_with(right)),
            Self::EndsWith => text(|left, right| left.ends_with(right)),
            Self::Contains => text(|left, right| left.contains(right)),
            Self::NumericEquals => number(|left, right| left == right),
            Self::NumericGreater => number(|left, right| left > right),
            Self::NumericLesser => number(|left, right| left < right),
            Self::NumericGreaterOrEquals => number(|left, right| left >= right),
            Self::NumericLesserOrEquals => number(|left, right| left <= right),
            Self::BooleanEquals => texts()
                .and_then(|(left, right)| Some(left.parse::<bool>().ok()? == right.parse::<bool>().ok()?))
                .ok_or_else(|| mistyped("booleans")),
        }
    }
}

impl Condition {
    /// Reads the members of a choice or of a nested condition, `NextStep` already taken out.
    fn read(members: &Map<String, Value>) -> Result<Self, String> {
        let nested = |value: &Value| match value.as_object() {
            Some(members) => Self::read(members),
            None => Err("a condition of aws:branch must be a map".to_owned()),
        };
        let nested_list = |value: &Value| match value.as_array() {
            Some(items) if !items.is_empty() => items.iter().map(nested).collect(),
            _ => Err("And and Or of aws:branch must be lists of conditions".to_owned()),
        };
        if let Some(variable) = members.get("Variable") {
            let mut others = members.iter().filter(|(name, _)| *name != "Variable");
            let (Some((name, operand)), None) = (others.next(), others.next()) else {
                return Err("a condition of aws:branch needs Variable and exactly one operator".to_owned());
            };
            let operator =
                Operator::parse(name).ok_or_else(|| format!("unknown operator `{name}` in aws:branch"))?;
            return Ok(Self::Compare {
                variable: variable.clone(),
                operator,
                operand: operand.clone(),
            });
        }
        let mut all = members.iter();
        match (all.next(), all.next()) {
            (Some((name, value)), None) => match name.as_str() {
                "And" => nested_list(value).map(Self::And),
                "Or" => nested_list(value).map(Self::Or),
                "Not" => nested(value).map(|condition| Self::Not(Box::new(condition))),
                _ => Err(format!(
                    "`{name}` in aws:branch is neither Variable, And, Or nor Not"
                )),
            },
            _ => Err("a condition of aws:branch needs Variable, And, Or or Not".to_owned()),
        }
    }

    fn holds(&self) -> Result<bool, String> {
        match self {
            Self::Compare {
                variable,
                operator,
                operand,
            } => operator.holds(variable, operand),
            Self::And(all) => all.iter().try_fold(true, |held, one| Ok(held && one.holds()?)),
            Self::Or(any) => any.iter().try_fold(false, |held, one| Ok(held || one.holds()?)),
            Self::Not(condition) => condition.holds().map(|held| !held),
        }
    }
}

impl Branch {
    pub(super) fn read(inputs: &Map<String, Value>) -> Result<Self, String> {
        if let Some(input) = inputs
            .keys()
            .find(|name| !["Choices", "Default"].contains(&name.as_str()))
        {
            return Err(format!("aws:branch has no input `{input}`"));
        }
        let choices = match inputs.get("Choices").and_then(Value::as_array) {
            Some(choices) if !choices.is_empty() => choices,
            _ => return Err("aws:branch needs the input `Choices`, a list".to_owned()),
        };
        let choices = choices
            .iter()
            .map(|choice| {
                let mut members = choice
                    .as_object()
                    .cloned()
                    .ok_or("a choice of aws:branch must be a map")?;
                let Some(Value::String(next)) = members.remove("NextStep") else {
                    return Err("a choice of aws:branch needs NextStep, the name of a step".to_owned());
                };
                Ok((Condition::read(&members)?, next))
            })
            .collect::<Result<_, String>>()?;
        let default = match inputs.get("Default") {
            None => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(_) => return Err("Default of aws:branch must be the name of a step".to_owned()),
        };
        Ok(Self { choices, default })
    }

    /// The steps it can lead to.
    pub(in super::super) fn targets(&self) -> Vec<&str> {
        self.choices
            .iter()
            .map(|(_, next)| next.as_str())
            .chain(self.default.as_deref())
            .collect()
    }
}

/// Chooses by inputs whose references are resolved. Without a match and a default the flow goes on as usual.
pub(super) fn choose(inputs: &Map<String, Value>) -> Progress {
    let chosen = Branch::read(inputs).and_then(|branch| {
        for (condition, next) in branch.choices {
            if condition.holds()? {
                return Ok(Some(next));
            }
        }
        Ok(branch.default)
    });
    match chosen {
        Ok(next) => Progress::Done {
            answer: Value::Null,
            next,
        },
        Err(reason) => Progress::Failed(reason),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Branch, Progress, choose};

    fn chosen(inputs: Value) -> Result<Option<String>, String> {
        match choose(inputs.as_object().unwrap()) {
            Progress::Done { next, .. } => Ok(next),
            Progress::Failed(reason) => Err(reason),
            other => Err(format!("{other:?}")),
        }
    }

    fn holds(condition: Value) -> Result<bool, String> {
        let mut choice = condition;
        choice["NextStep"] = json!("Yes");
        chosen(json!({ "Choices": [choice], "Default": "No" })).map(|next| next.as_deref() == Some("Yes"))
    }

    #[test]
    fn every_operator_holds_and_fails_to_hold() {
        let cases = [
            ("StringEquals", json!("a"), json!("a"), json!("A")),
            ("EqualsIgnoreCase", json!("a"), json!("A"), json!("b")),
            ("StartsWith", json!("abc"), json!("ab"), json!("bc")),
            ("EndsWith", json!("abc"), json!("bc"), json!("ab")),
            ("Contains", json!("abc"), json!("b"), json!("x")),
            ("NumericEquals", json!(7), json!("7"), json!(8)),
            ("NumericGreater", json!(7), json!(6), json!(7)),
            ("NumericLesser", json!(7), json!(8), json!(7)),
            ("NumericGreaterOrEquals", json!(7), json!(7), json!(8)),
            ("NumericLesserOrEquals", json!(7), json!(7), json!(6)),
            ("BooleanEquals", json!(true), json!("true"), json!(false)),
        ];
        for (operator, variable, yes, no) in cases {
            let condition = |operand: &Value| json!({ "Variable": variable, operator: operand });
            assert_eq!(holds(condition(&yes)), Ok(true), "{operator}");
            assert_eq!(holds(condition(&no)), Ok(false), "{operator}");
        }
    }

    #[test]
    fn and_or_not_combine() {
        let is = |value: &str| json!({ "Variable": "a", "StringEquals": value });
        assert_eq!(holds(json!({ "And": [is("a"), is("b")] })), Ok(false));
        assert_eq!(holds(json!({ "Or": [is("b"), is("a")] })), Ok(true));
        assert_eq!(holds(json!({ "Not": is("b") })), Ok(true));
    }

    #[test]
    fn the_first_choice_that_holds_wins_and_default_is_the_last_resort() {
        let is =
            |value: &str, next: &str| json!({ "Variable": "a", "StringEquals": value, "NextStep": next });
        assert_eq!(
            chosen(json!({ "Choices": [is("a", "One"), is("a", "Two")] })),
            Ok(Some("One".into()))
        );
        assert_eq!(
            chosen(json!({ "Choices": [is("b", "One")], "Default": "D" })),
            Ok(Some("D".into()))
        );
        assert_eq!(chosen(json!({ "Choices": [is("b", "One")] })), Ok(None));
    }

    #[test]
    fn values_of_another_type_fail_with_the_operator_named() {
        let reason = holds(json!({ "Variable": "seven", "NumericEquals": 7 })).unwrap_err();
        assert!(reason.contains("NumericEquals"), "{reason}");
    }

    #[test]
    fn a_malformed_branch_is_refused() {
        for inputs in [
            json!({}),
            json!({ "Choices": [] }),
            json!({ "Choices": [{ "Variable": "a", "StringEquals": "a" }] }),
            json!({ "Choices": [{ "NextStep": "A", "Variable": "a", "StringLooksLike": "a" }] }),
            json!({ "Choices": [{ "NextStep": "A", "Variable": "a" }] }),
            json!({ "Choices": [{ "NextStep": "A", "Maybe": {} }] }),
            json!({ "Choices": [{ "NextStep": "A", "Variable": "a", "StringEquals": "a" }], "Else": "B" }),
        ] {
            assert!(Branch::read(inputs.as_object().unwrap()).is_err(), "{inputs}");
        }
    }
}
