//! One environment type is one folder: this crate reads such a package, checks it and renders it for the
//! registry that `workbench-core` embeds. It calls nothing and knows no AWS SDK.
//!
//! [`Package::read`] understands the files, [`check()`] compares them with each other and with what the computes'
//! drivers do, and [`render`] writes them as Rust data. [`deployment`] writes what the deployment's templates say
//! about them. [`read_and_check`] is `workbench env-type check`.

mod check;
mod compiled;
pub mod deployment;
pub mod document;
mod fault;
mod fields;
mod hash;
pub mod manifest;
mod package;
mod reference;
pub mod source;
pub mod statement;
pub mod template;
pub mod yaml;

pub use check::{ComputeFacts, check, check_dirs, read_and_check};
pub use compiled::render;
pub use fault::{Code, Fault, Faults};
pub use package::{File, InstanceFile, PACKAGES, Package, package_dirs};
