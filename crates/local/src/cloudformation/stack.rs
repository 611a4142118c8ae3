//! Stacks: what they were made from, what of it exists, and what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::check::creation_order;
use super::functions::Scope;
use super::parameters;
use super::resources::{Physical, ResourceType};
use super::template::{Resource, Template};
use crate::error::ApiError;
use crate::tagging::Tagged;
use crate::world::{Principal, World};

/// One stack.
#[derive(Clone)]
pub(super) struct Stack {
    /// The stack's ARN.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) principal: Principal,
    pub(super) plan: Plan,
    /// What an update goes back to if it fails.
    pub(super) before: Option<Plan>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    /// Why the first resource failed.
    pub(super) failure: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) deleted: Option<Timestamp>,
    /// Resources that exist, by their logical ids.
    pub(super) resources: BTreeMap<String, Existing>,
    /// Logical ids that the operation under way has finished with.
    pub(super) done: BTreeSet<String>,
    /// What an in-place change of the operation under way began with, by logical id.
    pub(super) changing: Option<(String, Existing)>,
    /// Resources to delete, the last one first.
    pub(super) doomed: Vec<(String, Existing)>,
    pub(super) events: Vec<Event>,
    pub(super) outputs: Vec<StackOutput>,
}

/// A template with its parameters' values.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) text: Arc<str>,
    pub(super) template: Arc<Template>,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) conditions: BTreeMap<String, bool>,
    /// Resources to create, in order; those whose condition does not hold are not in it.
    pub(super) order: Vec<String>,
}

/// A resource that exists, and the template that it is from.
#[derive(Clone)]
pub(super) struct Existing {
    pub(super) template: Arc<Template>,
    pub(super) physical: Physical,
}

/// Something that happened to a stack or one of its resources.
#[derive(Clone)]
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) logical_id: String,
    pub(super) physical_id: String,
    pub(super) kind: String,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackOutput {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(super) export: Option<String>,
}

/// How a stack's last operation ended.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    /// Created or updated, with its outputs.
    Done(Vec<StackOutput>),
    /// Rolled back, or not deleted, and why.
    Failed(String),
    /// Gone.
    Deleted,
}

/// The stacks of an account that are not deleted, for the tagging API.
pub(crate) fn tagged(world: &World, account: &str) -> Vec<Tagged> {
    let stacks = world.cloudformation.stacks.values();
    let own = stacks.filter(|stack| stack.account == account && stack.deleted.is_none());
    own.map(|stack| (stack.id.clone(), stack.tags.iter().cloned().collect()))
        .collect()
}

/// How the stack's last operation ended; none while it is under way.
pub(crate) fn ended(world: &World, stack_id: &str) -> Option<Ended> {
    let stack = world.cloudformation.stacks.get(stack_id)?;
    match stack.status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" => Some(Ended::Done(stack.outputs.clone())),
        "DELETE_COMPLETE" => Some(Ended::Deleted),
        status if status.ends_with("IN_PROGRESS") => None,
        _ => Some(Ended::Failed(
            stack
                .failure
                .clone()
                .or_else(|| stack.reason.clone())
                .unwrap_or_else(|| stack.status.to_owned()),
        )),
    }
}

/// The account's stack by name (deleted ones excepted) or id.
pub(super) fn find<'a>(world: &'a World, account: &str, name: &str) -> Option<&'a Stack> {
    world.cloudformation.stacks.values().find(|stack| {
        stack.account == account
            && (stack.id == name || (stack.name == name && stack.status != "DELETE_COMPLETE"))
    })
}

pub(super) fn validation(reason: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", reason)
}

/// The exports of an account's stacks by their names.
pub(super) fn exports(world: &World, account: &str) -> BTreeMap<String, Value> {
    let stacks = world.cloudformation.stacks.values();
    let live = stacks.filter(|stack| stack.account == account && stack.deleted.is_none());
    live.flat_map(|stack| &stack.outputs)
        .filter_map(|output| Some((output.export.clone()?, Value::from(output.value.as_str()))))
        .collect()
}

impl Plan {
    /// Reads and checks everything that can be checked before a resource is made.
    ///
    /// # Errors
    /// `ValidationError` for a template or parameters that CloudFormation refuses.
    pub(super) fn new(
        world: &World,
        account: &str,
        stack: (&str, &str),
        text: &str,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, ApiError> {
        let template = Arc::new(Template::read(world, text).map_err(validation)?);
        let mut plan = Self {
            text: text.into(),
            parameters: parameters::resolve(&template.parameters, given).map_err(validation)?,
            conditions: BTreeMap::new(),
            order: creation_order(&template).map_err(validation)?,
            template: Arc::clone(&template),
        };
        let nothing = (BTreeMap::new(), BTreeMap::new());
        for name in template.conditions.keys() {
            let scope = Scope {
                template: &plan.template,
                parameters: &plan.parameters,
                conditions: &plan.conditions,
                resources: &nothing.0,
                exports: &nothing.1,
                account,
                region: &world.region,
                stack_id: stack.0,
                stack_name: stack.1,
            };
            let holds = scope.condition_value(name).map_err(validation)?;
            plan.conditions.insert(name.clone(), holds);
        }
        let conditions = &plan.conditions;
        plan.order.retain(|name| {
            let resource = template.resources.get(name);
            let condition = resource.and_then(|resource| resource.condition.as_ref());
            condition.is_none_or(|condition| conditions.get(condition) == Some(&true))
        });
        Ok(plan)
    }
}

impl Existing {
    /// What the template says of it.
    pub(super) fn resource(&self, logical_id: &str) -> Option<&Resource> {
        self.template.resources.get(logical_id)
    }

    /// Its type, and the type's name.
    pub(super) fn kind(&self, logical_id: &str) -> Option<(&'static dyn ResourceType, &str)> {
        let resource = self.resource(logical_id)?;
        Some((resource.kind, &resource.type_name))
    }
}

impl Stack {
    pub(super) fn scope<'a>(&'a self, region: &'a str, exports: &'a BTreeMap<String, Value>) -> Scope<'a> {
        Scope {
            template: &self.plan.template,
            parameters: &self.plan.parameters,
            conditions: &self.plan.conditions,
            resources: &self.resources,
            exports,
            account: &self.account,
            region,
            stack_id: &self.id,
            stack_name: &self.name,
        }
    }

    pub(super) fn turn_to(&mut self, status: &'static str, reason: Option<String>, at: Timestamp) {
        self.status = status;
        self.reason = reason;
        self.events.push(Event {
            at,
            logical_id: self.name.clone(),
            physical_id: self.id.clone(),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            status: self.status,
            reason: self.reason.clone(),
        });
    }

    /// Notes what happened to a resource of the present template.
    pub(super) fn note(
        &mut self,
        at: Timestamp,
        logical_id: &str,
        status: &'static str,
        reason: Option<String>,
    ) {
        let existing = self.resources.get(logical_id);
        let physical_id = existing.map(|existing| existing.physical.id.clone());
        let Some(resource) = self.plan.template.resources.get(logical_id) else {
            return;
        };
        self.events.push(Event {
            at,
            logical_id: logical_id.to_owned(),
            physical_id: physical_id.unwrap_or_default(),
            kind: resource.type_name.clone(),
            status,
            reason,
        });
    }

    /// Notes what happened to a resource that goes.
    pub(super) fn note_doomed(
        &mut self,
        at: Timestamp,
        logical_id: &str,
        doomed: &Existing,
        status: &'static str,
        reason: Option<String>,
    ) {
        self.events.push(Event {
            at,
            logical_id: logical_id.to_owned(),
            physical_id: doomed.physical.id.clone(),
            kind: doomed
                .kind(logical_id)
                .map_or_else(String::new, |(_, name)| name.to_owned()),
            status,
            reason,
        });
    }
}
