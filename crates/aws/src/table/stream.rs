//! The table's stream: what Lambda hands over of each write.

use serde::Deserialize;
use serde_dynamo::Item;
use workbench_core::environment::Environment;
use workbench_core::publication::StatusChange;

use crate::error::Error;

/// A record of a write, with the row before and after it.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>
#[derive(Debug, Clone, Deserialize)]
pub struct StreamRecord {
    dynamodb: Images,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    sequence_number: String,
    #[serde(default)]
    keys: Item,
    old_image: Option<Item>,
    new_image: Option<Item>,
}

impl StreamRecord {
    /// Its place in the stream.
    #[must_use]
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// What is to be published of a write of an environment's row; nothing if its status is what it was, or the row is
    /// gone. That the row is an environment's is for the filter of the stream's reader to see to.
    ///
    /// # Errors
    /// A row can not be read.
    pub fn status_change(&self) -> Result<Option<StatusChange>, Error> {
        let read = |image: &Option<Item>| image.clone().map(serde_dynamo::from_item).transpose();
        let rows = read(&self.dynamodb.old_image).and_then(|old| Ok((old, read(&self.dynamodb.new_image)?)));
        let (before, after): (Option<Environment>, Option<Environment>) =
            rows.map_err(|error| Error::Row {
                key: format!("{:?}", self.dynamodb.keys),
                problem: error.to_string(),
            })?;
        Ok(after.and_then(|after| StatusChange::between(before.as_ref(), &after)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_that_is_no_environment_is_an_error_and_a_row_that_is_gone_is_none() {
        let record = |images: serde_json::Value| {
            let mut record = json!({ "eventName": "MODIFY", "dynamodb": { "SequenceNumber": "7" } });
            let images = images.as_object().unwrap().clone();
            record["dynamodb"].as_object_mut().unwrap().extend(images);
            serde_json::from_value::<StreamRecord>(record).unwrap()
        };
        let odd =
            record(json!({ "Keys": { "pk": { "S": "ENV#x" } }, "NewImage": { "pk": { "S": "ENV#x" } } }));
        assert_eq!(odd.sequence_number(), "7");
        assert!(odd.status_change().unwrap_err().to_string().contains("ENV#x"));
        assert_eq!(record(json!({})).status_change().unwrap(), None);
    }
}
