//! The promises of status and trust, each test with its promise's number.

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_core::environment::Environment;
use workbench_core::status::transition::Operation;
use workbench_local::{ApiError, Method, Service};
use workbench_tests::Stage;

fn refuse(stage: &Stage, service: Service, operation: &str, error: &ApiError, times: u32) {
    stage
        .workbench
        .aws
        .world()
        .faults
        .refuse(service, operation, error.clone(), times);
}

fn lose_answer(stage: &Stage, service: Service, operation: &str, times: u32) {
    stage
        .workbench
        .aws
        .world()
        .faults
        .lose_answer(service, operation, times);
}

/// More often than a document or a client tries.
const ALWAYS: u32 = 9;

#[tokio::test]
async fn f01_wait_timeout_ends_in_failed() {
    let stage = Stage::new().await;
    stage.workbench.aws.world().faults.provisioning_takes = Some(SignedDuration::from_hours(2));
    let id = stage.launch().await;
    assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
    let failed = stage.get(&id).await;
    assert_eq!(failed["error"]["type"], "LAUNCH");
    assert!(
        failed["provisionedProductId"]
            .as_str()
            .unwrap()
            .starts_with("pp-")
    );
    stage.settle().await;
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f02_a_refused_provision_product_ends_in_failed_with_the_reason() {
    let stage = Stage::new().await;
    let error = ApiError::new("InvalidParametersException", "no such path");
    refuse(
        &stage,
        Service::ServiceCatalog,
        "ProvisionProduct",
        &error,
        ALWAYS,
    );
    let id = stage.launch().await;
    assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
    let failed = stage.get(&id).await;
    assert!(
        failed["error"]["value"]
            .as_str()
            .unwrap()
            .contains("no such path"),
        "{failed}"
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(stage.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn f03_failure_text_of_any_content_survives() {
    let nasty = "it said: \"no\\way\"\n\tünïcödé 日本 {{ Launch.RecordId }} ${x} </a> \u{7}".to_owned();
    for text in [nasty.clone(), nasty.repeat(8_000 / nasty.len())] {
        let stage = Stage::new().await;
        stage.workbench.aws.world().faults.provisioning_failure = Some(text.clone());
        let id = stage.launch().await;
        stage.reach(&id, "FAILED").await;
        let shown = stage.get(&id).await;
        assert!(
            shown["error"]["value"].as_str().unwrap().contains(&text),
            "{}",
            shown["error"]
        );
    }
}

#[tokio::test]
async fn f05_failed_is_stored_with_the_product_and_the_reason() {
    let stage = Stage::new().await;
    stage.workbench.aws.world().faults.provisioning_failure = Some("no capacity".into());
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    let failed = stage.get(&id).await;
    assert!(
        failed["provisionedProductId"]
            .as_str()
            .unwrap()
            .starts_with("pp-")
    );
    assert!(failed["error"]["value"].as_str().unwrap().contains("no capacity"));
}

#[tokio::test]
async fn f06_a_failed_launch_can_be_terminated() {
    let stage = Stage::new().await;
    stage.workbench.aws.world().faults.provisioning_failure = Some("no capacity".into());
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    assert_eq!(stage.products(), 1);
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(
        stage.reach(&id, "TERMINATED").await,
        ["TERMINATING", "TERMINATED"]
    );
    assert_eq!(stage.products(), 0);
}

/// The events of a launch, none of which was delivered.
async fn launch_unheard(stage: &Stage) -> (String, Vec<Value>) {
    let id = stage.launch().await;
    let events = stage.settle_unheard().await;
    assert_eq!(stage.status(&id).await, "PENDING");
    assert!(events.len() > 1, "{events:?}");
    (id, events)
}

#[tokio::test]
async fn f07_events_count_in_whatever_order_and_number_they_come() {
    let stage = Stage::new().await;
    let (id, events) = launch_unheard(&stage).await;
    let backwards: Vec<Value> = events.iter().rev().chain(&events).cloned().collect();
    for event in backwards {
        assert!(stage.workbench.report(&event).await, "{event}");
    }
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert!(stage.row(&id).await.instance.is_some());
}

#[tokio::test]
async fn f07_a_stop_that_is_heard_before_the_end_of_the_launch_is_not_lost() {
    let stage = Stage::new().await;
    let (id, events) = launch_unheard(&stage).await;
    // Somebody stops the notebook in the console, and only that is heard at first.
    let notebook = events
        .iter()
        .find(|event| event["source"] == "aws.sagemaker")
        .unwrap()["detail"]["NotebookInstanceName"]
        .clone();
    let root = workbench_local::Principal::root(&stage.workbench.hosting.account);
    let stop = json!({ "NotebookInstanceName": notebook });
    stage
        .workbench
        .aws
        .world()
        .call(&root, Service::SageMaker, "StopNotebookInstance", &stop)
        .unwrap();
    let later = stage.settle_unheard().await;
    for event in later.iter().chain(&events) {
        assert!(stage.workbench.report(event).await, "{event}");
    }
    assert_eq!(stage.status(&id).await, "STOPPED");
}

#[tokio::test]
async fn f08_an_old_report_changes_nothing_that_is_newer() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let seen: Vec<Value> = {
        let world = stage.workbench.aws.world();
        world
            .events(&stage.workbench.main.account)
            .map(|event| event.event.clone())
            .collect()
    };
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    let before = stage.row(&id).await;
    for event in seen {
        assert!(stage.workbench.report(&event).await);
    }
    assert_eq!(stage.row(&id).await, before);
}

#[tokio::test]
async fn f09_of_two_writers_with_the_same_knowledge_one_writes() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let known = stage.row(&id).await;
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    let late = known.intend(Operation::Terminate, stage.workbench.cloud.now());
    let entry = workbench_aws::table::Entry {
        from: known.status(),
        to: late.status(),
        cause: "a test".into(),
        source_id: None,
        at: stage.workbench.cloud.now(),
        reason: None,
    };
    let written = stage
        .workbench
        .cloud
        .table()
        .update_environment(&known, &late, &entry)
        .await
        .unwrap();
    assert_eq!(written, workbench_aws::table::Updated::Stale);
    assert_eq!(stage.status(&id).await, "STOPPING");
}

#[tokio::test]
async fn f10_the_intent_is_written_before_aws_is_called() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.workbench.aws.world().forget_calls();
    stage.act(&id, "stop").await;
    let called: Vec<String> = stage
        .workbench
        .aws
        .world()
        .calls()
        .iter()
        .map(|call| call.operation.clone())
        .collect();
    let position = |operation: &str| called.iter().position(|call| call == operation).unwrap();
    assert!(
        position("TransactWriteItems") < position("StopNotebookInstance"),
        "{called:?}"
    );
}

#[tokio::test]
async fn f10_what_aws_refuses_goes_back_with_the_reason() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let error = ApiError::new(
        "AccessDeniedException",
        "not allowed to arn:aws:iam::1:role/x here",
    );
    refuse(&stage, Service::SageMaker, "StopNotebookInstance", &error, 1);
    assert_eq!(stage.act(&id, "stop").await.status, 502);
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "COMPLETED");
    assert_eq!(shown["error"]["type"], "STOP");
    assert!(
        shown["error"]["value"]
            .as_str()
            .unwrap()
            .ends_with("not allowed to [hidden] here"),
        "{shown}"
    );
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    stage.reach(&id, "STOPPED").await;
    assert_eq!(stage.get(&id).await.get("error"), None);
}

#[tokio::test]
async fn f10_a_request_that_was_cut_off_is_taken_up_when_it_is_repeated() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    refuse(
        &stage,
        Service::SageMaker,
        "StopNotebookInstance",
        &ApiError::internal("crashed"),
        3,
    );
    assert_eq!(stage.act(&id, "stop").await.status, 503);
    assert_eq!(stage.status(&id).await, "STOPPING");
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    assert_eq!(stage.reach(&id, "STOPPED").await, ["STOPPING", "STOPPED"]);
    let starts = stage.act(&id, "start").await;
    assert_eq!(starts.status, 204);
    stage.reach(&id, "COMPLETED").await;
    refuse(
        &stage,
        Service::Ssm,
        "StartAutomationExecution",
        &ApiError::internal("crashed"),
        3,
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 503);
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
}

#[tokio::test]
async fn f11_one_request_one_product_wherever_an_answer_is_lost() {
    for (service, operation) in [
        (Service::DynamoDb, "TransactWriteItems"),
        (Service::DynamoDb, "BatchGetItem"),
        (Service::Sts, "AssumeRole"),
        (Service::ServiceCatalog, "ListLaunchPaths"),
        (Service::Ssm, "StartAutomationExecution"),
    ] {
        for times in [1, 3] {
            let stage = Stage::new().await;
            lose_answer(&stage, service, operation, times);
            let first = stage
                .post_with_key("/environments", stage.launch_body(), "once")
                .await;
            let again = stage
                .post_with_key("/environments", stage.launch_body(), "once")
                .await;
            let context = format!(
                "{operation} lost {times} times: {} then {}",
                first.status, again.status
            );
            assert_eq!(again.status, 201, "{context}");
            let id = again.body["id"].as_str().unwrap();
            if first.status == 201 {
                assert_eq!(first.body["id"], id, "{context}");
            }
            stage.reach(id, "COMPLETED").await;
            stage.settle().await;
            assert_eq!(stage.products(), 1, "{context}");
            let list = stage.as_admin(Method::GET, "/environments", None).await;
            assert_eq!(list.body["data"].as_array().unwrap().len(), 1, "{context}");
        }
    }
}

#[tokio::test]
async fn f11_a_document_that_repeats_its_call_provisions_once() {
    let stage = Stage::new().await;
    lose_answer(&stage, Service::ServiceCatalog, "ProvisionProduct", 2);
    let id = stage.launch_completed().await;
    assert_eq!(stage.products(), 1);
    lose_answer(&stage, Service::ServiceCatalog, "TerminateProvisionedProduct", 2);
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f11_a_key_belongs_to_one_request() {
    let stage = Stage::new().await;
    let first = stage
        .post_with_key("/environments", stage.launch_body(), "k1")
        .await;
    assert_eq!(first.status, 201);
    let mut other = stage.launch_body();
    other["name"] = json!("another");
    assert_eq!(
        stage
            .post_with_key("/environments", other.clone(), "k1")
            .await
            .status,
        422
    );
    let second = stage.post_with_key("/environments", other, "k2").await;
    assert_eq!(second.status, 201);
    assert_ne!(first.body["id"], second.body["id"]);
}

#[tokio::test]
async fn f12_a_refused_terminate_ends_in_terminating_failed_and_works_again() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let error = ApiError::new("ValidationException", "under change");
    // As often as the document tries.
    refuse(
        &stage,
        Service::ServiceCatalog,
        "TerminateProvisionedProduct",
        &error,
        3,
    );
    stage.act(&id, "terminate").await;
    assert_eq!(
        stage.reach(&id, "TERMINATING_FAILED").await,
        ["TERMINATING", "TERMINATING_FAILED"]
    );
    let failed = stage.get(&id).await;
    assert_eq!(failed["error"]["type"], "TERMINATE");
    assert!(
        failed["error"]["value"]
            .as_str()
            .unwrap()
            .contains("under change"),
        "{failed}"
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.get(&id).await.get("error"), None);
}

#[tokio::test]
async fn f25_a_restart_shows_starting_until_it_runs_and_unknown_statuses_change_nothing() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    stage.act(&id, "start").await;
    assert_eq!(stage.reach(&id, "COMPLETED").await, ["STARTING", "COMPLETED"]);
    let mut event = {
        let world = stage.workbench.aws.world();
        let last = world
            .events(&stage.workbench.main.account)
            .filter(|event| event.event["source"] == "aws.sagemaker")
            .last();
        last.unwrap().event.clone()
    };
    event["detail"]["NotebookInstanceStatus"] = json!("Updating");
    event["detail"]["LastModifiedTime"] =
        json!(event["detail"]["LastModifiedTime"].as_i64().unwrap() + 1_000);
    let before = stage.row(&id).await;
    assert!(stage.workbench.report(&event).await);
    assert_eq!(stage.row(&id).await, before);
}

#[tokio::test]
async fn w1_a_running_notebook_that_is_terminated_is_terminating_until_it_is_gone() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "terminate").await;
    let limit = stage.workbench.aws.now() + SignedDuration::from_hours(1);
    let mut stopped_meanwhile = false;
    while stage.status(&id).await != "TERMINATED" {
        assert_eq!(stage.status(&id).await, "TERMINATING");
        assert_eq!(stage.act(&id, "start").await.status, 409);
        assert_eq!(stage.act(&id, "stop").await.status, 409);
        assert!(stage.workbench.step(limit).await.is_some());
        let world = stage.workbench.aws.world();
        stopped_meanwhile |= world
            .events(&stage.workbench.main.account)
            .any(|event| event.event["detail"]["NotebookInstanceStatus"] == "Stopped");
    }
    assert!(
        stopped_meanwhile,
        "the notebook ran, so it had to be stopped first"
    );
}

#[tokio::test]
async fn w5_an_event_from_another_account_is_refused() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let before: Environment = stage.row(&id).await;
    let event = json!({
        "version": "0", "id": "25cc74c7-0d58-b520-f9ce-d98253bd4c90", "detail-type": "Terminate",
        "source": "automation", "account": "999999999999", "time": "2027-01-01T00:00:00Z",
        "region": "us-east-1", "resources": [],
        "detail": {
            "EnvId": id, "ProvisionedProductId": "pp-uac6562y6s6ls", "RecordId": "rec-b6yqf6zonc2qg",
            "EnvType": "sagemakerNotebook", "Operation": "Terminate", "Status": "TERMINATED",
        },
    });
    assert!(stage.workbench.report(&event).await);
    assert_eq!(stage.row(&id).await, before);
    let mut own = event;
    own["account"] = json!(stage.workbench.hosting.account);
    assert!(stage.workbench.report(&own).await);
    assert_eq!(stage.status(&id).await, "TERMINATED");
}
