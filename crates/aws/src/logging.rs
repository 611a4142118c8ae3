//! What the functions write about themselves: one line of JSON per event, which CloudWatch Logs can query.
//!
//! The same thing has the same field everywhere: `environment.id` an environment, `account.id` a hosting account by
//! Workbench's id, `aws_account` an AWS account by its number.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard output: `info` and above, unless `RUST_LOG` says otherwise. Called once, by `main`.
pub fn init() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
}
