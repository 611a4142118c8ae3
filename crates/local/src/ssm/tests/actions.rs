use serde_json::{Value, json};

use super::{
    HOST, call, count, create, create_notebook, document, execution, failing, failure, run, sleep, start,
    start_with, step, turn, way, world,
};
use crate::error::ApiError;
use crate::iam::role_principal;
use crate::world::{Principal, Service, World};

#[test]
fn a_call_is_made_as_whoever_started_the_execution() {
    let mut world = world();
    let content = document(json!([step(
        "Who",
        json!({ "outputs": [{ "Name": "Arn", "Selector": "$.Arn" }] })
    )]));
    let execution = run(&mut world, &content);
    let arn = format!("arn:aws:iam::{HOST}:root");
    assert_eq!(execution["StepExecutions"][0]["Outputs"]["Arn"], json!([arn]));
    assert_eq!(execution["ExecutedBy"], arn);
}

#[test]
fn a_call_that_is_refused_fails_the_step_with_its_code() {
    let execution = run(&mut world(), &document(json!([failing("A", json!({}))])));
    assert_eq!(way(&execution), ["Failed", "A:Failed"]);
    let message = failure(&execution, "A");
    for part in [
        "(ValidationException)",
        "DescribeNotebookInstance",
        "Automation Service Troubleshooting",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(execution["FailureMessage"], message);
}

#[test]
fn a_call_of_an_unknown_service_fails_the_step() {
    let odd = step("A", json!({ "inputs": { "Service": "pizza", "Api": "Order" } }));
    let execution = run(&mut world(), &document(json!([odd])));
    assert!(failure(&execution, "A").contains("`pizza`"), "{execution}");
}

/// A role, and its session.
fn role(world: &mut World, name: &str, service: &str, actions: Value) -> Principal {
    let root = Principal::root(HOST);
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": service } }] });
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    world.call(&root, Service::Iam, "CreateRole", &input).unwrap();
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] });
    let input = json!({ "RoleName": name, "PolicyName": "p", "PolicyDocument": policy.to_string() });
    world.call(&root, Service::Iam, "PutRolePolicy", &input).unwrap();
    role_principal(world, &format!("arn:aws:iam::{HOST}:role/{name}"), "s").unwrap()
}

#[test]
fn a_call_needs_the_rights_of_the_role_that_started_the_execution() {
    let mut world = world();
    create(&mut world, &document(json!([failing("A", json!({}))]))).unwrap();
    let starter = role(&mut world, "starter", "lambda.amazonaws.com", json!(["ssm:*"]));
    let started = world
        .call(
            &starter,
            Service::Ssm,
            "StartAutomationExecution",
            &json!({ "DocumentName": "Doc" }),
        )
        .unwrap();
    turn(&mut world, 10);
    let execution = execution(&mut world, started["AutomationExecutionId"].as_str().unwrap());
    assert!(
        failure(&execution, "A").contains("(AccessDeniedException)"),
        "{execution}"
    );
}

#[test]
fn the_document_can_name_the_role_to_run_as() {
    let mut world = world();
    let mut content = document(json!([step(
        "Who",
        json!({ "outputs": [{ "Name": "Arn", "Selector": "$.Arn" }] })
    )]));
    content["assumeRole"] = json!("{{ Role }}");
    content["parameters"] = json!({ "Role": { "type": "String", "default": "" } });
    create(&mut world, &content).unwrap();
    role(&mut world, "runner", "ssm.amazonaws.com", json!(["sts:*"]));
    let arn = format!("arn:aws:iam::{HOST}:role/runner");
    let id = start_with(&mut world, json!({ "Role": [arn] })).unwrap();
    turn(&mut world, 10);
    let ran = execution(&mut world, &id);
    let who = ran["StepExecutions"][0]["Outputs"]["Arn"][0].as_str().unwrap();
    assert!(
        who.starts_with(&format!("arn:aws:sts::{HOST}:assumed-role/runner/")),
        "{who}"
    );
    let unknown = start_with(&mut world, json!({ "Role": [format!("{arn}2")] })).unwrap_err();
    assert_eq!(unknown.code, "InvalidAutomationExecutionParametersException");
    assert!(unknown.message.contains("runner2"), "{unknown}");
}

fn notebook_status(action: &str, wanted: Value, properties: Value) -> Value {
    let mut step = json!({
        "name": "Status",
        "action": action,
        "inputs": {
            "Service": "sagemaker", "Api": "DescribeNotebookInstance", "NotebookInstanceName": "n",
            "PropertySelector": "$.NotebookInstanceStatus", "DesiredValues": wanted,
        },
    });
    for (property, value) in properties.as_object().unwrap() {
        step[property] = value.clone();
    }
    step
}

const WAIT: &str = "aws:waitForAwsResourceProperty";
const ASSERT: &str = "aws:assertAwsResourceProperty";

#[test]
fn a_wait_ends_when_the_property_has_one_of_the_values() {
    let mut world = world();
    create_notebook(&mut world);
    let output = json!({ "outputs": [{ "Name": "Url", "Selector": "$.Url" }] });
    create(
        &mut world,
        &document(json!([notebook_status(
            WAIT,
            json!(["Failed", "InService"]),
            output
        )])),
    )
    .unwrap();
    let id = start(&mut world);
    turn(&mut world, 120);
    assert_eq!(
        way(&execution(&mut world, &id)),
        ["InProgress", "Status:InProgress"]
    );
    turn(&mut world, 180);
    let execution = execution(&mut world, &id);
    assert_eq!(way(&execution), ["Success", "Status:Success"]);
    assert_eq!(
        execution["StepExecutions"][0]["Outputs"]["Url"],
        json!(["n.notebook.us-east-1.sagemaker.aws"])
    );
}

#[test]
fn a_wait_that_takes_too_long_is_timed_out() {
    let mut world = world();
    create_notebook(&mut world);
    let limit = json!({ "timeoutSeconds": 100 });
    create(
        &mut world,
        &document(json!([notebook_status(WAIT, json!(["Stopped"]), limit)])),
    )
    .unwrap();
    let id = start(&mut world);
    turn(&mut world, 100);
    assert_eq!(
        way(&execution(&mut world, &id)),
        ["InProgress", "Status:InProgress"]
    );
    turn(&mut world, 10);
    let timed_out = execution(&mut world, &id);
    assert_eq!(way(&timed_out), ["TimedOut", "Status:TimedOut"]);
    assert!(
        failure(&timed_out, "Status").contains("timed out after 100 seconds"),
        "{timed_out}"
    );
}

#[test]
fn a_wait_without_a_limit_of_its_own_takes_an_hour_at_most() {
    let mut world = world();
    create_notebook(&mut world);
    let execution = run(
        &mut world,
        &document(json!([notebook_status(WAIT, json!(["Stopped"]), json!({}))])),
    );
    assert_eq!(way(&execution), ["TimedOut", "Status:TimedOut"]);
    assert!(failure(&execution, "Status").contains("3600"), "{execution}");
}

#[test]
fn a_wait_sits_out_throttling_and_fails_on_any_other_refusal() {
    let mut world = world();
    create_notebook(&mut world);
    turn(&mut world, 600);
    let throttled = ApiError::new("ThrottlingException", "Rate exceeded");
    world
        .faults
        .refuse(Service::SageMaker, "DescribeNotebookInstance", throttled, 3);
    let wait = document(json!([notebook_status(WAIT, json!(["InService"]), json!({}))]));
    assert_eq!(way(&run(&mut world, &wait)), ["Success", "Status:Success"]);
    let id = start(&mut world);
    world.faults.refuse(
        Service::SageMaker,
        "DescribeNotebookInstance",
        ApiError::internal("down"),
        1,
    );
    turn(&mut world, 60);
    let failed = execution(&mut world, &id);
    assert_eq!(way(&failed), ["Failed", "Status:Failed"]);
    assert!(failure(&failed, "Status").contains("InternalFailure"), "{failed}");
}

#[test]
fn a_wait_for_a_property_that_is_missing_or_many_fails() {
    for (selector, named) in [
        ("$.FailureReason", "matches nothing"),
        ("$.SecurityGroups", "a single value"),
    ] {
        let mut world = world();
        create_notebook(&mut world);
        let mut wait = notebook_status(WAIT, json!(["a"]), json!({}));
        wait["inputs"]["PropertySelector"] = json!(selector);
        let execution = run(&mut world, &document(json!([wait])));
        assert_eq!(way(&execution), ["Failed", "Status:Failed"]);
        assert!(failure(&execution, "Status").contains(named), "{execution}");
    }
}

#[test]
fn an_assertion_looks_once() {
    let mut world = world();
    create_notebook(&mut world);
    create(
        &mut world,
        &document(json!([notebook_status(ASSERT, json!(["InService"]), json!({}))])),
    )
    .unwrap();
    let early = start(&mut world);
    turn(&mut world, 600);
    let late = start(&mut world);
    turn(&mut world, 600);
    let failed = execution(&mut world, &early);
    assert_eq!(way(&failed), ["Failed", "Status:Failed"]);
    assert!(
        failure(&failed, "Status").contains("`Pending`, not one of [InService]"),
        "{failed}"
    );
    assert_eq!(way(&execution(&mut world, &late)), ["Success", "Status:Success"]);
    assert_eq!(count(&world, "DescribeNotebookInstance"), 2);
}

#[test]
fn a_branch_leads_to_the_step_of_the_choice_that_holds() {
    let mut content = document(json!([
        { "name": "Choose", "action": "aws:branch", "inputs": {
            "Choices": [
                { "Variable": "{{ Colour }}", "StringEquals": "red", "NextStep": "Red" },
                { "Not": { "Variable": "{{ Colour }}", "StartsWith": "b" }, "NextStep": "Other" },
            ],
            "Default": "Blue",
        } },
        step("Red", json!({ "isEnd": true })),
        step("Blue", json!({ "isEnd": true })),
        step("Other", json!({ "isEnd": true })),
    ]));
    content["parameters"] = json!({ "Colour": { "type": "String" } });
    let mut world = world();
    create(&mut world, &content).unwrap();
    for (colour, taken) in [("red", "Red"), ("blue", "Blue"), ("green", "Other")] {
        let id = start_with(&mut world, json!({ "Colour": [colour] })).unwrap();
        turn(&mut world, 10);
        let expected = [
            "Success".to_owned(),
            "Choose:Success".to_owned(),
            format!("{taken}:Success"),
        ];
        assert_eq!(way(&execution(&mut world, &id)), expected, "{colour}");
    }
}

#[test]
fn a_branch_without_a_match_goes_on_or_ends() {
    let choice = json!([{ "Variable": "a", "StringEquals": "b", "NextStep": "Never" }]);
    let branch = |end: bool| json!({ "name": "Choose", "action": "aws:branch", "isEnd": end, "inputs": { "Choices": choice } });
    let next = step("Next", json!({ "isEnd": true }));
    let never = step("Never", json!({}));
    let went_on = run(&mut world(), &document(json!([branch(false), next, never])));
    assert_eq!(way(&went_on), ["Success", "Choose:Success", "Next:Success"]);
    let ended = run(&mut world(), &document(json!([branch(true), next, never])));
    assert_eq!(way(&ended), ["Success", "Choose:Success"]);
}

#[test]
fn a_sleep_lasts_as_long_or_until_as_late_as_it_says() {
    let until =
        json!({ "name": "Until", "action": "aws:sleep", "inputs": { "Timestamp": "2022-05-26T20:00:00Z" } });
    let mut world = world();
    create(&mut world, &document(json!([sleep("For", "PT10M"), until]))).unwrap();
    let id = start(&mut world);
    turn(&mut world, 590);
    assert_eq!(way(&execution(&mut world, &id)), ["InProgress", "For:InProgress"]);
    turn(&mut world, 20);
    assert_eq!(
        way(&execution(&mut world, &id)),
        ["InProgress", "For:Success", "Until:InProgress"]
    );
    turn(&mut world, 60 * 60);
    let ended = execution(&mut world, &id);
    assert_eq!(way(&ended), ["Success", "For:Success", "Until:Success"]);
    assert_eq!(ended["ExecutionEndTime"], 1_653_595_200.0);
}

#[test]
fn a_pause_waits_for_the_signal_to_resume() {
    let mut world = world();
    create(
        &mut world,
        &document(json!([{ "name": "Hold", "action": "aws:pause", "inputs": {} }, step("A", json!({}))])),
    )
    .unwrap();
    let id = start(&mut world);
    turn(&mut world, 24 * 60 * 60);
    assert_eq!(execution(&mut world, &id)["AutomationExecutionStatus"], "Waiting");
    let signal = |kind: &str| json!({ "AutomationExecutionId": id, "SignalType": kind });
    let error = call(&mut world, "SendAutomationSignal", signal("Approve")).unwrap_err();
    assert_eq!(error.code, "InvalidAutomationSignalException");
    call(&mut world, "SendAutomationSignal", signal("Resume")).unwrap();
    turn(&mut world, 60);
    assert_eq!(
        way(&execution(&mut world, &id)),
        ["Success", "Hold:Success", "A:Success"]
    );
    let error = call(&mut world, "SendAutomationSignal", signal("Resume")).unwrap_err();
    assert_eq!(error.code, "InvalidAutomationSignalException");
}

#[test]
fn a_pause_that_nobody_resumes_is_timed_out() {
    let mut world = world();
    create(
        &mut world,
        &document(json!([{ "name": "Hold", "action": "aws:pause", "inputs": {} }])),
    )
    .unwrap();
    let id = start(&mut world);
    turn(&mut world, 8 * 24 * 60 * 60);
    assert_eq!(way(&execution(&mut world, &id)), ["TimedOut", "Hold:TimedOut"]);
}
