//! How the functions call AWS.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// How long it may take until AWS is reached.
const CONNECT: Duration = Duration::from_secs(3);

/// How long an attempt may take. By itself the SDK waits for an answer for ever, and the slowest calls of Workbench, such
/// as those that make products and users, take two seconds.
const ATTEMPT: Duration = Duration::from_secs(8);

/// How long a call may take with all its attempts, within the api function's 28 seconds.
const CALL: Duration = Duration::from_secs(20);

/// The SDK's configuration, from the function's environment.
pub async fn config() -> SdkConfig {
    let limits = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(limits)
        .load()
        .await
}
