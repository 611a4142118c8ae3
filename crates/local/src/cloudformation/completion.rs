//! How creations and updates end: with outputs, or by going back.

use serde_json::Value;

use super::change::{GAP, change_next, next};
use super::deletion;
use super::parameters;
use super::stack::{Stack, StackOutput, exports};
use crate::world::World;

/// All resources are as they should be: the outputs follow, and then what is no longer needed goes.
pub(super) fn finish(world: &mut World, id: &str) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get(id) else {
        return;
    };
    let outputs = match outputs(world, stack) {
        Ok(outputs) => outputs,
        Err(reason) => return fail(world, id, "", reason),
    };
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    stack.outputs = outputs;
    let before = stack.before.take();
    match stack.status {
        "CREATE_IN_PROGRESS" => stack.turn_to("CREATE_COMPLETE", None, now),
        status => {
            let cleanup = if status == "UPDATE_IN_PROGRESS" {
                "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            } else {
                "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
            };
            let removed = before.into_iter().flat_map(|plan| plan.order);
            for name in removed.filter(|name| !stack.plan.order.contains(name)) {
                if let Some(existing) = stack.resources.remove(&name) {
                    stack.doomed.push((name, existing));
                }
            }
            let reason = stack.reason.clone();
            stack.turn_to(cleanup, reason, now);
            next(world, id, GAP, deletion::delete_next);
        }
    }
}

fn outputs(world: &World, stack: &Stack) -> Result<Vec<StackOutput>, String> {
    let exports = exports(world, &stack.account);
    let scope = stack.scope(&world.region, &exports);
    let mut outputs = Vec::new();
    for (name, output) in &stack.plan.template.outputs {
        let condition = output.condition.as_ref();
        if condition.is_some_and(|condition| stack.plan.conditions.get(condition) != Some(&true)) {
            continue;
        }
        let text = |value: &Value| {
            let value = scope.evaluate(value)?.as_ref().and_then(parameters::scalar_text);
            value.ok_or_else(|| format!("output `{name}` must come to a string"))
        };
        outputs.push(StackOutput {
            key: name.clone(),
            value: text(&output.value)?,
            description: output.description.clone(),
            export: output.export.as_ref().map(&text).transpose()?,
        });
    }
    Ok(outputs)
}

/// A resource failed: the stack goes back to what it was.
pub(super) fn fail(world: &mut World, id: &str, logical_id: &str, reason: String) {
    let now = world.now;
    let Some(stack) = world.cloudformation.stacks.get_mut(id) else {
        return;
    };
    let (verb, noted) = if stack.status == "CREATE_IN_PROGRESS" {
        ("create", "CREATE_FAILED")
    } else {
        ("update", "UPDATE_FAILED")
    };
    stack.note(now, logical_id, noted, Some(reason.clone()));
    stack.failure.get_or_insert_with(|| reason.clone());
    let summary = match logical_id {
        "" => reason,
        name => format!("the following resources failed to {verb}: [{name}]"),
    };
    match stack.status {
        "CREATE_IN_PROGRESS" => {
            stack.turn_to("ROLLBACK_IN_PROGRESS", Some(summary), now);
            stack.doom_all();
            next(world, id, GAP, deletion::delete_next);
        }
        "UPDATE_IN_PROGRESS" => {
            stack.turn_to("UPDATE_ROLLBACK_IN_PROGRESS", Some(summary), now);
            stack.go_back();
            next(world, id, GAP, change_next);
        }
        _ => stack.turn_to("UPDATE_ROLLBACK_FAILED", Some(summary), now),
    }
}

impl Stack {
    /// Every resource is to be deleted, those made last first.
    pub(super) fn doom_all(&mut self) {
        self.changing = None;
        for name in &self.plan.order {
            if let Some(existing) = self.resources.remove(name) {
                self.doomed.push((name.clone(), existing));
            }
        }
    }

    /// The plan from before the update is the one to follow; what was replaced is back in its place.
    fn go_back(&mut self) {
        self.changing = None;
        self.done.clear();
        for (name, old) in std::mem::take(&mut self.doomed) {
            if let Some(new) = self.resources.insert(name.clone(), old) {
                self.doomed.push((name, new));
            }
        }
        if let Some(before) = self.before.take() {
            self.before = Some(std::mem::replace(&mut self.plan, before));
        }
    }
}
