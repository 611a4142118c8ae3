//! The domain of Workbench: what an environment is, which status it has and why, and which
//! requests are allowed.
//!
//! Everything here is a pure function or plain data: no AWS SDK, no I/O, no async and no clock.
//! Times, ids and what AWS says come in as arguments, so that each rule is tested in isolation.

pub mod account;
pub mod action;
pub mod caller;
pub mod compute;
pub mod cost_center;
pub mod env_type;
pub mod environment;
pub mod error;
pub mod id;
pub mod launch;
pub mod main_account;
pub mod page;
pub mod project;
pub mod publication;
pub mod queue;
pub mod registry;
pub mod repair;
pub mod report;
pub mod status;
pub mod story;
pub mod text;
pub mod timeline;
pub mod user;

#[cfg(test)]
mod test_data;

pub use error::Error;
