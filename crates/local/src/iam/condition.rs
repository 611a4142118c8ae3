//! The condition element of policies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value;

use super::condition_key;
use super::pattern::{self, Case};
use super::policy::{malformed, texts};
use crate::error::ApiError;

/// The condition keys of one request, by their lower-case names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Sets a key to one value.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_ascii_lowercase(), vec![value.to_owned()]);
    }

    /// Sets a key to many values, for example `aws:TagKeys`.
    pub(crate) fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_ascii_lowercase(), values);
    }

    fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The text with its policy variables replaced; `None` if one of them has no value in this request.
    pub(super) fn expand<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        if !text.contains("${") {
            return Some(Cow::Borrowed(text));
        }
        pattern::replace_variables(text, |name| self.get(name)?.first().cloned()).map(Cow::Owned)
    }
}

/// One operator on one key.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    quantifier: Option<Quantifier>,
    operator: Operator,
    negated: bool,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    AnyValue,
    AllValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    Null,
    IpAddress,
    NumericEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
}

impl Condition {
    /// Reads a statement's `Condition`.
    pub(super) fn parse_all(value: Option<&Value>) -> Result<Vec<Self>, ApiError> {
        let Some(value) = value else { return Ok(Vec::new()) };
        let operators = value
            .as_object()
            .ok_or_else(|| malformed("`Condition` must be an object"))?;
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let keys = keys
                .as_object()
                .ok_or_else(|| malformed(format!("`{operator}` in `Condition` must be an object")))?;
            for (key, values) in keys {
                conditions.push(Self::parse(operator, key, texts(values, key)?)?);
            }
        }
        Ok(conditions)
    }

    fn parse(name: &str, key: &str, values: Vec<String>) -> Result<Self, ApiError> {
        let (quantifier, rest) = match name.split_once(':') {
            Some(("ForAnyValue", rest)) => (Some(Quantifier::AnyValue), rest),
            Some(("ForAllValues", rest)) => (Some(Quantifier::AllValues), rest),
            _ => (None, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (operator, negated) = match base {
            "StringEquals" => (Operator::Equals, false),
            "StringNotEquals" => (Operator::Equals, true),
            "StringEqualsIgnoreCase" => (Operator::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Operator::EqualsIgnoreCase, true),
            "StringLike" => (Operator::Like, false),
            "StringNotLike" => (Operator::Like, true),
            "ArnEquals" | "ArnLike" => (Operator::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Operator::Arn, true),
            "Bool" => (Operator::Bool, false),
            "Null" if !if_exists => (Operator::Null, false),
            "IpAddress" => (Operator::IpAddress, false),
            "NotIpAddress" => (Operator::IpAddress, true),
            "NumericEquals" => (Operator::NumericEquals, false),
            "NumericNotEquals" => (Operator::NumericEquals, true),
            "NumericLessThan" => (Operator::NumericLessThan, false),
            "NumericLessThanEquals" => (Operator::NumericLessThanEquals, false),
            "NumericGreaterThan" => (Operator::NumericGreaterThan, false),
            "NumericGreaterThanEquals" => (Operator::NumericGreaterThanEquals, false),
            _ => {
                return Err(malformed(format!(
                    "the local IAM has no condition operator `{name}`"
                )));
            }
        };
        condition_key::check(key)?;
        for value in &values {
            pattern::check_variables(value).map_err(malformed)?;
            if operator == Operator::IpAddress && Network::parse(value).is_none() {
                return Err(malformed(format!(
                    "`{value}` must be an IPv4 address or CIDR block"
                )));
            }
        }
        Ok(Self {
            quantifier,
            operator,
            negated,
            if_exists,
            key: key.to_owned(),
            values,
        })
    }

    /// Whether the condition holds for a request. A key that the request lacks fails a positive operator and
    /// meets a negated one.
    pub(super) fn holds(&self, context: &Context) -> bool {
        let actual = context.get(&self.key).filter(|values| !values.is_empty());
        if self.operator == Operator::Null {
            let must_be_absent = self.values.iter().any(|value| value == "true");
            return must_be_absent == actual.is_none();
        }
        let Some(actual) = actual else {
            return match self.quantifier {
                Some(Quantifier::AllValues) => true,
                Some(Quantifier::AnyValue) => self.if_exists,
                None => self.if_exists || self.negated,
            };
        };
        let passes = |value: &String| self.negated != self.matches_any(value, context);
        match self.quantifier {
            Some(Quantifier::AllValues) => actual.iter().all(passes),
            _ => actual.iter().any(passes),
        }
    }

    fn matches_any(&self, actual: &str, context: &Context) -> bool {
        self.values
            .iter()
            .filter_map(|expected| context.expand(expected))
            .any(|expected| self.operator.matches(&expected, actual))
    }
}

impl Operator {
    fn matches(self, expected: &str, actual: &str) -> bool {
        let numbers = || Some((actual.parse::<f64>().ok()?, expected.parse::<f64>().ok()?));
        match self {
            Self::Equals => expected == actual,
            Self::EqualsIgnoreCase | Self::Bool => expected.eq_ignore_ascii_case(actual),
            Self::Like => pattern::matches(expected, actual, Case::Sensitive),
            Self::Arn => arn_matches(expected, actual),
            Self::IpAddress => Network::parse(expected)
                .zip(actual.parse().ok())
                .is_some_and(|(network, address)| network.contains(address)),
            Self::NumericEquals => numbers().is_some_and(|(a, b)| a == b),
            Self::NumericLessThan => numbers().is_some_and(|(a, b)| a < b),
            Self::NumericLessThanEquals => numbers().is_some_and(|(a, b)| a <= b),
            Self::NumericGreaterThan => numbers().is_some_and(|(a, b)| a > b),
            Self::NumericGreaterThanEquals => numbers().is_some_and(|(a, b)| a >= b),
            Self::Null => false,
        }
    }
}

/// ARNs are compared part by part, so that a `*` does not reach across a colon before the resource part.
fn arn_matches(pattern: &str, arn: &str) -> bool {
    let mut actual = arn.splitn(6, ':');
    let mut expected = pattern.splitn(6, ':');
    loop {
        match (expected.next(), actual.next()) {
            (Some(expected), Some(actual)) if pattern::matches(expected, actual, Case::Sensitive) => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

struct Network {
    address: u32,
    mask: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?),
            None => (text, 32),
        };
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Some(Self {
            address: u32::from(address.parse::<Ipv4Addr>().ok()?),
            mask,
        })
    }

    fn contains(&self, address: Ipv4Addr) -> bool {
        u32::from(address) & self.mask == self.address & self.mask
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(condition: Value, context: &[(&str, &str)]) -> bool {
        let mut request = Context::default();
        for (key, value) in context {
            request.set(key, value);
        }
        Condition::parse_all(Some(&condition))
            .unwrap()
            .iter()
            .all(|condition| condition.holds(&request))
    }

    #[test]
    fn each_operator_holds_for_what_it_names_and_for_nothing_else() {
        let cases = [
            ("StringEquals", "a", "a", "b"),
            ("StringNotEquals", "a", "b", "a"),
            ("StringEqualsIgnoreCase", "A", "a", "b"),
            ("StringLike", "wb-*", "wb-1", "other"),
            ("StringNotLike", "wb-*", "other", "wb-1"),
            (
                "ArnLike",
                "arn:aws:iam::1:role/wb-*",
                "arn:aws:iam::1:role/wb-a",
                "arn:aws:iam::2:role/wb-a",
            ),
            (
                "ArnNotEquals",
                "arn:aws:iam::1:role/a",
                "arn:aws:iam::1:role/b",
                "arn:aws:iam::1:role/a",
            ),
            ("Bool", "true", "true", "false"),
            ("IpAddress", "10.0.0.0/8", "10.1.2.3", "11.1.2.3"),
            ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", "10.1.2.3"),
            ("NumericLessThanEquals", "5", "5", "6"),
            ("ForAnyValue:StringEquals", "a", "a", "b"),
            ("ForAllValues:StringEquals", "a", "a", "b"),
        ];
        for (operator, value, good, bad) in cases {
            let condition = json!({ operator: {"aws:PrincipalArn": value} });
            assert!(
                holds(condition.clone(), &[("aws:principalarn", good)]),
                "{operator} on {good}"
            );
            assert!(
                !holds(condition, &[("aws:principalarn", bad)]),
                "{operator} on {bad}"
            );
        }
    }

    #[test]
    fn an_absent_key_fails_unless_the_operator_is_negated_or_if_exists() {
        assert!(!holds(json!({"StringEquals": {"sts:ExternalId": "x"}}), &[]));
        assert!(holds(
            json!({"StringEqualsIfExists": {"sts:ExternalId": "x"}}),
            &[]
        ));
        assert!(holds(json!({"StringNotEquals": {"sts:ExternalId": "x"}}), &[]));
        assert!(holds(json!({"Null": {"sts:ExternalId": "true"}}), &[]));
        assert!(!holds(json!({"Null": {"sts:ExternalId": "false"}}), &[]));
    }

    #[test]
    fn variables_take_their_value_from_the_request() {
        let condition = json!({"StringEquals": {"kms:CallerAccount": "${aws:PrincipalAccount}"}});
        assert!(holds(
            condition.clone(),
            &[("kms:CallerAccount", "1"), ("aws:PrincipalAccount", "1")]
        ));
        assert!(!holds(
            condition,
            &[("kms:CallerAccount", "1"), ("aws:PrincipalAccount", "2")]
        ));
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        let error = Condition::parse_all(Some(&json!({"IpAddress": {"aws:SourceIp": "1.1.1.1/40"}})))
            .err()
            .unwrap();
        assert!(error.message.contains("1.1.1.1/40"), "{error}");
    }
}
