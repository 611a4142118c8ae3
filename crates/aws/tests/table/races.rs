//! Two who are at it at the same time: whatever the order of their reads and writes, exactly one wins.

use workbench_aws::table::{Created, NewEnvironment, Saved, Table, Updated};
use workbench_core::env_type::{EnvTypeConfig, Offer};
use workbench_core::project::Project;
use workbench_core::status::Status;

use crate::data::*;
use crate::dynamo::Dynamo;

/// A project that is associated with configuration 1, and user 1 in it.
async fn table() -> (Table, EnvTypeConfig) {
    let (_, table) = Dynamo::with_table().await;
    add_account(&table).await;
    add_project(&table, 1).await;
    add_member(&table, &member(1, 1)).await;
    let _: Updated = table.create_env_type(&env_type(1)).await.unwrap();
    let config = EnvTypeConfig {
        offer: Offer::AssociatedProjects,
        ..config(1)
    };
    table.create_config(&config).await.unwrap();
    table.associate(project_id(1), &config).await.unwrap();
    (table, config)
}

/// A launch that was decided by what is in the table now; to be written later.
async fn launch(table: &Table, config: &EnvTypeConfig) -> impl AsyncFn() -> Created {
    let association = table
        .association(project_id(1), config.id)
        .await
        .unwrap()
        .unwrap();
    let config_rev = table.config(config.id).await.unwrap().unwrap().rev;
    let table = table.clone();
    async move || {
        let environment = environment(1, at(0));
        let launch = NewEnvironment {
            config_rev,
            association: Some(&association),
            ..new(&environment)
        };
        table.create_environment(launch).await.unwrap()
    }
}

#[tokio::test]
async fn of_a_launch_and_the_end_of_its_association_one_wins() {
    for launch_first in [true, false] {
        let (table, config) = table().await;
        let association = table
            .association(project_id(1), config.id)
            .await
            .unwrap()
            .unwrap();
        assert!(!table.uses(project_id(1), config.id).await.unwrap());
        let launch = launch(&table, &config).await;
        if launch_first {
            assert_eq!(launch().await, Created::Written);
            assert_eq!(table.disassociate(&association).await.unwrap(), Updated::Stale);
            assert!(table.uses(project_id(1), config.id).await.unwrap());
        } else {
            assert_eq!(table.disassociate(&association).await.unwrap(), Updated::Written);
            assert_eq!(launch().await, Created::Overtaken);
        }
    }
}

#[tokio::test]
async fn of_a_launch_and_the_deletion_of_its_project_one_wins() {
    for launch_first in [true, false] {
        let (table, config) = table().await;
        let project = table.project(project_id(1)).await.unwrap().unwrap();
        assert!(!table.has_environments(project.id).await.unwrap());
        let launch = launch(&table, &config).await;
        if launch_first {
            assert_eq!(launch().await, Created::Written);
            assert_eq!(
                table.delete_project(&project, at(9)).await.unwrap(),
                Updated::Stale
            );
            assert!(table.has_environments(project.id).await.unwrap());
        } else {
            assert_eq!(
                table.delete_project(&project, at(9)).await.unwrap(),
                Updated::Written
            );
            assert_eq!(launch().await, Created::Overtaken);
        }
    }
}

#[tokio::test]
async fn of_an_association_and_the_deletion_of_its_project_one_wins() {
    for associate_first in [true, false] {
        let (table, config) = table().await;
        add_project(&table, 2).await;
        let read = table.project(project_id(2)).await.unwrap().unwrap();
        if associate_first {
            table.associate(project_id(2), &config).await.unwrap();
            assert_eq!(table.delete_project(&read, at(9)).await.unwrap(), Updated::Stale);
        } else {
            assert_eq!(
                table.delete_project(&read, at(9)).await.unwrap(),
                Updated::Written
            );
            assert!(table.associate(project_id(2), &config).await.is_err());
        }
    }
}

#[tokio::test]
async fn of_an_association_and_the_deletion_of_its_configuration_one_wins() {
    let (table, config) = table().await;
    add_project(&table, 2).await;
    let read = table.config(config.id).await.unwrap().unwrap();
    table.associate(project_id(2), &config).await.unwrap();
    assert_eq!(table.delete_config(&read, at(9)).await.unwrap(), Updated::Stale);
}

#[tokio::test]
async fn of_two_projects_with_one_name_one_is_made() {
    let (table, _) = table().await;
    let named = |number| Project {
        name: project(9).name,
        ..project(number)
    };
    let (first, second) = (named(2), named(3));
    let (first, second) = tokio::join!(table.create_project(&first), table.create_project(&second));
    let mut saved = [first.unwrap(), second.unwrap()];
    saved.sort_by_key(|saved| *saved == Saved::NameTaken);
    assert_eq!(saved, [Saved::Written, Saved::NameTaken]);
}

#[tokio::test]
async fn what_is_failed_does_not_hold_an_association_but_a_project() {
    let (table, config) = table().await;
    assert_eq!((launch(&table, &config).await)().await, Created::Written);
    let pending = environment(1, at(0));
    assert!(table.uses(project_id(1), config.id).await.unwrap());
    let failed = moved(&pending, Status::Failed);
    update(&table, &pending, &failed).await;
    assert!(!table.uses(project_id(1), config.id).await.unwrap());
    assert!(table.has_environments(project_id(1)).await.unwrap());
    update(&table, &failed, &moved(&failed, Status::Terminated)).await;
    assert!(!table.has_environments(project_id(1)).await.unwrap());
}
