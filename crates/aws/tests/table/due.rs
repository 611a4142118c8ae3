//! What the sweep is to look after, and writes of which nobody is told.

use jiff::SignedDuration;
use workbench_aws::table::{Due, Table, Updated};
use workbench_core::status::Status;

use crate::data::*;
use crate::dynamo::Dynamo;

async fn table() -> Table {
    let (_, table) = Dynamo::with_table().await;
    add_account(&table).await;
    offer(&table, 1).await;
    table
}

#[tokio::test]
async fn an_environment_in_flight_or_in_doubt_is_due_until_it_settles_or_is_postponed() {
    let table = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let look = new.look_at().unwrap();
    let later = look + SignedDuration::from_millis(1);
    assert_eq!(table.due(look, 10).await.unwrap(), []);
    assert_eq!(table.due(later, 10).await.unwrap(), [Due::Environment(new.id)]);
    let postponed = new.postponed(later);
    assert_eq!(
        table.update_quietly(&new, &postponed).await.unwrap(),
        Updated::Written
    );
    assert_eq!(
        table.update_quietly(&new, &postponed).await.unwrap(),
        Updated::Stale
    );
    assert_eq!(table.due(later, 10).await.unwrap(), []);
    let again = postponed.look_at().unwrap() + SignedDuration::from_millis(1);
    assert_eq!(table.due(again, 10).await.unwrap(), [Due::Environment(new.id)]);
    let doubted = moved(&postponed, Status::Completed);
    update(&table, &postponed, &doubted).await;
    assert_eq!(
        table.due(again, 10).await.unwrap(),
        [Due::Environment(new.id)],
        "it is in doubt"
    );
    let completed = doubted.confirmed(later);
    assert_eq!(
        table.update_quietly(&doubted, &completed).await.unwrap(),
        Updated::Written
    );
    assert_eq!(table.due(again, 10).await.unwrap(), []);
    let mut stopping = moved(&completed, Status::Stopping);
    stopping.lifecycle.requested_at = at(86_400);
    stopping.postponed_until = None;
    update(&table, &completed, &stopping).await;
    assert_eq!(table.due(again, 10).await.unwrap(), []);
    assert_eq!(
        table.due(at(86_400 + 3_600), 10).await.unwrap(),
        [Due::Environment(new.id)]
    );
}

#[tokio::test]
async fn the_longest_due_come_first() {
    let table = table().await;
    for number in 0..30_u32 {
        create(&table, &environment(number, at(i64::from(30 - number)))).await;
    }
    let due = table.due(at(86_400), 10).await.unwrap();
    let expected: Vec<_> = (20..30)
        .rev()
        .map(|number| Due::Environment(env_id(number)))
        .collect();
    assert_eq!(due, expected);
}

#[cfg(debug_assertions)]
#[tokio::test]
#[should_panic(expected = "env-")]
async fn what_other_rows_say_too_is_not_changed_quietly() {
    let table = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let completed = moved(&new, Status::Completed);
    let _: Updated = table.update_quietly(&new, &completed).await.unwrap();
}
