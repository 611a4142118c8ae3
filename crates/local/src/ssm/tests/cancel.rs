use serde_json::{Value, json};

use super::{call, create, document, execution, sleep, start, step, turn, way, world};
use crate::world::World;

fn stop(world: &mut World, id: &str) -> Result<Value, crate::error::ApiError> {
    call(
        world,
        "StopAutomationExecution",
        json!({ "AutomationExecutionId": id, "Type": "Cancel" }),
    )
}

/// A step that waits in vain, with its `onCancel`.
fn waiting(on_cancel: &str) -> Value {
    json!({
        "name": "Wait", "action": "aws:waitForAwsResourceProperty", "onCancel": on_cancel,
        "inputs": { "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account",
            "DesiredValues": ["none"] },
    })
}

/// Cancels a document while its first step runs; the way it took.
fn cancelled(steps: Value) -> Vec<String> {
    let mut world = world();
    create(&mut world, &document(steps)).unwrap();
    let id = start(&mut world);
    turn(&mut world, 60);
    stop(&mut world, &id).unwrap();
    assert_eq!(
        execution(&mut world, &id)["AutomationExecutionStatus"],
        "Cancelling"
    );
    turn(&mut world, 600);
    way(&execution(&mut world, &id))
}

#[test]
fn a_cancelled_execution_runs_nothing_more_by_default() {
    assert_eq!(
        cancelled(json!([sleep("Nap", "PT1H"), step("Next", json!({}))])),
        ["Cancelled", "Nap:Cancelled"]
    );
    assert_eq!(
        cancelled(json!([waiting("Abort"), step("Next", json!({}))])),
        ["Cancelled", "Wait:Cancelled"]
    );
}

#[test]
fn a_cancelled_step_leads_to_the_step_of_its_on_cancel() {
    let steps = json!([
        waiting("step:Clean"),
        step("Next", json!({})),
        step("Clean", json!({})),
        step("Done", json!({}))
    ]);
    assert_eq!(
        cancelled(steps),
        ["Cancelled", "Wait:Cancelled", "Clean:Success", "Done:Success"]
    );
}

#[test]
fn an_execution_is_cancelled_once_and_not_after_its_end() {
    let mut world = world();
    create(&mut world, &document(json!([sleep("Nap", "PT1H")]))).unwrap();
    let id = start(&mut world);
    turn(&mut world, 60);
    stop(&mut world, &id).unwrap();
    stop(&mut world, &id).unwrap();
    turn(&mut world, 60);
    let error = stop(&mut world, &id).unwrap_err();
    assert_eq!(error.code, "InvalidAutomationStatusUpdateException");
    let complete = json!({ "AutomationExecutionId": id, "Type": "Complete" });
    let error = call(&mut world, "StopAutomationExecution", complete).unwrap_err();
    assert!(error.message.contains("Type"), "{error}");
    assert_eq!(
        stop(&mut world, "none").unwrap_err().code,
        "AutomationExecutionNotFoundException"
    );
}

#[test]
fn an_execution_cancelled_before_its_first_step_takes_none() {
    let mut world = world();
    create(&mut world, &document(json!([step("A", json!({}))]))).unwrap();
    let id = start(&mut world);
    stop(&mut world, &id).unwrap();
    turn(&mut world, 60);
    assert_eq!(way(&execution(&mut world, &id)), ["Cancelled"]);
}
