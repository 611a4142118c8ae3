//! Projects, their names, and their members.

use workbench_aws::Error;
use workbench_aws::table::{Saved, Table, Updated};
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::page::{Filter, PageRequest, Selection, SortKey};
use workbench_core::project::{Membership, Project, ProjectRole};
use workbench_core::text::Name;

use crate::data::*;
use crate::dynamo::Dynamo;

async fn table() -> (Dynamo, Table) {
    let (dynamo, table) = Dynamo::with_table().await;
    add_project(&table, 1).await;
    (dynamo, table)
}

fn renamed(project: &Project, name: &str) -> Project {
    Project {
        name: Name::new(name).unwrap(),
        rev: project.rev + 1,
        ..project.clone()
    }
}

#[tokio::test]
async fn a_name_is_taken_until_its_project_is_deleted_or_renamed() {
    let (_, table) = table().await;
    let named_alike = Project {
        name: project(1).name,
        ..project(2)
    };
    assert_eq!(
        table.create_project(&named_alike).await.unwrap(),
        Saved::NameTaken
    );
    assert_eq!(table.project(project_id(2)).await.unwrap(), None);
    assert_eq!(table.create_project(&project(2)).await.unwrap(), Saved::Written);
    let taken = renamed(&project(2), "genomes-1");
    assert_eq!(
        table.update_project(&project(2), &taken).await.unwrap(),
        Saved::NameTaken
    );

    let other = renamed(&project(1), "proteins");
    assert_eq!(
        table.update_project(&project(1), &other).await.unwrap(),
        Saved::Written
    );
    assert_eq!(
        table.update_project(&project(2), &taken).await.unwrap(),
        Saved::Written
    );
    assert_eq!(
        table.delete_project(&other, at(9)).await.unwrap(),
        Updated::Written
    );
    let again = renamed(&project(3), "proteins");
    assert_eq!(table.create_project(&again).await.unwrap(), Saved::Written);
}

#[tokio::test]
async fn a_project_needs_a_cost_centre_that_is_available() {
    let (_, table) = Dynamo::with_table().await;
    assert_eq!(table.create_project(&project(1)).await.unwrap(), Saved::Stale);
    add_account(&table).await;
    let deleted = CostCenter {
        status: CostCenterStatus::Deleted,
        rev: cost_center().rev + 1,
        ..cost_center()
    };
    let written = table.update_cost_center(&cost_center(), &deleted).await.unwrap();
    assert_eq!(written, Updated::Written);
    assert_eq!(table.create_project(&project(1)).await.unwrap(), Saved::Stale);
}

#[tokio::test]
async fn a_project_is_changed_only_by_who_read_the_latest() {
    let (_, table) = table().await;
    let after = renamed(&project(1), "genomes-1");
    assert_eq!(
        table.update_project(&project(1), &after).await.unwrap(),
        Saved::Written
    );
    assert_eq!(
        table.update_project(&project(1), &after).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(
        table.delete_project(&project(1), at(9)).await.unwrap(),
        Updated::Stale
    );
    let unknown = project(2);
    assert_eq!(
        table.update_project(&unknown, &unknown).await.unwrap(),
        Saved::Stale
    );
}

#[tokio::test]
async fn a_deleted_project_is_in_no_list_and_can_still_be_read() {
    let (_, table) = table().await;
    add_project(&table, 2).await;
    add_member(&table, &member(1, 1)).await;
    add_member(&table, &member(1, 2)).await;
    assert_eq!(
        table.delete_project(&project(1), at(9)).await.unwrap(),
        Updated::Written
    );
    let request = page(10, None);
    assert_eq!(table.projects(&request).await.unwrap().data, [project(2)]);
    assert_eq!(
        table.projects_of(user(1), &request).await.unwrap().data,
        [project(2)]
    );
    assert!(table.project(project_id(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_sees_a_project_finds_it_by_the_same_query() {
    let (_, table) = Dynamo::with_table().await;
    for number in 1..30 {
        add_project(&table, number).await;
        add_member(&table, &member(1, number)).await;
    }
    let begins = |prefix: &str| Some(Filter::Begins(prefix.into()));
    let cost_center = Some(Filter::Eq(cost_center().id.to_string()));
    for (by, filter) in [
        (SortKey::Name, None),
        (SortKey::Name, begins("genomes-1")),
        (SortKey::Status, begins("AVAIL")),
        (SortKey::CostCenter, cost_center),
        (SortKey::CreatedAt, None),
    ] {
        for direction in [
            workbench_core::page::Direction::Ascending,
            workbench_core::page::Direction::Descending,
        ] {
            let mut all = PageRequest {
                selection: Selection {
                    by,
                    direction,
                    filter: filter.clone(),
                },
                ..page(7, None)
            };
            let mut own = all.clone();
            loop {
                let (of_all, of_user) = (
                    table.projects(&all).await.unwrap(),
                    table.projects_of(user(1), &own).await.unwrap(),
                );
                assert_eq!(of_all.data, of_user.data, "{all:?}");
                assert!(!of_all.data.is_empty());
                assert_eq!(
                    of_all.pagination_token.is_some(),
                    of_user.pagination_token.is_some()
                );
                if of_all.pagination_token.is_none() {
                    break;
                }
                (all.token, own.token) = (of_all.pagination_token, of_user.pagination_token);
            }
        }
    }
}

#[tokio::test]
async fn members_are_listed_by_role() {
    let (_, table) = table().await;
    for number in 1..=5 {
        add_member(&table, &member(number, 1)).await;
    }
    let less = Membership {
        roles: vec![ProjectRole::Researcher],
        ..member(3, 1)
    };
    let before = member(3, 1);
    assert_eq!(
        table.set_membership(Some(&before), &less).await.unwrap(),
        Updated::Written
    );
    let first = table
        .members(project_id(1), ProjectRole::ProjectAdmin, &page(3, None))
        .await
        .unwrap();
    assert_eq!(first.data, [user(1), user(2), user(4)]);
    let rest = page(3, first.pagination_token.as_deref());
    let second = table
        .members(project_id(1), ProjectRole::ProjectAdmin, &rest)
        .await
        .unwrap();
    assert_eq!((second.data, second.pagination_token), (vec![user(5)], None));
    let researchers = table
        .members(project_id(1), ProjectRole::Researcher, &page(10, None))
        .await
        .unwrap();
    assert_eq!(researchers.data.len(), 5);
}

#[tokio::test]
async fn of_two_changes_of_one_member_one_is_told_to_decide_again() {
    let (_, table) = table().await;
    let as_role = |role| Membership {
        roles: vec![role],
        ..member(1, 1)
    };
    let (admin, researcher) = (
        as_role(ProjectRole::ProjectAdmin),
        as_role(ProjectRole::Researcher),
    );
    assert_eq!(
        table.set_membership(None, &admin).await.unwrap(),
        Updated::Written
    );
    assert_eq!(
        table.set_membership(None, &researcher).await.unwrap(),
        Updated::Stale
    );
    assert_eq!(
        table.remove_membership(&researcher).await.unwrap(),
        Updated::Stale
    );
    assert_eq!(
        table.membership(user(1), project_id(1)).await.unwrap(),
        Some(admin)
    );
}

#[tokio::test]
async fn everybody_is_taken_out_of_a_project() {
    let (_, table) = table().await;
    add_project(&table, 2).await;
    for number in 1..=70 {
        add_member(&table, &member(number, 1)).await;
    }
    add_member(&table, &member(1, 2)).await;
    table.remove_members(project_id(1)).await.unwrap();
    for role in ProjectRole::ALL {
        assert_eq!(
            table
                .members(project_id(1), role, &page(10, None))
                .await
                .unwrap()
                .data,
            []
        );
    }
    assert_eq!(table.memberships(user(1)).await.unwrap(), [member(1, 2)]);
}

#[tokio::test]
async fn nobody_becomes_a_member_of_a_project_that_is_not_available() {
    let (_, table) = table().await;
    assert_eq!(
        table.delete_project(&project(1), at(9)).await.unwrap(),
        Updated::Written
    );
    for number in [1, 2] {
        let error = table.set_membership(None, &member(1, number)).await.unwrap_err();
        let expected = format!("project `{}` does not exist", project_id(number));
        assert_eq!(error.to_string(), expected);
    }
    assert!(table.memberships(user(1)).await.unwrap().is_empty());
}

#[tokio::test]
async fn accounts_are_replaced_only_by_who_read_the_latest() {
    let (_, table) = Dynamo::with_table().await;
    let mut account = account();
    table.put_account(&account).await.unwrap();
    let error = table.put_account(&account).await.unwrap_err();
    assert!(matches!(
        error,
        Error::Refused(workbench_core::Error::Conflict(_))
    ));
    account.rev += 1;
    account.name = Name::new("other").unwrap();
    table.put_account(&account).await.unwrap();
    assert_eq!(table.account(account.id).await.unwrap(), Some(account));
}
