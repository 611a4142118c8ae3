//! A DynamoDB that stores nothing: it makes up the rows of one list as they are asked for, as many as one likes, and
//! counts what it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use workbench_aws::table::Table;

/// Over how many partitions the lists of everything are spread.
const SHARDS: usize = 8;

/// What was asked: queries, rows that they found, and rows that were read by their keys.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) queries: usize,
    pub(crate) found: usize,
    pub(crate) read: usize,
}

/// What the rows of a list are like.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// The row with number 1, as DynamoDB has it.
    pub(crate) example: Value,
    /// The ids of rows by their numbers.
    pub(crate) id: fn(u32) -> String,
    /// How the sort keys begin of the marks that stand in the table; each beginning has its share of the rows.
    pub(crate) marks: Vec<String>,
}

/// The rows `0..rows` of a kind, in the order of their numbers by whatever they are sorted.
#[derive(Debug, Clone)]
pub(crate) struct Endless {
    kind: Kind,
    rows: usize,
    asked: Arc<Mutex<Asked>>,
}

/// Every `step`th number from `first` on: the rows of one partition.
#[derive(Debug, Clone, Copy)]
struct Share {
    first: usize,
    step: usize,
    length: usize,
}

impl Share {
    fn of(rows: usize, first: usize, step: usize) -> Self {
        Self {
            first,
            step,
            length: rows.saturating_sub(first).div_ceil(step),
        }
    }

    fn number(self, index: usize) -> usize {
        self.first + index * self.step
    }

    /// How many numbers at its beginning are so.
    fn while_so(self, is_so: impl Fn(usize) -> bool) -> usize {
        let (mut from, mut to) = (0, self.length);
        while from < to {
            let middle = usize::midpoint(from, to);
            if is_so(self.number(middle)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

impl Endless {
    pub(crate) fn with_table(kind: &Kind, rows: usize) -> (Self, Table) {
        let endless = Self {
            kind: kind.clone(),
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
        let partition = value(":partition").unwrap();
        let mark = self
            .kind
            .marks
            .iter()
            .position(|mark| value(":from").is_some_and(|from| from.starts_with(mark)));
        let share = match (body["IndexName"].as_str(), mark) {
            (None, Some(mark)) => Share::of(self.rows, mark, self.kind.marks.len()),
            (None, None) => panic!("{body} is not expected"),
            (Some("list"), _) => Share::of(self.rows, 0, 1),
            (Some(_), _) => Share::of(
                self.rows,
                partition.rsplit('#').next().unwrap().parse().unwrap(),
                SHARDS,
            ),
        };
        let sort_key = |number: usize| match mark.filter(|_| body["IndexName"].is_null()) {
            Some(mark) => format!("{}{}", self.kind.marks[mark], self.id(number)),
            None => format!("{number:09}\t{}", self.id(number)),
        };
        let from =
            share.while_so(|number| value(":from").is_some_and(|from| sort_key(number).as_str() < from));
        let to = share.while_so(|number| value(":to").is_none_or(|to| sort_key(number).as_str() <= to));
        let limit = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
        let more = to.saturating_sub(from) > limit;
        let numbers: Vec<usize> = if body["ScanIndexForward"] == true {
            (from..to).take(limit).map(|index| share.number(index)).collect()
        } else {
            (from..to)
                .rev()
                .take(limit)
                .map(|index| share.number(index))
                .collect()
        };
        let mut asked = self.asked.lock().unwrap();
        asked.queries += 1;
        asked.found += numbers.len();
        let item = |number: &usize| {
            let mut row = match mark {
                Some(_) => json!({}),
                None => self.row(*number),
            };
            let (partition_key, position) = attributes(body["IndexName"].as_str());
            row[partition_key] = json!({ "S": partition });
            row[position] = json!({ "S": sort_key(*number) });
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
            let digits = key["pk"]["S"].as_str().unwrap();
            digits[digits.len() - 12..].parse().unwrap()
        };
        let rows: Vec<_> = keys.iter().map(|key| self.row(number(key))).collect();
        json!({ "Responses": { "workbench": rows } })
    }

    fn id(&self, number: usize) -> String {
        (self.kind.id)(u32::try_from(number).unwrap())
    }

    fn row(&self, number: usize) -> Value {
        let text = self
            .kind
            .example
            .to_string()
            .replace(&self.id(1), &self.id(number));
        let mut row: Value = serde_json::from_str(&text).unwrap();
        row["name"] = json!({ "S": format!("{number:09}") });
        row
    }
}

/// The attributes with the partition key and the sort key.
fn attributes(index: Option<&str>) -> (&'static str, &'static str) {
    match index {
        None => ("pk", "sk"),
        Some("list") => ("listPk", "listSk"),
        Some("all") => ("allPk", "allSk"),
        Some("name") => ("allPk", "nameSk"),
        Some("status") => ("allPk", "statusSk"),
        Some("owner") => ("allPk", "ownerSk"),
        Some("parent") => ("allPk", "parentSk"),
        Some(other) => panic!("index {other} is not expected"),
    }
}

/// A row as DynamoDB's JSON has it.
pub(crate) fn as_json(item: &HashMap<String, AttributeValue>) -> Value {
    item.iter()
        .map(|(name, value)| (name.clone(), value_as_json(value)))
        .collect()
}

fn value_as_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(so) => json!({ "BOOL": so }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::M(map) => json!({ "M": as_json(map) }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(value_as_json).collect::<Vec<_>>() }),
        other => panic!("{other:?} is not expected"),
    }
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
