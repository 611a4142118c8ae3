use serde_json::{Value, json};

use super::{HOST, call, create, document, execution, failing, sleep, start, start_with, step, turn, world};
use crate::error::ApiError;
use crate::world::World;

fn start_token(world: &mut World, token: &str, parameters: Value) -> Result<Value, ApiError> {
    let input = json!({ "DocumentName": "Doc", "ClientToken": token, "Parameters": parameters });
    call(world, "StartAutomationExecution", input)
}

#[test]
fn a_client_token_starts_one_execution_only() {
    let mut world = world();
    let mut content = document(json!([step("A", json!({}))]));
    content["parameters"] = json!({ "P": { "type": "String", "default": "d" } });
    create(&mut world, &content).unwrap();
    let token = "7e26c4b0-9bcb-4b67-8f0e-2f9a6b9d1f34";
    let first = start_token(&mut world, token, json!({})).unwrap();
    turn(&mut world, 600);
    assert_eq!(start_token(&mut world, token, json!({})).unwrap(), first);
    let other = start_token(&mut world, token, json!({ "P": ["x"] })).unwrap_err();
    assert_eq!(other.code, "IdempotentParameterMismatch");
    let second = start_token(&mut world, "0a2b6a56-6a1f-4a39-9ad7-0a5bd8c8c7d1", json!({})).unwrap();
    assert_ne!(second, first);
    let malformed = start_token(&mut world, "token", json!({})).unwrap_err();
    assert!(malformed.message.contains("`token`"), "{malformed}");
}

#[test]
fn an_account_runs_100_automations_at_a_time() {
    let mut world = world();
    create(&mut world, &document(json!([sleep("A", "PT1H")]))).unwrap();
    for _ in 0..100 {
        start(&mut world);
    }
    let error = start_with(&mut world, json!({})).unwrap_err();
    assert_eq!(error.code, "AutomationExecutionLimitExceededException");
    turn(&mut world, 2 * 60 * 60);
    start(&mut world);
}

#[test]
fn a_document_that_does_not_exist_and_a_mode_that_is_not_known_are_refused() {
    let mut world = world();
    let error = call(
        &mut world,
        "StartAutomationExecution",
        json!({ "DocumentName": "None" }),
    )
    .unwrap_err();
    assert_eq!(error.code, "AutomationDefinitionNotFoundException");
    create(&mut world, &document(json!([step("A", json!({}))]))).unwrap();
    let input = json!({ "DocumentName": "Doc", "Mode": "Interactive" });
    let error = call(&mut world, "StartAutomationExecution", input).unwrap_err();
    assert!(error.message.contains("Mode"), "{error}");
    let error = call(&mut world, "DeregisterManagedInstance", json!({})).unwrap_err();
    assert_eq!(error.code, "UnknownOperationException");
}

#[test]
fn an_execution_shows_where_it_is_and_the_steps_to_come() {
    let mut world = world();
    let waits = json!({ "name": "Nap", "action": "aws:sleep", "timeoutSeconds": 900, "inputs": { "Duration": "PT10M" },
        "nextStep": "Last" });
    create(
        &mut world,
        &document(json!([step("First", json!({})), waits, step("Last", json!({}))])),
    )
    .unwrap();
    let id = start(&mut world);
    turn(&mut world, 60);
    let shown = execution(&mut world, &id);
    assert_eq!(shown["AutomationExecutionStatus"], "InProgress");
    assert_eq!(
        (&shown["CurrentStepName"], &shown["CurrentAction"]),
        (&json!("Nap"), &json!("aws:sleep"))
    );
    assert_eq!(shown["StepExecutionsTruncated"], false);
    assert!(
        shown.get("ExecutionEndTime").is_none() && shown.get("FailureMessage").is_none(),
        "{shown}"
    );
    let steps = shown["StepExecutions"].as_array().unwrap();
    let statuses: Vec<_> = steps
        .iter()
        .map(|step| step["StepStatus"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["Success", "InProgress", "Pending"]);
    assert_eq!(
        (
            &steps[1]["Inputs"],
            &steps[1]["TimeoutSeconds"],
            &steps[1]["NextStep"],
            &steps[1]["OnFailure"]
        ),
        (
            &json!({ "Duration": "PT10M" }),
            &json!(900),
            &json!("Last"),
            &json!("Abort")
        )
    );
    assert_eq!(
        (
            &steps[1]["MaxAttempts"],
            &steps[1]["IsCritical"],
            &steps[1]["IsEnd"]
        ),
        (&json!(1), &json!(true), &json!(false))
    );
    turn(&mut world, 600);
    let ended = execution(&mut world, &id);
    assert!(
        ended.get("CurrentStepName").is_none() && ended["ExecutionEndTime"].is_f64(),
        "{ended}"
    );
    let error = call(
        &mut world,
        "GetAutomationExecution",
        json!({ "AutomationExecutionId": "none" }),
    )
    .unwrap_err();
    assert_eq!(error.code, "AutomationExecutionNotFoundException");
}

#[test]
fn executions_are_listed_newest_first_and_filtered() {
    let mut world = world();
    create(&mut world, &document(json!([failing("A", json!({}))]))).unwrap();
    let older = start(&mut world);
    turn(&mut world, 60);
    let newer = start(&mut world);
    let mut ids = |filters: Value| -> Result<Vec<String>, ApiError> {
        let listed = call(
            &mut world,
            "DescribeAutomationExecutions",
            json!({ "Filters": filters }),
        )?;
        let list = listed["AutomationExecutionMetadataList"]
            .as_array()
            .unwrap()
            .clone();
        let id = |shown: &Value| shown["AutomationExecutionId"].as_str().unwrap().to_owned();
        Ok(list.iter().map(id).collect())
    };
    let filter = |key: &str, value: &str| json!([{ "Key": key, "Values": [value] }]);
    assert_eq!(ids(json!([])).unwrap(), [newer.clone(), older.clone()]);
    assert_eq!(
        ids(filter("ExecutionStatus", "Failed")).unwrap(),
        [older.as_str()]
    );
    assert_eq!(ids(filter("ExecutionId", &newer)).unwrap(), [newer]);
    assert_eq!(
        ids(filter("DocumentNamePrefix", "Other")).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(ids(filter("Colour", "red")).unwrap_err().code, "InvalidFilterKey");
}

#[test]
fn every_end_of_a_step_and_of_an_execution_is_an_event() {
    let mut world = world();
    create(
        &mut world,
        &document(json!([step("A", json!({})), failing("B", json!({}))])),
    )
    .unwrap();
    let id = start(&mut world);
    turn(&mut world, 60);
    let events: Vec<Value> = world.events(HOST).map(|seen| seen.event.clone()).collect();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let detail = &event["detail"];
            assert_eq!(
                (&event["source"], &detail["ExecutionId"]),
                (&json!("aws.ssm"), &json!(id))
            );
            assert_eq!(
                (&detail["Definition"], &detail["DefinitionVersion"]),
                (&json!("Doc"), &json!(1.0))
            );
            (
                event["detail-type"].as_str().unwrap(),
                detail["StepName"].as_str(),
                detail["Status"].as_str().unwrap(),
            )
        })
        .collect();
    let of_step = "EC2 Automation Step Status-change Notification";
    let of_execution = "EC2 Automation Execution Status-change Notification";
    assert_eq!(
        told,
        [
            (of_step, Some("A"), "Success"),
            (of_step, Some("B"), "Failed"),
            (of_execution, None, "Failed")
        ]
    );
    let last = &events[2];
    assert_eq!(last["detail"]["StartTime"], "May 26, 2022 7:21:11 PM");
    assert_eq!(last["detail"]["EndTime"], "May 26, 2022 7:21:13 PM");
    assert_eq!(last["detail"]["Time"], 2000.0);
    assert_eq!(
        last["resources"][0],
        format!("arn:aws:ssm:us-east-1:{HOST}:automation-execution/{id}")
    );
}
