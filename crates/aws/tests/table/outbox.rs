//! What waits to be published.

use std::collections::BTreeSet;

use workbench_core::publication::StatusChange;

use crate::data::*;
use crate::dynamo::Dynamo;

fn change(environment: u32, id: u32) -> StatusChange {
    StatusChange {
        timeline_id: format!("{id:020}"),
        ..StatusChange::between(None, &self::environment(environment, at(0))).unwrap()
    }
}

#[tokio::test]
async fn changes_read_back_as_they_were_written_each_once_in_their_order() {
    let (dynamo, table) = Dynamo::with_table().await;
    let changes = [change(2, 1), change(1, 10), change(1, 9)];
    for _ in 0..2 {
        table.set_aside(&changes).await.unwrap();
    }
    let waiting = table.outbox(None).await.unwrap();
    assert_eq!(waiting.changes, [change(1, 9), change(1, 10), change(2, 1)]);
    assert_eq!((waiting.unreadable, waiting.next), (0, None));
    let row = dynamo
        .row("OUTBOX", &format!("CHANGE#{}#{:020}", env_id(1), 9))
        .await
        .unwrap();
    assert_eq!(row.get("ttl"), None, "it never expires");
    table.take_out(&changes[..2]).await.unwrap();
    assert_eq!(table.outbox(None).await.unwrap().changes, [change(1, 9)]);
}

#[tokio::test]
async fn whether_an_environment_waits_is_one_query_where_nothing_does() {
    let (dynamo, table) = Dynamo::with_table().await;
    let ids = BTreeSet::from([env_id(1), env_id(2), env_id(3)]);
    assert_eq!(table.with_unpublished(&ids).await.unwrap(), BTreeSet::new());
    assert_eq!(dynamo.take_calls(), ["Query"]);
    table.set_aside(&[change(2, 1), change(4, 1)]).await.unwrap();
    dynamo.take_calls();
    assert_eq!(
        table.with_unpublished(&ids).await.unwrap(),
        BTreeSet::from([env_id(2)])
    );
    assert_eq!(dynamo.take_calls(), ["Query"; 4]);
}

#[tokio::test]
async fn more_than_one_transaction_and_one_page_hold_are_kept_and_read() {
    let (dynamo, table) = Dynamo::with_table().await;
    let changes: Vec<StatusChange> = (0..1_010).map(|id| change(1, id)).collect();
    table.set_aside(&changes).await.unwrap();
    assert_eq!(dynamo.take_calls().len(), 11);
    let (mut read, mut from) = (Vec::new(), None);
    loop {
        let page = table.outbox(from).await.unwrap();
        read.extend(page.changes);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(read, changes);
}
