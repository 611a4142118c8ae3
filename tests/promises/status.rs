//! The status is the one that AWS has, whatever order, number or lack of events.

use serde_json::{Value, json};
use workbench_core::status::transition::Operation;
use workbench_local::{ApiError, Service};
use workbench_tests::Stage;

use super::counted;

#[tokio::test]
async fn f04_a_launch_that_is_cancelled_has_failed() {
    let stage = Stage::new().await;
    let id = stage.launch().await;
    let execution = stage.row(&id).await.execution.unwrap();
    stage.in_console(
        Service::Ssm,
        "StopAutomationExecution",
        &json!({ "AutomationExecutionId": execution, "Type": "Cancel" }),
    );
    assert_eq!(stage.reach(&id, "FAILED").await, ["PENDING", "FAILED"]);
    let shown = stage.get(&id).await;
    assert!(
        shown["error"]["value"].as_str().unwrap().contains("Cancelled"),
        "{shown}"
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    stage.settle().await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn f07_events_count_in_whatever_order_and_number_they_come() {
    let stage = Stage::new().await;
    let (id, events) = stage.launch_unheard().await;
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
    let (id, events) = stage.launch_unheard().await;
    // Somebody stops the notebook in the console, and only that is heard at first.
    let notebook = events
        .iter()
        .find(|event| event["source"] == "aws.sagemaker")
        .unwrap()["detail"]["NotebookInstanceName"]
        .clone();
    let stop = json!({ "NotebookInstanceName": notebook });
    stage.in_console(Service::SageMaker, "StopNotebookInstance", &stop);
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
        reported: None,
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
    for (action, call, status) in [
        ("stop", "StopNotebookInstance", "STOPPED"),
        ("start", "StartNotebookInstance", "COMPLETED"),
        ("terminate", "StartAutomationExecution", "TERMINATED"),
    ] {
        stage.workbench.aws.world().forget_calls();
        assert_eq!(stage.act(&id, action).await.status, 204);
        let called: Vec<String> = {
            let world = stage.workbench.aws.world();
            world.calls().iter().map(|call| call.operation.clone()).collect()
        };
        let position = |operation: &str| called.iter().position(|call| call == operation).unwrap();
        assert!(position("TransactWriteItems") < position(call), "{called:?}");
        stage.reach(&id, status).await;
    }
}

#[tokio::test]
async fn f10_what_aws_refuses_goes_back_with_the_reason() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage
        .stop_refused(&id, "not allowed to arn:aws:iam::1:role/x here")
        .await;
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
    stage.refuse(
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
    stage.refuse(
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
async fn f10_a_quota_is_a_refusal_and_not_a_delay() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    let error = ApiError::new("ResourceLimitExceeded", "the account-level service limit is 0");
    stage.refuse(Service::SageMaker, "StartNotebookInstance", &error, 1);
    assert_eq!(stage.act(&id, "start").await.status, 502);
    let shown = stage.get(&id).await;
    assert_eq!(
        (&shown["status"], &shown["error"]["type"]),
        (&json!("STOPPED"), &json!("START"))
    );
    assert_eq!(stage.act(&id, "start").await.status, 204);
    assert_eq!(stage.reach(&id, "COMPLETED").await, ["STARTING", "COMPLETED"]);
}

#[tokio::test]
async fn f10_what_is_asked_for_and_is_so_already_is_told_so() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    // Somebody starts it in the console, and no event of that arrives.
    let notebook = json!({ "NotebookInstanceName": stage.get(&id).await["instanceId"] });
    stage.in_console(Service::SageMaker, "StartNotebookInstance", &notebook);
    stage.settle_unheard().await;
    assert_eq!(stage.status(&id).await, "STOPPED");
    assert_eq!(stage.act(&id, "start").await.status, 204);
    assert_eq!(stage.status(&id).await, "COMPLETED");
    // And the other way round: a stop of what only seems stopped does stop it.
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    stage.in_console(Service::SageMaker, "StartNotebookInstance", &notebook);
    stage.settle_unheard().await;
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    assert_eq!(stage.reach(&id, "STOPPED").await, ["STOPPING", "STOPPED"]);
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
    assert_eq!(counted(&stage, &event).await, [("unmapped status", 1)].into());
    assert_eq!(stage.row(&id).await, before);
}

#[tokio::test]
async fn w05_a_report_that_changes_nothing_is_in_the_timeline_with_its_reason() {
    let stage = Stage::new().await;
    let (id, events) = stage.launch_unheard().await;
    let launched = events
        .iter()
        .find(|event| event["source"] == "automation")
        .unwrap();
    let mut foreign = launched.clone();
    foreign["account"] = json!("999999999999");
    foreign["id"] = json!("foreign");
    for event in [&foreign, launched, launched] {
        assert!(stage.workbench.report(event).await);
    }
    let timeline = stage
        .workbench
        .cloud
        .table()
        .timeline(id.parse().unwrap())
        .await
        .unwrap();
    let told: Vec<_> = timeline
        .iter()
        .map(|entry| {
            let kept = entry
                .reported
                .as_ref()
                .and_then(|reported| reported.kept.as_deref());
            (entry.from.label(), entry.to.label(), kept)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("PENDING", "PENDING", None),
            ("PENDING", "PENDING", None),
            ("PENDING", "PENDING", Some("not the environment's account")),
            ("PENDING", "COMPLETED", None),
            ("COMPLETED", "COMPLETED", Some("same status")),
        ]
    );
}
