//! Every refusal and failure as status and `{ "error", "message" }`, section 2.1 of the contract.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use workbench_aws::{Error as AwsError, FaultKind};
use workbench_core::Error as Refusal;

/// Seconds after which a request is worth repeating when AWS was too busy.
pub(crate) const RETRY_AFTER: &str = "2";

/// What is answered instead of a result. The body is written by [`crate::layer`], which knows the
/// request's id.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    message: String,
    /// For the log only.
    cause: Option<String>,
}

/// The body.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemBody {
    error: String,
    message: String,
}

impl Problem {
    /// A refusal whose message is for the caller.
    pub(crate) fn refusal(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            cause: None,
        }
    }

    /// A failure of ours: the cause goes to the log, not to the caller.
    pub(crate) fn failure(status: StatusCode, cause: impl Into<String>) -> Self {
        let message = match status {
            StatusCode::BAD_GATEWAY => "an AWS service refused what this request needs",
            StatusCode::SERVICE_UNAVAILABLE => "an AWS service is busy or unreachable; try again",
            _ => "an internal server error occurred",
        };
        Self {
            status,
            message: message.to_owned(),
            cause: Some(cause.into()),
        }
    }

    /// No checked token came with the request.
    pub(crate) fn unauthenticated() -> Self {
        Self::refusal(
            StatusCode::UNAUTHORIZED,
            "Authorization: a valid access token is required",
        )
    }

    /// What a layer or the router itself answers without saying why.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::refusal(status, "path: no route has this path"),
            StatusCode::METHOD_NOT_ALLOWED => Self::refusal(
                status,
                "method: the path has no such method; see the header `Allow`",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::refusal(status, "body: must not be larger than 100 kB"),
            status if status.is_server_error() => Self::failure(status, "no cause given"),
            status => Self::refusal(status, "the request can not be read"),
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The body; that of a failure names the request, so that the log can be searched for it.
    pub(crate) fn body(&self, request_id: &str) -> ProblemBody {
        let error = match self.status {
            StatusCode::FORBIDDEN => "User is not authorized".to_owned(),
            status => status.canonical_reason().unwrap_or("Error").to_owned(),
        };
        let message = if self.status.is_server_error() {
            format!("{} (request {request_id})", self.message)
        } else {
            self.message.clone()
        };
        ProblemBody { error, message }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Extension(self)).into_response()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::Invalid { .. } | Refusal::WrongState(_) => StatusCode::BAD_REQUEST,
            Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            Refusal::NotAuthorized(_) => StatusCode::FORBIDDEN,
            Refusal::KeyReused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Misconfigured(_) => {
                return Self::failure(StatusCode::INTERNAL_SERVER_ERROR, refusal.to_string());
            }
        };
        Self::refusal(status, refusal.to_string())
    }
}

impl From<AwsError> for Problem {
    fn from(error: AwsError) -> Self {
        match error {
            AwsError::Refused(refusal) => refusal.into(),
            AwsError::Aws(fault) => {
                let status = match fault.kind {
                    FaultKind::Refused => StatusCode::BAD_GATEWAY,
                    FaultKind::Unclear | FaultKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
                };
                Self::failure(status, fault.to_string())
            }
            AwsError::Row { .. } => Self::failure(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use workbench_aws::Fault;

    use super::*;

    fn answer(problem: Problem) -> (u16, Value) {
        (
            problem.status().as_u16(),
            serde_json::to_value(problem.body("req-1")).unwrap(),
        )
    }

    #[test]
    fn each_refusal_has_its_status_and_keeps_its_message() {
        for (refusal, status, reason) in [
            (Refusal::invalid("name", "Required"), 400, "Bad Request"),
            (Refusal::WrongState("status: wait".into()), 400, "Bad Request"),
            (Refusal::not_found("environment", "env-x"), 404, "Not Found"),
            (Refusal::Conflict("status: busy".into()), 409, "Conflict"),
            (Refusal::KeyReused("key".into()), 422, "Unprocessable Entity"),
        ] {
            let message = refusal.to_string();
            assert_eq!(
                answer(refusal.into()),
                (status, json!({ "error": reason, "message": message }))
            );
        }
        let refusal = AwsError::from(Refusal::NotAuthorized("needs the role ITAdmin"));
        let body = json!({ "error": "User is not authorized", "message": "needs the role ITAdmin" });
        assert_eq!(answer(refusal.into()), (403, body));
    }

    #[test]
    fn failures_name_the_request_and_nothing_else() {
        let fault = |kind| {
            AwsError::from(Fault {
                service: "sagemaker",
                operation: "StartNotebookInstance",
                code: Some("AccessDeniedException".into()),
                message: "the instance secret can not be started".into(),
                request_id: None,
                kind,
            })
        };
        let row = AwsError::Row {
            key: "ENV#secret".into(),
            problem: "no status".into(),
        };
        for (error, status) in [
            (fault(FaultKind::Refused), 502),
            (fault(FaultKind::Unclear), 503),
            (row, 500),
        ] {
            let problem = Problem::from(error);
            assert!(problem.cause().unwrap().contains("secret"));
            let (found, body) = answer(problem);
            assert_eq!(found, status);
            assert!(
                body["message"].as_str().unwrap().ends_with("(request req-1)"),
                "{body}"
            );
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }
}
