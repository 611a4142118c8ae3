//! Runs an execution, one step at a time, on the world's schedule.
//!
//! An execution has at most one task in the schedule. Each task carries the execution's `turn`; whatever moves the
//! execution on (the end of a step, a cancellation, a signal) raises the turn, so a task that was overtaken does
//! nothing. Where the flow goes after a step is decided in [`super::flow`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::actions::Progress;
use super::describe;
use super::document::Step;
use super::execution::{Execution, Start, Status, StepRun};
use super::flow::{Next, Outcome, after};
use super::reference::resolve;
use super::values::{outputs, value_of};
use crate::world::World;

/// Time from one step to the next.
const STEP_GAP: SignedDuration = SignedDuration::from_secs(1);

/// Time before a failed attempt is repeated, multiplied by the attempts made.
const RETRY: SignedDuration = SignedDuration::from_secs(5);

/// Most time that the steps after a cancellation have (Automation user guide, `onCancel`).
const CANCELLATION: SignedDuration = SignedDuration::from_secs(120);

/// Starts an execution and answers its id.
pub(super) fn start(world: &mut World, start: Start) -> String {
    let id = world.new_uuid();
    let execution = Execution {
        id: id.clone(),
        principal: start.principal,
        executed_by: start.executed_by,
        requested_document: start.requested_document,
        document_name: start.document_name,
        document_version: start.document_version,
        document: start.document,
        given: start.given,
        parameters: start.parameters,
        client_token: start.client_token,
        status: Status::InProgress,
        failure: None,
        started: world.now,
        ended: None,
        steps: Vec::new(),
        outputs: BTreeMap::new(),
        blemish: None,
        turn: 0,
    };
    world.ssm.executions.insert(id.clone(), execution);
    go_to(world, &id, 0);
    id
}

/// Runs `task` after a while, unless the execution has moved on by then.
fn schedule(
    world: &mut World,
    id: &str,
    wait: SignedDuration,
    task: impl FnOnce(&mut World, &str) + Send + 'static,
) {
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    execution.turn += 1;
    let (turn, id) = (execution.turn, id.to_owned());
    world.schedule(wait, move |world| {
        if world
            .ssm
            .executions
            .get(&id)
            .is_some_and(|execution| execution.turn == turn)
        {
            task(world, &id);
        }
    });
}

fn go_to(world: &mut World, id: &str, index: usize) {
    schedule(world, id, STEP_GAP, move |world, id| begin(world, id, index));
}

fn begin(world: &mut World, id: &str, index: usize) {
    let now = world.now;
    let run_id = world.new_uuid();
    let Some(execution) = world.ssm.executions.get(id) else {
        return;
    };
    let document = Arc::clone(&execution.document);
    let Some(step) = document.steps.get(index) else {
        return;
    };
    let inputs = resolve(&Value::Object(step.inputs.clone()), &|reference| {
        value_of(world, execution, reference)
    });
    let (inputs, unresolved) = match inputs {
        Ok(Value::Object(inputs)) => (inputs, None),
        Ok(_) => (Map::new(), None),
        Err(reason) => (step.inputs.clone(), Some(reason)),
    };
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    execution.steps.push(StepRun {
        id: run_id,
        index,
        status: Status::InProgress,
        started: now,
        ended: None,
        inputs,
        outputs: BTreeMap::new(),
        failure: None,
        attempt: 1,
        attempt_started: now,
    });
    match unresolved {
        Some(reason) => finish(world, id, Outcome::Failed(reason)),
        None => perform(world, id),
    }
}

/// Takes the current step's action, or looks how it is going.
fn perform(world: &mut World, id: &str) {
    let now = world.now;
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    let principal = execution.principal.clone();
    let Some((run, document)) = execution.current() else {
        return;
    };
    let Some(step) = document.steps.get(run.index) else {
        return;
    };
    let (inputs, elapsed) = (run.inputs.clone(), now.duration_since(run.attempt_started));
    let progress = step.action.perform(world, &principal, &inputs, elapsed);
    let left = step
        .timeout
        .or_else(|| step.action.default_timeout())
        .map(|timeout| timeout.saturating_sub(elapsed));
    match progress {
        Progress::Done { answer, next } => finish(world, id, Outcome::Success { answer, next }),
        Progress::Failed(reason) => failed(world, id, step, Outcome::Failed(reason)),
        Progress::Again(_) | Progress::Paused if left.is_some_and(|left| !left.is_positive()) => {
            failed(world, id, step, Outcome::TimedOut);
        }
        Progress::Again(wait) => {
            schedule(world, id, left.map_or(wait, |left| left.min(wait)), perform);
        }
        Progress::Paused => {
            set_status(world, id, Status::Waiting);
            schedule(world, id, left.unwrap_or(SignedDuration::MAX), perform);
        }
    }
}

/// Repeats the step while it has attempts left.
fn failed(world: &mut World, id: &str, step: &Step, outcome: Outcome) {
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    let Some((run, _)) = execution.current() else {
        return;
    };
    if run.attempt >= step.max_attempts {
        finish(world, id, outcome);
        return;
    }
    let wait = RETRY.saturating_mul(i32::try_from(run.attempt).unwrap_or(i32::MAX));
    run.attempt += 1;
    schedule(world, id, wait, |world, id| {
        let now = world.now;
        if let Some((run, _)) = world.ssm.executions.get_mut(id).and_then(Execution::current) {
            run.attempt_started = now;
        }
        perform(world, id);
    });
}

/// Ends the current step and goes on from it.
fn finish(world: &mut World, id: &str, outcome: Outcome) {
    let now = world.now;
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    let cancelling = execution.status == Status::Cancelling;
    let Some((run, document)) = execution.current() else {
        return;
    };
    let Some(step) = document.steps.get(run.index) else {
        return;
    };
    let (outcome, outputs) = match outcome {
        Outcome::Success { answer, next } => match outputs(step, &answer) {
            Ok(outputs) => (Outcome::Success { answer, next }, outputs),
            Err(reason) => (Outcome::Failed(reason), BTreeMap::new()),
        },
        other => (other, BTreeMap::new()),
    };
    run.ended = Some(now);
    run.outputs = outputs.clone();
    (run.status, run.failure) = match &outcome {
        Outcome::Success { .. } => (Status::Success, None),
        Outcome::Failed(reason) => (Status::Failed, Some(failure_message(reason))),
        Outcome::TimedOut => {
            let limit = step
                .timeout
                .or_else(|| step.action.default_timeout())
                .unwrap_or_default();
            (
                Status::TimedOut,
                Some(failure_message(&format!(
                    "Step timed out after {} seconds.",
                    limit.as_secs()
                ))),
            )
        }
        Outcome::Cancelled => (Status::Cancelled, None),
    };
    let (index, status, failure) = (run.index, run.status, run.failure.clone());
    for (name, value) in outputs {
        execution.outputs.insert((step.name.clone(), name), value);
    }
    if !cancelling {
        execution.status = Status::InProgress;
    }
    let blemished = matches!(status, Status::Failed | Status::TimedOut) && step.is_critical;
    if blemished && execution.failure.is_none() {
        execution.failure = failure;
        execution.blemish = Some(status);
    }
    describe::emit_step(world, id);
    match after(&document, index, &outcome) {
        Next::Step(index) => go_to(world, id, index),
        Next::End => {
            let blemish = world
                .ssm
                .executions
                .get(id)
                .and_then(|execution| execution.blemish);
            end(world, id, blemish.unwrap_or(Status::Success));
        }
        Next::Abort => end(world, id, status),
    }
}

fn end(world: &mut World, id: &str, status: Status) {
    let now = world.now;
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    execution.status = if execution.status == Status::Cancelling {
        Status::Cancelled
    } else {
        status
    };
    if execution.failure.is_none() && matches!(status, Status::Failed | Status::TimedOut) {
        execution.failure = execution.steps.last().and_then(|run| run.failure.clone());
    }
    execution.ended = Some(now);
    execution.turn += 1;
    describe::emit_execution(world, id);
}

fn set_status(world: &mut World, id: &str, status: Status) {
    if let Some(execution) = world.ssm.executions.get_mut(id) {
        execution.status = status;
    }
}

/// Cancels the current step; its `onCancel` says what still runs before the execution ends as Cancelled.
pub(super) fn cancel(world: &mut World, id: &str) {
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    if execution.status == Status::Cancelling {
        return;
    }
    execution.status = Status::Cancelling;
    let cancelled = id.to_owned();
    world.schedule(CANCELLATION, move |world| cut_off(world, &cancelled));
    let Some(execution) = world.ssm.executions.get(id) else {
        return;
    };
    match execution.steps.last() {
        Some(run) if !run.status.is_final() => {
            schedule(world, id, STEP_GAP, |world, id| {
                finish(world, id, Outcome::Cancelled);
            });
        }
        _ => schedule(world, id, STEP_GAP, |world, id| end(world, id, Status::Cancelled)),
    }
}

/// Ends a cancellation that takes too long, wherever it is.
fn cut_off(world: &mut World, id: &str) {
    let now = world.now;
    let Some(execution) = world.ssm.executions.get_mut(id) else {
        return;
    };
    if execution.status.is_final() {
        return;
    }
    if let Some((run, _)) = execution.current()
        && !run.status.is_final()
    {
        run.status = Status::Cancelled;
        run.ended = Some(now);
        describe::emit_step(world, id);
    }
    end(world, id, Status::Cancelled);
}

/// Ends the current pause.
pub(super) fn resume(world: &mut World, id: &str) {
    set_status(world, id, Status::InProgress);
    schedule(world, id, STEP_GAP, |world, id| {
        finish(
            world,
            id,
            Outcome::Success {
                answer: Value::Null,
                next: None,
            },
        );
    });
}

/// A step's failure message has AWS's frame around the reason; readers have to find the reason inside.
fn failure_message(reason: &str) -> String {
    format!(
        "Step fails when it is Execute/Cancelling action. {reason} \
         Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )
}
