use serde_json::{Value, json};

use super::{count, document, failing, run, step, way, world};
use crate::error::ApiError;
use crate::world::Service;

/// The way a document of these steps takes.
fn taken(steps: Value) -> Vec<String> {
    way(&run(&mut world(), &document(steps)))
}

#[test]
fn steps_follow_each_other_unless_the_next_is_named() {
    let plain = json!([step("A", json!({})), step("B", json!({}))]);
    assert_eq!(taken(plain), ["Success", "A:Success", "B:Success"]);
    let jump = json!([
        step("A", json!({ "nextStep": "C" })),
        step("B", json!({})),
        step("C", json!({}))
    ]);
    assert_eq!(taken(jump), ["Success", "A:Success", "C:Success"]);
    let end = json!([step("A", json!({ "isEnd": true })), step("B", json!({}))]);
    assert_eq!(taken(end), ["Success", "A:Success"]);
    let quoted = json!([step("A", json!({ "isEnd": "true" })), step("B", json!({}))]);
    assert_eq!(taken(quoted), ["Success", "A:Success"]);
}

#[test]
fn a_failure_breaks_the_execution_off_by_default() {
    for abort in [
        json!({}),
        json!({ "onFailure": "Abort" }),
        json!({ "onFailure": "Abort", "isCritical": false }),
    ] {
        let steps = json!([failing("A", abort), step("B", json!({}))]);
        assert_eq!(taken(steps), ["Failed", "A:Failed"]);
    }
}

#[test]
fn a_failure_that_may_happen_leaves_the_execution_successful() {
    let steps = json!([
        failing("A", json!({ "onFailure": "Continue" })),
        step("B", json!({}))
    ]);
    assert_eq!(taken(steps), ["Success", "A:Failed", "B:Success"]);
    let jump = json!({ "onFailure": "Continue", "nextStep": "C" });
    let steps = json!([failing("A", jump), step("B", json!({})), step("C", json!({}))]);
    assert_eq!(taken(steps), ["Success", "A:Failed", "C:Success"]);
}

#[test]
fn a_critical_failure_fails_the_execution_even_if_it_goes_on() {
    let steps = json!([
        failing("A", json!({ "onFailure": "Continue", "isCritical": true })),
        step("B", json!({}))
    ]);
    assert_eq!(taken(steps), ["Failed", "A:Failed", "B:Success"]);
    let steps = json!([
        failing("A", json!({ "onFailure": "step:C" })),
        step("B", json!({})),
        step("C", json!({}))
    ]);
    assert_eq!(taken(steps), ["Failed", "A:Failed", "C:Success"]);
}

#[test]
fn a_failure_that_leads_to_a_step_and_is_not_critical_leaves_the_execution_successful() {
    let detour = json!({ "onFailure": "step:C", "isCritical": false });
    let steps = json!([failing("A", detour), step("B", json!({})), step("C", json!({}))]);
    assert_eq!(taken(steps), ["Success", "A:Failed", "C:Success"]);
}

#[test]
fn an_end_is_an_end_whether_its_step_succeeds_or_fails() {
    let end = json!({ "isEnd": true, "onFailure": "step:B" });
    assert_eq!(
        taken(json!([failing("A", end), step("B", json!({}))])),
        ["Failed", "A:Failed"]
    );
    let end = json!({ "isEnd": true, "onFailure": "Continue" });
    assert_eq!(
        taken(json!([failing("A", end), step("B", json!({}))])),
        ["Success", "A:Failed"]
    );
}

#[test]
fn a_step_is_repeated_until_its_attempts_are_used_up() {
    let mut world = world();
    let content = document(json!([step("A", json!({ "maxAttempts": 3 }))]));
    world
        .faults
        .refuse(Service::Sts, "GetCallerIdentity", ApiError::internal("down"), 2);
    assert_eq!(way(&run(&mut world, &content)), ["Success", "A:Success"]);
    assert_eq!(count(&world, "GetCallerIdentity"), 3);
    world.forget_calls();
    world
        .faults
        .refuse(Service::Sts, "GetCallerIdentity", ApiError::internal("down"), 3);
    let id = super::start(&mut world);
    super::turn(&mut world, 600);
    assert_eq!(way(&super::execution(&mut world, &id)), ["Failed", "A:Failed"]);
    assert_eq!(count(&world, "GetCallerIdentity"), 3);
}

#[test]
fn the_time_limit_holds_for_each_attempt() {
    let wait = json!({
        "name": "A", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": 60, "maxAttempts": 2,
        "inputs": { "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account",
            "DesiredValues": ["none"] },
    });
    let execution = run(&mut world(), &document(json!([wait])));
    assert_eq!(way(&execution), ["TimedOut", "A:TimedOut"]);
    let of = |member: &str| execution[member].as_f64().unwrap();
    let lasted = of("ExecutionEndTime") - of("ExecutionStartTime");
    assert!((120.0..140.0).contains(&lasted), "{lasted}");
}

#[test]
fn a_time_out_leads_where_a_failure_leads() {
    let wait = json!({
        "name": "A", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": 60, "onFailure": "step:C",
        "inputs": { "Service": "sts", "Api": "GetCallerIdentity", "PropertySelector": "$.Account",
            "DesiredValues": ["none"] },
    });
    let steps = json!([wait, step("B", json!({})), step("C", json!({}))]);
    assert_eq!(taken(steps), ["TimedOut", "A:TimedOut", "C:Success"]);
}
