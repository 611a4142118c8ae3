//! Who waits in a hosting account.

use workbench_aws::table::{Due, Queue, Table, Updated, Waiter};
use workbench_core::environment::{Environment, Wait};

use crate::data::*;
use crate::dynamo::Dynamo;

async fn table() -> Table {
    let (_, table) = Dynamo::with_table().await;
    add_account(&table).await;
    offer(&table, 1).await;
    table
}

fn queue(reason: &str, second: i64) -> Queue {
    Queue::at(&account().aws_account_id, reason.to_owned(), at(second))
}

/// An environment that waits since then.
async fn waiting(table: &Table, number: u32, second: i64) -> Environment {
    let launch = environment(number, at(0));
    create(table, &launch).await;
    let waits = launch.waits(&Wait::first_try("no room".to_owned()), at(second));
    update(table, &launch, &waits).await;
    waits
}

async fn waiters(table: &Table) -> Vec<Waiter> {
    table.waiters(&account().aws_account_id).await.unwrap()
}

#[tokio::test]
async fn whoever_waits_is_in_the_queue_from_the_write_that_says_so_to_the_one_that_does_not() {
    let table = table().await;
    let later = waiting(&table, 1, 20).await;
    let earlier = waiting(&table, 2, 10).await;
    let waiter = |environment: &Environment, second| Waiter {
        since: at(second),
        project: project_id(1),
        environment: environment.id,
    };
    assert_eq!(waiters(&table).await, [waiter(&earlier, 10), waiter(&later, 20)]);

    let asked = earlier.asked(at(60));
    assert_eq!(
        table.update_quietly(&earlier, &asked).await.unwrap(),
        Updated::Written
    );
    assert_eq!(waiters(&table).await.len(), 2, "it keeps its place");
    let called_off = later.called_off(at(61));
    update(&table, &later, &called_off).await;
    let failed = asked.launch_refused("no".to_owned(), at(62));
    update(&table, &asked, &failed).await;
    assert_eq!(waiters(&table).await, []);
}

#[tokio::test]
async fn a_queue_is_due_at_once_and_until_it_is_removed() {
    let table = table().await;
    let account = account().aws_account_id;
    assert_eq!(table.queue(&account).await.unwrap(), None);
    let first = queue("no room", 0);
    table.keep_queue(&first).await.unwrap();
    assert_eq!(table.queue(&account).await.unwrap(), Some(first.clone()));
    let due = async || table.due(at(60), 10).await.unwrap();
    assert_eq!(due().await, [Due::Queue(account.clone())]);
    let second = queue("still no room", 30);
    table.keep_queue(&second).await.unwrap();
    assert_eq!(
        table.end_queue(&first).await.unwrap(),
        Updated::Stale,
        "somebody else has written it since"
    );
    assert_eq!(table.end_queue(&second).await.unwrap(), Updated::Written);
    assert_eq!(due().await, []);
}

#[test]
fn a_queue_is_joined_for_a_while_and_over_once_nobody_can_be_about_to() {
    let queue = queue("no room", 0);
    assert!(queue.is_joined(at(149)) && !queue.is_joined(at(150)));
    let ending = queue.ending(at(60));
    assert!(ending.is_joined(at(124)) && !ending.is_joined(at(125)));
    assert_eq!(ending.ending(at(120)), ending);
    assert!(!ending.is_over(at(155)) && ending.is_over(at(156)));
}
