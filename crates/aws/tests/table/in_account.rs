//! The environments of a hosting account.

use std::collections::HashSet;

use workbench_core::environment::Environment;
use workbench_core::status::Status;

use crate::data::*;
use crate::dynamo::Dynamo;

#[tokio::test]
async fn an_account_has_the_environments_of_its_projects_that_are_not_terminated() {
    let (_dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    assert!(table.environments_in(account().id).await.unwrap().is_empty());
    for project in [1, 2] {
        offer(&table, project).await;
    }
    let rows = [
        environment_of(1, 1, at(0)),
        environment_of(1, 2, at(1)),
        environment_of(2, 3, at(2)),
    ];
    for row in &rows {
        create(&table, row).await;
    }
    update(&table, &rows[0], &moved(&rows[0], Status::Terminated)).await;
    let found: Vec<_> = table
        .environments_in(account().id)
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(found, [env_id(2), env_id(3)]);
    let other = format!("acc-{}", uuid(99)).parse().unwrap();
    assert!(table.environments_in(other).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_environment_that_can_not_be_read_is_not_taken_for_one_that_is_not_there() {
    let (dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    offer(&table, 1).await;
    for number in 1..=3 {
        create(&table, &environment(number, at(0))).await;
    }
    let gone = environment(1, at(0));
    update(&table, &gone, &moved(&gone, Status::Terminated)).await;
    dynamo
        .spoil(&format!("ENV#{}", env_id(2)), "ENV", "lifecycle")
        .await;
    let ids: HashSet<_> = (1..=4).map(env_id).collect();
    let found = table.environments_by_id(ids).await.unwrap();
    assert_eq!(found.len(), 3);
    let status = |number| found[&env_id(number)].as_ref().map(Environment::status);
    assert_eq!(status(1), Some(Status::Terminated));
    assert_eq!(status(2), None);
    assert_eq!(status(3), Some(Status::Pending));
}
