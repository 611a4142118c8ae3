//! Resources deleted: all of a stack's, or those that an update no longer needs.

use super::change::{GAP, POLL, next};
use super::resources::Caller;
use super::stack::{Existing, Stack, validation};
use super::template::Retention;
use crate::error::ApiError;
use crate::world::{Principal, World};

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
    stack.doom_all();
    next(world, id, GAP, delete_next);
    Ok(())
}

/// Takes the next step in deleting the last resource that is to go, or ends the operation.
pub(super) fn delete_next(world: &mut World, id: &str) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    let Some((logical_id, mut doomed)) = stack.doomed.last().cloned() else {
        end(stack, now);
        return;
    };
    let Some((kind, _)) = doomed.kind(&logical_id) else {
        return;
    };
    if stays(stack, &logical_id, &doomed) {
        stack.note_doomed(now, &logical_id, &doomed, "DELETE_SKIPPED", None);
        stack.doomed.pop();
        next(world, id, GAP, delete_next);
        return;
    }
    let last = stack
        .events
        .iter()
        .rev()
        .find(|event| event.logical_id == logical_id);
    if last.is_none_or(|event| event.status != "DELETE_IN_PROGRESS") {
        stack.note_doomed(now, &logical_id, &doomed, "DELETE_IN_PROGRESS", None);
    }
    let principal = stack.principal.clone();
    let deleted = kind.delete(
        &mut Caller {
            world,
            principal: &principal,
        },
        &mut doomed.physical,
    );
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    match deleted {
        Ok(true) => {
            stack.note_doomed(now, &logical_id, &doomed, "DELETE_COMPLETE", None);
            stack.doomed.pop();
            next(world, id, GAP, delete_next);
        }
        Ok(false) => {
            if let Some((_, last)) = stack.doomed.last_mut() {
                *last = doomed;
            }
            next(world, id, POLL, delete_next);
        }
        Err(reason) => failed(world, id, &logical_id, &doomed, reason),
    }
}

/// Whether the resource outlives what becomes of its stack.
fn stays(stack: &Stack, logical_id: &str, doomed: &Existing) -> bool {
    let Some(resource) = doomed.resource(logical_id) else {
        return false;
    };
    let was_replaced = stack.resources.contains_key(logical_id);
    let policy = if was_replaced {
        resource.replacement
    } else {
        resource.deletion
    };
    let undoes_creation = matches!(
        stack.status,
        "ROLLBACK_IN_PROGRESS" | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    );
    match policy {
        Retention::Delete => false,
        Retention::Retain => true,
        Retention::RetainExceptOnCreate => !undoes_creation,
    }
}

/// A stack whose resource does not go stays; after an update, only the resource does.
fn failed(world: &mut World, id: &str, logical_id: &str, doomed: &Existing, reason: String) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    stack.note_doomed(now, logical_id, doomed, "DELETE_FAILED", Some(reason.clone()));
    let status = match stack.status {
        "ROLLBACK_IN_PROGRESS" => "ROLLBACK_FAILED",
        "DELETE_IN_PROGRESS" => "DELETE_FAILED",
        _ => {
            stack.doomed.pop();
            next(world, id, GAP, delete_next);
            return;
        }
    };
    stack.failure.get_or_insert(reason);
    let summary = format!("the following resources failed to delete: [{logical_id}]");
    stack.turn_to(status, Some(summary), now);
}

fn end(stack: &mut Stack, now: jiff::Timestamp) {
    let status = match stack.status {
        "ROLLBACK_IN_PROGRESS" => "ROLLBACK_COMPLETE",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" => "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS" => "UPDATE_ROLLBACK_COMPLETE",
        _ => {
            stack.deleted = Some(now);
            "DELETE_COMPLETE"
        }
    };
    let reason = stack.reason.clone();
    stack.turn_to(status, reason, now);
}
