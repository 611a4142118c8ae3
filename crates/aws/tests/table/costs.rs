//! What a page of each list costs: the same at 100, 10,000 and 100,000 rows.

use std::pin::Pin;

use workbench_aws::table::Table;
use workbench_core::page::{Direction, Filter, PageRequest, Selection, SortKey};
use workbench_core::project::ProjectRole;

use crate::data::*;
use crate::dynamo::Dynamo;
use crate::endless::{Asked, Endless, Kind, as_json};

/// How many rows a page has here.
const ROWS: u16 = 20;

/// How many rows a page had, and the token of the next.
type Reading = Pin<Box<dyn Future<Output = (usize, Option<String>)>>>;

/// A list of the API.
struct List {
    kind: Kind,
    read: fn(Table, PageRequest) -> Reading,
    /// What it can be sorted by.
    keys: &'static [SortKey],
}

macro_rules! reading {
    (|$table:ident, $request:ident| $page:expr) => {
        |$table, $request| {
            Box::pin(async move {
                let page = $page.await.unwrap();
                (page.data.len(), page.pagination_token)
            })
        }
    };
}

const BY_TIME: &[SortKey] = &[SortKey::CreatedAt];
const BY_NAME: &[SortKey] = &[SortKey::CreatedAt, SortKey::Name];

/// Every list of the API, but that of somebody's own projects: nobody is in more than a hundred.
async fn lists() -> Vec<(&'static str, List)> {
    let (dynamo, table) = Dynamo::with_table().await;
    create(&table, &environment(1, at(0))).await;
    let kind = async |pk: String, sk: &str, id: fn(u32) -> String, marks: &[String]| Kind {
        example: as_json(&dynamo.row(&pk, sk).await.unwrap()),
        id,
        marks: marks.to_vec(),
    };
    let ty = type_id(1);
    let configuration = kind(
        format!("CONFIG#{}", config(1).id),
        "CONFIG",
        |number| config(number).id.to_string(),
        &[],
    )
    .await;
    let marked = |marks: &[String]| Kind {
        marks: marks.to_vec(),
        ..configuration.clone()
    };
    let project = kind(
        format!("PROJECT#{}", project_id(1)),
        "PROJECT",
        |number| project_id(number).to_string(),
        &[],
    )
    .await;
    let environment = kind(
        format!("ENV#{}", env_id(1)),
        "ENV",
        |number| env_id(number).to_string(),
        &[],
    )
    .await;
    vec![
        (
            "environments",
            List {
                kind: environment.clone(),
                read: reading!(|table, request| table.all_environments(&request)),
                keys: &[
                    SortKey::CreatedAt,
                    SortKey::Name,
                    SortKey::Status,
                    SortKey::Owner,
                    SortKey::Project,
                ],
            },
        ),
        (
            "a project's environments",
            List {
                kind: environment,
                read: reading!(|table, request| table.project_environments(project_id(1), &request)),
                keys: BY_TIME,
            },
        ),
        (
            "environment types",
            List {
                kind: kind(
                    format!("TYPE#{ty}"),
                    "TYPE",
                    |number| type_id(number).to_string(),
                    &[],
                )
                .await,
                read: reading!(|table, request| table.env_types(&request)),
                keys: &[SortKey::Name, SortKey::Status],
            },
        ),
        (
            "a type's configurations",
            List {
                kind: configuration.clone(),
                read: reading!(|table, request| table.configs(&type_id(1), &request)),
                keys: BY_TIME,
            },
        ),
        (
            "projects",
            List {
                kind: project.clone(),
                read: reading!(|table, request| table.projects(&request)),
                keys: &[
                    SortKey::CreatedAt,
                    SortKey::Name,
                    SortKey::Status,
                    SortKey::CostCenter,
                ],
            },
        ),
        (
            "hosting accounts",
            List {
                kind: kind(
                    format!("ACCOUNT#{}", account().id),
                    "ACCOUNT",
                    |number| format!("acc-{}", uuid(number)),
                    &[],
                )
                .await,
                read: reading!(|table, request| table.accounts(&request)),
                keys: BY_NAME,
            },
        ),
        (
            "cost centres",
            List {
                kind: kind(
                    format!("COSTCENTER#{}", cost_center().id),
                    "COSTCENTER",
                    |number| format!("cc-{}", uuid(number)),
                    &[],
                )
                .await,
                read: reading!(|table, request| table.cost_centers(&request)),
                keys: BY_NAME,
            },
        ),
        (
            "a project's members",
            List {
                kind: Kind {
                    id: |number| user(number).to_string(),
                    marks: vec!["Researcher#".into()],
                    ..project.clone()
                },
                read: reading!(|table, request| table.members(
                    project_id(1),
                    ProjectRole::Researcher,
                    &request
                )),
                keys: BY_TIME,
            },
        ),
        (
            "a configuration's projects",
            List {
                kind: Kind {
                    marks: vec!["PROJECT#".into()],
                    ..project
                },
                read: reading!(|table, request| table.associated_projects(config(1).id, &request)),
                keys: BY_TIME,
            },
        ),
        (
            "a project's configurations",
            List {
                kind: marked(&[format!("CONFIG#{ty}#"), format!("ROLES#{ty}#"), "OPEN#".into()]),
                read: reading!(|table, request| table.project_configs(project_id(1), &type_id(1), &request)),
                keys: BY_TIME,
            },
        ),
    ]
}

/// What the first pages of a list cost, by each key in both directions, and from within the list.
async fn costs(list: &List, rows: usize) -> Vec<Asked> {
    let (endless, table) = Endless::with_table(&list.kind, rows);
    let mut selections = Vec::new();
    for by in list.keys {
        for direction in [Direction::Ascending, Direction::Descending] {
            selections.push(Selection {
                by: *by,
                direction,
                filter: None,
            });
        }
        if *by == SortKey::Name {
            let filter = Some(Filter::Gte(format!("{:09}", rows / 4)));
            selections.push(Selection {
                by: *by,
                direction: Direction::Ascending,
                filter,
            });
        }
    }
    let mut costs = Vec::new();
    for selection in selections {
        let mut request = PageRequest {
            selection,
            ..page(ROWS, None)
        };
        // At 100 rows, a third page would see the end of the list.
        for _ in 0..2 {
            let (found, token) = (list.read)(table.clone(), request.clone()).await;
            assert_eq!(found, usize::from(ROWS), "{request:?}");
            costs.push(endless.take());
            request.token = Some(token.unwrap());
        }
    }
    costs
}

#[tokio::test]
async fn a_page_of_any_list_costs_the_same_at_a_hundred_rows_as_at_a_hundred_thousand() {
    for (name, list) in lists().await {
        let few = costs(&list, 100).await;
        println!("{name}: {few:?}");
        for rows in [10_000, 100_000] {
            assert_eq!(costs(&list, rows).await, few, "{name} at {rows}");
        }
        assert!(
            few.iter()
                .all(|asked| asked.queries <= 16 && asked.read <= usize::from(ROWS)),
            "{name}: {few:?}"
        );
    }
}
