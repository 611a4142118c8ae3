//! Writing environments: conditions, owners of instances.

use workbench_aws::table::{Created, NewEnvironment, Table, Updated};
use workbench_core::account::AccountStatus;
use workbench_core::env_type::{EnvType, EnvTypeStatus};
use workbench_core::environment::{Environment, Failure};
use workbench_core::id::ExecutionId;
use workbench_core::status::Status;
use workbench_core::status::order::{Order, ReportTime, Resolution};
use workbench_core::status::transition::{Held, Operation};

use crate::data::{new as new_launch, *};
use crate::dynamo::Dynamo;

async fn table() -> (Dynamo, Table) {
    let (dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    offer(&table, 1).await;
    (dynamo, table)
}

/// An environment of which every field is filled.
fn full() -> Environment {
    let time = ReportTime {
        at: at(5),
        resolution: Resolution::Milliseconds,
    };
    let mut environment = environment(1, at(0));
    environment.lifecycle.reported = Some(Order::new(time, Status::Completed));
    environment.lifecycle.held = Some(Held {
        status: Status::Stopped,
        time,
    });
    environment.error = Some(Failure {
        kind: "LAUNCH".into(),
        value: "it's \"no\"\n\\ ä".into(),
    });
    environment.execution = Some(uuid(7).parse().unwrap());
    environment.product = Some("pp-abc".parse().unwrap());
    environment.record = Some("rec-abc".parse().unwrap());
    environment.instance = Some(instance("notebook-1"));
    environment
}

#[tokio::test]
async fn a_product_is_in_use_while_an_environment_of_it_is_not_terminated() {
    let (_, table) = table().await;
    let product = type_id(1).product;
    assert_eq!(table.environment_of_product(&product).await.unwrap(), None);
    let before = environment(1, at(0));
    create(&table, &before).await;
    assert_eq!(
        table.environment_of_product(&product).await.unwrap(),
        Some(before.id)
    );
    let other = "prod-9999999999999".parse().unwrap();
    assert_eq!(table.environment_of_product(&other).await.unwrap(), None);
    let after = moved(&before, Status::Terminated);
    let written = table
        .update_environment(&before, &after, &entry(&before, &after))
        .await;
    assert_eq!(written.unwrap(), Updated::Written);
    assert_eq!(table.environment_of_product(&product).await.unwrap(), None);
}

#[tokio::test]
async fn an_environment_reads_back_as_it_was_written() {
    let (_, table) = table().await;
    for environment in [
        full(),
        environment(2, "2026-11-24T10:00:00.123Z".parse().unwrap()),
    ] {
        create(&table, &environment).await;
        assert_eq!(
            table.environment(environment.id).await.unwrap(),
            Some(environment)
        );
    }
    assert_eq!(table.environment(env_id(3)).await.unwrap(), None);
}

#[tokio::test]
async fn creating_it_again_leaves_it_as_it_is() {
    let (_, table) = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let completed = moved(&new, Status::Completed);
    update(&table, &new, &completed).await;
    create(&table, &new).await;
    let other = Environment {
        description: workbench_core::text::Description::new("other").unwrap(),
        ..new
    };
    create(&table, &other).await;
    assert_eq!(table.environment(completed.id).await.unwrap(), Some(completed));
}

#[tokio::test]
async fn an_environment_is_created_only_in_its_account_as_it_is_now() {
    let (_, table) = table().await;
    let new = environment(1, at(0));
    let mut now = account();
    for status in [AccountStatus::Current, AccountStatus::Errored] {
        now = workbench_core::account::HostingAccount {
            rev: now.rev + 1,
            status,
            ..now
        };
        table.put_account(&now).await.unwrap();
        assert_eq!(
            table.create_environment(new_launch(&new)).await.unwrap(),
            Created::AccountChanged
        );
    }
    let mut knows = new.clone();
    knows.home.account = now;
    assert_eq!(
        table.create_environment(new_launch(&knows)).await.unwrap(),
        Created::AccountChanged
    );
    assert_eq!(table.environment(new.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_newly_read_account_is_written_into_the_project() {
    let (dynamo, table) = table().await;
    let mut fresh = project(1);
    fresh.account.rev = 2;
    fresh.account.subnet_id = "subnet-new".into();
    table.put_account(&fresh.account).await.unwrap();
    let mut new = environment(1, at(0));
    assert_eq!(
        table.create_environment(new_launch(&new)).await.unwrap(),
        Created::AccountChanged
    );
    new.home.account = fresh.account.clone();
    dynamo.take_calls();
    assert_eq!(
        table
            .create_environment(NewEnvironment {
                refreshed_project: Some(&fresh),
                ..new_launch(&new)
            })
            .await
            .unwrap(),
        Created::Written
    );
    assert_eq!(dynamo.take_calls(), ["TransactWriteItems"]);
    let stored = table.project(project_id(1)).await.unwrap().unwrap();
    assert_eq!(stored.account, fresh.account);
    assert_eq!(stored.rev, 2);
}

#[tokio::test]
async fn w03_a_launch_is_overtaken_by_whatever_changes_what_it_was_decided_by() {
    let type_is = EnvType {
        status: EnvTypeStatus::NotApproved,
        rev: 3,
        ..env_type(1)
    };
    for change in ["project", "member", "type", "configuration", "association"] {
        let (_, table) = table().await;
        let new = environment(1, at(0));
        match change {
            "project" => {
                let deleted = table.delete_project(&project(1), at(1)).await.unwrap();
                assert_eq!(deleted, Updated::Written);
            }
            "member" => {
                let removed = table.remove_membership(&member(1, 1)).await.unwrap();
                assert_eq!(removed, Updated::Written);
            }
            "type" => {
                let before = table.env_type(&type_id(1)).await.unwrap().unwrap();
                let _: Updated = table.update_env_type(&before, &type_is).await.unwrap();
            }
            "configuration" => {
                let _: Updated = table.delete_config(&config(1), at(1)).await.unwrap();
            }
            _ => table.associate(project_id(1), &config(1)).await.unwrap(),
        }
        assert_eq!(
            table.create_environment(new_launch(&new)).await.unwrap(),
            Created::Overtaken,
            "{change}"
        );
        assert_eq!(table.environment(new.id).await.unwrap(), None, "{change}");
    }
}

#[tokio::test]
async fn f04_an_automation_is_remembered_with_its_environment() {
    let (dynamo, table) = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let execution: ExecutionId = uuid(77).parse().unwrap();
    let started = new.started(Operation::Launch, execution.clone(), at(1));
    update(&table, &new, &started).await;
    let account = account().aws_account_id;
    let owner = table.execution_owner(&account, &execution).await.unwrap();
    assert_eq!(owner, Some(new.id));
    let elsewhere = "222222222222".parse().unwrap();
    assert_eq!(table.execution_owner(&elsewhere, &execution).await.unwrap(), None);
    let row = dynamo
        .row(&format!("EXECUTION#{account}#{execution}"), "OWNER")
        .await
        .unwrap();
    assert_eq!(
        row["ttl"].as_n().unwrap(),
        &at(30 * 24 * 3600 + 1).as_second().to_string()
    );
}

#[tokio::test]
async fn an_idempotency_key_is_taken_once_by_each_user() {
    let (dynamo, table) = table().await;
    let (first, second, third) = (
        environment(1, at(0)),
        environment(2, at(0)),
        environment(3, at(0)),
    );
    let create = async |environment: &Environment, user| {
        let record = record("key", user, environment);
        let launch = NewEnvironment {
            record: Some(&record),
            ..new_launch(environment)
        };
        table.create_environment(launch).await.unwrap()
    };
    assert_eq!(create(&first, 1).await, Created::Written);
    assert_eq!(create(&first, 1).await, Created::Written);
    assert_eq!(create(&second, 1).await, Created::Overtaken);
    assert_eq!(create(&third, 2).await, Created::Written);
    assert_eq!(table.environment(second.id).await.unwrap(), None);
    let row = dynamo.row(&format!("KEY#{}#key", user(1)), "KEY").await.unwrap();
    assert_eq!(row["ttl"].as_n().unwrap(), &at(24 * 3600).as_second().to_string());
}

#[tokio::test]
async fn a_write_that_was_decided_by_an_old_row_is_stale() {
    let (_, table) = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let (completed, failed) = (moved(&new, Status::Completed), moved(&new, Status::Failed));
    update(&table, &new, &completed).await;
    let stale = table
        .update_environment(&new, &failed, &entry(&new, &failed))
        .await
        .unwrap();
    assert_eq!(stale, Updated::Stale);
    assert_eq!(table.environment(new.id).await.unwrap(), Some(completed));
    assert_eq!(table.timeline(new.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn updating_an_environment_that_does_not_exist_makes_no_row() {
    let (_, table) = table().await;
    let new = environment(1, at(0));
    let completed = moved(&new, Status::Completed);
    let stale = table
        .update_environment(&new, &completed, &entry(&new, &completed))
        .await
        .unwrap();
    assert_eq!(stale, Updated::Stale);
    assert_eq!(table.environment(new.id).await.unwrap(), None);
    assert_eq!(table.timeline(new.id).await.unwrap(), []);
}

#[tokio::test]
async fn an_instance_leads_to_its_environment_in_its_own_account() {
    let (dynamo, table) = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let launched = Environment {
        instance: Some(instance("notebook-1")),
        ..moved(&new, Status::Completed)
    };
    update(&table, &new, &launched).await;
    update(&table, &launched, &moved(&launched, Status::Stopping)).await;
    let ours = account().aws_account_id;
    let id = instance("notebook-1").id;
    dynamo.take_calls();
    assert_eq!(table.instance_owner(&ours, &id).await.unwrap(), Some(new.id));
    assert_eq!(dynamo.take_calls(), ["GetItem"]);
    assert_eq!(
        table
            .instance_owner(&"222222222222".parse().unwrap(), &id)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        table
            .instance_owner(&ours, &instance("notebook-2").id)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn an_instance_of_another_environment_is_refused() {
    let (_, table) = table().await;
    let (one, two) = (environment(1, at(0)), environment(2, at(0)));
    let with_instance = |new| Environment {
        instance: Some(instance("same")),
        ..moved(new, Status::Completed)
    };
    create(&table, &one).await;
    create(&table, &two).await;
    update(&table, &one, &with_instance(&one)).await;
    let thief = with_instance(&two);
    let error = table
        .update_environment(&two, &thief, &entry(&two, &thief))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("instance `same` belongs to another environment"),
        "{error}"
    );
    assert_eq!(table.environment(two.id).await.unwrap(), Some(two));
}

#[tokio::test]
async fn a_terminated_environment_is_in_no_list_but_can_be_read() {
    let (dynamo, table) = table().await;
    let new = environment(1, at(0));
    create(&table, &new).await;
    let terminated = moved(&new, Status::Terminated);
    let listed = async || {
        let of_project = table
            .project_environments(project_id(1), &page(10, None))
            .await
            .unwrap();
        let of_all = table.all_environments(&page(10, None)).await.unwrap();
        assert_eq!(of_project, of_all);
        of_all.data
    };
    assert_eq!(listed().await, std::slice::from_ref(&new));
    update(&table, &new, &terminated).await;
    assert_eq!(listed().await, []);
    assert_eq!(table.environment(new.id).await.unwrap(), Some(terminated));
    let row = dynamo.row(&format!("ENV#{}", new.id), "ENV").await.unwrap();
    let indexed: Vec<_> = row
        .keys()
        .filter(|name| name.ends_with("Pk") || name.ends_with("Sk"))
        .collect();
    assert_eq!(indexed, Vec::<&String>::new());
}
