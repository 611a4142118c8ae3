//! Environment types, configurations and associations.

use workbench_aws::Error;
use workbench_aws::table::{Registered, Table, Updated};
use workbench_core::env_type::{ConfigStatus, EnvType, EnvTypeConfig, EnvTypeStatus, Offer};

use crate::data::*;
use crate::dynamo::{Dynamo, TABLE};

async fn table() -> Table {
    let (_, table) = Dynamo::with_table().await;
    table.put_project(&project(1)).await.unwrap();
    table.create_env_type(&env_type(1)).await.unwrap();
    table
}

#[tokio::test]
async fn an_environment_type_is_created_once() {
    let table = table().await;
    let error = table.create_env_type(&env_type(1)).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused(workbench_core::Error::Conflict(_))),
        "{error}"
    );
    assert_eq!(table.env_type(&type_id(1)).await.unwrap(), Some(env_type(1)));
    assert_eq!(table.env_type(&type_id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn registering_leaves_a_type_as_an_admin_has_it() {
    let table = table().await;
    let made = EnvType {
        status: EnvTypeStatus::NotApproved,
        ..env_type(1)
    };
    assert_eq!(table.register_env_type(&made).await.unwrap(), Registered::Exists);
    assert_eq!(table.env_type(&type_id(1)).await.unwrap(), Some(env_type(1)));
    for expected in [Registered::Written, Registered::Exists] {
        assert_eq!(table.register_env_type(&env_type(2)).await.unwrap(), expected);
    }
    assert_eq!(table.env_type(&type_id(2)).await.unwrap(), Some(env_type(2)));
}

#[tokio::test]
async fn all_environment_types_are_listed_in_order() {
    let table = table().await;
    for number in (2..20).rev() {
        table.create_env_type(&env_type(number)).await.unwrap();
    }
    let first = table.env_types(size(12), None).await.unwrap();
    let second = table
        .env_types(size(12), first.pagination_token.as_deref())
        .await
        .unwrap();
    assert_eq!(second.pagination_token, None);
    let all: Vec<EnvType> = first.data.into_iter().chain(second.data).collect();
    assert_eq!(all, (1..20).map(env_type).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_environment_type_is_changed_only_by_who_read_the_latest() {
    let table = table().await;
    let before = env_type(1);
    let after = EnvType {
        status: EnvTypeStatus::NotApproved,
        rev: 2,
        ..before.clone()
    };
    assert_eq!(
        table.update_env_type(&before, &after).await.unwrap(),
        Updated::Written
    );
    assert_eq!(
        table.update_env_type(&before, &after).await.unwrap(),
        Updated::Stale
    );
    assert_eq!(table.env_type(&type_id(1)).await.unwrap(), Some(after));
    let unknown = env_type(2);
    assert_eq!(
        table.update_env_type(&unknown, &unknown).await.unwrap(),
        Updated::Stale
    );
    assert_eq!(table.env_type(&type_id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_configuration_makes_older_reads_of_its_type_stale() {
    let table = table().await;
    let read = table.env_type(&type_id(1)).await.unwrap().unwrap();
    assert!(!table.has_configs(&type_id(1)).await.unwrap());
    table.create_config(&config(1)).await.unwrap();
    assert!(table.has_configs(&type_id(1)).await.unwrap());
    let after = EnvType {
        status: EnvTypeStatus::NotApproved,
        rev: read.rev + 1,
        ..read.clone()
    };
    assert_eq!(
        table.update_env_type(&read, &after).await.unwrap(),
        Updated::Stale
    );
}

#[tokio::test]
async fn a_configuration_needs_an_approved_type() {
    let table = table().await;
    let before = env_type(1);
    let after = EnvType {
        status: EnvTypeStatus::NotApproved,
        rev: 2,
        ..before.clone()
    };
    assert_eq!(
        table.update_env_type(&before, &after).await.unwrap(),
        Updated::Written
    );
    let error = table.create_config(&config(1)).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused(workbench_core::Error::WrongState(_))),
        "{error}"
    );
    let orphan = EnvTypeConfig {
        env_type_id: type_id(2),
        ..config(1)
    };
    let error = table.create_config(&orphan).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("envTypeId: environment type `{}` does not exist", type_id(2))
    );
    assert_eq!(table.config(config(1).id).await.unwrap(), None);
    assert!(!table.has_configs(&type_id(1)).await.unwrap());
    assert!(!table.has_configs(&type_id(2)).await.unwrap());
}

#[tokio::test]
async fn a_configuration_is_created_once_and_reads_back() {
    let table = table().await;
    let offers = [Offer::AssociatedProjects, Offer::EveryProject, config(1).offer];
    for (number, offer) in (1..).zip(offers) {
        let config = EnvTypeConfig {
            offer,
            estimated_cost: None,
            ..config(number)
        };
        table.create_config(&config).await.unwrap();
        assert_eq!(table.config(config.id).await.unwrap(), Some(config));
    }
    let error = table.create_config(&config(1)).await.unwrap_err();
    assert!(
        matches!(error, Error::Refused(workbench_core::Error::Conflict(_))),
        "{error}"
    );
}

#[tokio::test]
async fn a_deleted_configuration_is_in_no_list_but_can_be_read() {
    let table = table().await;
    for number in 1..4 {
        table.create_config(&config(number)).await.unwrap();
    }
    let first = table.configs(&type_id(1), size(2), None).await.unwrap();
    assert_eq!(first.data, [config(1), config(2)]);
    let second = table
        .configs(&type_id(1), size(2), first.pagination_token.as_deref())
        .await
        .unwrap();
    assert_eq!((second.data, second.pagination_token), (vec![config(3)], None));

    for number in 1..4 {
        assert!(table.has_configs(&type_id(1)).await.unwrap());
        assert_eq!(
            table.delete_config(&config(number), at(9)).await.unwrap(),
            Updated::Written
        );
    }
    assert!(!table.has_configs(&type_id(1)).await.unwrap());
    assert_eq!(table.configs(&type_id(1), size(2), None).await.unwrap().data, []);
    let kept = table.config(config(1).id).await.unwrap().unwrap();
    assert_eq!(
        (kept.status, kept.rev, kept.updated_at),
        (ConfigStatus::Deleted, 2, at(9))
    );
    assert_eq!(
        table.delete_config(&config(1), at(9)).await.unwrap(),
        Updated::Stale
    );
}

#[tokio::test]
async fn a_configuration_is_changed_only_by_who_read_the_latest() {
    let table = table().await;
    table.create_config(&config(1)).await.unwrap();
    let after = EnvTypeConfig {
        estimated_cost: None,
        rev: 2,
        ..config(1)
    };
    assert_eq!(
        table.update_config(&config(1), &after).await.unwrap(),
        Updated::Written
    );
    assert_eq!(
        table.update_config(&config(1), &after).await.unwrap(),
        Updated::Stale
    );
    assert_eq!(table.config(config(1).id).await.unwrap(), Some(after));
    assert_eq!(
        table.update_config(&config(2), &config(2)).await.unwrap(),
        Updated::Stale
    );
}

#[tokio::test]
async fn an_association_may_be_made_and_unmade_again_and_again() {
    let table = table().await;
    let config = config(1).id;
    table.create_config(&crate::data::config(1)).await.unwrap();
    for _ in 0..2 {
        assert!(!table.associated(project_id(1), config).await.unwrap());
        assert!(!table.has_associations(config).await.unwrap());
        for _ in 0..2 {
            table.associate(project_id(1), config).await.unwrap();
        }
        assert!(table.associated(project_id(1), config).await.unwrap());
        assert!(!table.associated(project_id(2), config).await.unwrap());
        assert!(table.has_associations(config).await.unwrap());
        for _ in 0..2 {
            table.disassociate(project_id(1), config).await.unwrap();
        }
    }
    assert!(!table.associated(project_id(1), config).await.unwrap());
}

#[tokio::test]
async fn a_configuration_that_was_associated_meanwhile_is_not_deleted() {
    let table = table().await;
    table.create_config(&config(1)).await.unwrap();
    let read = table.config(config(1).id).await.unwrap().unwrap();
    assert!(!table.has_associations(read.id).await.unwrap());
    table.associate(project_id(1), read.id).await.unwrap();
    assert_eq!(table.delete_config(&read, at(9)).await.unwrap(), Updated::Stale);
}

#[tokio::test]
async fn only_what_exists_can_be_associated() {
    let table = table().await;
    let id = config(1).id;
    let missing = async |project| table.associate(project, id).await.unwrap_err().to_string();
    assert_eq!(
        missing(project_id(1)).await,
        format!("environment type configuration `{id}` does not exist")
    );
    table.create_config(&config(1)).await.unwrap();
    assert_eq!(
        missing(project_id(2)).await,
        format!("project `{}` does not exist", project_id(2))
    );
    assert_eq!(
        table.delete_config(&config(1), at(9)).await.unwrap(),
        Updated::Written
    );
    assert_eq!(
        missing(project_id(1)).await,
        format!("environment type configuration `{id}` does not exist")
    );
    assert!(!table.has_associations(id).await.unwrap());
}

#[tokio::test]
async fn the_table_expires_rows_and_has_three_indexes() {
    let (dynamo, table) = Dynamo::with_table().await;
    let described = dynamo
        .client()
        .describe_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    let mut names: Vec<_> = described
        .global_secondary_indexes()
        .iter()
        .filter_map(|index| index.index_name())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["all", "inflight", "list"]);
    let expiry = dynamo
        .client()
        .describe_time_to_live()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    assert_eq!(
        expiry.time_to_live_description.unwrap().attribute_name(),
        Some("ttl")
    );
    let error = table.create_table().await.unwrap_err();
    assert!(
        matches!(&error, Error::Aws(fault) if fault.operation == "CreateTable"),
        "{error}"
    );
}
