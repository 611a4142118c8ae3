//! A launch that waits can be called off, and a terminate that is refused at its turn is taken back.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::Value;
use workbench_core::environment::Heard;
use workbench_local::{ApiError, Service};
use workbench_tests::Stage;

use super::queue::{fill, is_queued, minute, pass};

/// How often the SDK makes a call that is not answered.
const ATTEMPTS: u32 = 3;

fn denied() -> ApiError {
    ApiError::new("AccessDeniedException", "not allowed any more")
}

/// Whether AWS may have heard of what waits.
async fn heard(stage: &Stage, id: &str) -> Heard {
    stage.row(id).await.waiting.unwrap().heard
}

#[tokio::test]
async fn a_launch_that_waits_can_be_called_off_and_the_queue_goes_on() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let first = stage.launch().await;
    let second = stage.launch().await;
    let third = stage.launch().await;
    for id in [&first, &second] {
        assert_eq!(stage.act(id, "terminate").await.status, 204);
        let over = stage.get(id).await;
        assert_eq!(over["status"], "TERMINATED");
        assert_eq!(over["queued"], Value::Null);
        assert_eq!(over["error"]["value"], "it was called off before it began");
        assert_eq!(stage.act(id, "terminate").await.status, 204, "asked again");
    }
    assert_eq!(minute(&stage).await, [("begun", 1)]);
    assert_eq!(stage.calls("StartAutomationExecution"), 1);
    stage.reach(&third, "COMPLETED").await;
    assert_eq!(stage.products(), 1);
    assert!(minute(&stage).await.is_empty());
}

#[tokio::test]
async fn a_launch_that_was_refused_at_its_turn_can_still_be_called_off() {
    let stage = Stage::new().await;
    fill(&stage, 3);
    let id = stage.launch().await;
    for _ in 0..2 {
        assert_eq!(minute(&stage).await, [("waiting", 1)]);
        assert_eq!(heard(&stage, &id).await, Heard::No);
    }
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    assert_eq!(stage.status(&id).await, "TERMINATED");
    assert!(minute(&stage).await.is_empty());
    assert_eq!(stage.calls("StartAutomationExecution"), 0);
}

#[tokio::test]
async fn the_timeline_tells_that_it_was_called_off_and_by_whom() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let id = stage.launch().await;
    stage.act(&id, "terminate").await;
    let path = format!("/environments/{id}/events");
    let told = stage.call(Method::GET, &path, None).await.body["data"].clone();
    let researcher = stage.workbench.people.researcher.user_id;
    assert_eq!(told[0]["cause"], format!("terminate by {researcher}"));
    assert_eq!(
        (&told[0]["from"], &told[0]["to"]),
        (&"PENDING".into(), &"TERMINATED".into())
    );
    assert_eq!(told[0]["reason"], "it was called off before it began");
}

#[tokio::test]
async fn a_launch_whose_turn_was_not_answered_is_not_called_off_and_begins_once() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let id = stage.launch().await;
    stage.lose_answer(Service::Ssm, "StartAutomationExecution", ATTEMPTS);
    assert_eq!(minute(&stage).await, [("unanswered", 1)]);
    assert_eq!(heard(&stage, &id).await, Heard::Perhaps);
    let refused = stage.act(&id, "terminate").await;
    assert_eq!(refused.status, 400);
    let words = refused.body["message"].as_str().unwrap();
    assert!(words.contains("ask again in a minute"), "{words}");
    assert_eq!(minute(&stage).await, [("begun", 1)]);
    stage.reach(&id, "COMPLETED").await;
    assert_eq!(stage.products(), 1);
}

#[tokio::test]
async fn a_launch_that_aws_may_have_heard_once_is_not_called_off_however_often_it_is_refused() {
    let stage = Stage::new().await;
    fill(&stage, 1);
    let id = stage.launch().await;
    let unclear = ApiError::internal("no answer");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &unclear, ATTEMPTS);
    assert_eq!(minute(&stage).await, [("unanswered", 1)]);
    fill(&stage, 2);
    for _ in 0..2 {
        assert_eq!(minute(&stage).await, [("waiting", 1)]);
        assert_eq!(stage.act(&id, "terminate").await.status, 400);
    }
}

#[tokio::test]
async fn an_attempt_that_was_not_answered_counts_though_the_next_one_was_refused() {
    let stage = Stage::new().await;
    let unclear = ApiError::internal("no answer");
    fill(&stage, 1);
    let id = stage.launch().await;
    stage.refuse(Service::Ssm, "StartAutomationExecution", &unclear, 1);
    fill(&stage, 1);
    assert_eq!(minute(&stage).await, [("unanswered", 1)]);
    assert_eq!(heard(&stage, &id).await, Heard::Perhaps);
    assert_eq!(stage.act(&id, "terminate").await.status, 400);
}

#[tokio::test]
async fn a_launch_that_was_asked_for_twice_is_not_called_off() {
    let stage = Stage::new().await;
    let unclear = ApiError::internal("no answer");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &unclear, ATTEMPTS);
    let body = stage.launch_body();
    let answer = stage.post_with_key("/environments", body.clone(), "k").await;
    fill(&stage, 1);
    let id = answer.body["id"].as_str().unwrap().to_owned();
    pass(&stage, SignedDuration::from_mins(1));
    stage.post_with_key("/environments", body, "k").await;
    assert!(is_queued(&stage.get(&id).await));
    assert_eq!(heard(&stage, &id).await, Heard::Perhaps);
    assert_eq!(stage.act(&id, "terminate").await.status, 400);
}

#[tokio::test]
async fn a_terminate_that_is_refused_at_its_turn_is_taken_back_with_the_reason() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    fill(&stage, 2);
    stage.act(&id, "terminate").await;
    assert_eq!(minute(&stage).await, [("waiting", 1)]);
    stage.refuse(Service::Ssm, "StartAutomationExecution", &denied(), 1);
    minute(&stage).await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "COMPLETED");
    assert_eq!(shown["queued"], Value::Null);
    assert_eq!(shown["error"]["type"], "TERMINATE");
    assert!(
        shown["error"]["value"]
            .as_str()
            .unwrap()
            .contains("not allowed any more"),
        "{shown}"
    );
    for _ in 0..5 {
        minute(&stage).await;
    }
    assert_eq!(stage.calls("StartAutomationExecution"), 1, "the launch's");
    assert_eq!(stage.row(&id).await.look_at(), None, "the doubt has passed");
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
}

#[tokio::test]
async fn from_the_refusal_of_a_terminate_that_aws_may_have_heard_nothing_is_concluded() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    fill(&stage, 1);
    stage.act(&id, "terminate").await;
    let unclear = ApiError::internal("no answer");
    stage.refuse(Service::Ssm, "StartAutomationExecution", &unclear, ATTEMPTS);
    assert_eq!(minute(&stage).await, [("unanswered", 1)]);
    stage.refuse(Service::Ssm, "StartAutomationExecution", &denied(), 100);
    minute(&stage).await;
    let row = stage.row(&id).await;
    assert_eq!((row.status().label(), row.waiting), ("TERMINATING", None));
    stage.workbench.aws.world().forget_calls();
    for _ in 0..60 {
        minute(&stage).await;
    }
    let asked = stage
        .workbench
        .aws
        .world()
        .calls()
        .iter()
        .filter(|call| call.operation == "StartAutomationExecution")
        .count();
    assert!((1..10).contains(&asked), "{asked} times in an hour");
    assert_eq!(stage.status(&id).await, "TERMINATING");
}
