//! Conditions, and the functions that only they have.

use serde_json::Value;

use super::super::parameters::scalar_text;
use super::evaluate::bad;
use super::{Scope, list};

impl Scope<'_> {
    /// Whether a condition of the template holds.
    pub(in crate::cloudformation) fn condition_value(&self, name: &str) -> Result<bool, String> {
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
