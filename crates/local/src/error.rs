//! The error that every service of the local AWS answers with.

/// An AWS API error: the code as the service's API reference names it, and its HTTP status.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// Error code, for example `ValidationException`.
    pub code: String,
    /// What was wrong, in the words the caller reads.
    pub message: String,
    /// HTTP status; 0 stands for a connection that broke before the answer arrived.
    pub status: u16,
    /// Further members of the error's body, for example `CancellationReasons` of DynamoDB.
    pub details: Option<serde_json::Value>,
}

impl ApiError {
    /// An error of the caller (HTTP 400) with AWS's code for it.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: 400,
            details: None,
        }
    }

    /// `ValidationException`: a member is missing, malformed or breaks a constraint.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// `ValidationException` for a request member that the operation does not have.
    pub fn unknown_member(operation: &str, member: &str) -> Self {
        Self::validation(format!("{operation} has no member `{member}`"))
    }

    /// `UnknownOperationException` for an operation that the local service does not have.
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("the local {service} has no operation `{operation}`"),
        )
    }

    /// `AccessDeniedException`: no policy allows the call, or one denies it.
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new("AccessDeniedException", message)
    }

    /// `InternalFailure` (HTTP 500), which the SDK retries.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            status: 500,
            ..Self::new("InternalFailure", message)
        }
    }

    /// The call may have taken effect, and its answer never arrived.
    pub fn connection_lost() -> Self {
        Self {
            status: 0,
            ..Self::new("ConnectionLost", "the connection broke before the answer arrived")
        }
    }
}
