//! What a queue costs, and that those in it are found even if it is lost.

use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_local::{Principal, Service};
use workbench_tests::Stage;

use super::queue::{fill, minute, pass};

/// How many writes the next sweep makes, a minute later, and what it counts.
async fn writes_of_a_minute(stage: &Stage) -> (usize, Vec<(&'static str, u32)>) {
    pass(stage, SignedDuration::from_mins(1));
    stage.workbench.aws.world().forget_calls();
    let counts = stage.workbench.sweep().await.unwrap().into_iter().collect();
    (stage.calls("TransactWriteItems"), counts)
}

/// A stage in which so many launches wait.
async fn with_waiting(count: u32) -> Stage {
    let stage = Stage::new().await;
    fill(&stage, 1);
    for _ in 0..count {
        stage.launch().await;
    }
    stage
}

/// Asks the table, past Workbench.
fn table(stage: &Stage, operation: &str, key: Value) -> Value {
    let main = &stage.workbench.main;
    let root = Principal::root(&main.account);
    let input = json!({ "TableName": main.table_name(), "Key": key });
    let mut world = stage.workbench.aws.world();
    world.call(&root, Service::DynamoDb, operation, &input).unwrap()
}

fn queue_row(stage: &Stage) -> Value {
    let account = &stage.workbench.hosting.account;
    json!({ "pk": { "S": format!("QUEUE#{account}") }, "sk": { "S": "QUEUE" } })
}

#[tokio::test]
async fn a_minute_without_room_writes_the_same_however_many_wait() {
    for count in [1, 5, 40] {
        let stage = with_waiting(count).await;
        for _ in 0..3 {
            fill(&stage, 1);
            let (writes, counts) = writes_of_a_minute(&stage).await;
            assert_eq!(counts, [("waiting", count)]);
            // That it is asked for, that there was no room, and that others wait.
            assert_eq!(writes, 3, "{count} wait");
        }
    }
}

#[tokio::test]
async fn whoever_gets_a_turn_is_written_twice_and_nobody_else() {
    let stage = with_waiting(30).await;
    stage.workbench.aws.world().faults.automations_left = Some(10);
    let (writes, counts) = writes_of_a_minute(&stage).await;
    assert_eq!(counts, [("begun", 10), ("waiting", 20)]);
    // Ten that begin, one that does not, whose turn it was, and that others wait.
    assert_eq!(writes, 2 * 10 + 2 + 2);
}

#[tokio::test]
async fn those_whose_queue_was_lost_are_found_within_an_hour() {
    let stage = with_waiting(3).await;
    table(&stage, "DeleteItem", queue_row(&stage));
    assert!(minute(&stage).await.is_empty(), "nobody knows of them");
    pass(&stage, SignedDuration::from_mins(59));
    assert_eq!(minute(&stage).await, [("begun", 3)]);
}

#[tokio::test]
async fn a_queue_that_was_lost_is_written_again_by_whoever_finds_somebody_waiting() {
    let stage = with_waiting(3).await;
    table(&stage, "DeleteItem", queue_row(&stage));
    pass(&stage, SignedDuration::from_mins(60));
    fill(&stage, 1);
    assert_eq!(minute(&stage).await, [("waiting", 3)]);
    assert_eq!(minute(&stage).await, [("begun", 3)]);
}

#[tokio::test]
async fn a_queue_in_which_nobody_waits_is_gone_some_minutes_later() {
    let stage = with_waiting(1).await;
    assert_eq!(minute(&stage).await, [("begun", 1)]);
    for _ in 0..3 {
        assert!(minute(&stage).await.is_empty());
    }
    assert_eq!(table(&stage, "GetItem", queue_row(&stage))["Item"], Value::Null);
    let (writes, counts) = writes_of_a_minute(&stage).await;
    assert_eq!((writes, counts.len()), (0, 0));
}
