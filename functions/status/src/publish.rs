//! Tells others what has changed: each change of an environment's status that the table's stream tells of is published
//! on the main account's bus.
//!
//! Lambda hands over the records of an environment in the order of its changes, and hands them over again, from the
//! first that failed on, until they are done with. So a change that was stored is published at least once, whatever
//! dies when, and changes of one environment are sent in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use serde::Deserialize;
use tokio::time::Instant;
use workbench_aws::table::StreamRecord;
use workbench_aws::{Cloud, Error, bus};
use workbench_core::publication::StatusChange;

use crate::Settled;

/// For how long a batch is published, within the function's 30 seconds.
const SHIFT: Duration = Duration::from_secs(15);

/// A batch of the table's stream.
#[derive(Debug, Clone, Deserialize)]
pub struct Changes {
    #[serde(rename = "Records")]
    records: Vec<StreamRecord>,
}

/// Publishes a batch; names the record from which Lambda has to go on.
pub(crate) async fn publish(cloud: &Cloud, changes: Changes) -> Settled {
    publish_with(changes, |some| {
        let cloud = cloud.clone();
        Box::pin(async move { cloud.bus().publish(&some).await })
    })
    .await
}

async fn publish_with<P, F>(changes: Changes, put: P) -> Settled
where
    P: Fn(Vec<StatusChange>) -> F,
    F: Future<Output = Result<(), (usize, Error)>>,
{
    let mut counts = BTreeMap::new();
    let mut count = |label, by: usize| {
        let by = u32::try_from(by).unwrap_or(u32::MAX);
        if by > 0 {
            *counts.entry(label).or_default() += by;
        }
    };
    let mut response = SqsBatchResponse::default();
    let mut rest = news(&changes.records, &mut count).into_iter().peekable();
    let end = Instant::now() + SHIFT;
    while let Some(first) = rest.next() {
        if Instant::now() > end {
            // What was published must be told before the function's time is over, or all of it is published again.
            response.add_failure(first.0);
            break;
        }
        let mut together = vec![first];
        // The bus keeps no order within a request: an environment has one event in it at most.
        while let Some(next) = rest.next_if(|(_, next)| {
            together.len() < bus::MOST
                && together
                    .iter()
                    .all(|(_, change)| change.environment_id != next.environment_id)
        }) {
            together.push(next);
        }
        let (numbers, events): (Vec<&str>, Vec<StatusChange>) = together.into_iter().unzip();
        let sent = events.len();
        match put(events).await {
            Ok(()) => count("published", sent),
            Err((taken, error)) => {
                count("published", taken);
                count("failed", 1);
                let number = numbers.get(taken).copied().unwrap_or_default();
                tracing::error!(sequence_number = number, %error, "not published; tried again");
                response.add_failure(number);
                break;
            }
        }
    }
    Settled {
        response,
        counts,
        ..Settled::default()
    }
}

/// What there is to publish, each with the place of its record in the stream.
fn news<'r>(
    records: &'r [StreamRecord],
    count: &mut impl FnMut(&'static str, usize),
) -> Vec<(&'r str, StatusChange)> {
    let mut news = Vec::new();
    for record in records {
        match record.status_change() {
            Ok(Some(change)) => news.push((record.sequence_number(), change)),
            Ok(None) => count("no change", 1),
            Err(error) => {
                // It never will be readable, and must not hold up what comes after it.
                tracing::error!(sequence_number = record.sequence_number(), %error, "not published: the row can not be read");
                count("unreadable", 1);
            }
        }
    }
    news
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Map, Value, json};
    use workbench_aws::{Fault, FaultKind};

    use super::*;

    /// JSON as DynamoDB has it.
    fn attribute(value: &Value) -> Value {
        match value {
            Value::Null => json!({ "NULL": true }),
            Value::Bool(flag) => json!({ "BOOL": flag }),
            Value::Number(number) => json!({ "N": number.to_string() }),
            Value::String(text) => json!({ "S": text }),
            Value::Array(list) => json!({ "L": list.iter().map(attribute).collect::<Vec<_>>() }),
            Value::Object(map) => json!({ "M": item(map) }),
        }
    }

    fn item(map: &Map<String, Value>) -> Map<String, Value> {
        map.iter()
            .map(|(name, value)| (name.clone(), attribute(value)))
            .collect()
    }

    fn row(id: u8, status: &str) -> Value {
        let row = include_str!("../../api/tests/rows/environment.json");
        let mut row: Value = serde_json::from_str(row).unwrap();
        row["id"] = json!(format!("env-b590a734-5adc-4a43-a24b-edf3795b812{id:x}"));
        row["lifecycle"]["status"] = json!(status);
        json!(item(row.as_object().unwrap()))
    }

    /// A record of the environment `id`, which has become `new`.
    fn record(number: &str, id: u8, old: Option<&str>, new: &str) -> Value {
        let mut images = json!({ "SequenceNumber": number, "Keys": {}, "NewImage": row(id, new) });
        if let Some(old) = old {
            images["OldImage"] = row(id, old);
        }
        json!({ "eventName": "MODIFY", "dynamodb": images })
    }

    /// Publishes records on a bus that takes `first` events of the first request, and all of every other if that is
    /// none; the requests, what failed, and the counts.
    fn run(
        records: &[Value],
        first: Option<usize>,
    ) -> (Vec<Vec<String>>, Vec<String>, BTreeMap<&'static str, u32>) {
        let changes = serde_json::from_value(json!({ "Records": records })).unwrap();
        let requests = RefCell::new(Vec::new());
        let put = |some: Vec<StatusChange>| {
            let told = |change: &StatusChange| {
                format!(
                    "{} {}",
                    &change.environment_id.to_string()[39..],
                    change.new_status
                )
            };
            requests.borrow_mut().push(some.iter().map(told).collect());
            let answer = match first {
                Some(taken) => Err((
                    taken,
                    Error::from(Fault {
                        service: "events",
                        operation: "PutEvents",
                        code: None,
                        message: "busy".into(),
                        request_id: None,
                        kind: FaultKind::Unclear,
                    }),
                )),
                None => Ok(()),
            };
            async move { answer }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let settled = runtime.block_on(publish_with(changes, put));
        let failed = settled.response.batch_item_failures.into_iter();
        let failed = failed.map(|failure| failure.item_identifier).collect();
        (requests.into_inner(), failed, settled.counts)
    }

    #[test]
    fn an_environments_changes_are_sent_one_after_the_other_and_others_beside_them() {
        let records = [
            record("1", 1, None, "PENDING"),
            record("2", 2, Some("STOPPED"), "STARTING"),
            record("3", 2, Some("STARTING"), "STARTING"),
            record("4", 1, Some("PENDING"), "COMPLETED"),
        ];
        let (requests, failed, counts) = run(&records, None);
        assert_eq!(requests, [vec!["1 PENDING", "2 STARTING"], vec!["1 COMPLETED"]]);
        assert_eq!(failed, Vec::<String>::new());
        assert_eq!(counts, BTreeMap::from([("published", 3), ("no change", 1)]));
    }

    #[test]
    fn lambda_goes_on_from_the_first_change_that_was_not_taken() {
        let records = [
            record("1", 1, None, "PENDING"),
            record("2", 2, None, "PENDING"),
            record("3", 1, Some("PENDING"), "COMPLETED"),
        ];
        let (requests, failed, counts) = run(&records, Some(1));
        assert_eq!(requests.len(), 1);
        assert_eq!(failed, ["2"]);
        assert_eq!(counts, BTreeMap::from([("published", 1), ("failed", 1)]));
    }

    #[test]
    fn a_row_that_can_not_be_read_holds_up_nothing() {
        let odd = json!({ "dynamodb": { "SequenceNumber": "1", "NewImage": { "id": { "S": "x" } } } });
        let (requests, failed, counts) = run(&[odd, record("2", 1, None, "PENDING")], None);
        assert_eq!(requests, [["1 PENDING"]]);
        assert_eq!(failed, Vec::<String>::new());
        assert_eq!(counts, BTreeMap::from([("published", 1), ("unreadable", 1)]));
    }

    #[test]
    fn a_request_has_no_more_than_the_bus_takes() {
        let records: Vec<Value> = (0..11).map(|id| record("1", id, None, "PENDING")).collect();
        let (requests, _, _) = run(&records, None);
        assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [10, 1]);
    }
}
