//! AWS Key Management Service: no operation is offered; keys are used by name alone.

use serde_json::Value;

use crate::error::ApiError;
use crate::world::{Principal, World};

pub(crate) fn handle(
    _world: &mut World,
    _principal: &Principal,
    operation: &str,
    _input: &Value,
) -> Result<Value, ApiError> {
    Err(ApiError::unknown_operation("kms", operation))
}

pub(crate) fn resources(
    _world: &World,
    _principal: &Principal,
    _operation: &str,
    _input: &Value,
) -> Vec<String> {
    vec!["*".to_owned()]
}
