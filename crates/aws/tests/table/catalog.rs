//! Environment types and configurations.

use workbench_aws::Error;
use workbench_aws::table::{Table, Updated};
use workbench_core::env_type::{ConfigStatus, EnvType, EnvTypeConfig, EnvTypeStatus, Offer};

use crate::data::*;
use crate::dynamo::{Dynamo, TABLE};

async fn table() -> Table {
    let (_, table) = Dynamo::with_table().await;
    add_project(&table, 1).await;
    assert_eq!(
        table.create_env_type(&env_type(1)).await.unwrap(),
        Updated::Written
    );
    table
}

#[tokio::test]
async fn an_environment_type_is_created_once() {
    let table = table().await;
    assert_eq!(table.create_env_type(&env_type(1)).await.unwrap(), Updated::Stale);
    assert_eq!(table.env_type(&type_id(1)).await.unwrap(), Some(env_type(1)));
    assert_eq!(table.env_type(&type_id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn all_environment_types_are_listed_in_order() {
    let table = table().await;
    for number in (2..20).rev() {
        let created = table.create_env_type(&env_type(number)).await.unwrap();
        assert_eq!(created, Updated::Written);
    }
    let first = table.env_types(&page(12, None)).await.unwrap();
    let second = table
        .env_types(&page(12, first.pagination_token.as_deref()))
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
    assert_eq!(table.first_configs(&type_id(1)).await.unwrap(), []);
    table.create_config(&config(1)).await.unwrap();
    assert_eq!(table.first_configs(&type_id(1)).await.unwrap(), [config(1)]);
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
    assert_eq!(table.first_configs(&type_id(1)).await.unwrap(), []);
    assert_eq!(table.first_configs(&type_id(2)).await.unwrap(), []);
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
    // A request that was cut off after its write is made again.
    let again = EnvTypeConfig { rev: 7, ..config(1) };
    table.create_config(&again).await.unwrap();
    assert_eq!(table.config(again.id).await.unwrap().unwrap().rev, 1);
}

#[tokio::test]
async fn a_deleted_configuration_is_in_no_list_but_can_be_read() {
    let table = table().await;
    for number in 1..4 {
        table.create_config(&config(number)).await.unwrap();
    }
    let first = table.configs(&type_id(1), &page(2, None)).await.unwrap();
    assert_eq!(first.data, [config(1), config(2)]);
    let second = table
        .configs(&type_id(1), &page(2, first.pagination_token.as_deref()))
        .await
        .unwrap();
    assert_eq!((second.data, second.pagination_token), (vec![config(3)], None));

    for number in 1..4 {
        let left: Vec<_> = (number..4).map(config).collect();
        assert_eq!(table.first_configs(&type_id(1)).await.unwrap(), left);
        assert_eq!(
            table.delete_config(&config(number), at(9)).await.unwrap(),
            Updated::Written
        );
    }
    assert_eq!(table.first_configs(&type_id(1)).await.unwrap(), []);
    assert_eq!(table.configs(&type_id(1), &page(2, None)).await.unwrap().data, []);
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
async fn the_table_expires_rows_and_has_its_indexes() {
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
    assert_eq!(
        names,
        ["all", "inflight", "list", "name", "owner", "parent", "status"]
    );
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
