//! What touches AWS: the table, hosting accounts, launch and terminate, drivers, and what a
//! deployment publishes.
//!
//! The SDK is the port: everything takes clients made from an [`aws_config::SdkConfig`], so tests
//! send real requests to a local AWS through the same code that runs in Lambda. What is decided,
//! is decided in `workbench-core`; here it is asked, written and carried out.

pub mod accounts;
pub mod artifacts;
mod attempts;
pub mod automation;
pub mod bus;
pub mod catalog;
pub mod clock;
pub mod cloud;
pub mod documents;
mod door;
pub mod driver;
pub mod error;
pub mod hosting;
pub mod ids;
mod listing;
pub mod logging;
pub mod metric;
pub mod operation;
mod parallel;
pub mod presigned;
pub mod products;
pub mod sdk;
mod session;
pub mod settings;
pub mod table;
pub mod users;

pub use accounts::CheckedAccount;
pub use clock::Clock;
pub use cloud::Cloud;
pub use error::{Error, Fault, FaultKind};
pub use ids::Ids;
pub use operation::apply::Outcome;
pub use operation::connect::Connection;
pub use operation::launch::LaunchRequest;
pub use operation::repair::Repaired;
pub use settings::{CatalogSettings, Settings};
