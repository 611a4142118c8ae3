//! Tests that cross crates. One binary, because each links the SDK.

#![expect(clippy::unwrap_used, reason = "what is missing fails its test")]

mod accounts;
mod bad_input;
mod counts;
mod deployment;
mod endpoints;
mod faults;
mod idempotency;
mod launch_checks;
mod life;
mod local_refusals;
mod permissions;
mod projects;
mod promises;
mod publishing;
mod races;
mod roles;
mod seed_guide;
mod timeline;
mod users;
