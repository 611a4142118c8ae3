//! What can go wrong on the AWS side, and whether trying again could help.

use std::fmt;

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules refuse it; the message is for the caller.
    #[error(transparent)]
    Refused(#[from] workbench_core::Error),
    /// AWS refused it or did not answer.
    #[error(transparent)]
    Aws(#[from] Fault),
    /// A row of the table can not be read.
    #[error("row {key}: {problem}")]
    Row {
        /// The row's key.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// A call to AWS that did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The service, as IAM names it.
    pub service: &'static str,
    /// The API operation.
    pub operation: &'static str,
    /// AWS's error code, if it answered.
    pub code: Option<String>,
    /// AWS's message, or what the client says.
    pub message: String,
    /// The request id, for AWS's support.
    pub request_id: Option<String>,
    /// Whether it is certain that nothing was done.
    pub kind: FaultKind,
}

/// What is known about a call that did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// AWS understood and refused: nothing was done, and trying again as it is would not help.
    Refused,
    /// AWS has no room for it, or is asked too often: trying again later helps. An attempt before the last may have been
    /// heard; where that matters, it is looked at.
    Busy,
    /// Timed out, or a fault of AWS's: it may have been done, and trying again may help.
    Unclear,
}

/// Codes of refusals that pass by themselves. A quota such as SageMaker's `ResourceLimitExceeded` is none of them:
/// somebody has to raise it or make room.
const PASSING: [&str; 9] = [
    "AutomationExecutionLimitExceededException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

impl Fault {
    /// Describes the fault of one call.
    pub fn of<E>(service: &'static str, operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let code = error.code().map(str::to_owned);
        let status = error.raw_response().map(|response| response.status().as_u16());
        // Service Catalog says with this code that a quota is used up.
        let quota = service == "servicecatalog" && code.as_deref() == Some("LimitExceededException");
        let throttled = !quota && code.as_deref().is_some_and(|code| PASSING.contains(&code));
        if let Some(denied) = role_denied(error) {
            return denied;
        }
        let refused = matches!(error, SdkError::ServiceError(_))
            && status.is_some_and(|status| (400..500).contains(&status))
            && !throttled;
        let kind = if refused {
            FaultKind::Refused
        } else if throttled {
            FaultKind::Busy
        } else {
            FaultKind::Unclear
        };
        let message = error.message().map_or_else(|| chain(error), str::to_owned);
        let request_id = error
            .raw_response()
            .and_then(|response| {
                response
                    .headers()
                    .get("x-amzn-requestid")
                    .or_else(|| response.headers().get("x-amz-request-id"))
            })
            .map(str::to_owned);
        Self {
            service,
            operation,
            code,
            message,
            request_id,
            kind,
        }
    }

    /// A fault that is noticed here, and not told by AWS as one: what can not be sent, what is not answered in time, and
    /// answers that lack what they should have. It has no code of AWS's.
    pub(crate) fn noticed(
        service: &'static str,
        operation: &'static str,
        kind: FaultKind,
        message: impl ToString,
    ) -> Self {
        Self {
            service,
            operation,
            code: None,
            message: message.to_string(),
            request_id: None,
            kind,
        }
    }

    /// The reason for people: AWS's code and message.
    #[must_use]
    pub fn reason(&self) -> String {
        let message = &self.message;
        match &self.code {
            Some(code) => format!("{}: {code}: {message}", self.operation),
            None => format!("{}: {message}", self.operation),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.reason())?;
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// The fault behind a call that was not sent because the account's role can not be assumed, or not now.
fn role_denied(error: &(dyn std::error::Error + 'static)) -> Option<Fault> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(denied) = cause.downcast_ref::<AssumeRoleError>() {
            let (kind, message) = match denied.code() {
                Some("AccessDenied") => (
                    FaultKind::Refused,
                    "the hosting account does not let Workbench in; check its role and external id",
                ),
                Some(code) if PASSING.contains(&code) => {
                    (FaultKind::Busy, denied.message().unwrap_or("too many requests"))
                }
                _ => return None,
            };
            return Some(Fault {
                service: "sts",
                operation: "AssumeRole",
                code: denied.code().map(str::to_owned),
                message: message.to_owned(),
                request_id: None,
                kind,
            });
        }
        source = cause.source();
    }
    None
}

/// The causes of a client-side failure, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
