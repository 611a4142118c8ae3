//! Requests to the API of any Workbench, over HTTP.

mod error;
mod given;
mod list;
mod options;
mod profile;

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use axum::http::Uri;
use serde_json::Value;
use tokio::sync::Mutex;

pub(crate) use error::Error;
pub(crate) use given::given;
pub(crate) use list::List;
pub(crate) use options::Options;

/// Longer than API Gateway waits for the function.
const PATIENCE: Duration = Duration::from_secs(40);

/// The header in which the API, or API Gateway before it, names a request.
const REQUEST_IDS: [&str; 2] = ["x-request-id", "x-amzn-requestid"];

/// An API, and who asks it.
pub(crate) struct Client {
    url: String,
    origin: String,
    /// What of the URL stands before each path, such as the stage.
    prefix: String,
    token: Mutex<String>,
    renewal: Option<Renewal>,
    http: SharedHttpClient,
}

/// Makes another token where one has expired.
pub(crate) type Renewal = Box<dyn Fn() -> Result<String, Error> + Send + Sync>;

/// A request without its path.
#[derive(Clone, Default)]
struct Sent {
    method: &'static str,
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    /// None if it is no JSON, null if it is empty.
    body: Option<Value>,
    request_id: Option<String>,
}

impl Client {
    /// A client of the API at `url`.
    ///
    /// # Errors
    /// It is no URL, or one by which others could read the token on its way.
    pub(crate) fn new(url: &str, token: String) -> Result<Self, Error> {
        let no_url = || Error::usage(format!("`{url}` is no URL; give one with https://"));
        let uri: Uri = url.parse().map_err(|_| no_url())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(no_url());
        };
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => {
                let problem = "would carry the token unencrypted; give one with https://, http:// is for this computer alone";
                return Err(Error::usage(format!("`{url}` {problem}")));
            }
            _ => return Err(no_url()),
        }
        let origin = format!("{scheme}://{authority}");
        let prefix = uri.path().trim_end_matches('/').to_owned();
        // The HTTP client that the AWS SDK brings anyway.
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(provider)
            .build_https();
        Ok(Self {
            url: url.to_owned(),
            origin,
            prefix,
            token: Mutex::new(token),
            renewal: None,
            http,
        })
    }

    /// With something that makes another token where one has expired: commands may last longer than a token does.
    pub(crate) fn renewed_by(self, renewal: Option<Renewal>) -> Self {
        Self { renewal, ..self }
    }

    /// What is at `path`.
    ///
    /// # Errors
    /// The API refuses, or can not be reached.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Error> {
        self.send("GET", path, None).await
    }

    /// Sends a request; the answer's body, null if there is none.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn send(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        self.send_with(method, path, body, Vec::new()).await
    }

    /// As [`Client::send`], with further headers.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn send_with(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Value, Error> {
        let sent = Sent {
            method,
            body: body.map(Value::to_string),
            headers,
        };
        let path = format!("{}{path}", self.prefix);
        let mut answer = self.exchange(path.clone(), sent.clone()).await?;
        if let Some(renewal) = self.renewal.as_ref().filter(|_| answer.status == 401) {
            *self.token.lock().await = renewal()?;
            answer = self.exchange(path, sent).await?;
        }
        match answer.body {
            Some(body) if (200..300).contains(&answer.status) => Ok(body),
            None if (200..300).contains(&answer.status) => Err(Error::NoWorkbench {
                url: self.url.clone(),
            }),
            body => Err(refusal(
                answer.status,
                body.as_ref(),
                answer.request_id.as_deref(),
            )),
        }
    }

    async fn exchange(&self, path: String, sent: Sent) -> Result<Answer, Error> {
        let token = self.token.lock().await.clone();
        let operation = Operation::builder()
            .service_name("workbench")
            .operation_name("Api")
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .endpoint_url(&self.origin)
            .no_auth()
            .no_retry()
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            .serializer(move |path: String| {
                let body = sent.body.clone().map_or_else(SdkBody::empty, SdkBody::from);
                let mut request = HttpRequest::new(body);
                request.set_method(sent.method)?;
                request.set_uri(path.as_str())?;
                let headers = request.headers_mut();
                headers.try_insert("authorization", token.clone())?;
                headers.try_insert("content-type", "application/json")?;
                for (name, value) in &sent.headers {
                    headers.try_insert(*name, value.clone())?;
                }
                Ok(request)
            })
            .deserializer(|response: &HttpResponse| {
                Ok::<_, OrchestratorError<Infallible>>(Answer::of(response))
            });
        let answered = operation.build().invoke(path).await;
        answered.map_err(|error| Error::Unreachable {
            url: self.url.clone(),
            source: error.into(),
        })
    }
}

/// Whether what is sent to the host does not leave the computer.
fn is_loopback(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

impl Answer {
    fn of(response: &HttpResponse) -> Self {
        let bytes = response.body().bytes().unwrap_or_default();
        let body = if bytes.is_empty() {
            Some(Value::Null)
        } else {
            serde_json::from_slice(bytes).ok()
        };
        let named = REQUEST_IDS.iter().find_map(|name| response.headers().get(name));
        Self {
            status: response.status().as_u16(),
            body,
            request_id: named.map(str::to_owned),
        }
    }
}

/// The API's words, which name the field. A failure names its request, so that the logs can be searched for it.
fn refusal(status: u16, body: Option<&Value>, request_id: Option<&str>) -> Error {
    let said = body.and_then(|body| body["message"].as_str());
    let mut message = said.unwrap_or("it gives no reason").to_owned();
    if status == 401 {
        message.push_str("; the token may have expired: sign in again");
    }
    if let Some(id) = request_id.filter(|id| status >= 500 && !message.contains(id)) {
        message.push_str(&format!(" (request {id})"));
    }
    Error::Refused { status, message }
}

#[cfg(test)]
impl Client {
    /// A client of what `router` serves.
    pub(crate) async fn of(router: axum::Router, token: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self::new(&url, token.to_owned()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_names_its_request_once_and_a_refusal_names_none() {
        let told = |status, message: &str| {
            refusal(status, Some(&json!({ "message": message })), Some("r-1")).to_string()
        };
        assert_eq!(
            told(500, "broken (request r-1)"),
            "the API answered 500: broken (request r-1)"
        );
        assert_eq!(
            told(504, "too slow"),
            "the API answered 504: too slow (request r-1)"
        );
        assert_eq!(
            told(400, "name: Required"),
            "the API answered 400: name: Required"
        );
        assert!(told(401, "Unauthorized").contains("sign in again"));
        assert_eq!(
            refusal(502, None, None).to_string(),
            "the API answered 502: it gives no reason"
        );
    }

    #[test]
    fn a_token_leaves_the_computer_only_encrypted() {
        let asked =
            |url: &str| Client::new(url, "secret".into()).map(|client| (client.origin, client.prefix));
        for (url, origin, prefix) in [
            ("https://example.org/prod/", "https://example.org", "/prod"),
            ("https://example.org", "https://example.org", ""),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
            ("http://127.9.9.9/", "http://127.9.9.9", ""),
            ("http://[::1]:8080", "http://[::1]:8080", ""),
            ("http://localhost:8080", "http://localhost:8080", ""),
        ] {
            assert_eq!(asked(url).unwrap(), (origin.into(), prefix.into()), "{url}");
        }
        for url in [
            "http://example.org",
            "http://localhost.example.org",
            "http://127.0.0.1@example.org/",
            "http://127.0.0.1.example.org",
            "http://10.0.0.1:8080",
            "http://[2001:db8::1]",
        ] {
            let told = asked(url).unwrap_err().to_string();
            assert!(
                told.contains("unencrypted; give one with https://"),
                "{url}: {told}"
            );
        }
        for url in ["example.org", "ftp://example.org", "https://", "/prod", ""] {
            let told = asked(url).unwrap_err().to_string();
            assert!(
                told.ends_with("is no URL; give one with https://"),
                "{url}: {told}"
            );
        }
    }

    #[tokio::test]
    async fn a_token_that_has_expired_is_renewed_once() {
        let page = async |headers: HeaderMap| match headers["authorization"].to_str() {
            Ok("new") => (StatusCode::OK, axum::Json(json!({ "a": 1 }))),
            _ => (
                StatusCode::UNAUTHORIZED,
                axum::Json(json!({ "message": "Unauthorized" })),
            ),
        };
        let router = axum::Router::new().route("/page", axum::routing::get(page));
        let renewing = async |token: &'static str| {
            let renewed = Arc::new(AtomicUsize::new(0));
            let count = renewed.clone();
            let client = Client::of(router.clone(), "old")
                .await
                .renewed_by(Some(Box::new(move || {
                    count.fetch_add(1, Ordering::Relaxed);
                    Ok(token.to_owned())
                })));
            (client, renewed)
        };
        let (client, renewed) = renewing("new").await;
        for _ in 0..2 {
            assert_eq!(client.get("/page").await.unwrap(), json!({ "a": 1 }));
        }
        assert_eq!(renewed.load(Ordering::Relaxed), 1);
        let (client, renewed) = renewing("wrong").await;
        assert!(matches!(
            client.get("/page").await,
            Err(Error::Refused { status: 401, .. })
        ));
        assert_eq!(renewed.load(Ordering::Relaxed), 1);
        let without = Client::of(router, "old").await;
        assert!(without.get("/page").await.is_err());
    }

    #[tokio::test]
    async fn an_api_that_is_not_there_or_no_workbench_is_told() {
        let router = axum::Router::new()
            .route("/prod/page", axum::routing::get(|| async { "<html>" }))
            .route(
                "/prod/json",
                axum::routing::get(|| async { axum::Json(json!({ "a": 1 })) }),
            );
        let Client { url, .. } = Client::of(router, "secret").await;
        let client = Client::new(&format!("{url}/prod/"), "secret".into()).unwrap();
        assert_eq!(client.get("/json").await.unwrap(), json!({ "a": 1 }));
        assert!(matches!(
            client.get("/page").await,
            Err(Error::NoWorkbench { .. })
        ));
        assert!(matches!(
            client.get("/other").await,
            Err(Error::Refused { status: 404, .. })
        ));
        let told = Client::new("http://127.0.0.1:1", "secret".into())
            .unwrap()
            .get("/")
            .await;
        let told = format!("{:#}", anyhow::Error::from(told.unwrap_err()));
        assert!(
            told.starts_with("http://127.0.0.1:1 can not be reached: ") && !told.contains("secret"),
            "{told}"
        );
    }
}
