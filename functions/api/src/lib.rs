//! The API of Workbench: one axum router with two doors, API Gateway and a plain HTTP server.
//!
//! Handlers read the request into the domain's types, call one use case and write the answer. Who
//! the caller is comes from the request context that API Gateway's authorizer filled; a server
//! without a gateway has to put one there, see [`caller::context`]. Every error is answered as
//! `{ "error", "message" }`.

mod access;
mod accounts;
mod audit;
mod body;
pub mod caller;
mod configurations;
pub mod cors;
mod cost_centers;
mod docs;
mod entrance;
mod env_types;
mod environments;
#[cfg(test)]
mod fuzz;
mod gateway;
mod idempotency;
mod layer;
mod made;
mod metric;
mod openapi;
mod page;
mod path;
mod problem;
mod projects;
mod query;
mod router;
mod schema;
mod time;
mod users;

pub use gateway::{BehindGateway, behind_gateway};
pub use metric::metered;
pub use openapi::document;
pub use router::router;

use workbench_aws::{artifacts, hosting, table};
use workbench_core::Error;

/// The IAM actions that the function needs, beside those of `EnvManagementRole`.
pub const ACTIONS: &[&[&str]] = &[
    table::BATCH,
    table::CHECK,
    table::GET,
    table::PUT,
    table::QUERY,
    table::RAISE,
    table::REMOVE,
    hosting::ACTIONS,
    workbench_aws::accounts::ACTIONS,
    artifacts::LINK_ACTIONS,
    workbench_aws::users::ACTIONS,
];

/// How often a change is decided anew because somebody else was faster.
const TRIES: usize = 4;

/// The refusal when somebody else was faster each time.
fn busy(kind: &str, id: impl std::fmt::Display) -> Error {
    Error::Conflict(format!("{kind} `{id}` is being changed by others; try again"))
}
