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

#[test]
fn a_cancellation_is_cut_off_after_two_minutes() {
    let mut clean = waiting("Abort");
    clean["name"] = json!("Clean");
    let steps = json!([waiting("step:Clean"), clean, step("Next", json!({}))]);
    let mut world = world();
    create(&mut world, &document(steps)).unwrap();
    let id = start(&mut world);
    turn(&mut world, 60);
    stop(&mut world, &id).unwrap();
    turn(&mut world, 119);
    assert_eq!(
        way(&execution(&mut world, &id)),
        ["Cancelling", "Wait:Cancelled", "Clean:InProgress"]
    );
    turn(&mut world, 2);
    assert_eq!(
        way(&execution(&mut world, &id)),
        ["Cancelled", "Wait:Cancelled", "Clean:Cancelled"]
    );
}

#[test]
fn a_pause_after_a_cancellation_is_refused_when_the_document_is_created() {
    let pause = json!({ "name": "Clean", "action": "aws:pause", "inputs": {} });
    for barred in [sleep("Clean", "PT1S"), pause] {
        let error = create(
            &mut world(),
            &document(json!([waiting("step:Clean"), barred.clone()])),
        )
        .unwrap_err();
        assert_eq!(error.code, "InvalidDocumentContent");
        let action = barred["action"].as_str().unwrap();
        assert!(
            error.message.contains("onCancel") && error.message.contains(action),
            "{error}"
        );
    }
    let error = create(&mut world(), &document(json!([waiting("Continue")]))).unwrap_err();
    assert!(error.message.contains("onCancel `Continue`"), "{error}");
}
