//! Pages: every row once and in order, tokens, what a page costs.

use jiff::Timestamp;
use workbench_aws::Error;
use workbench_aws::table::Table;
use workbench_core::environment::Environment;
use workbench_core::id::EnvironmentId;
use workbench_core::page::{Page, invalid_token};

use crate::data::*;
use crate::dynamo::Dynamo;

async fn table() -> (Dynamo, Table) {
    let (dynamo, table) = Dynamo::with_table().await;
    add_account(&table).await;
    (dynamo, table)
}

/// Writes environments of project 1 in an order that is not that of their times; five share each time.
async fn fill(table: &Table, numbers: std::ops::Range<u32>) -> Vec<EnvironmentId> {
    let mut rows: Vec<(Timestamp, EnvironmentId)> = Vec::new();
    for number in numbers {
        let environment = environment(number, at(i64::from(number * 7_919 % 1_009 / 5)));
        create(table, &environment).await;
        rows.push((environment.created_at, environment.id));
    }
    rows.sort_by_key(|(created, id)| (*created, id.to_string()));
    rows.into_iter().map(|(_, id)| id).collect()
}

/// Reads a list to its end; every page but the last is full.
async fn walk(size: u16, read: impl AsyncFn(Option<&str>) -> Page<Environment>) -> Vec<EnvironmentId> {
    let mut ids = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let page = read(token.as_deref()).await;
        ids.extend(page.data.iter().map(|environment| environment.id));
        token = page.pagination_token;
        match token {
            Some(_) => assert_eq!(page.data.len(), usize::from(size)),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn every_row_is_on_exactly_one_page_in_order_of_creation() {
    let (_, table) = table().await;
    let expected = fill(&table, 0..110).await;
    for size in [1, 7, 100] {
        let all = walk(size, async |token| {
            table.all_environments(&page(size, token)).await.unwrap()
        })
        .await;
        assert_eq!(all, expected, "all, {size:?}");
        let read = async |token: Option<&str>| {
            table
                .project_environments(project_id(1), &page(size, token))
                .await
                .unwrap()
        };
        assert_eq!(walk(size, read).await, expected, "of the project, {size:?}");
    }
}

#[tokio::test]
async fn the_last_page_has_no_token_even_if_it_is_full() {
    let (_, table) = table().await;
    fill(&table, 0..6).await;
    let first = table.all_environments(&page(3, None)).await.unwrap();
    let second = table
        .all_environments(&page(3, first.pagination_token.as_deref()))
        .await
        .unwrap();
    assert_eq!((second.data.len(), second.pagination_token), (3, None));
    assert_eq!(
        table
            .all_environments(&page(6, None))
            .await
            .unwrap()
            .pagination_token,
        None
    );
    assert_eq!(
        table
            .project_environments(project_id(1), &page(6, None))
            .await
            .unwrap()
            .pagination_token,
        None
    );
}

#[tokio::test]
async fn a_project_lists_its_own_environments() {
    let (_, table) = table().await;
    let (ours, theirs) = (environment_of(1, 1, at(0)), environment_of(2, 2, at(0)));
    create(&table, &ours).await;
    create(&table, &theirs).await;
    assert_eq!(
        table
            .project_environments(project_id(1), &page(10, None))
            .await
            .unwrap()
            .data,
        [ours]
    );
    assert_eq!(
        table
            .project_environments(project_id(2), &page(10, None))
            .await
            .unwrap()
            .data,
        [theirs]
    );
    assert_eq!(
        table
            .project_environments(project_id(3), &page(10, None))
            .await
            .unwrap()
            .data,
        []
    );
}

#[tokio::test]
async fn a_row_that_comes_while_pages_are_read_moves_no_other_row() {
    let (_, table) = table().await;
    let expected = fill(&table, 0..20).await;
    let first = table.all_environments(&page(10, None)).await.unwrap();
    create(&table, &environment(900, at(-5))).await;
    let second = table
        .all_environments(&page(10, first.pagination_token.as_deref()))
        .await
        .unwrap();
    let ids: Vec<_> = first
        .data
        .iter()
        .chain(&second.data)
        .map(|environment| environment.id)
        .collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_token_of_another_list_or_of_nobody_is_refused() {
    let (_, table) = table().await;
    fill(&table, 0..5).await;
    let of_all = table
        .all_environments(&page(2, None))
        .await
        .unwrap()
        .pagination_token
        .unwrap();
    let of_project = table
        .project_environments(project_id(1), &page(2, None))
        .await
        .unwrap()
        .pagination_token
        .unwrap();
    let refused = |error: Error| matches!(error, Error::Refused(error) if error == invalid_token());
    for wrong in [of_project.as_str(), "", "garbage", "e30", &of_all[1..]] {
        assert!(
            refused(table.all_environments(&page(2, Some(wrong))).await.unwrap_err()),
            "{wrong}"
        );
    }
    assert!(refused(
        table
            .project_environments(project_id(2), &page(2, Some(&of_project)))
            .await
            .unwrap_err()
    ));
    assert!(refused(
        table
            .project_environments(project_id(1), &page(2, Some(&of_all)))
            .await
            .unwrap_err()
    ));
    assert!(refused(
        table.env_types(&page(2, Some(&of_all))).await.unwrap_err()
    ));
    assert!(refused(
        table
            .configs(&type_id(1), &page(2, Some(&of_project)))
            .await
            .unwrap_err()
    ));
}

#[tokio::test]
async fn w09_one_bad_row_never_breaks_a_list() {
    let (dynamo, table) = table().await;
    let expected = fill(&table, 0..5).await;
    let bad = expected[2];
    dynamo.spoil(&format!("ENV#{bad}"), "ENV", "lifecycle").await;
    let rest: Vec<_> = expected.iter().copied().filter(|id| *id != bad).collect();
    let ids = |page: Page<Environment>| page.data.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(table.all_environments(&page(10, None)).await.unwrap()), rest);
    assert_eq!(
        ids(table
            .project_environments(project_id(1), &page(10, None))
            .await
            .unwrap()),
        rest
    );
    let first = table
        .project_environments(project_id(1), &page(3, None))
        .await
        .unwrap();
    let next = table
        .project_environments(project_id(1), &page(3, first.pagination_token.as_deref()))
        .await
        .unwrap();
    assert_eq!([ids(first), ids(next)].concat(), rest);
    let error = table.environment(bad).await.unwrap_err();
    assert!(
        matches!(&error, Error::Row { key, .. } if *key == format!("ENV#{bad}/ENV")),
        "{error}"
    );
}

#[tokio::test]
async fn a_page_costs_the_same_however_many_rows_there_are() {
    let (dynamo, table) = table().await;
    let cost_of_project = async || {
        dynamo.take_capacity();
        assert_eq!(
            table
                .project_environments(project_id(1), &page(5, None))
                .await
                .unwrap()
                .data
                .len(),
            5
        );
        dynamo.take_capacity()
    };
    let cost_of_all = async || {
        dynamo.take_capacity();
        dynamo.take_calls();
        assert_eq!(
            table.all_environments(&page(5, None)).await.unwrap().data.len(),
            5
        );
        assert!(dynamo.take_calls().len() <= 10);
        dynamo.take_capacity()
    };
    fill(&table, 0..10).await;
    let few = cost_of_project().await;
    assert!(few > 0.0);
    fill(&table, 10..200).await;
    let all_of_some = cost_of_all().await;
    fill(&table, 200..300).await;
    assert_eq!(cost_of_project().await, few);
    assert!(cost_of_all().await <= all_of_some, "{all_of_some}");
}
