//! Stacks: resources created one after the other, rolled back when one fails, deleted in reverse order.
//!
//! A stack has one chain of tasks in the schedule; each task does one thing and schedules the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::check::creation_order;
use super::evaluate::Scope;
use super::parameters;
use super::resources::{Caller, New, Physical};
use super::template::Template;
use crate::error::ApiError;
use crate::world::{Principal, World};

/// Time from one resource to the next.
const GAP: SignedDuration = SignedDuration::from_secs(1);

/// Time between two looks at a resource that is not ready or not gone.
const POLL: SignedDuration = SignedDuration::from_secs(5);

/// One stack.
pub(super) struct Stack {
    /// The stack's ARN.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) principal: Principal,
    pub(super) template: Arc<Template>,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) conditions: BTreeMap<String, bool>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    /// Why the first resource failed.
    failure: Option<String>,
    pub(super) created: Timestamp,
    pub(super) deleted: Option<Timestamp>,
    /// Resources to create, in order; those whose condition does not hold are not in it.
    order: Vec<String>,
    /// Resources that exist.
    pub(super) physical: BTreeMap<String, Physical>,
    /// Resources that are retained when the stack goes.
    kept: Vec<String>,
    pub(super) events: Vec<Event>,
    pub(super) outputs: Vec<StackOutput>,
}

/// Something that happened to a stack or one of its resources.
pub(super) struct Event {
    pub(super) at: Timestamp,
    pub(super) logical_id: String,
    pub(super) physical_id: String,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
}

/// An output of a stack.
#[derive(Debug, Clone)]
pub(crate) struct StackOutput {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(super) export: Option<String>,
}

/// How a stack's last operation ended.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    /// Created, with its outputs.
    Created(Vec<StackOutput>),
    /// Not created and rolled back, or not deleted, and why.
    Failed(String),
    /// Gone.
    Deleted,
}

/// How the stack's last operation ended; none while it is under way.
pub(crate) fn ended(world: &World, stack_id: &str) -> Option<Ended> {
    let stack = world.cloudformation.stacks.get(stack_id)?;
    match stack.status {
        "CREATE_COMPLETE" => Some(Ended::Created(stack.outputs.clone())),
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

/// What a stack is created from.
pub(super) struct Create {
    pub(super) name: String,
    pub(super) template: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: Vec<(String, String)>,
}

fn validation(reason: String) -> ApiError {
    ApiError::new("ValidationError", reason)
}

/// Checks everything, then starts to create, and answers the stack's id.
///
/// # Errors
/// `ValidationError` for a template or parameters that CloudFormation refuses, `AlreadyExistsException` for a name
/// that is taken.
pub(super) fn create(world: &mut World, principal: &Principal, request: Create) -> Result<String, ApiError> {
    let template = Arc::new(Template::read(&request.template).map_err(validation)?);
    let parameters = parameters::resolve(&template.parameters, &request.parameters).map_err(validation)?;
    if find(world, &principal.account, &request.name).is_some() {
        return Err(ApiError::new(
            "AlreadyExistsException",
            format!("stack `{}` already exists", request.name),
        ));
    }
    let uuid = world.new_uuid();
    let id = format!(
        "arn:aws:cloudformation:{}:{}:stack/{}/{uuid}",
        world.region, principal.account, request.name
    );
    let mut stack = Stack {
        id: id.clone(),
        name: request.name,
        account: principal.account.clone(),
        principal: principal.clone(),
        order: creation_order(&template).map_err(validation)?,
        template: Arc::clone(&template),
        parameters,
        conditions: BTreeMap::new(),
        tags: request.tags,
        status: "CREATE_IN_PROGRESS",
        reason: None,
        failure: None,
        created: world.now,
        deleted: None,
        physical: BTreeMap::new(),
        kept: Vec::new(),
        events: Vec::new(),
        outputs: Vec::new(),
    };
    let exports = BTreeMap::new();
    for name in template.conditions.keys() {
        let holds = stack
            .scope(&world.region, &exports)
            .condition_value(name)
            .map_err(validation)?;
        stack.conditions.insert(name.clone(), holds);
    }
    let conditions = stack.conditions.clone();
    stack.order.retain(|name| {
        let condition = template
            .resources
            .get(name)
            .and_then(|resource| resource.condition.as_ref());
        condition.is_none_or(|condition| conditions.get(condition) == Some(&true))
    });
    stack.note_self(world.now);
    world.cloudformation.stacks.insert(id.clone(), stack);
    next(world, &id, GAP, create_next);
    Ok(id)
}

/// Starts to delete a stack.
///
/// # Errors
/// `ValidationError` while another operation is under way.
pub(super) fn delete(world: &mut World, principal: &Principal, id: &str) -> Result<(), ApiError> {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return Ok(());
    };
    if stack.status == "DELETE_IN_PROGRESS" || stack.status == "DELETE_COMPLETE" {
        return Ok(());
    }
    if stack.status.ends_with("IN_PROGRESS") {
        return Err(validation(format!(
            "stack `{}` is in {} and cannot be deleted",
            stack.name, stack.status
        )));
    }
    stack.principal = principal.clone();
    stack.failure = None;
    stack.turn_to("DELETE_IN_PROGRESS", None, now);
    next(world, id, GAP, delete_next);
    Ok(())
}

impl Stack {
    fn scope<'a>(&'a self, region: &'a str, exports: &'a BTreeMap<String, Value>) -> Scope<'a> {
        Scope {
            template: &self.template,
            parameters: &self.parameters,
            conditions: &self.conditions,
            resources: &self.physical,
            exports,
            account: &self.account,
            region,
            stack_id: &self.id,
            stack_name: &self.name,
        }
    }

    fn turn_to(&mut self, status: &'static str, reason: Option<String>, at: Timestamp) {
        self.status = status;
        self.reason = reason;
        self.note_self(at);
    }

    fn note_self(&mut self, at: Timestamp) {
        self.events.push(Event {
            at,
            logical_id: self.name.clone(),
            physical_id: self.id.clone(),
            kind: "AWS::CloudFormation::Stack",
            status: self.status,
            reason: self.reason.clone(),
        });
    }

    fn note(&mut self, at: Timestamp, logical_id: &str, status: &'static str, reason: Option<String>) {
        let Some(resource) = self.template.resources.get(logical_id) else {
            return;
        };
        let physical_id = self
            .physical
            .get(logical_id)
            .map(|physical| physical.id.clone())
            .unwrap_or_default();
        self.events.push(Event {
            at,
            logical_id: logical_id.to_owned(),
            physical_id,
            kind: resource.kind.name(),
            status,
            reason,
        });
    }
}

fn next(world: &mut World, id: &str, wait: SignedDuration, task: fn(&mut World, &str)) {
    let id = id.to_owned();
    world.schedule(wait, move |world| task(world, &id));
}

fn exports(world: &World, account: &str) -> BTreeMap<String, Value> {
    let stacks = world.cloudformation.stacks.values();
    let live = stacks.filter(|stack| stack.account == account && stack.status == "CREATE_COMPLETE");
    live.flat_map(|stack| &stack.outputs)
        .filter_map(|output| Some((output.export.clone()?, Value::from(output.value.as_str()))))
        .collect()
}

/// Creates the next resource, or completes the stack.
fn create_next(world: &mut World, id: &str) {
    let now = world.now;
    let suffix = world.new_id("", 12);
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    let waiting = stack
        .order
        .iter()
        .find(|name| !stack.physical.contains_key(*name))
        .cloned();
    let Some(logical_id) = waiting else {
        complete(world, id);
        return;
    };
    stack.note(now, &logical_id, "CREATE_IN_PROGRESS", None);
    let (template, principal) = (Arc::clone(&stack.template), stack.principal.clone());
    let Some(resource) = template.resources.get(&logical_id) else {
        return;
    };
    match make(world, id, &logical_id, suffix, &principal) {
        Ok(physical) => {
            let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
                return;
            };
            stack.physical.insert(logical_id.clone(), physical);
            stack.note(
                now,
                &logical_id,
                "CREATE_IN_PROGRESS",
                Some("resource creation initiated".to_owned()),
            );
            let stack_id = id.to_owned();
            world.schedule(resource.kind.takes(), move |world| {
                look(world, &stack_id, &logical_id);
            });
        }
        Err(reason) => roll_back(world, id, &logical_id, reason),
    }
}

fn make(
    world: &mut World,
    id: &str,
    logical_id: &str,
    suffix: String,
    principal: &Principal,
) -> Result<Physical, String> {
    let exports = exports(world, &principal.account);
    let region = world.region.clone();
    let stack = world.cloudformation.stacks.get(id).ok_or("the stack is gone")?;
    let resource = stack
        .template
        .resources
        .get(logical_id)
        .ok_or("the resource is gone")?;
    let kind = resource.kind;
    let properties = Value::Object(resource.properties.clone());
    let Some(Value::Object(properties)) = stack.scope(&region, &exports).evaluate(&properties)? else {
        return Err("Properties must be a map".to_owned());
    };
    let mut stack_tags = stack.tags.clone();
    stack_tags.extend([
        ("aws:cloudformation:logical-id".to_owned(), logical_id.to_owned()),
        ("aws:cloudformation:stack-id".to_owned(), stack.id.clone()),
        ("aws:cloudformation:stack-name".to_owned(), stack.name.clone()),
    ]);
    let new = New {
        stack_name: stack.name.clone(),
        logical_id: logical_id.to_owned(),
        suffix,
        properties,
        stack_tags,
    };
    kind.create(&mut Caller { world, principal }, &new)
}

/// Looks whether a resource that is being created is ready.
fn look(world: &mut World, id: &str, logical_id: &str) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get(id) else {
        return;
    };
    let (template, principal) = (Arc::clone(&stack.template), stack.principal.clone());
    let (Some(resource), Some(physical)) = (
        template.resources.get(logical_id),
        stack.physical.get(logical_id).cloned(),
    ) else {
        return;
    };
    match resource.kind.is_ready(
        &mut Caller {
            world,
            principal: &principal,
        },
        &physical,
    ) {
        Ok(true) => {
            if let Some(stack) = world.cloudformation.stacks.get_mut(id) {
                stack.note(now, logical_id, "CREATE_COMPLETE", None);
            }
            next(world, id, GAP, create_next);
        }
        Ok(false) => {
            let (id, logical_id) = (id.to_owned(), logical_id.to_owned());
            world.schedule(POLL, move |world| look(world, &id, &logical_id));
        }
        Err(reason) => roll_back(world, id, logical_id, reason),
    }
}

fn complete(world: &mut World, id: &str) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get(id) else {
        return;
    };
    let exports = exports(world, &stack.account);
    let mut outputs = Vec::new();
    for (name, output) in &stack.template.outputs {
        if output
            .condition
            .as_ref()
            .is_some_and(|condition| stack.conditions.get(condition) != Some(&true))
        {
            continue;
        }
        let scope = stack.scope(&world.region, &exports);
        let text = |value: &Value| {
            let value = scope.evaluate(value)?.as_ref().and_then(parameters::scalar_text);
            value.ok_or_else(|| format!("output `{name}` must come to a string"))
        };
        let export = output.export.as_ref().map(&text).transpose();
        match text(&output.value).and_then(|value| Ok((value, export?))) {
            Ok((value, export)) => outputs.push(StackOutput {
                key: name.clone(),
                value,
                description: output.description.clone(),
                export,
            }),
            Err(reason) => {
                roll_back(world, id, "", reason);
                return;
            }
        }
    }
    if let Some(stack) = world.cloudformation.stacks.get_mut(id) {
        stack.outputs = outputs;
        stack.turn_to("CREATE_COMPLETE", None, now);
    }
}

fn roll_back(world: &mut World, id: &str, logical_id: &str, reason: String) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    stack.note(now, logical_id, "CREATE_FAILED", Some(reason.clone()));
    stack.failure = Some(reason.clone());
    let summary = match logical_id {
        "" => reason,
        name => format!("the following resources failed to create: [{name}]"),
    };
    stack.turn_to("ROLLBACK_IN_PROGRESS", Some(summary), now);
    next(world, id, GAP, delete_next);
}

/// Takes the next step in deleting the last resource that still exists, or ends the deletion.
fn delete_next(world: &mut World, id: &str) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    let (template, principal) = (Arc::clone(&stack.template), stack.principal.clone());
    let mut alive = stack
        .order
        .iter()
        .rev()
        .filter(|name| stack.physical.contains_key(*name));
    let Some(logical_id) = alive.find(|name| !stack.kept.contains(name)).cloned() else {
        let status = if stack.status == "ROLLBACK_IN_PROGRESS" {
            "ROLLBACK_COMPLETE"
        } else {
            "DELETE_COMPLETE"
        };
        if status == "DELETE_COMPLETE" {
            stack.deleted = Some(now);
        }
        let reason = stack.reason.clone();
        stack.turn_to(status, reason, now);
        return;
    };
    let (Some(resource), Some(physical)) = (
        template.resources.get(&logical_id),
        stack.physical.get(&logical_id).cloned(),
    ) else {
        return;
    };
    if resource.retained {
        stack.note(now, &logical_id, "DELETE_SKIPPED", None);
        stack.kept.push(logical_id);
        next(world, id, GAP, delete_next);
        return;
    }
    let under_way = stack
        .events
        .iter()
        .rev()
        .find(|event| event.logical_id == logical_id)
        .map(|event| event.status);
    if under_way != Some("DELETE_IN_PROGRESS") {
        stack.note(now, &logical_id, "DELETE_IN_PROGRESS", None);
    }
    match resource.kind.delete(
        &mut Caller {
            world,
            principal: &principal,
        },
        &physical,
    ) {
        Ok(true) => {
            if let Some(stack) = world.cloudformation.stacks.get_mut(id) {
                stack.note(now, &logical_id, "DELETE_COMPLETE", None);
                stack.physical.remove(&logical_id);
            }
            next(world, id, GAP, delete_next);
        }
        Ok(false) => next(world, id, POLL, delete_next),
        Err(reason) => {
            let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
                return;
            };
            stack.note(now, &logical_id, "DELETE_FAILED", Some(reason.clone()));
            let status = if stack.status == "ROLLBACK_IN_PROGRESS" {
                "ROLLBACK_FAILED"
            } else {
                "DELETE_FAILED"
            };
            stack.failure.get_or_insert(reason);
            stack.turn_to(
                status,
                Some(format!(
                    "the following resources failed to delete: [{logical_id}]"
                )),
                now,
            );
        }
    }
}
