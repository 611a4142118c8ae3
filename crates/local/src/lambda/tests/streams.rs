//! Streams as sources of functions.

use super::*;

/// A table with a stream, mapped to the function but for the rows that the filter leaves out.
fn feed(aws: &LocalAws) {
    let mut world = aws.world();
    let table = json!({
        "TableName": "rows", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
    });
    call(&mut world, Service::DynamoDb, "CreateTable", table).unwrap();
    let root = Principal::root(MAIN);
    let stream = crate::dynamodb::stream_arn(&mut world, &root, "rows")
        .unwrap()
        .unwrap();
    let filter = json!({ "dynamodb": { "Keys": { "pk": { "S": ["wanted"] } } } });
    let mut mapping = json!({ "EventSourceArn": stream, "FunctionName": NAME, "BatchSize": 2,
        "StartingPosition": "TRIM_HORIZON", "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": { "Filters": [{ "Pattern": filter.to_string() }] } });
    let refused = lambda(&mut world, "CreateEventSourceMapping", mapping.clone()).unwrap_err();
    assert!(refused.message.contains("DescribeStream"), "{refused}");
    let operations = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    let actions: Vec<String> = operations.iter().map(|name| format!("dynamodb:{name}")).collect();
    allow(&mut world, "function", json!(actions));
    lambda(&mut world, "CreateEventSourceMapping", mapping.clone()).unwrap();
    mapping["StartingPosition"] = json!("LATEST");
    let unknown = lambda(&mut world, "CreateEventSourceMapping", mapping).unwrap_err();
    assert!(unknown.message.contains("LATEST"), "{unknown}");
}

fn put(aws: &LocalAws, key: &str, rev: u32) {
    let item = json!({ "pk": { "S": key }, "rev": { "N": rev.to_string() } });
    let input = json!({ "TableName": "rows", "Item": item });
    call(&mut aws.world(), Service::DynamoDb, "PutItem", input).unwrap();
}

/// The revisions that the function was given, batch by batch.
fn given(seen: &Mutex<Vec<Value>>) -> Vec<Vec<String>> {
    let records = |event: &Value| {
        let rev = |record: &Value| {
            record["dynamodb"]["NewImage"]["rev"]["N"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        event["Records"].as_array().unwrap().iter().map(rev).collect()
    };
    seen.lock().unwrap().iter().map(records).collect()
}

#[tokio::test]
async fn records_come_in_order_and_only_those_that_are_wanted() {
    let aws = aws();
    feed(&aws);
    let seen = record(&aws, |_| Ok(json!({ "batchItemFailures": [] })));
    for rev in 1..=3 {
        put(&aws, "wanted", rev);
        put(&aws, "other", rev);
    }
    aws.run_functions().await;
    assert_eq!(given(&seen), [vec!["1", "2"], vec!["3"]]);
    assert_eq!(aws.run_functions().await, 0);
}

#[tokio::test]
async fn what_failed_comes_again_with_all_that_follows_until_it_is_done() {
    let aws = aws();
    feed(&aws);
    let tries = Mutex::new(0);
    let seen = record(&aws, move |event| {
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        let second = &event["Records"][1]["dynamodb"]["SequenceNumber"];
        match *tries {
            1 => Err("it broke".into()),
            2 => Ok(json!({ "batchItemFailures": [{ "itemIdentifier": second }] })),
            _ => Ok(json!({ "batchItemFailures": [] })),
        }
    });
    for rev in 1..=3 {
        put(&aws, "wanted", rev);
    }
    for batches in [1, 2, 3] {
        aws.run_functions().await;
        assert_eq!(given(&seen).len(), batches);
        aws.advance(SignedDuration::from_secs(3));
    }
    assert_eq!(given(&seen), [vec!["1", "2"], vec!["1", "2"], vec!["2", "3"]]);
}
