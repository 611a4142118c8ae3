//! Stacks created and updated: one resource after the other, and back again when one fails.
//!
//! A stack has one chain of tasks in the schedule; each task does one thing and schedules the next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;

use super::completion::{fail, finish};
use super::resources::{Caller, Change, New};
use super::stack::{Existing, Plan, Stack, exports, find, validation};
use crate::error::ApiError;
use crate::world::{Principal, World};

/// Time from one resource to the next.
pub(super) const GAP: SignedDuration = SignedDuration::from_secs(1);

/// Time between two looks at a resource that is not ready or not gone.
pub(super) const POLL: SignedDuration = SignedDuration::from_secs(5);

/// What a stack is created from or updated to.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) template: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: Vec<(String, String)>,
}

/// Checks everything, then starts to create, and answers the stack's id.
///
/// # Errors
/// `ValidationError` for a template or parameters that CloudFormation refuses, `AlreadyExistsException` for a name
/// that is taken.
pub(super) fn create(world: &mut World, principal: &Principal, wanted: Wanted) -> Result<String, ApiError> {
    let account = principal.account.clone();
    if find(world, &account, &wanted.name).is_some() {
        return Err(ApiError::new(
            "AlreadyExistsException",
            format!("stack `{}` already exists", wanted.name),
        ));
    }
    let uuid = world.new_uuid();
    let id = format!(
        "arn:aws:cloudformation:{}:{account}:stack/{}/{uuid}",
        world.region, wanted.name
    );
    let plan = Plan::new(
        world,
        &account,
        (&id, &wanted.name),
        &wanted.template,
        &wanted.parameters,
    )?;
    let mut stack = Stack {
        id: id.clone(),
        name: wanted.name,
        account,
        principal: principal.clone(),
        plan,
        before: None,
        tags: wanted.tags,
        status: "",
        reason: None,
        failure: None,
        created: world.now,
        updated: None,
        deleted: None,
        resources: BTreeMap::new(),
        done: BTreeSet::new(),
        changing: None,
        doomed: Vec::new(),
        events: Vec::new(),
        outputs: Vec::new(),
    };
    stack.turn_to("CREATE_IN_PROGRESS", None, world.now);
    world.cloudformation.stacks.insert(id.clone(), stack);
    next(world, &id, GAP, change_next);
    Ok(id)
}

/// Checks everything, then starts to update.
///
/// # Errors
/// `ValidationError` for a template or parameters that CloudFormation refuses, while another operation is under way,
/// and where nothing would change.
pub(super) fn update(
    world: &mut World,
    principal: &Principal,
    id: &str,
    wanted: Wanted,
) -> Result<(), ApiError> {
    let missing = || validation(format!("stack with id {id} does not exist"));
    let stack = world.cloudformation.stacks.get(id).ok_or_else(missing)?;
    if !["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"].contains(&stack.status) {
        return Err(validation(format!(
            "stack `{}` is in {} state and can not be updated",
            stack.name, stack.status
        )));
    }
    let plan = Plan::new(
        world,
        &stack.account,
        (&stack.id, &stack.name),
        &wanted.template,
        &wanted.parameters,
    )?;
    let same = *plan.text == *stack.plan.text
        && plan.parameters == stack.plan.parameters
        && wanted.tags == stack.tags;
    if same {
        return Err(validation("No updates are to be performed."));
    }
    let now = world.now;
    let stack = world.cloudformation.stacks.get_mut(id).ok_or_else(missing)?;
    stack.before = Some(std::mem::replace(&mut stack.plan, plan));
    stack.tags = wanted.tags;
    stack.principal = principal.clone();
    stack.failure = None;
    stack.done.clear();
    stack.updated = Some(now);
    stack.turn_to("UPDATE_IN_PROGRESS", None, now);
    next(world, id, GAP, change_next);
    Ok(())
}

pub(super) fn next(world: &mut World, id: &str, wait: SignedDuration, task: fn(&mut World, &str)) {
    let id = id.to_owned();
    world.schedule(wait, move |world| task(world, &id));
}

/// Creates or changes the next resource that the operation under way has not finished with.
pub(super) fn change_next(world: &mut World, id: &str) {
    loop {
        let Some(stack) = world.cloudformation.stacks.get(id) else {
            return;
        };
        let waiting = stack.plan.order.iter().find(|name| !stack.done.contains(*name));
        let Some(logical_id) = waiting.cloned() else {
            finish(world, id);
            return;
        };
        match change(world, id, &logical_id) {
            Ok(Step::Unchanged) => {
                if let Some(stack) = world.cloudformation.stacks.get_mut(id) {
                    stack.done.insert(logical_id);
                }
            }
            Ok(Step::UnderWay(takes)) => {
                let id = id.to_owned();
                world.schedule(takes, move |world| look(world, &id, &logical_id));
                return;
            }
            Err(reason) => {
                fail(world, id, &logical_id, reason);
                return;
            }
        }
    }
}

enum Step {
    /// The resource is as it should be.
    Unchanged,
    /// The resource is being made or changed, and is to be looked at after a while.
    UnderWay(SignedDuration),
}

fn change(world: &mut World, id: &str, logical_id: &str) -> Result<Step, String> {
    let now = world.now;
    let suffix = world.new_id("", 12);
    let new = wanted(world, id, logical_id, suffix)?;
    let stack = world
        .cloudformation
        .stacks
        .get_mut(id)
        .ok_or("the stack is gone")?;
    let (template, principal) = (Arc::clone(&stack.plan.template), stack.principal.clone());
    let resource = template
        .resources
        .get(logical_id)
        .ok_or("the resource is not in the template")?;
    let kind = resource.kind;
    let old = stack.resources.get(logical_id).cloned();
    let same_kind = old
        .as_ref()
        .and_then(|old| old.kind(logical_id))
        .is_some_and(|(_, name)| name == resource.type_name);
    let principal = &principal;
    let physical = match old {
        Some(mut old) if same_kind && old.physical.properties == new.properties => {
            old.template = template;
            stack.resources.insert(logical_id.to_owned(), old);
            return Ok(Step::Unchanged);
        }
        Some(old) => {
            stack.note(now, logical_id, "UPDATE_IN_PROGRESS", None);
            let change = if same_kind {
                kind.update(&mut Caller { world, principal }, &old.physical, &new)?
            } else {
                Change::Replace
            };
            let (physical, replaced) = match change {
                Change::InPlace(physical) => (physical, false),
                Change::Replace => (kind.create(&mut Caller { world, principal }, &new)?, true),
            };
            let stack = world
                .cloudformation
                .stacks
                .get_mut(id)
                .ok_or("the stack is gone")?;
            if replaced {
                stack.doomed.push((logical_id.to_owned(), old));
            } else {
                stack.changing = Some((logical_id.to_owned(), old));
            }
            physical
        }
        None => {
            stack.note(now, logical_id, "CREATE_IN_PROGRESS", None);
            kind.create(&mut Caller { world, principal }, &new)?
        }
    };
    let stack = world
        .cloudformation
        .stacks
        .get_mut(id)
        .ok_or("the stack is gone")?;
    let existing = Existing {
        template: Arc::clone(&template),
        physical,
    };
    stack.resources.insert(logical_id.to_owned(), existing);
    Ok(Step::UnderWay(kind.takes()))
}

/// A resource as the present template wants it, its functions evaluated.
fn wanted(world: &World, id: &str, logical_id: &str, suffix: String) -> Result<New, String> {
    let stack = world.cloudformation.stacks.get(id).ok_or("the stack is gone")?;
    let resource = stack
        .plan
        .template
        .resources
        .get(logical_id)
        .ok_or("the resource is not in the template")?;
    let exports = exports(world, &stack.account);
    let properties = Value::Object(resource.properties.clone());
    let Some(Value::Object(properties)) = stack.scope(&world.region, &exports).evaluate(&properties)? else {
        return Err("Properties must be a map".to_owned());
    };
    let mut stack_tags = stack.tags.clone();
    stack_tags.extend([
        ("aws:cloudformation:logical-id".to_owned(), logical_id.to_owned()),
        ("aws:cloudformation:stack-id".to_owned(), stack.id.clone()),
        ("aws:cloudformation:stack-name".to_owned(), stack.name.clone()),
    ]);
    Ok(New {
        stack_id: stack.id.clone(),
        stack_name: stack.name.clone(),
        logical_id: logical_id.to_owned(),
        type_name: resource.type_name.clone(),
        suffix,
        properties,
        stack_tags,
    })
}

/// Looks whether a resource that is being made or changed is ready.
fn look(world: &mut World, id: &str, logical_id: &str) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get(id) else {
        return;
    };
    let principal = stack.principal.clone();
    let Some(mut existing) = stack.resources.get(logical_id).cloned() else {
        return;
    };
    let Some((kind, _)) = existing.kind(logical_id) else {
        return;
    };
    let ready = kind.is_ready(
        &mut Caller {
            world,
            principal: &principal,
        },
        &mut existing.physical,
    );
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    let new_id = existing.physical.id.clone();
    stack.resources.insert(logical_id.to_owned(), existing);
    match ready {
        Ok(true) => {
            let changed = stack.changing.take();
            let status = if stack.status == "CREATE_IN_PROGRESS" {
                "CREATE_COMPLETE"
            } else {
                "UPDATE_COMPLETE"
            };
            // A custom resource that answers with another id was replaced by its provider.
            if let Some((name, old)) = changed
                && old.physical.id != new_id
            {
                stack.doomed.push((name, old));
            }
            stack.note(now, logical_id, status, None);
            stack.done.insert(logical_id.to_owned());
            next(world, id, GAP, change_next);
        }
        Ok(false) => {
            let (id, logical_id) = (id.to_owned(), logical_id.to_owned());
            world.schedule(POLL, move |world| look(world, &id, &logical_id));
        }
        Err(reason) => fail(world, id, logical_id, reason),
    }
}
