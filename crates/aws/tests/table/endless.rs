//! A DynamoDB that stores nothing: it makes up the rows of one list as they are asked for, as many as one likes, and
//! counts what it is asked.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use workbench_aws::table::Table;

use crate::data::*;

/// Over how many partitions the list is spread.
const SHARDS: usize = 8;

/// What was asked: queries, rows that they found, and rows that were read by their keys.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) queries: usize,
    pub(crate) found: usize,
    pub(crate) read: usize,
}

/// The list of environment types `0..rows`, in the order of their numbers by whatever they are sorted.
#[derive(Debug, Clone)]
pub(crate) struct Endless {
    rows: usize,
    asked: Arc<Mutex<Asked>>,
}

impl Endless {
    pub(crate) fn with_table(rows: usize) -> (Self, Table) {
        let endless = Self {
            rows,
            asked: Arc::default(),
        };
        let connector = SharedHttpConnector::new(endless.clone());
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        (endless, Table::new(&config, "workbench"))
    }

    /// What was asked since the last time.
    pub(crate) fn take(&self) -> Asked {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn query(&self, body: &Value) -> Value {
        let value = |name: &str| body["ExpressionAttributeValues"][name]["S"].as_str();
        let attribute = |name: &str| body["ExpressionAttributeNames"][name].as_str().unwrap();
        let shard: usize = value(":partition")
            .unwrap()
            .rsplit('#')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let fits = |number: &usize| {
            let position = position(*number);
            value(":from").is_none_or(|from| from <= position.as_str())
                && value(":to").is_none_or(|to| position.as_str() <= to)
        };
        let limit = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
        let of_shard = (shard..self.rows).step_by(SHARDS).filter(fits);
        // One more than the limit tells whether there are more.
        let mut numbers: Vec<usize> = if body["ScanIndexForward"] == true {
            of_shard.take(limit + 1).collect()
        } else {
            of_shard.rev().take(limit + 1).collect()
        };
        let more = numbers.len() > limit;
        numbers.truncate(limit);
        let mut asked = self.asked.lock().unwrap();
        asked.queries += 1;
        asked.found += numbers.len();
        let item = |number: &usize| {
            let mut row = row(*number);
            row[attribute("#partition")] = json!({ "S": value(":partition") });
            row[sort_attribute(body)] = json!({ "S": position(*number) });
            row
        };
        let mut answer = json!({ "Items": numbers.iter().map(item).collect::<Vec<_>>() });
        if more {
            answer["LastEvaluatedKey"] = json!({ "pk": { "S": "more" } });
        }
        answer
    }

    fn batch(&self, body: &Value) -> Value {
        let keys = body["RequestItems"]["workbench"]["Keys"].as_array().unwrap();
        self.asked.lock().unwrap().read += keys.len();
        let number = |key: &Value| {
            let artifact = key["pk"]["S"].as_str().unwrap().rsplit("pa-").next().unwrap();
            artifact.parse().unwrap()
        };
        let rows: Vec<_> = keys.iter().map(|key| row(number(key))).collect();
        json!({ "Responses": { "workbench": rows } })
    }
}

/// The sort key of the index that is queried: named in the condition only where there is a range.
fn sort_attribute(body: &Value) -> &'static str {
    match body["IndexName"].as_str().unwrap() {
        "all" => "allSk",
        "name" => "nameSk",
        other => panic!("index {other} is not expected"),
    }
}

fn id(number: usize) -> String {
    type_id(u32::try_from(number).unwrap()).to_string()
}

fn position(number: usize) -> String {
    format!("{number:09}\t{}", id(number))
}

fn row(number: usize) -> Value {
    let text = |text: &str| json!({ "S": text });
    let time = text("2026-11-24T10:00:00Z");
    json!({
        "pk": text(&format!("TYPE#{}", id(number))), "sk": text("TYPE"),
        "id": text(&id(number)), "type": text("sagemakerNotebook"), "name": text(&format!("{number:09}")),
        "description": text("a notebook"), "status": text("APPROVED"), "params": { "M": {} },
        "rev": { "N": "1" }, "createdAt": time, "updatedAt": time,
    })
}

impl HttpConnector for Endless {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let answer = match target.rsplit('.').next().unwrap() {
            "Query" => self.query(&body),
            "BatchGetItem" => self.batch(&body),
            other => panic!("{other} is not expected"),
        };
        let mut response = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(answer.to_string()));
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}
