//! Requests to presigned URLs: who has such a URL needs no other permission.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;

use crate::error::{Fault, FaultKind};

const SERVICE: &str = "s3";
const OPERATION: &str = "PutObject";

const ATTEMPTS: u32 = 4;
const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(5);

/// The storage answered, but not that all is well.
#[derive(Debug, thiserror::Error)]
#[error("the storage answered {0}")]
struct Status(u16);

/// Writes `body` to a presigned URL. The content type is empty, as those who sign URLs for answers
/// expect it. Goes through the HTTP client of `config`, and is tried again like every call of the SDK's.
///
/// # Errors
/// The URL is none, or the storage refuses or does not answer. The URL, which is a secret, is not
/// in the message.
pub async fn put(config: &SdkConfig, url: &str, body: String) -> Result<(), Fault> {
    let refused = |problem: &str| Fault::noticed(SERVICE, OPERATION, FaultKind::Refused, problem);
    let unclear = |problem: &str| Fault::noticed(SERVICE, OPERATION, FaultKind::Unclear, problem);
    let uri: http::Uri = url.parse().map_err(|_| refused("the URL is malformed"))?;
    let (Some(scheme), Some(authority), Some(path)) = (uri.scheme(), uri.authority(), uri.path_and_query())
    else {
        return Err(refused("the URL is not absolute"));
    };
    let path = path.as_str().to_owned();
    let mut operation = Operation::builder()
        .service_name("presigned")
        .operation_name("Put")
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&format!("{scheme}://{authority}"))
        .no_auth()
        .standard_retry(&RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<Status>::new())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .build(),
        )
        .serializer(move |body: String| {
            let mut request = HttpRequest::new(SdkBody::from(body));
            request.set_method("PUT")?;
            request.set_uri(path.as_str())?;
            request.headers_mut().insert("content-type", "");
            Ok(request)
        })
        .deserializer(|response: &HttpResponse| {
            let status = response.status();
            if status.is_success() {
                Ok(())
            } else {
                Err(OrchestratorError::operation(Status(status.as_u16())))
            }
        });
    if let Some(client) = config.http_client() {
        operation = operation.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        operation = operation.sleep_impl(sleep);
    }
    operation.build().invoke(body).await.map_err(|error| match error {
        SdkError::ServiceError(answered) => {
            let kind = match answered.err() {
                Status(400..500) => FaultKind::Refused,
                Status(_) => FaultKind::Unclear,
            };
            Fault::noticed(SERVICE, OPERATION, kind, answered.err())
        }
        SdkError::TimeoutError(_) => unclear("the storage did not answer in time"),
        SdkError::DispatchFailure(_) => unclear("the storage can not be reached"),
        _ => unclear("the storage's answer can not be read"),
    })
}
