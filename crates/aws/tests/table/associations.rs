//! Which projects may use which configurations, seen from both sides.

use workbench_aws::table::{Table, Updated};
use workbench_core::env_type::{EnvTypeConfig, Offer};

use crate::data::*;
use crate::dynamo::Dynamo;

async fn table() -> Table {
    let (_, table) = Dynamo::with_table().await;
    add_account(&table).await;
    add_project(&table, 1).await;
    add_project(&table, 2).await;
    let _: Updated = table.create_env_type(&env_type(1)).await.unwrap();
    table
}

fn offered(number: u32, offer: Offer) -> EnvTypeConfig {
    EnvTypeConfig {
        offer,
        ..config(number)
    }
}

#[tokio::test]
async fn an_association_may_be_made_and_ended_again_and_again() {
    let table = table().await;
    let config = offered(1, Offer::AssociatedProjects);
    table.create_config(&config).await.unwrap();
    for _ in 0..2 {
        assert_eq!(table.association(project_id(1), config.id).await.unwrap(), None);
        assert!(!table.has_associations(config.id).await.unwrap());
        assert!(!table.has_associated_configs(project_id(1)).await.unwrap());
        for _ in 0..2 {
            table.associate(project_id(1), &config).await.unwrap();
        }
        let made = table
            .association(project_id(1), config.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(table.association(project_id(2), config.id).await.unwrap(), None);
        assert!(table.has_associations(config.id).await.unwrap());
        assert!(table.has_associated_configs(project_id(1)).await.unwrap());
        assert_eq!(table.disassociate(&made).await.unwrap(), Updated::Written);
        assert_eq!(table.disassociate(&made).await.unwrap(), Updated::Stale);
    }
}

#[tokio::test]
async fn a_project_lists_what_is_offered_to_it_and_each_once() {
    let table = table().await;
    let role = |project| {
        Offer::Roles(vec![
            format!("{}#Researcher", project_id(project)).parse().unwrap(),
        ])
    };
    for (number, offer) in [
        (1, Offer::AssociatedProjects),
        (2, Offer::EveryProject),
        (3, role(1)),
        (4, role(2)),
        (5, Offer::AssociatedProjects),
        (6, Offer::EveryProject),
    ] {
        table.create_config(&offered(number, offer)).await.unwrap();
    }
    table.associate(project_id(1), &config(5)).await.unwrap();
    table.associate(project_id(1), &config(6)).await.unwrap();
    let list = async |project| {
        let mut numbers = Vec::new();
        let mut request = page(1, None);
        loop {
            let page = table
                .project_configs(project_id(project), &type_id(1), &request)
                .await
                .unwrap();
            numbers.extend(page.data.iter().map(|config| config.id));
            request.token = page.pagination_token;
            if request.token.is_none() {
                return numbers;
            }
        }
    };
    let ids = |numbers: &[u32]| {
        numbers
            .iter()
            .map(|number| config(*number).id)
            .collect::<Vec<_>>()
    };
    assert_eq!(list(1).await, ids(&[2, 3, 5, 6]));
    assert_eq!(list(2).await, ids(&[2, 4, 6]));
    let deleted = table
        .delete_config(&offered(2, Offer::EveryProject), at(9))
        .await
        .unwrap();
    assert_eq!(deleted, Updated::Written);
    assert_eq!(list(2).await, ids(&[4, 6]));
    let other_type = table
        .project_configs(project_id(1), &type_id(2), &page(9, None))
        .await
        .unwrap();
    assert_eq!(other_type.data, []);
}

#[tokio::test]
async fn a_configuration_lists_its_projects_but_deleted_ones() {
    let table = table().await;
    table.create_config(&config(1)).await.unwrap();
    for number in [1, 2] {
        table.associate(project_id(number), &config(1)).await.unwrap();
    }
    let list = async || {
        let found = table
            .associated_projects(config(1).id, &page(9, None))
            .await
            .unwrap();
        found.data.iter().map(|project| project.id).collect::<Vec<_>>()
    };
    assert_eq!(list().await, [project_id(1), project_id(2)]);
    let one = table.project(project_id(1)).await.unwrap().unwrap();
    assert_eq!(table.delete_project(&one, at(9)).await.unwrap(), Updated::Written);
    assert_eq!(list().await, [project_id(2)]);
}

#[tokio::test]
async fn only_what_exists_can_be_associated() {
    let table = table().await;
    let config = offered(1, Offer::AssociatedProjects);
    let refused = async |project| table.associate(project, &config).await.unwrap_err().to_string();
    let no_config = format!("environment type configuration `{}` does not exist", config.id);
    assert_eq!(refused(project_id(1)).await, no_config);
    table.create_config(&config).await.unwrap();
    assert_eq!(
        refused(project_id(3)).await,
        format!("project `{}` does not exist", project_id(3))
    );
    assert_eq!(
        table.delete_project(&project(2), at(9)).await.unwrap(),
        Updated::Written
    );
    assert_eq!(
        refused(project_id(2)).await,
        "projectId: the project is not AVAILABLE"
    );
    assert_eq!(
        table.delete_config(&config, at(9)).await.unwrap(),
        Updated::Written
    );
    assert_eq!(refused(project_id(1)).await, no_config);
    assert!(!table.has_associations(config.id).await.unwrap());
}
