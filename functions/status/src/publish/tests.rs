use std::cell::RefCell;

use serde_json::{Map, Value, json};
use workbench_aws::FaultKind;

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
    let row = include_str!("../../../api/tests/rows/environment.json");
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

fn busy() -> Fault {
    Fault {
        service: "events",
        operation: "PutEvents",
        code: None,
        message: "busy".into(),
        request_id: None,
        kind: FaultKind::Unclear,
    }
}

/// Publishes records on a bus that takes all but the event at `refused` of the first request; the requests, the record
/// from which it is to go on, and the counts.
fn run(records: &[Value], refused: Option<usize>) -> (Vec<Vec<String>>, Vec<String>, Counts) {
    let changes: Changes = serde_json::from_value(json!({ "Records": records })).unwrap();
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
        let answer = (0..some.len()).map(|place| (refused == Some(place)).then(busy));
        std::future::ready(Ok(answer.collect()))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut counts = Counts::new();
    let news = news(&changes.records, &mut counts);
    let left = match runtime.block_on(send(news, &mut counts, put)) {
        Sent::All => Vec::new(),
        Sent::Until(number) => vec![number.to_owned()],
        Sent::Refused(left, _) => left.iter().map(|(number, _)| (*number).to_owned()).collect(),
    };
    (requests.into_inner(), left, counts)
}

#[test]
fn an_environments_changes_are_sent_one_after_the_other_and_others_beside_them() {
    let records = [
        record("1", 1, None, "PENDING"),
        record("2", 2, Some("STOPPED"), "STARTING"),
        record("3", 2, Some("STARTING"), "STARTING"),
        record("4", 1, Some("PENDING"), "COMPLETED"),
    ];
    let (requests, left, counts) = run(&records, None);
    assert_eq!(requests, [vec!["1 PENDING", "2 STARTING"], vec!["1 COMPLETED"]]);
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(counts, Counts::from([("published", 3), ("no change", 1)]));
}

#[test]
fn what_follows_the_first_change_that_was_not_taken_is_left() {
    let records = [
        record("1", 1, None, "PENDING"),
        record("2", 2, None, "PENDING"),
        record("3", 1, Some("PENDING"), "COMPLETED"),
    ];
    let (requests, left, counts) = run(&records, Some(1));
    assert_eq!(requests.len(), 1);
    assert_eq!(left, ["2", "3"]);
    assert_eq!(counts, Counts::from([("published", 1)]));
}

#[test]
fn a_row_that_can_not_be_read_holds_up_nothing() {
    let odd = json!({ "dynamodb": { "SequenceNumber": "1", "NewImage": { "id": { "S": "x" } } } });
    let (requests, left, counts) = run(&[odd, record("2", 1, None, "PENDING")], None);
    assert_eq!(requests, [["1 PENDING"]]);
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(counts, Counts::from([("published", 1), ("unreadable", 1)]));
}

#[test]
fn a_request_has_no_more_than_the_bus_takes() {
    let records: Vec<Value> = (0..11).map(|id| record("1", id, None, "PENDING")).collect();
    let (requests, _, _) = run(&records, None);
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [10, 1]);
}

#[test]
fn a_change_is_late_after_twelve_hours() {
    let change: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(!is_late(change, at("2026-11-24T22:00:00Z")));
    assert!(is_late(change, at("2026-11-24T22:00:01Z")));
}
