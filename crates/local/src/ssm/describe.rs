//! Executions as answers and events show them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::execution::{Execution, StepRun};
use crate::request::epoch_seconds;
use crate::world::World;

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Outputs are lists of strings in answers: a list has one string per item.
fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map_or_else(|| vec![text(value)], |items| items.iter().map(text).collect())
}

/// `AutomationExecution` of GetAutomationExecution: the steps taken, in order, then the others of the document as
/// Pending.
pub(super) fn execution(execution: &Execution) -> Value {
    let taken = execution.steps.iter().map(|run| step(execution, run));
    let reached = |index: usize| execution.steps.iter().any(|run| run.index == index);
    let pending = execution.document.steps.iter().enumerate().filter(|(index, _)| !reached(*index)).map(|(_, step)| {
        json!({ "StepName": step.name, "Action": step.action.name(), "StepStatus": "Pending" })
    });
    let outputs: BTreeMap<&String, Vec<String>> = execution
        .document
        .outputs
        .iter()
        .filter_map(|name| {
            let (step, output) = name.trim_matches(['{', '}', ' ']).split_once('.')?;
            Some((
                name,
                texts(execution.outputs.get(&(step.to_owned(), output.to_owned()))?),
            ))
        })
        .collect();
    let mut shown = metadata(execution);
    shown["StepExecutions"] = taken.chain(pending).collect();
    shown["StepExecutionsTruncated"] = json!(false);
    shown["Outputs"] = json!(outputs);
    shown["Parameters"] = execution
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), json!(texts(value))))
        .collect::<Map<_, _>>()
        .into();
    shown
}

/// The members that lists of executions show, too.
pub(super) fn metadata(execution: &Execution) -> Value {
    let mut shown = json!({
        "AutomationExecutionId": execution.id,
        "DocumentName": execution.document_name,
        "DocumentVersion": execution.document_version.to_string(),
        "AutomationExecutionStatus": execution.status.name(),
        "ExecutionStartTime": epoch_seconds(execution.started),
        "ExecutedBy": execution.executed_by,
        "Mode": "Auto",
    });
    if let Some(ended) = execution.ended {
        shown["ExecutionEndTime"] = json!(epoch_seconds(ended));
    } else if let Some(run) = execution.steps.last()
        && let Some(step) = execution.document.steps.get(run.index)
    {
        shown["CurrentStepName"] = json!(step.name);
        shown["CurrentAction"] = json!(step.action.name());
    }
    if let Some(failure) = &execution.failure {
        shown["FailureMessage"] = json!(failure);
    }
    shown
}

fn step(execution: &Execution, run: &StepRun) -> Value {
    let Some(step) = execution.document.steps.get(run.index) else {
        return Value::Null;
    };
    let strings = |values: &Map<String, Value>| -> Map<String, Value> {
        values
            .iter()
            .map(|(name, value)| (name.clone(), json!(text(value))))
            .collect()
    };
    let outputs: BTreeMap<_, _> = run
        .outputs
        .iter()
        .map(|(name, value)| (name, texts(value)))
        .collect();
    let mut shown = json!({
        "StepExecutionId": run.id,
        "StepName": step.name,
        "Action": step.action.name(),
        "StepStatus": run.status.name(),
        "ExecutionStartTime": epoch_seconds(run.started),
        "Inputs": strings(&run.inputs),
        "Outputs": outputs,
        "OnFailure": step.on_failure.to_string(),
        "MaxAttempts": step.max_attempts,
        "IsEnd": step.is_end,
        "IsCritical": step.is_critical,
    });
    if let Some(ended) = run.ended {
        shown["ExecutionEndTime"] = json!(epoch_seconds(ended));
    }
    if let Some(timeout) = step.timeout {
        shown["TimeoutSeconds"] = json!(timeout.as_secs());
    }
    if let Some(next) = &step.next_step {
        shown["NextStep"] = json!(next);
    }
    if let Some(failure) = &run.failure {
        shown["FailureMessage"] = json!(failure);
    }
    shown
}

/// A time as Automation writes it in events: `Nov 29, 2016 7:43:25 PM`.
fn event_time(at: Timestamp) -> String {
    at.strftime("%b %-d, %Y %-I:%M:%S %p").to_string()
}

fn event_frame(world: &World, execution: &Execution) -> (Value, Vec<String>) {
    let (region, account) = (&world.region, execution.account());
    let definition = execution
        .document_name
        .rsplit('/')
        .next()
        .unwrap_or(&execution.document_name);
    let detail = json!({
        "ExecutionId": execution.id,
        "Definition": definition,
        "DefinitionVersion": f64::from(execution.document_version),
    });
    let resources = vec![
        format!(
            "arn:aws:ssm:{region}:{account}:automation-execution/{}",
            execution.id
        ),
        format!(
            "arn:aws:ssm:{region}:{account}:automation-definition/{definition}:{}",
            execution.document_version
        ),
    ];
    (detail, resources)
}

fn timed(detail: &mut Value, status: &str, started: Timestamp, ended: Option<Timestamp>) {
    detail["Status"] = json!(status);
    detail["StartTime"] = json!(event_time(started));
    if let Some(ended) = ended {
        detail["EndTime"] = json!(event_time(ended));
        detail["Time"] = json!(ended.duration_since(started).as_secs_f64() * 1000.0);
    }
}

/// `EC2 Automation Step Status-change Notification` for the current step.
pub(super) fn emit_step(world: &mut World, id: &str) {
    let Some(execution) = world.ssm.executions.get(id) else {
        return;
    };
    let Some(run) = execution.steps.last() else { return };
    let Some(step) = execution.document.steps.get(run.index) else {
        return;
    };
    let (mut detail, resources) = event_frame(world, execution);
    timed(&mut detail, run.status.name(), run.started, run.ended);
    detail["StepName"] = json!(step.name);
    detail["Action"] = json!(step.action.name());
    let account = execution.account().to_owned();
    crate::events::emit(
        world,
        &account,
        "aws.ssm",
        "EC2 Automation Step Status-change Notification",
        detail,
        resources,
    );
}

/// `EC2 Automation Execution Status-change Notification` for the execution.
pub(super) fn emit_execution(world: &mut World, id: &str) {
    let Some(execution) = world.ssm.executions.get(id) else {
        return;
    };
    let (mut detail, resources) = event_frame(world, execution);
    timed(
        &mut detail,
        execution.status.name(),
        execution.started,
        execution.ended,
    );
    detail["ExecutedBy"] = json!(execution.executed_by);
    let account = execution.account().to_owned();
    crate::events::emit(
        world,
        &account,
        "aws.ssm",
        "EC2 Automation Execution Status-change Notification",
        detail,
        resources,
    );
}
