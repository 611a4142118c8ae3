//! What is kept of an environment's changes.

use workbench_aws::table::{Entry, Reported, Table};
use workbench_core::environment::Environment;
use workbench_core::status::Status;
use workbench_core::status::transition::Source;

use crate::data::*;
use crate::dynamo::Dynamo;

/// An environment that was just written.
async fn pending() -> (Dynamo, Table, Environment) {
    let (dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    offer(&table, 1).await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    (dynamo, table, new)
}

/// An environment that was written, and changed twice since: as it was each time.
async fn stopped() -> (Dynamo, Table, [Environment; 3]) {
    let (dynamo, table, new) = pending().await;
    let stopping = moved(&new, Status::Stopping);
    let stopped = moved(&stopping, Status::Stopped);
    update(&table, &new, &stopping).await;
    update(&table, &stopping, &stopped).await;
    (dynamo, table, [new, stopping, stopped])
}

#[tokio::test]
async fn a_report_that_changed_nothing_is_in_the_timeline_once() {
    let (dynamo, table, new) = pending().await;
    let kept = |event: &str| Entry {
        source_id: Some(event.to_owned()),
        reported: Some(Reported {
            source: Source::Instance,
            status: Status::Stopped,
            at: at(30),
            kept: Some("superseded".into()),
        }),
        ..entry(&new, &new)
    };
    dynamo.take_calls();
    for event in ["event-a", "event-b", "event-a"] {
        table.keep_report(&new, &kept(event)).await.unwrap();
    }
    assert_eq!(dynamo.take_calls(), ["TransactWriteItems"; 3]);
    let entries = table.timeline(new.id).await.unwrap();
    assert_eq!(entries[1..], [kept("event-a"), kept("event-b")]);
    assert_eq!(table.environment(new.id).await.unwrap(), Some(new));
}

#[tokio::test]
async fn every_change_is_in_the_timeline_in_its_order() {
    let (dynamo, table, [new, stopping, stopped]) = stopped().await;
    let entries = table.timeline(new.id).await.unwrap();
    assert_eq!(entries[0].cause, format!("launch by {}", new.owner));
    assert_eq!(entries[1..], [entry(&new, &stopping), entry(&stopping, &stopped)]);
    assert_eq!(table.timeline(env_id(2)).await.unwrap(), []);
    let row = dynamo
        .row(&format!("ENV#{}", new.id), "CHANGE#00000000000000000002")
        .await
        .unwrap();
    assert_eq!(
        row["ttl"].as_n().unwrap(),
        &at(60 + 90 * 24 * 3600).as_second().to_string()
    );
}

#[tokio::test]
async fn w09_an_entry_that_can_not_be_read_hides_no_other() {
    let (dynamo, table, [new, ..]) = stopped().await;
    let all = table.events(new.id, &page(10, None)).await.unwrap().data;
    let (pk, bad) = (format!("ENV#{}", new.id), format!("CHANGE#{}", all[1].0));
    dynamo.spoil(&pk, &bad, "entry").await;
    let rest = [all[0].clone(), all[2].clone()];
    assert_eq!(table.events(new.id, &page(10, None)).await.unwrap().data, rest);
    let entries = table.timeline(new.id).await.unwrap();
    assert_eq!(entries, [all[0].1.clone(), all[2].1.clone()]);
}
