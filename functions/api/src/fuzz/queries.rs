//! Queries of lists: pages, filters and sorts.

use bolero::{Driver, ValueGenerator, check};
use workbench_core::Error;
use workbench_core::page::{Direction, Filter, PageRequest, SortKey};
use workbench_fuzz::Edited;

use crate::environments::list::KEYS;
use crate::query::Query;

/// Keys and values of queries, in any number and order.
struct Pairs;

const NAMES: [&str; 16] = [
    "pageSize",
    "paginationToken",
    "filter[name][eq]",
    "filter[status][eq]",
    "filter[createdAt][gte]",
    "filter[createdAt][between][value1]",
    "filter[createdAt][between][value2]",
    "filter[owner][begins]",
    "filter[projectId][lt]",
    "filter[name][between][value1]",
    "filter[name][between][value2]",
    "sort[name]",
    "sort[createdAt]",
    "sort[status]",
    "projectId",
    "filter",
];

const VALUES: [&str; 10] = [
    "50",
    "asc",
    "desc",
    "test",
    "STOPPED",
    "2026-11-24",
    "2026-11-24T10:00:00Z",
    "2026-11-24T10:00:00.5Z",
    "a b+c",
    "e30",
];

impl ValueGenerator for Pairs {
    type Output = Vec<(String, String)>;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Self::Output> {
        let length = driver.gen_variant(4, 0)?;
        let pair = |_| {
            Some((
                Edited::of(&NAMES).generate(driver)?,
                Edited::of(&VALUES).generate(driver)?,
            ))
        };
        (0..length).map(pair).collect()
    }
}

fn page(text: &str) -> Result<PageRequest, Error> {
    let mut query = Query::parse(text)?;
    let page = query.page(&KEYS)?;
    query.end()?;
    Ok(page)
}

fn encoded(pairs: &[(String, String)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap()
}

/// The query that asks for a page, spelled anew.
fn spelled(page: &PageRequest) -> String {
    let mut pairs = vec![("pageSize".to_owned(), page.size.get().to_string())];
    pairs.extend(
        page.token
            .iter()
            .map(|token| ("paginationToken".to_owned(), token.clone())),
    );
    let by = page.selection.by.label();
    let direction = match page.selection.direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    pairs.push((format!("sort[{by}]"), direction.to_owned()));
    let mut filter = |operator: &str, value: &String| {
        pairs.push((format!("filter[{by}][{operator}]"), value.clone()));
    };
    match &page.selection.filter {
        None => {}
        Some(Filter::Eq(value)) => filter("eq", value),
        Some(Filter::Lt(value)) => filter("lt", value),
        Some(Filter::Lte(value)) => filter("lte", value),
        Some(Filter::Gt(value)) => filter("gt", value),
        Some(Filter::Gte(value)) => filter("gte", value),
        Some(Filter::Begins(value)) => filter("begins", value),
        Some(Filter::Between(one, other)) => {
            filter("between][value1", one);
            filter("between][value2", other);
        }
    }
    encoded(&pairs)
}

#[test]
fn a_query_asks_for_a_page_or_its_fault_is_named() {
    check!()
        .with_generator(Pairs)
        .for_each(|pairs| match page(&encoded(pairs)) {
            Ok(read) => {
                // A list has an order even where none is given.
                let known = KEYS.contains(&read.selection.by) || read.selection.by == SortKey::CreatedAt;
                assert!(known, "{pairs:?}");
                // DynamoDB refuses a range that is turned round.
                let bounds = read
                    .selection
                    .filter
                    .as_ref()
                    .map(Filter::bounds)
                    .unwrap_or_default();
                assert!(bounds.to.is_none() || bounds.from <= bounds.to, "{pairs:?}");
                if KEYS.contains(&read.selection.by) {
                    assert_eq!(page(&spelled(&read)), Ok(read), "{pairs:?}");
                }
            }
            Err(refusal) => {
                let refusal = refusal.to_string();
                let named = ["query", "pageSize", "paginationToken", "filter", "sort"];
                assert!(
                    named.iter().any(|name| refusal.starts_with(name)),
                    "{refusal}: {pairs:?}"
                );
            }
        });
}

#[test]
fn texts() {
    let examples = [
        "pageSize=7&paginationToken=a%2Bb%3D",
        "filter[name][eq]=a+b&sort[name]=asc",
        "filter%5Bname%5D=%",
    ];
    check!().with_generator(Edited::of(&examples)).for_each(|text| {
        let _ = page(text);
    });
}
