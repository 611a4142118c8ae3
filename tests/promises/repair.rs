//! What no event tells, the sweep finds out: W2, and W6.

use axum::body::Body;
use axum::http::{Request, header};
use jiff::SignedDuration;
use serde_json::json;
use workbench_local::{Answer, ApiError, Method, Service};
use workbench_tests::{Mortal, Stage};

/// Turns the time by some minutes while no event is delivered, sweeping every minute.
async fn sweep_for(stage: &Stage, minutes: i64) -> Vec<(&'static str, u32)> {
    let mut found = Vec::new();
    for _ in 0..minutes {
        stage.pass_unheard(SignedDuration::from_mins(1));
        found.extend(stage.workbench.sweep().await.unwrap());
    }
    found
}

#[tokio::test]
async fn w02_the_whole_life_of_an_environment_is_told_without_any_event() {
    let stage = Stage::new().await;
    let id = stage.launch().await;
    sweep_for(&stage, 12).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert!(stage.row(&id).await.instance.is_some());
    for (action, reached) in [
        ("stop", "STOPPED"),
        ("start", "COMPLETED"),
        ("stop", "STOPPED"),
        ("terminate", "TERMINATED"),
    ] {
        assert_eq!(stage.act(&id, action).await.status, 204, "{action}");
        sweep_for(&stage, 14).await;
        assert_eq!(stage.status(&id).await, reached, "{action}");
    }
    assert_eq!(stage.products(), 0);
    assert!(stage.workbench.sweep().await.unwrap().is_empty());
}

#[tokio::test]
async fn w02_what_settled_in_time_is_never_asked_about() {
    let stage = Stage::new().await;
    stage.launch_completed().await;
    stage
        .workbench
        .run_until(stage.workbench.aws.now() + SignedDuration::from_hours(3))
        .await;
    stage.workbench.aws.world().forget_calls();
    assert!(stage.workbench.sweep().await.unwrap().is_empty());
    assert_eq!(stage.calls("GetAutomationExecution"), 0);
    assert_eq!(stage.calls("GetItem"), 0);
}

#[tokio::test]
async fn w02_a_launch_that_failed_unheard_has_failed_with_its_reason() {
    let stage = Stage::new().await;
    stage.refuse(
        Service::SageMaker,
        "CreateNotebookInstance",
        &ApiError::new("ResourceLimitExceeded", "no ml.t3.medium is left"),
        1,
    );
    let id = stage.launch().await;
    sweep_for(&stage, 12).await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "FAILED");
    assert!(
        shown["error"]["value"]
            .as_str()
            .unwrap()
            .contains("no ml.t3.medium is left"),
        "{shown}"
    );
    assert!(stage.row(&id).await.product.is_some());
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    sweep_for(&stage, 14).await;
    assert_eq!(stage.status(&id).await, "TERMINATED");
}

#[tokio::test]
async fn w06_a_launch_that_was_cut_off_before_its_automation_is_started_once() {
    let stage = Stage::new().await;
    stage.refuse(
        Service::Ssm,
        "StartAutomationExecution",
        &ApiError::internal("crashed"),
        3,
    );
    let id = stage.launch().await;
    assert!(stage.row(&id).await.execution.is_none());
    sweep_for(&stage, 11).await;
    assert!(stage.row(&id).await.execution.is_some());
    stage.settle().await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn w06_a_launch_that_was_cut_off_and_can_not_be_started_is_counted_as_unanswered() {
    let stage = Stage::new().await;
    let (service, operation) = (Service::Ssm, "StartAutomationExecution");
    stage.refuse(service, operation, &ApiError::internal("crashed"), 3);
    let id = stage.launch().await;
    stage.refuse(service, operation, &ApiError::validation("no such document"), 9);
    let found = sweep_for(&stage, 11).await;
    assert!(found.contains(&("unanswered", 1)), "{found:?}");
    assert!(!found.iter().any(|(label, _)| *label == "under way"), "{found:?}");
    assert_eq!(stage.status(&id).await, "PENDING");
}

#[tokio::test]
async fn w06_a_launch_whose_answer_was_lost_has_one_product() {
    let stage = Stage::new().await;
    stage.lose_answer(Service::Ssm, "StartAutomationExecution", 3);
    let id = stage.launch().await;
    assert!(stage.row(&id).await.execution.is_none());
    sweep_for(&stage, 12).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn w06_a_launch_that_dies_after_any_of_its_calls_is_finished_by_the_sweep() {
    let mut left = Vec::new();
    for calls in 0.. {
        let stage = Stage::new().await;
        let mortal = Mortal::after(calls);
        let router = stage.workbench.api_process(&mortal.process).await.unwrap();
        let request = Request::post("/environments")
            .header(header::AUTHORIZATION, &stage.workbench.people.researcher.token)
            .body(Body::from(stage.launch_body().to_string()))
            .unwrap();
        let answer = mortal.run(Answer::of(router, request)).await;
        let listed = stage.as_admin(Method::GET, "/environments", None).await.body;
        let rows = listed["data"].as_array().unwrap();
        let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        left.push(ids.len());
        sweep_for(&stage, 24).await;
        for id in &ids {
            assert_eq!(stage.status(id).await, "COMPLETED", "{calls} calls");
        }
        // What was written is there once, and nothing else is.
        assert_eq!(stage.products(), ids.len(), "{calls} calls");
        if let Some(answer) = answer.filter(|answer| answer.status == 201) {
            assert_eq!(answer.body["id"], ids[0]);
            break;
        }
    }
    println!("{left:?}");
    assert!(left.contains(&0) && left.len() > 6, "{left:?}");
}

#[tokio::test]
async fn w06_a_terminate_that_was_cut_off_is_started() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.refuse(
        Service::Ssm,
        "StartAutomationExecution",
        &ApiError::internal("crashed"),
        3,
    );
    assert_eq!(stage.act(&id, "terminate").await.status, 503);
    assert_eq!(stage.status(&id).await, "TERMINATING");
    sweep_for(&stage, 25).await;
    assert_eq!(stage.status(&id).await, "TERMINATED");
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn w02_a_start_that_was_never_made_is_taken_back() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    stage.refuse(
        Service::SageMaker,
        "StartNotebookInstance",
        &ApiError::internal("crashed"),
        3,
    );
    assert_eq!(stage.act(&id, "start").await.status, 503);
    assert_eq!(stage.status(&id).await, "STARTING");
    sweep_for(&stage, 7).await;
    assert_eq!(stage.status(&id).await, "STOPPED");
}

#[tokio::test]
async fn w02_an_instance_that_somebody_deleted_has_failed_and_can_be_terminated() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    let notebook = stage.row(&id).await.instance.unwrap().id;
    assert_eq!(stage.act(&id, "start").await.status, 204);
    stage.pass_unheard(SignedDuration::from_mins(4));
    for operation in ["StopNotebookInstance", "DeleteNotebookInstance"] {
        stage.in_console(
            Service::SageMaker,
            operation,
            &json!({ "NotebookInstanceName": notebook }),
        );
        stage.pass_unheard(SignedDuration::from_mins(4));
    }
    sweep_for(&stage, 7).await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "FAILED", "{shown}");
    assert_eq!(shown["error"]["value"], "the instance does not exist any more");
}

#[tokio::test]
async fn w02_where_a_launch_has_ended_unheard_its_instance_is_asked_whatever_it_has_told_before() {
    let stage = Stage::new().await;
    let (id, _) = stage.launch_unheard().await;
    let notebook = {
        let world = stage.workbench.aws.world();
        let mut notebooks = world.notebook_instances(&stage.workbench.hosting.account);
        notebooks.next().unwrap().0.to_owned()
    };
    let named = json!({ "NotebookInstanceName": notebook });
    stage.in_console(Service::SageMaker, "StopNotebookInstance", &named);
    let events = stage.settle_unheard().await;
    assert!(stage.workbench.report(events.last().unwrap()).await);
    assert_eq!(stage.status(&id).await, "PENDING");
    stage.in_console(Service::SageMaker, "DeleteNotebookInstance", &named);
    sweep_for(&stage, 20).await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "FAILED", "{shown}");
    assert_eq!(shown["error"]["value"], "the instance does not exist any more");
}

#[tokio::test]
async fn w02_where_aws_does_not_answer_the_others_go_on_and_it_is_asked_again() {
    let stage = Stage::new().await;
    let ids = [stage.launch().await, stage.launch().await];
    stage.pass_unheard(SignedDuration::from_mins(10));
    stage.refuse(
        Service::Ssm,
        "GetAutomationExecution",
        &ApiError::new("AccessDeniedException", "not today"),
        1,
    );
    let found = sweep_for(&stage, 1).await;
    assert_eq!(found, [("settled", 1), ("unanswered", 1)]);
    sweep_for(&stage, 8).await;
    for id in ids {
        assert_eq!(stage.status(&id).await, "COMPLETED");
    }
}
