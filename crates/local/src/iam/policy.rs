//! Policy documents: read strictly, matched as the IAM user guide describes under "Policy evaluation logic".

use serde_json::{Map, Value};

use super::condition::{Condition, Context};
use super::pattern;
use crate::error::ApiError;

/// What a document is for; it decides which elements it must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Permissions of a role: `Resource`, no `Principal`.
    Identity,
    /// A role's trust policy: `Principal`, no `Resource`.
    Trust,
    /// The policy of a bucket, queue, bus, key or function: `Principal` and `Resource`.
    Resource,
}

/// A policy document that has been read and found well-formed.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// The text it was read from.
    pub(crate) text: String,
    statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
struct Statement {
    effect: Effect,
    principals: Vec<TrustedPrincipal>,
    actions: Patterns,
    resources: Patterns,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// A principal that a role's or a resource's policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrustedPrincipal {
    /// Everybody.
    Anyone,
    /// A whole account, which may pass the right on by its own policies.
    Account(String),
    /// One role or role session, by its ARN.
    Arn(String),
    /// An AWS service, for example `events.amazonaws.com`.
    Service(String),
}

#[derive(Debug, Clone)]
struct Patterns {
    negated: bool,
    patterns: Vec<String>,
}

/// What policies say about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// A statement denies it, whatever others say.
    Denied,
    /// A statement allows it and none denies it.
    Allowed,
    /// No statement speaks of it.
    Unmentioned,
}

impl Decision {
    /// The decision of two policies together: a denial outweighs, then an allowance.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Denied, _) | (_, Self::Denied) => Self::Denied,
            (Self::Allowed, _) | (_, Self::Allowed) => Self::Allowed,
            _ => Self::Unmentioned,
        }
    }
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// `MalformedPolicyDocument` names the element that is wrong, missing or not known here.
    pub(crate) fn parse(text: &str, kind: Kind) -> Result<Self, ApiError> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| malformed(format!("the policy is not JSON: {error}")))?;
        let document = document
            .as_object()
            .ok_or_else(|| malformed("the policy is not an object"))?;
        only_known(document, &["Version", "Id", "Statement"], "policy")?;
        match document.get("Version").map(Value::as_str) {
            Some(Some("2012-10-17" | "2008-10-17")) | None => {}
            Some(_) => return Err(malformed("`Version` must be `2012-10-17`")),
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => {
                statements.iter().map(|one| Statement::parse(one, kind)).collect()
            }
            Some(one @ Value::Object(_)) => Statement::parse(one, kind).map(|one| vec![one]),
            _ => return Err(malformed("`Statement` must be a list of statements")),
        };
        let statements: Vec<Statement> = statements?;
        if statements.is_empty() {
            return Err(malformed("`Statement` must not be empty"));
        }
        Ok(Self {
            text: text.to_owned(),
            statements,
        })
    }

    /// What an identity policy says about an action on a resource.
    pub(crate) fn decide(&self, action: &str, resource: &str, context: &Context) -> Decision {
        self.decide_where(action, resource, context, |_| true)
    }

    /// What a trust policy says about an action by a principal for whom `is_principal` answers.
    pub(crate) fn decide_trust(
        &self,
        action: &str,
        context: &Context,
        is_principal: impl Fn(&TrustedPrincipal) -> bool,
    ) -> Decision {
        self.decide_for(action, "*", context, is_principal)
    }

    /// What a resource's policy says about an action on it by a principal for whom `is_principal` answers.
    pub(crate) fn decide_for(
        &self,
        action: &str,
        resource: &str,
        context: &Context,
        is_principal: impl Fn(&TrustedPrincipal) -> bool,
    ) -> Decision {
        self.decide_where(action, resource, context, |statement| {
            statement.principals.iter().any(&is_principal)
        })
    }

    fn decide_where(
        &self,
        action: &str,
        resource: &str,
        context: &Context,
        concerns: impl Fn(&Statement) -> bool,
    ) -> Decision {
        self.statements
            .iter()
            .filter(|statement| concerns(statement) && statement.covers(action, resource, context))
            .fold(Decision::Unmentioned, |decision, statement| {
                decision.and(statement.effect.into())
            })
    }

    /// The principals that a trust policy names.
    pub(crate) fn principals(&self) -> impl Iterator<Item = &TrustedPrincipal> {
        self.statements.iter().flat_map(|statement| &statement.principals)
    }
}

impl From<Effect> for Decision {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Allow => Self::Allowed,
            Effect::Deny => Self::Denied,
        }
    }
}

impl Statement {
    fn parse(statement: &Value, kind: Kind) -> Result<Self, ApiError> {
        let statement = statement
            .as_object()
            .ok_or_else(|| malformed("a statement is not an object"))?;
        let known: &[&str] = match kind {
            Kind::Identity => &[
                "Sid",
                "Effect",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
                "Condition",
            ],
            Kind::Trust => &["Sid", "Effect", "Principal", "Action", "NotAction", "Condition"],
            Kind::Resource => &[
                "Sid",
                "Effect",
                "Principal",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
                "Condition",
            ],
        };
        only_known(statement, known, "statement")?;
        if let Some(sid) = statement.get("Sid") {
            let valid = sid
                .as_str()
                .is_some_and(|sid| sid.chars().all(|c| c.is_ascii_alphanumeric()));
            if !valid && kind == Kind::Identity {
                return Err(malformed("`Sid` must be letters and digits"));
            }
        }
        let effect = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(malformed("`Effect` must be `Allow` or `Deny`")),
        };
        let actions = Patterns::parse(statement, "Action", "NotAction", check_action)?;
        let resources = match kind {
            Kind::Identity | Kind::Resource => {
                Patterns::parse(statement, "Resource", "NotResource", check_resource)?
            }
            Kind::Trust => Patterns {
                negated: false,
                patterns: vec!["*".to_owned()],
            },
        };
        let principals = match (kind, statement.get("Principal")) {
            (Kind::Identity, _) => Vec::new(),
            (Kind::Trust | Kind::Resource, Some(principals)) => parse_principals(principals)?,
            (Kind::Trust | Kind::Resource, None) => {
                return Err(malformed("a statement of this policy needs `Principal`"));
            }
        };
        let conditions = Condition::parse_all(statement.get("Condition"))?;
        Ok(Self {
            effect,
            principals,
            actions,
            resources,
            conditions,
        })
    }

    /// Whether the statement speaks of the action on the resource in this request.
    fn covers(&self, action: &str, resource: &str, context: &Context) -> bool {
        self.actions.matches(action, context, pattern::Case::Insensitive)
            && self
                .resources
                .matches(resource, context, pattern::Case::Sensitive)
            && self.conditions.iter().all(|condition| condition.holds(context))
    }
}

impl Patterns {
    fn parse(
        statement: &Map<String, Value>,
        name: &str,
        negated_name: &str,
        check: fn(&str) -> Result<(), ApiError>,
    ) -> Result<Self, ApiError> {
        let (negated, value) = match (statement.get(name), statement.get(negated_name)) {
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
            _ => {
                return Err(malformed(format!(
                    "a statement needs one of `{name}` and `{negated_name}`"
                )));
            }
        };
        let patterns = texts(value, name)?;
        if patterns.is_empty() {
            return Err(malformed(format!("`{name}` must not be empty")));
        }
        for text in &patterns {
            check(text)?;
            pattern::check_variables(text).map_err(malformed)?;
        }
        Ok(Self { negated, patterns })
    }

    fn matches(&self, text: &str, context: &Context, case: pattern::Case) -> bool {
        self.negated
            != self.patterns.iter().any(|candidate| {
                context
                    .expand(candidate)
                    .is_some_and(|candidate| pattern::matches(&candidate, text, case))
            })
    }
}

fn parse_principals(value: &Value) -> Result<Vec<TrustedPrincipal>, ApiError> {
    if value.as_str() == Some("*") {
        return Ok(vec![TrustedPrincipal::Anyone]);
    }
    let kinds = value
        .as_object()
        .ok_or_else(|| malformed("`Principal` must be `*` or an object"))?;
    let mut principals = Vec::new();
    for (kind, names) in kinds {
        for name in texts(names, "Principal")? {
            principals.push(match kind.as_str() {
                "AWS" => parse_aws_principal(&name)?,
                "Service" => TrustedPrincipal::Service(name),
                _ => {
                    return Err(malformed(format!(
                        "the local IAM has no principals of kind `{kind}`"
                    )));
                }
            });
        }
    }
    Ok(principals)
}

fn parse_aws_principal(name: &str) -> Result<TrustedPrincipal, ApiError> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if name == "*" {
        return Ok(TrustedPrincipal::Anyone);
    }
    if is_account(name) {
        return Ok(TrustedPrincipal::Account(name.to_owned()));
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] if is_account(account) => {
            Ok(TrustedPrincipal::Account((*account).to_owned()))
        }
        ["arn", _, "iam", "", account, resource] if is_account(account) && resource.starts_with("role/") => {
            Ok(TrustedPrincipal::Arn(name.to_owned()))
        }
        ["arn", _, "sts", "", account, resource]
            if is_account(account) && resource.starts_with("assumed-role/") =>
        {
            Ok(TrustedPrincipal::Arn(name.to_owned()))
        }
        _ => Err(malformed(format!(
            "invalid principal in policy: \"AWS\":\"{name}\""
        ))),
    }
}

fn check_action(action: &str) -> Result<(), ApiError> {
    match action.split_once(':') {
        Some((service, operation)) if !service.is_empty() && !operation.is_empty() => Ok(()),
        None if action == "*" => Ok(()),
        _ => Err(malformed(format!(
            "action `{action}` must be `*` or `service:Operation`"
        ))),
    }
}

fn check_resource(resource: &str) -> Result<(), ApiError> {
    let is_arn = resource.starts_with("arn:") && resource.split(':').count() >= 6;
    if resource == "*" || is_arn {
        Ok(())
    } else {
        Err(malformed(format!(
            "resource `{resource}` must be in ARN format or `*`"
        )))
    }
}

/// A string or a list of strings.
pub(super) fn texts(value: &Value, name: &str) -> Result<Vec<String>, ApiError> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(malformed(format!(
            "`{name}` must be a string or a list of strings"
        ))),
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        _ => one(value).map(|text| vec![text]),
    }
}

fn only_known(object: &Map<String, Value>, known: &[&str], of: &str) -> Result<(), ApiError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(malformed(format!("a {of} has no element `{key}` here"))),
        None => Ok(()),
    }
}

pub(super) fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocument", message)
}

#[cfg(test)]
mod tests;
