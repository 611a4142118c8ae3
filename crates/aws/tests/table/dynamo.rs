//! A DynamoDB in the test's own process, under the SDK's HTTP client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use serde::Serialize;
use serde_json::Value;
use workbench_aws::table::Table;

pub(crate) const TABLE: &str = "workbench";

/// What is answered instead of what DynamoDB would answer.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// An answer of somebody else's; DynamoDB does not see the request.
    Instead(u16, Value),
    /// DynamoDB does what it is asked, but its answer is lost.
    Lost,
}

#[derive(Debug, Default)]
struct Log {
    calls: Vec<String>,
    capacity: f64,
    faults: VecDeque<Fault>,
}

/// The DynamoDB. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Dynamo {
    database: Arc<Database>,
    log: Arc<Mutex<Log>>,
}

impl std::fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dynamo")
    }
}

/// Time passes at once.
#[derive(Debug)]
struct NoWaiting;

impl AsyncSleep for NoWaiting {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}

impl Dynamo {
    /// A new one, with the table.
    pub(crate) async fn with_table() -> (Self, Table) {
        let dynamo = Self {
            database: Arc::new(Database::memory().unwrap()),
            log: Arc::default(),
        };
        let table = Table::new(&dynamo.config(), TABLE);
        table.create_table().await.unwrap();
        dynamo.take_calls();
        (dynamo, table)
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

    /// A client, to look at rows and to spoil them.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.config())
    }

    /// The operations called since the last time.
    pub(crate) fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap().calls)
    }

    /// The read capacity consumed since the last time.
    pub(crate) fn take_capacity(&self) -> f64 {
        std::mem::take(&mut self.log.lock().unwrap().capacity)
    }

    /// Makes the next calls go wrong.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.log.lock().unwrap().faults.extend(faults);
    }

    /// The attributes of one row.
    pub(crate) async fn row(
        &self,
        pk: &str,
        sk: &str,
    ) -> Option<std::collections::HashMap<String, AttributeValue>> {
        let get = self.client().get_item().table_name(TABLE);
        let get = get
            .key("pk", AttributeValue::S(pk.into()))
            .key("sk", AttributeValue::S(sk.into()));
        get.send().await.unwrap().item
    }

    /// Sets one attribute of a row to something that the domain can not read.
    pub(crate) async fn spoil(&self, pk: &str, sk: &str, attribute: &str) {
        let update = self.client().update_item().table_name(TABLE);
        let update = update
            .key("pk", AttributeValue::S(pk.into()))
            .key("sk", AttributeValue::S(sk.into()));
        let update = update
            .update_expression("SET #a = :v")
            .expression_attribute_names("#a", attribute);
        update
            .expression_attribute_values(":v", AttributeValue::Bool(true))
            .send()
            .await
            .unwrap();
    }

    fn answer(&self, request: &HttpRequest) -> (u16, String) {
        let target = request.headers().get("x-amz-target").unwrap();
        let operation = target.rsplit('.').next().unwrap();
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        if operation == "Query" {
            body["ReturnConsumedCapacity"] = "TOTAL".into();
        }
        let fault = {
            let mut log = self.log.lock().unwrap();
            log.calls.push(operation.to_owned());
            log.faults.pop_front()
        };
        if let Some(Fault::Instead(status, answer)) = fault {
            return (status, answer.to_string());
        }
        let (status, answer) = self.carry_out(operation, &body.to_string());
        if let Ok(json) = serde_json::from_str::<Value>(&answer) {
            let units = json["ConsumedCapacity"]["CapacityUnits"].as_f64();
            self.log.lock().unwrap().capacity += units.unwrap_or_default();
        }
        match fault {
            Some(Fault::Lost) => (
                500,
                r#"{"__type":"InternalServerError","message":"lost"}"#.to_owned(),
            ),
            _ => (status, answer),
        }
    }

    fn carry_out(&self, operation: &str, body: &str) -> (u16, String) {
        macro_rules! call {
            ($method:ident) => {
                finish(self.database.$method(serde_json::from_str(body).unwrap()))
            };
        }
        match operation {
            "CreateTable" => call!(create_table),
            "UpdateTimeToLive" => call!(update_time_to_live),
            "DescribeTimeToLive" => call!(describe_time_to_live),
            "DescribeTable" => call!(describe_table),
            "GetItem" => call!(get_item),
            "BatchGetItem" => call!(batch_get_item),
            "Query" => call!(query),
            "UpdateItem" => call!(update_item),
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

impl HttpConnector for Dynamo {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, answer) = self.answer(&request);
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(answer));
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}
