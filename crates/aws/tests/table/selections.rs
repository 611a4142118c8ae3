//! Filters and sorts: the same rows as looking through all of them would find, in full pages, at a cost that does not
//! grow.

use proptest::prelude::*;
use workbench_aws::table::Updated;
use workbench_core::env_type::{EnvType, EnvTypeStatus};
use workbench_core::environment::Environment;
use workbench_core::page::{Direction, Filter, PageRequest, Selection, SortKey, invalid_token};
use workbench_core::status::Status;
use workbench_core::text::{Name, Title};

use crate::data::*;
use crate::dynamo::Dynamo;

fn selected(rows: u16, by: SortKey, direction: Direction, filter: Option<Filter>) -> PageRequest {
    PageRequest {
        selection: Selection {
            by,
            direction,
            filter,
        },
        ..page(rows, None)
    }
}

fn named(number: u32, name: &str) -> EnvType {
    EnvType {
        name: Title::new(name).unwrap(),
        status: if number.is_multiple_of(3) {
            EnvTypeStatus::NotApproved
        } else {
            EnvTypeStatus::Approved
        },
        ..env_type(number)
    }
}

/// What the operators mean, said without ranges.
fn matches(filter: &Filter, value: &str) -> bool {
    match filter {
        Filter::Eq(other) => value == other,
        Filter::Lt(other) => value < other.as_str(),
        Filter::Lte(other) => value <= other.as_str(),
        Filter::Gt(other) => value > other.as_str(),
        Filter::Gte(other) => value >= other.as_str(),
        Filter::Begins(prefix) => value.starts_with(prefix),
        Filter::Between(one, other) => (one.as_str()..=other.as_str()).contains(&value),
    }
}

fn filters() -> impl Strategy<Value = Option<Filter>> {
    let operators = prop::sample::select(vec!["eq", "lt", "lte", "gt", "gte", "begins"]);
    prop_oneof![
        Just(None),
        (operators, "[abc -]{1,2}").prop_map(|(operator, value)| Filter::new("filter", operator, value).ok()),
        ("[abc]{1,2}", "[abc]{1,2}").prop_map(|(one, other)| {
            let (low, high) = if one <= other { (one, other) } else { (other, one) };
            Filter::between("filter", low, high).ok()
        }),
    ]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_wanted_row_is_on_exactly_one_page_in_order(
        names in prop::collection::vec("[abc][abc -]{0,2}", 0..40),
        filter in filters(),
        descending in any::<bool>(),
        rows in 1..12_u16,
    ) {
        runtime().block_on(async {
            let (_, table) = Dynamo::with_table().await;
            let mut expected = Vec::new();
            for (number, name) in (1..).zip(&names) {
                let row = named(number, name);
                assert_eq!(table.create_env_type(&row).await.unwrap(), Updated::Written);
                if filter.as_ref().is_none_or(|filter| matches(filter, name)) {
                    expected.push((name.clone(), row.id.to_string()));
                }
            }
            expected.sort();
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            if descending {
                expected.reverse();
            }
            let mut request = selected(rows, SortKey::Name, direction, filter);
            let mut found = Vec::new();
            loop {
                let page = table.env_types(&request).await.unwrap();
                found.extend(page.data.iter().map(|row| (row.name.to_string(), row.id.to_string())));
                match page.pagination_token {
                    Some(token) => {
                        assert_eq!(page.data.len(), usize::from(rows));
                        request.token = Some(token);
                    }
                    None => break,
                }
            }
            assert_eq!(found, expected);
        });
    }
}

#[tokio::test]
async fn a_token_of_another_query_is_refused() {
    let (_, table) = Dynamo::with_table().await;
    for number in 1..9 {
        let _: Updated = table.create_env_type(&named(number, "a")).await.unwrap();
    }
    let eq = |value: &str| Some(Filter::Eq(value.into()));
    let asked = selected(2, SortKey::Name, Direction::Ascending, eq("a"));
    let token = table.env_types(&asked).await.unwrap().pagination_token;
    assert!(token.is_some());
    for mut other in [
        selected(2, SortKey::Name, Direction::Ascending, eq("b")),
        selected(2, SortKey::Name, Direction::Ascending, None),
        selected(2, SortKey::Name, Direction::Descending, eq("a")),
        selected(2, SortKey::Status, Direction::Ascending, eq("a")),
        page(2, None),
    ] {
        other.token.clone_from(&token);
        let error = table.env_types(&other).await.unwrap_err();
        assert_eq!(error.to_string(), invalid_token().to_string(), "{other:?}");
    }
    let larger = PageRequest {
        size: page(5, None).size,
        token,
        ..asked
    };
    assert_eq!(table.env_types(&larger).await.unwrap().data.len(), 5);
}

#[tokio::test]
async fn environments_are_found_by_each_of_their_keys() {
    let (_, table) = Dynamo::with_table().await;
    add_account(&table).await;
    let mut rows = Vec::new();
    for number in 1..7 {
        let mut row = environment_of(1 + number % 2, number, at(i64::from(number)));
        row.name = Name::new(format!("n{}", 9 - number)).unwrap();
        create(&table, &row).await;
        rows.push(row);
    }
    let stopped = moved(&rows[2], Status::Stopped);
    update(&table, &rows[2], &stopped).await;
    let gone = moved(&rows[3], Status::Terminated);
    update(&table, &rows[3], &gone).await;
    let list = async |by, direction, filter| {
        let found = table
            .all_environments(&selected(10, by, direction, filter))
            .await
            .unwrap();
        found
            .data
            .iter()
            .map(|row: &Environment| row.name.to_string())
            .collect::<Vec<_>>()
    };
    let eq = |value: String| Some(Filter::Eq(value));
    use Direction::{Ascending, Descending};
    assert_eq!(
        list(SortKey::Name, Ascending, None).await,
        ["n3", "n4", "n6", "n7", "n8"]
    );
    assert_eq!(
        list(SortKey::CreatedAt, Descending, None).await,
        ["n3", "n4", "n6", "n7", "n8"]
    );
    assert_eq!(
        list(SortKey::Status, Ascending, eq("STOPPED".into())).await,
        ["n6"]
    );
    assert_eq!(
        list(SortKey::Status, Ascending, eq("TERMINATED".into())).await,
        [""; 0]
    );
    let of_project = list(SortKey::Project, Ascending, eq(project_id(2).to_string())).await;
    assert_eq!(of_project, ["n8", "n6", "n4"]);
    assert_eq!(
        list(SortKey::Owner, Ascending, eq(user(1).to_string()))
            .await
            .len(),
        5
    );
    assert_eq!(
        list(SortKey::Owner, Ascending, eq(user(2).to_string())).await,
        [""; 0]
    );
    let begins = Some(Filter::Begins("2026-11-24T10:00:03".into()));
    assert_eq!(list(SortKey::CreatedAt, Ascending, begins).await, ["n6"]);
}
