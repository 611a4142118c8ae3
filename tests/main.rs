//! Tests that cross crates. One binary, because each links the SDK.

mod bad_input;
mod counts;
mod endpoints;
mod launch_checks;
mod life;
mod local_refusals;
mod promises;
mod seed_guide;
