//! Runs an execution, one step at a time, on the world's schedule.
//!
//! An execution has at most one task in the schedule. Each task carries the execution's `turn`; whatever moves the
//! execution on (the end of a step, a cancellation, a signal) raises the turn, so a task that was overtaken does
//! nothing. Where the flow goes after a step is decided by the pure [`after`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::actions::Progress;
use super::describe;
use super::document::{Detour, Document, Step};
use super::reference::{Reference, Variable, resolve};
use crate::world::{Principal, World};

/// Time from one step to the next.
const STEP_GAP: SignedDuration = SignedDuration::from_secs(1);

/// Time before a failed attempt is repeated, multiplied by the attempts made.
const RETRY: SignedDuration = SignedDuration::from_secs(5);

/// Most time that the steps after a cancellation have (Automation user guide, `onCancel`).
const CANCELLATION: SignedDuration = SignedDuration::from_secs(120);

/// Status of an execution or a step, as AWS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Waiting,
    Success,
    Failed,
    TimedOut,
    Cancelling,
    Cancelled,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Waiting => "Waiting",
            Self::Success => "Success",
            Self::Failed => "Failed",
            Self::TimedOut => "TimedOut",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
        }
    }

    pub(super) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Success | Self::Failed | Self::TimedOut | Self::Cancelled
        )
    }
}

/// What an execution is started with.
pub(super) struct Start {
    pub(super) principal: Principal,
    pub(super) executed_by: String,
    pub(super) requested_document: String,
    pub(super) document_name: String,
    pub(super) document_version: u32,
    pub(super) document: Arc<Document>,
    pub(super) given: BTreeMap<String, Vec<String>>,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) client_token: Option<String>,
}

/// One execution of a document.
pub(super) struct Execution {
    pub(super) id: String,
    /// Who every call is made as.
    pub(super) principal: Principal,
    pub(super) executed_by: String,
    pub(super) requested_document: String,
    pub(super) document_name: String,
    pub(super) document_version: u32,
    pub(super) document: Arc<Document>,
    /// Parameters as the request had them.
    pub(super) given: BTreeMap<String, Vec<String>>,
    /// Parameters as values, defaults included.
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) client_token: Option<String>,
    pub(super) status: Status,
    pub(super) failure: Option<String>,
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// The steps taken so far, in order; the last is the current one.
    pub(super) steps: Vec<StepRun>,
    /// Outputs of the steps, by step and name.
    pub(super) outputs: BTreeMap<(String, String), Value>,
    /// Failure of a critical step from which the flow went on.
    blemish: Option<Status>,
    turn: u64,
}

/// One step as it was taken.
pub(super) struct StepRun {
    pub(super) id: String,
    /// Place in the document.
    pub(super) index: usize,
    pub(super) status: Status,
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) inputs: Map<String, Value>,
    pub(super) outputs: BTreeMap<String, Value>,
    pub(super) failure: Option<String>,
    attempt: u32,
    attempt_started: Timestamp,
}

impl Execution {
    pub(super) fn account(&self) -> &str {
        &self.principal.account
    }

    fn current(&mut self) -> Option<(&mut StepRun, Arc<Document>)> {
        let document = Arc::clone(&self.document);
        self.steps.last_mut().map(|run| (run, document))
    }
}

/// How a step ended.
#[derive(Debug, PartialEq)]
enum Outcome {
    Success { answer: Value, next: Option<String> },
    Failed(String),
    TimedOut,
    Cancelled,
}

/// Where the flow goes.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Step(usize),
    End,
    /// The flow is broken off; the step's own status is the execution's.
    Abort,
}

/// The step after `index`, by the step's end.
fn after(document: &Document, index: usize, outcome: &Outcome) -> Next {
    let Some(step) = document.steps.get(index) else {
        return Next::End;
    };
    let named = |name: &str| document.position(name).map_or(Next::End, Next::Step);
    let onward = || match &step.next_step {
        _ if step.is_end => Next::End,
        Some(name) => named(name),
        None if index + 1 < document.steps.len() => Next::Step(index + 1),
        None => Next::End,
    };
    let detour = |detour: &Detour| match detour {
        Detour::Abort => Next::Abort,
        Detour::Continue => onward(),
        Detour::Step(name) => named(name),
    };
    match outcome {
        Outcome::Success { next: Some(name), .. } => named(name),
        Outcome::Success { next: None, .. } => onward(),
        // An end is an end whether the step succeeded or failed (Automation user guide, `isEnd`).
        Outcome::Failed(_) | Outcome::TimedOut if step.is_end => match step.on_failure {
            Detour::Abort => Next::Abort,
            Detour::Continue | Detour::Step(_) => Next::End,
        },
        Outcome::Failed(_) | Outcome::TimedOut => detour(&step.on_failure),
        Outcome::Cancelled => detour(&step.on_cancel),
    }
}

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
                finish(world, id, Outcome::Cancelled)
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
        )
    });
}

fn outputs(step: &Step, answer: &Value) -> Result<BTreeMap<String, Value>, String> {
    let mut values = BTreeMap::new();
    for output in &step.outputs {
        let found = output.selector.select(answer).ok_or_else(|| {
            format!(
                "selector `{}` of output `{}` matches nothing in the answer",
                output.selector, output.name
            )
        })?;
        let value = output.kind.convert(&found).ok_or_else(|| {
            format!(
                "selector `{}` of output `{}` leads to no {:?}",
                output.selector, output.name, output.kind
            )
        })?;
        values.insert(output.name.clone(), value);
    }
    Ok(values)
}

/// A step's failure message has AWS's frame around the reason; readers have to find the reason inside.
fn failure_message(reason: &str) -> String {
    format!(
        "Step fails when it is Execute/Cancelling action. {reason} \
         Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )
}

fn value_of(world: &World, execution: &Execution, reference: &Reference) -> Result<Value, String> {
    match reference {
        Reference::Output { step, output } => execution
            .outputs
            .get(&(step.clone(), output.clone()))
            .cloned()
            .ok_or_else(|| format!("`{step}.{output}` has no value: the step has not succeeded")),
        Reference::Variable(Variable::ExecutionId) => Ok(json!(execution.id)),
        other => parameter_or_variable(world, execution.account(), &execution.parameters, other),
    }
}

/// What a reference stands for before any step has run.
///
/// # Errors
/// A reference that has no value by then.
pub(super) fn parameter_or_variable(
    world: &World,
    account: &str,
    parameters: &BTreeMap<String, Value>,
    reference: &Reference,
) -> Result<Value, String> {
    Ok(match reference {
        Reference::Parameter(name) => parameters
            .get(name)
            .cloned()
            .ok_or_else(|| format!("parameter `{name}` has no value"))?,
        Reference::Variable(Variable::AccountId) => json!(account),
        Reference::Variable(Variable::Region) => json!(world.region),
        Reference::Variable(Variable::Partition) => json!("aws"),
        Reference::Variable(Variable::Date) => json!(world.now.strftime("%Y-%m-%d").to_string()),
        Reference::Variable(Variable::DateTime) => json!(world.now.strftime("%Y-%m-%d_%H.%M.%S").to_string()),
        Reference::Variable(Variable::ExecutionId) | Reference::Output { .. } => {
            return Err("only parameters and global variables have a value here".to_owned());
        }
    })
}
