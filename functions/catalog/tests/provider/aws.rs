//! What the function calls, in the test's own process: an embedded DynamoDB, and as much of S3 and Service Catalog
//! as it takes to see what they are asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use serde::Serialize;
use serde_json::{Value, json};
use workbench_aws::table::Table;
use workbench_aws::{CatalogSettings, Clock};
use workbench_catalog::Catalog;

use crate::service_catalog::ServiceCatalog;

pub(crate) const TABLE: &str = "workbench";
pub(crate) const BUCKET: &str = "artifacts";
pub(crate) const NOW: &str = "2026-11-24T10:00:00.123Z";

/// The host of the answers' URLs.
pub(crate) const ANSWERS: &str = "cloudformation-custom-resource-response-useast1.s3.amazonaws.com";

/// What was asked of the storage, and what it and Service Catalog say.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Objects of the artifact bucket by key.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// How often an object was put.
    pub(crate) puts: usize,
    /// Bodies that were put to answer URLs.
    pub(crate) answers: Vec<Value>,
    /// URLs, content types and authorizations of the requests to answer URLs.
    pub(crate) answered: Vec<(String, Option<String>, bool)>,
    /// The status codes of the next answers by the storage of answers; 200 afterwards.
    pub(crate) next_answers: VecDeque<u16>,
    /// The refusal of the next PutObject.
    pub(crate) put_refused: bool,
    /// Products.
    pub(crate) service_catalog: ServiceCatalog,
    /// Versions of the product as each next call lists them; the last stays.
    pub(crate) versions: VecDeque<Value>,
}

impl State {
    fn list_objects(&self, url: &str) -> String {
        let (_, query) = url.split_once("/?list-type=2&").unwrap();
        let mut parameters = query.split('&');
        let prefix = parameters.find_map(|parameter| parameter.strip_prefix("prefix="));
        let prefix = prefix.unwrap().replace("%2F", "/");
        let found = self.objects.keys().find(|key| key.starts_with(&prefix));
        let contents = found.map(|key| format!("<Contents><Key>{key}</Key></Contents>"));
        format!(
            "<ListBucketResult>{}</ListBucketResult>",
            contents.unwrap_or_default()
        )
    }
}

/// All of it. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Aws {
    database: Arc<Database>,
    pub(crate) state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Aws")
    }
}

/// Time passes as soon as there is nothing else to do: the calls here are answered at once, so that pauses between
/// them are over and their time-outs never come, however long either is.
#[derive(Debug)]
struct NoWaiting;

impl AsyncSleep for NoWaiting {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(tokio::task::yield_now())
    }
}

impl Aws {
    /// A new one with an empty table.
    pub(crate) async fn new() -> Self {
        let aws = Self {
            database: Arc::new(Database::memory().unwrap()),
            state: Arc::default(),
        };
        aws.table().create_table().await.unwrap();
        aws
    }

    pub(crate) fn table(&self) -> Table {
        Table::new(&self.config(), TABLE)
    }

    pub(crate) fn catalog(&self) -> Catalog {
        let settings = CatalogSettings {
            table_name: TABLE.into(),
            artifact_bucket: BUCKET.into(),
            region: "us-east-1".into(),
        };
        Catalog::new(&self.config(), settings, Clock::new(|| NOW.parse().unwrap()))
    }

    fn config(&self) -> SdkConfig {
        let connector = SharedHttpConnector::new(self.clone());
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .retry_config(aws_config::retry::RetryConfig::standard())
            .sleep_impl(NoWaiting)
            .build()
    }

    fn answer(&self, request: &HttpRequest) -> (u16, String) {
        if let Some(target) = request.headers().get("x-amz-target") {
            let (service, operation) = target.rsplit_once('.').unwrap();
            let body = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
            return match operation {
                "ListProvisioningArtifacts" => self.list_versions(body),
                _ if service.contains("ServiceCatalog") => {
                    self.state.lock().unwrap().service_catalog.call(operation, body)
                }
                _ => self.dynamo(operation, body),
            };
        }
        let url = request.uri().to_owned();
        let mut state = self.state.lock().unwrap();
        if request.method() == "GET" {
            return (200, state.list_objects(&url));
        }
        assert_eq!(request.method(), "PUT");
        let body = request.body().bytes().unwrap().to_vec();
        if url.contains(ANSWERS) {
            let headers = request.headers();
            let content_type = headers.get("content-type").map(str::to_owned);
            let signed = headers.get("authorization").is_some();
            state.answered.push((url, content_type, signed));
            let status = state.next_answers.pop_front().unwrap_or(200);
            if status == 200 {
                state.answers.push(serde_json::from_slice(&body).unwrap());
            }
            return (status, String::new());
        }
        let host = format!("https://{BUCKET}.s3.us-east-1.amazonaws.com/");
        let (key, query) = url.strip_prefix(&host).unwrap().split_once('?').unwrap();
        assert_eq!(query, "x-id=PutObject");
        if state.put_refused {
            let error = "<Error><Code>AccessDenied</Code><Message>not allowed</Message></Error>";
            return (403, error.to_owned());
        }
        state.puts += 1;
        state.objects.insert(key.to_owned(), body);
        (200, String::new())
    }

    fn list_versions(&self, body: &str) -> (u16, String) {
        let mut state = self.state.lock().unwrap();
        let asked: Value = serde_json::from_str(body).unwrap();
        if asked["ProductId"] != "prod-hxwmltpkg2edy" {
            let error = json!({ "__type": "ResourceNotFoundException", "Message": "no such product" });
            return (400, error.to_string());
        }
        let versions = match state.versions.len() {
            0 => json!([]),
            1 => state.versions[0].clone(),
            _ => state.versions.pop_front().unwrap(),
        };
        (
            200,
            json!({ "ProvisioningArtifactDetails": versions }).to_string(),
        )
    }

    fn dynamo(&self, operation: &str, body: &str) -> (u16, String) {
        macro_rules! call {
            ($method:ident) => {
                finish(self.database.$method(serde_json::from_str(body).unwrap()))
            };
        }
        match operation {
            "CreateTable" => call!(create_table),
            "UpdateTimeToLive" => call!(update_time_to_live),
            "GetItem" => call!(get_item),
            "Query" => call!(query),
            "TransactWriteItems" => call!(transact_write_items),
            other => panic!("{other} is not expected"),
        }
    }
}

fn finish<T: Serialize>(result: dynoxide::Result<T>) -> (u16, String) {
    match result {
        Ok(output) => (200, serde_json::to_string(&output).unwrap()),
        Err(error) => (error.status_code(), error.to_json()),
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, answer) = self.answer(&request);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(
            status.try_into().unwrap(),
            SdkBody::from(answer),
        )))
    }
}
