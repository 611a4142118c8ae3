//! What is asked again, and for how long.

use serde_json::{Value, json};
use workbench_aws::table::Table;
use workbench_aws::{Error, FaultKind};
use workbench_core::status::Status;

use crate::data::*;
use crate::dynamo::{Dynamo, Fault, TABLE};

/// How often a request is sent that DynamoDB did not refuse but could not carry out.
const TRIES: usize = 8;

async fn table() -> (Dynamo, Table) {
    let (dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    create(&table, &environment(1, at(0))).await;
    dynamo.take_calls();
    (dynamo, table)
}

fn unprocessed() -> Fault {
    let key = |pk: String, sk: &str| json!({ "pk": { "S": pk }, "sk": { "S": sk } });
    let keys = [
        key(format!("ENV#{}", env_id(1)), "ENV"),
        key(format!("USER#{}", user(1)), &format!("PROJECT#{}", project_id(1))),
    ];
    let left = json!({ TABLE: { "Keys": keys, "ConsistentRead": true } });
    Fault::Instead(200, json!({ "Responses": {}, "UnprocessedKeys": left }))
}

fn cancelled(codes: &[&str]) -> Fault {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    });
    Fault::Instead(400, body)
}

fn unclear(error: &Error) -> bool {
    matches!(error, Error::Aws(fault) if fault.kind == FaultKind::Unclear)
}

#[tokio::test]
async fn keys_that_were_left_unprocessed_are_asked_for_again() {
    let (dynamo, table) = table().await;
    dynamo.fail([unprocessed(), unprocessed()]);
    let (found, _) = table
        .environment_and_membership(env_id(1), user(1), project_id(1))
        .await
        .unwrap();
    assert_eq!(found, Some(environment(1, at(0))));
    assert_eq!(dynamo.take_calls().len(), 3);
}

#[tokio::test]
async fn keys_that_stay_unprocessed_are_an_unclear_fault() {
    let (dynamo, table) = table().await;
    dynamo.fail(std::iter::repeat_n(unprocessed(), TRIES));
    let error = table
        .environment_and_membership(env_id(1), user(1), project_id(1))
        .await
        .unwrap_err();
    assert!(unclear(&error), "{error}");
    assert_eq!(dynamo.take_calls().len(), TRIES);
}

#[tokio::test]
async fn a_transaction_that_met_another_is_sent_again() {
    let (dynamo, table) = table().await;
    dynamo.fail([
        cancelled(&["None", "TransactionConflict"]),
        cancelled(&["ThrottlingError", "None"]),
    ]);
    let new = environment(1, at(0));
    update(&table, &new, &moved(&new, Status::Completed)).await;
    assert_eq!(dynamo.take_calls().len(), 3);
}

#[tokio::test]
async fn a_transaction_that_always_meets_another_is_an_unclear_fault() {
    let (dynamo, table) = table().await;
    dynamo.fail(std::iter::repeat_n(
        cancelled(&["TransactionConflict", "None"]),
        TRIES,
    ));
    let new = environment(1, at(0));
    let completed = moved(&new, Status::Completed);
    let error = table
        .update_environment(&new, &completed, &entry(&new, &completed))
        .await
        .unwrap_err();
    assert!(unclear(&error), "{error}");
    assert_eq!(dynamo.take_calls().len(), TRIES);
    assert_eq!(table.environment(new.id).await.unwrap(), Some(new));
}

#[tokio::test]
async fn a_transaction_that_dynamodb_finds_wrong_is_not_sent_again() {
    let (dynamo, table) = table().await;
    dynamo.fail([cancelled(&["ValidationError", "TransactionConflict"])]);
    let new = environment(1, at(0));
    let completed = moved(&new, Status::Completed);
    let error = table
        .update_environment(&new, &completed, &entry(&new, &completed))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Aws(fault) if fault.kind == FaultKind::Refused),
        "{error}"
    );
    assert_eq!(dynamo.take_calls().len(), 1);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_written_once_and_not_stale() {
    let (dynamo, table) = table().await;
    dynamo.fail([Fault::Lost]);
    let new = environment(1, at(0));
    let completed = moved(&new, Status::Completed);
    update(&table, &new, &completed).await;
    assert_eq!(dynamo.take_calls(), ["TransactWriteItems", "TransactWriteItems"]);
    assert_eq!(table.environment(new.id).await.unwrap(), Some(completed));
    assert_eq!(table.timeline(new.id).await.unwrap().len(), 2);
}
