//! What a launch reads.

use workbench_aws::Error;
use workbench_aws::table::{Created, LaunchFacts, NewEnvironment};

use crate::data::*;
use crate::dynamo::Dynamo;

#[tokio::test]
async fn a_launch_reads_all_it_needs_in_one_request() {
    let (dynamo, table) = Dynamo::with_table().await;
    let key = "key".parse().unwrap();
    let config = config(1);
    let nothing = LaunchFacts {
        project: None,
        membership: None,
        config: None,
        env_type: None,
        association: None,
        idempotency: None,
    };
    let read = async || {
        table
            .launch_facts(user(1), project_id(1), config.id, &type_id(1), Some(&key))
            .await
            .unwrap()
    };
    assert_eq!(read().await, nothing);

    add_account(&table).await;
    offer(&table, 1).await;
    add_member(&table, &member(1, 1)).await;
    table.associate(project_id(1), &config).await.unwrap();
    let environment = environment(1, at(0));
    let record = record("key", 1, &environment);
    let association = table.association(project_id(1), config.id).await.unwrap();
    let launch = NewEnvironment {
        association: association.as_ref(),
        // The association has raised it.
        config_rev: 2,
        record: Some(&record),
        ..new(&environment)
    };
    let created = table.create_environment(launch).await.unwrap();
    assert_eq!(created, Created::Written);

    dynamo.take_calls();
    let facts = read().await;
    assert_eq!(dynamo.take_calls(), ["BatchGetItem"]);
    assert_eq!(facts.project.map(|found| found.id), Some(project_id(1)));
    assert_eq!(facts.membership, Some(member(1, 1)));
    assert_eq!(facts.config.map(|found| found.id), Some(config.id));
    assert_eq!(facts.env_type.map(|found| found.id), Some(type_id(1)));
    assert_eq!(facts.association.map(|found| found.rev), Some(2));
    assert_eq!(facts.idempotency, Some(record));

    let without_key = table
        .launch_facts(user(1), project_id(1), config.id, &type_id(1), None)
        .await
        .unwrap();
    assert_eq!(without_key.idempotency, None);
    let of_another = table
        .launch_facts(user(2), project_id(1), config.id, &type_id(1), Some(&key))
        .await
        .unwrap();
    assert_eq!((of_another.idempotency, of_another.membership), (None, None));
}

#[tokio::test]
async fn a_launch_does_not_go_by_a_row_that_can_not_be_read() {
    let (dynamo, table) = Dynamo::with_table().await;
    add_project(&table, 1).await;
    dynamo
        .spoil(&format!("PROJECT#{}", project_id(1)), "PROJECT", "account")
        .await;
    let error = table
        .launch_facts(user(1), project_id(1), config(1).id, &type_id(1), None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Row { .. }), "{error}");
}

#[tokio::test]
async fn an_environment_and_a_membership_are_read_in_one_request() {
    let (dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    add_project(&table, 1).await;
    add_member(&table, &member(1, 1)).await;
    let environment = environment(1, at(0));
    create(&table, &environment).await;
    dynamo.take_calls();
    let both = table
        .environment_and_membership(environment.id, user(1), project_id(1))
        .await
        .unwrap();
    assert_eq!(both, (Some(environment), Some(member(1, 1))));
    let neither = table
        .environment_and_membership(env_id(2), user(2), project_id(1))
        .await
        .unwrap();
    assert_eq!(neither, (None, None));
    assert_eq!(dynamo.take_calls(), ["BatchGetItem", "BatchGetItem"]);
}

#[tokio::test]
async fn memberships_are_those_of_one_user() {
    let (_, table) = Dynamo::with_table().await;
    for number in [1, 2] {
        add_project(&table, number).await;
        add_member(&table, &member(1, number)).await;
    }
    add_member(&table, &member(2, 2)).await;
    assert_eq!(
        table.memberships(user(1)).await.unwrap(),
        [member(1, 1), member(1, 2)]
    );
    assert_eq!(table.memberships(user(3)).await.unwrap(), []);
}
