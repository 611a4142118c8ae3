//! Requests to the API of any Workbench, over HTTP.

use std::time::Duration;

use anyhow::{Context as _, bail};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::Value;

/// Longer than API Gateway waits for the function.
const PATIENCE: Duration = Duration::from_secs(40);

/// Where the API is, and who asks.
#[derive(clap::Args)]
pub(crate) struct Api {
    /// URL of the API: the stack's output `ApiUrl`, or what `workbench up` prints; else $WORKBENCH_API_URL
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    /// Access token; else $WORKBENCH_TOKEN
    #[arg(long)]
    token: Option<String>,
}

/// An answer: its status and its body, which is null if it is empty.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: Value,
}

impl Api {
    /// Sends a request; the answer's body.
    ///
    /// # Errors
    /// The API refuses, in its own words, or can not be reached.
    pub(crate) async fn ask(&self, method: &'static str, path: &str) -> anyhow::Result<Value> {
        let url = given(self.api_url.as_ref(), "--api-url", "WORKBENCH_API_URL")?;
        let token = given(self.token.as_ref(), "--token", "WORKBENCH_TOKEN")?;
        let (scheme, rest) = url
            .split_once("://")
            .with_context(|| format!("`{url}` is no URL; give one with https://"))?;
        let (host, stage) = rest.split_once('/').unwrap_or((rest, ""));
        let stage = stage.trim_end_matches('/');
        let prefix = if stage.is_empty() {
            String::new()
        } else {
            format!("/{stage}")
        };
        let answer = send(
            format!("{scheme}://{host}"),
            method,
            format!("{prefix}{path}"),
            token,
        )
        .await;
        let Answer { status, body } = answer.with_context(|| format!("{url} can not be reached"))?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let message = body["message"].as_str().unwrap_or("it gives no reason");
        bail!("the API answered {status}: {message}")
    }
}

/// An argument, or the environment variable that stands for it.
fn given(argument: Option<&String>, name: &str, variable: &str) -> anyhow::Result<String> {
    argument
        .cloned()
        .or_else(|| std::env::var(variable).ok())
        .filter(|text| !text.is_empty())
        .with_context(|| format!("give {name}, or set {variable}"))
}

/// Sends one request by the HTTP client that the AWS SDK brings anyway.
async fn send(origin: String, method: &'static str, path: String, token: String) -> anyhow::Result<Answer> {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(provider)
        .build_https();
    let operation = Operation::builder()
        .service_name("workbench")
        .operation_name("Api")
        .behavior_version(BehaviorVersion::latest())
        .http_client(client)
        .endpoint_url(&origin)
        .no_auth()
        .no_retry()
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
        .serializer(move |path: String| {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_method(method)?;
            request.set_uri(path.as_str())?;
            request.headers_mut().insert("authorization", token.clone());
            Ok(request)
        })
        .deserializer(|response: &HttpResponse| {
            let body = response.body().bytes().unwrap_or_default();
            Ok::<_, OrchestratorError<std::convert::Infallible>>(Answer {
                status: response.status().as_u16(),
                body: serde_json::from_slice(body).unwrap_or(Value::Null),
            })
        });
    Ok(operation.build().invoke(path).await?)
}
