//! Amazon CloudWatch Logs: no operation is offered.

use serde_json::Value;

use crate::error::ApiError;
use crate::world::{Principal, World};

pub(crate) fn handle(
    _world: &mut World,
    _principal: &Principal,
    operation: &str,
    _input: &Value,
) -> Result<Value, ApiError> {
    Err(ApiError::unknown_operation("logs", operation))
}

pub(crate) fn resources(
    _world: &World,
    _principal: &Principal,
    _operation: &str,
    _input: &Value,
) -> Vec<String> {
    vec!["*".to_owned()]
}
