//! What can not be processed is set aside, and can be sent again at any time.

use jiff::SignedDuration;
use serde_json::json;
use workbench_core::environment::Environment;
use workbench_local::{ApiError, Principal, Service};
use workbench_tests::Stage;

/// Longer than five tries take.
const TRIES: SignedDuration = SignedDuration::from_mins(16);

/// How many messages are set aside.
fn dead_letters(stage: &Stage) -> usize {
    // A message is set aside when it would be received once more.
    let mut world = stage.workbench.aws.world();
    let _ = world.receive_messages(&stage.workbench.main.queue, 1);
    world.queue_length(&stage.workbench.main.dead_letters)
}

/// Sends all dead letters through the queue again, as docs/operating.md says.
async fn redrive(stage: &Stage) {
    let main = &stage.workbench.main;
    let root = Principal::root(&main.account);
    let input = json!({ "SourceArn": main.dead_letters, "DestinationArn": main.queue });
    let started = stage
        .workbench
        .aws
        .world()
        .call(&root, Service::Sqs, "StartMessageMoveTask", &input);
    started.unwrap();
    stage.workbench.deliver_events().await;
}

/// Stops the environment while the status function can not do its work, until all events of it are set aside.
async fn stop_in_vain(stage: &Stage, id: &str) {
    assert_eq!(stage.act(id, "stop").await.status, 204);
    let gone = ApiError::new("AccessDeniedException", "the key is disabled");
    stage.refuse(Service::DynamoDb, "GetItem", &gone, 1000);
    let until = stage.workbench.aws.now() + TRIES + TRIES;
    stage.workbench.run_until(until).await;
    stage.workbench.aws.world().faults = Default::default();
    assert!(dead_letters(stage) > 0);
}

#[tokio::test]
async fn w02_what_fails_again_and_again_is_set_aside_and_counts_when_it_is_sent_again() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stop_in_vain(&stage, &id).await;
    assert_eq!(stage.status(&id).await, "STOPPING");
    redrive(&stage).await;
    stage.settle().await;
    assert_eq!(stage.status(&id).await, "STOPPED");
    assert_eq!(dead_letters(&stage), 0);
}

#[tokio::test]
async fn w02_sending_dead_letters_again_is_harmless_however_old_they_are() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stop_in_vain(&stage, &id).await;
    // Repair settles it, and life goes on.
    stage.workbench.sweep().await.unwrap();
    assert_eq!(stage.status(&id).await, "STOPPED");
    stage.act(&id, "start").await;
    stage.reach(&id, "COMPLETED").await;
    stage.settle().await;
    let before: Environment = stage.row(&id).await;
    stage.workbench.aws.advance(SignedDuration::from_hours(24 * 9));
    redrive(&stage).await;
    stage.settle().await;
    assert_eq!(stage.row(&id).await, before);
    assert_eq!(dead_letters(&stage), 0);
    // The same after its end.
    stop_in_vain(&stage, &id).await;
    stage.workbench.sweep().await.unwrap();
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    let before: Environment = stage.row(&id).await;
    redrive(&stage).await;
    stage.settle().await;
    assert_eq!(stage.row(&id).await, before);
    assert_eq!((stage.products(), dead_letters(&stage)), (0, 0));
}

#[tokio::test]
async fn w02_what_is_no_event_is_set_aside_and_holds_up_nothing() {
    let stage = Stage::new().await;
    let main = &stage.workbench.main;
    let url = main
        .queue
        .rsplit(':')
        .next()
        .map(|name| format!("https://sqs.us-east-1.amazonaws.com/{}/{name}", main.account));
    let message = json!({ "QueueUrl": url, "MessageBody": "no event" });
    let root = Principal::root(&main.account);
    let sent = stage
        .workbench
        .aws
        .world()
        .call(&root, Service::Sqs, "SendMessage", &message);
    let sent = sent.unwrap();
    let id = stage.launch_completed().await;
    stage.workbench.run_until(stage.workbench.aws.now() + TRIES).await;
    assert_eq!(stage.status(&id).await, "COMPLETED");
    assert_eq!(dead_letters(&stage), 1);
    // It has kept its id, under which the log has the reason.
    let letters = stage
        .workbench
        .aws
        .world()
        .receive_messages(&main.dead_letters, 10);
    assert_eq!(letters[0].id, sent["MessageId"].as_str().unwrap());
}
