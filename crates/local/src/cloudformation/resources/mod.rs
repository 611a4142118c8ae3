//! What the resource types mean: their properties and attributes, how they are made and unmade.
//!
//! Facts are from the CloudFormation template reference. Names of nested properties are checked by the services that
//! take them.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

mod cognito;
mod custom;
mod dynamodb;
mod ec2;
mod events;
mod iam;
mod inert;
mod kms;
mod known;
mod lambda;
mod network;
mod one_call;
mod s3;
mod sagemaker;
mod service_catalog;
mod sqs;
mod ssm;
mod stack;

pub use inert::INERT_TYPES;
pub(super) use known::find;

/// A resource type.
pub(super) trait ResourceType: Sync {
    /// `AWS::Service::Type`.
    fn name(&self) -> &'static str;
    /// Every property it can have.
    fn properties(&self) -> &'static [&'static str];
    /// The properties it must have.
    fn required(&self) -> &'static [&'static str];
    /// What `Fn::GetAtt` can ask for.
    fn attributes(&self) -> &'static [&'static str];
    /// Whether it can have the property.
    fn knows_property(&self, property: &str) -> bool {
        self.properties().contains(&property)
    }
    /// Whether `Fn::GetAtt` can ask for the attribute.
    fn has_attribute(&self, attribute: &str) -> bool {
        self.attributes().contains(&attribute)
    }
    /// How long creation or deletion takes before it is looked at, in simulated time.
    fn takes(&self) -> SignedDuration {
        SignedDuration::from_secs(5)
    }
    /// Makes the resource.
    ///
    /// # Errors
    /// Why it cannot be made, with what was made of it by then undone.
    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String>;
    /// Whether the resource has reached its stable state; what is known of it only then is filled in.
    ///
    /// # Errors
    /// Why it never will.
    fn is_ready(&self, _caller: &mut Caller<'_>, _physical: &mut Physical) -> Result<bool, String> {
        Ok(true)
    }
    /// Makes of `old` what `new` says, or says that only another resource can be that.
    ///
    /// # Errors
    /// Why it cannot be changed.
    fn update(&self, _caller: &mut Caller<'_>, _old: &Physical, _new: &New) -> Result<Change, String> {
        Ok(Change::Replace)
    }
    /// Does the next thing to delete the resource, and says whether it is gone. Asked again until it is.
    ///
    /// # Errors
    /// Why it cannot be deleted.
    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String>;
}

/// What an update came to.
pub(super) enum Change {
    /// The resource is another one now, with the same or another id.
    InPlace(Physical),
    /// The resource cannot be changed: another one must take its place.
    Replace,
}

/// A resource that exists.
#[derive(Debug, Clone)]
pub(super) struct Physical {
    /// The physical id, which is what `Ref` comes to.
    pub(super) id: String,
    /// What `Fn::GetAtt` comes to.
    pub(super) attributes: BTreeMap<String, Value>,
    /// The properties it was made with.
    pub(super) properties: Map<String, Value>,
    /// The request under way, for a type that has to wait for an answer.
    pub(super) pending: Option<String>,
}

impl Physical {
    /// A resource that was just made.
    pub(super) fn new(new: &New, id: impl Into<String>, attributes: &[(&str, &str)]) -> Self {
        let attributes = attributes.iter();
        Self {
            id: id.into(),
            attributes: attributes
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect(),
            properties: new.properties.clone(),
            pending: None,
        }
    }

    /// The same resource with the properties it has now.
    pub(super) fn changed(&self, new: &New) -> Change {
        Change::InPlace(Self {
            properties: new.properties.clone(),
            ..self.clone()
        })
    }

    /// A property that is a string.
    pub(super) fn text(&self, property: &str) -> &str {
        self.properties
            .get(property)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A property that is a list; empty if it is absent.
    pub(super) fn list(&self, property: &str) -> &[Value] {
        self.properties
            .get(property)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }
}

/// A resource to be made.
pub(super) struct New {
    pub(super) stack_id: String,
    pub(super) stack_name: String,
    pub(super) logical_id: String,
    /// `Type` in the template.
    pub(super) type_name: String,
    /// Twelve characters that make a generated name unique.
    pub(super) suffix: String,
    /// Properties with all functions evaluated.
    pub(super) properties: Map<String, Value>,
    /// Tags of the stack and CloudFormation's own, in the order in which the resource's tags override them.
    pub(super) stack_tags: Vec<(String, String)>,
}

impl New {
    /// A property that is a string.
    pub(super) fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }

    /// A property that is a list; empty if it is absent.
    pub(super) fn list(&self, property: &str) -> &[Value] {
        self.properties
            .get(property)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// A request of these properties, which the API calls by the same names.
    pub(super) fn request(&self, properties: &[&str]) -> Map<String, Value> {
        let given = self.properties.iter();
        given
            .filter(|(property, _)| properties.contains(&property.as_str()))
            .map(|(property, value)| (property.clone(), value.clone()))
            .collect()
    }

    /// Whether one of these properties is not as it was.
    pub(super) fn differs(&self, old: &Physical, properties: &[&str]) -> bool {
        properties
            .iter()
            .any(|property| self.properties.get(*property) != old.properties.get(*property))
    }

    /// `<logical id>-<suffix>`, at most `longest` characters.
    pub(super) fn short_name(&self, longest: usize) -> String {
        let room = longest.saturating_sub(self.suffix.len() + 1);
        format!("{}-{}", cut(&self.logical_id, room), self.suffix)
    }

    /// `<stack>-<logical id>-<suffix>`, at most `longest` characters.
    pub(super) fn long_name(&self, longest: usize) -> String {
        let room = longest.saturating_sub(self.suffix.len() + 2);
        let logical_id = cut(&self.logical_id, room / 2);
        let stack = cut(&self.stack_name, room - logical_id.len());
        format!("{stack}-{logical_id}-{}", self.suffix)
    }

    /// The stack's tags with the resource's own over them, as `[{ Key, Value }]`.
    pub(super) fn tags(&self) -> Value {
        let mut tags: BTreeMap<&str, &str> = self
            .stack_tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        for tag in self.list("Tags") {
            if let (Some(key), Some(value)) = (tag["Key"].as_str(), tag["Value"].as_str()) {
                tags.insert(key, value);
            }
        }
        tags.into_iter()
            .map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect()
    }
}

/// Names here are ASCII.
fn cut(name: &str, length: usize) -> &str {
    name.get(..length).unwrap_or(name)
}

/// A string of an answer; services always give it.
pub(super) fn answered(answer: &Value, pointer: &str) -> String {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Who makes the calls for a stack.
pub(super) struct Caller<'a> {
    pub(super) world: &'a mut World,
    pub(super) principal: &'a Principal,
}

impl Caller<'_> {
    /// The answer, or the refusal.
    pub(super) fn try_call(
        &mut self,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        self.world.call(self.principal, service, operation, input)
    }

    /// The answer, or the refusal as a resource's status reason has it.
    pub(super) fn call(&mut self, service: Service, operation: &str, input: &Value) -> Result<Value, String> {
        self.try_call(service, operation, input)
            .map_err(|error| reason(service, &error))
    }

    /// Makes a call that deletes something, where it may already be gone.
    pub(super) fn call_unless_gone(
        &mut self,
        service: Service,
        operation: &str,
        input: &Value,
        gone: &[&str],
    ) -> Result<(), String> {
        match self.try_call(service, operation, input) {
            Err(error) if !gone.contains(&error.code.as_str()) => Err(reason(service, &error)),
            _ => Ok(()),
        }
    }
}

/// The service's own message, and where it is from.
pub(super) fn reason(service: Service, error: &ApiError) -> String {
    format!(
        "{} (Service: {}, Status Code: {}, Error Code: {})",
        error.message,
        service.prefix(),
        error.status,
        error.code
    )
}

/// A policy document as text; templates write it as a map, or as text that is one.
pub(super) fn policy_text(document: &Value) -> String {
    document
        .as_str()
        .map_or_else(|| document.to_string(), str::to_owned)
}
