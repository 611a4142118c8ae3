//! Tables' streams: each write with the row before and after it.

use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use serde_json::{Value, json};

use super::{answer_error, database, run, table_arn};
use crate::error::ApiError;
use crate::world::{Principal, World};

/// The label of a table's stream, if it has one.
pub(super) fn stream_label(database: &Database, table: &str) -> Result<Option<String>, ApiError> {
    let request = json!({ "TableName": table });
    let described = run(&request, |request| database.describe_table(request))?;
    let label = described
        .pointer("/Table/LatestStreamLabel")
        .and_then(Value::as_str);
    Ok(label.map(str::to_owned))
}

/// The ARN of a table's stream, if it has one. The database has an account and a region of its own in its ARNs.
pub(crate) fn stream_arn(
    world: &mut World,
    principal: &Principal,
    table: &str,
) -> Result<Option<String>, ApiError> {
    let named = (principal.account.clone(), table.to_owned());
    let known = world.dynamodb.stream_labels.get(&named).cloned();
    let label = match known {
        Some(label) => Some(label),
        None => stream_label(database(world, &principal.account)?, table)?,
    };
    if let Some(label) = &label {
        world.dynamodb.stream_labels.insert(named, label.clone());
    }
    Ok(label.map(|label| format!("{}/stream/{label}", table_arn(world, principal, table))))
}

/// The records of a stream that follow the one with this sequence number, or all of them, at most `limit`.
///
/// # Errors
/// There is no such stream.
pub(crate) fn stream_records(
    world: &mut World,
    stream: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Value>, ApiError> {
    let mut parts = stream.splitn(6, ':').skip(4);
    let account = parts.next().unwrap_or_default().to_owned();
    let table = parts.next().and_then(|resource| resource.split('/').nth(1));
    let table = table.unwrap_or_default().to_owned();
    let principal = Principal::root(&account);
    if stream_arn(world, &principal, &table)?.as_deref() != Some(stream) {
        let message = format!("Requested resource not found: Stream: {stream} not found");
        return Err(ApiError::new("ResourceNotFoundException", message));
    }
    let region = world.region.clone();
    let database = database(world, &account)?;
    let kind = match after {
        Some(_) => "AFTER_SEQUENCE_NUMBER",
        None => "TRIM_HORIZON",
    };
    let start = GetShardIteratorRequest {
        stream_arn: stream.to_owned(),
        shard_id: dynoxide::streams::shard_id(&table),
        shard_iterator_type: kind.to_owned(),
        sequence_number: after.map(str::to_owned),
    };
    let start = database.get_shard_iterator(start);
    let from = GetRecordsRequest {
        shard_iterator: start
            .map_err(|error| answer_error(&error))?
            .shard_iterator
            .unwrap_or_default(),
        limit: Some(limit),
    };
    let answer = database.get_records(from).map_err(|error| answer_error(&error))?;
    let records = answer.records.into_iter().map(|record| {
        let mut record = serde_json::to_value(record)?;
        record["awsRegion"] = json!(region);
        record["eventSourceARN"] = json!(stream);
        Ok(record)
    });
    let records: Result<_, serde_json::Error> = records.collect();
    records.map_err(|error| ApiError::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::handle;

    const ACCOUNT: &str = "111122223333";

    fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
        handle(world, &Principal::root(ACCOUNT), operation, &input)
    }

    #[test]
    fn a_stream_has_each_change_with_both_images_in_order() {
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        let input = json!({
            "TableName": "workbench", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        });
        call(&mut world, "CreateTable", input).unwrap();
        for rev in ["1", "2"] {
            let item = json!({"pk": {"S": "a"}, "rev": {"N": rev}});
            let put = json!({"TransactItems": [{"Put": {"TableName": "workbench", "Item": item}}]});
            call(&mut world, "TransactWriteItems", put).unwrap();
        }
        let stream = stream_arn(&mut world, &Principal::root(ACCOUNT), "workbench")
            .unwrap()
            .unwrap();
        let start = format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/workbench/stream/");
        assert!(stream.starts_with(&start), "{stream}");
        let records = stream_records(&mut world, &stream, None, 10).unwrap();
        let names: Vec<_> = records.iter().map(|record| &record["eventName"]).collect();
        assert_eq!(names, ["INSERT", "MODIFY"]);
        assert_eq!(records[1]["dynamodb"]["OldImage"]["rev"]["N"], "1");
        let first = records[0]["dynamodb"]["SequenceNumber"].as_str();
        let rest = stream_records(&mut world, &stream, first, 10).unwrap();
        assert_eq!(rest, records[1..]);
        assert!(
            stream_records(
                &mut world,
                "arn:aws:dynamodb:us-east-1:1:table/x/stream/y",
                None,
                10
            )
            .is_err()
        );
    }
}
