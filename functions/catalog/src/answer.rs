//! Answers to CloudFormation.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::request::Request;

/// The size of an answer that CloudFormation takes, in bytes.
const LIMIT: usize = 4096;

/// The end of a reason that was cut.
const CUT: &str = "...";

/// What was made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Done {
    /// Its id: if it is another one than before, CloudFormation deletes what had the old one.
    pub(crate) physical_id: String,
    /// What `Fn::GetAtt` gives.
    pub(crate) data: BTreeMap<&'static str, String>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It was carried out.
    Success,
    /// It was not.
    Failed,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// How the request ended.
    pub status: Status,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of what was made.
    pub physical_resource_id: String,
    /// From the request.
    pub stack_id: String,
    /// From the request.
    pub request_id: String,
    /// From the request.
    pub logical_resource_id: String,
    /// The attributes of what was made.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<&'static str, String>,
}

impl Answer {
    /// The answer to `request` after it was carried out.
    pub(crate) fn success(request: &Request, done: Done) -> Self {
        Self {
            data: done.data,
            ..Self::new(request, Status::Success, done.physical_id)
        }
    }

    /// The answer to a deletion.
    pub(crate) fn deleted(request: &Request) -> Self {
        Self::new(request, Status::Success, physical_id(request))
    }

    /// The answer to `request` if it is not carried out. The id stays as it is, so that
    /// CloudFormation sees no replacement.
    pub(crate) fn failure(request: &Request, reason: String) -> Self {
        Self {
            reason: Some(reason),
            ..Self::new(request, Status::Failed, physical_id(request))
        }
    }

    fn new(request: &Request, status: Status, physical_resource_id: String) -> Self {
        Self {
            status,
            reason: None,
            physical_resource_id,
            stack_id: request.stack_id.clone(),
            request_id: request.request_id.clone(),
            logical_resource_id: request.logical_resource_id.clone(),
            data: BTreeMap::new(),
        }
    }

    /// The text to be sent. A reason that makes it too long is cut.
    pub(crate) fn body(&self) -> Result<String, serde_json::Error> {
        let mut answer = self.clone();
        loop {
            let body = serde_json::to_string(&answer)?;
            let Some(reason) = answer.reason.filter(|_| body.len() > LIMIT) else {
                return Ok(body);
            };
            let kept = reason.strip_suffix(CUT).unwrap_or(&reason);
            if kept.is_empty() {
                return Ok(body);
            }
            // A character of the reason is one byte of the body at least.
            let end = kept.floor_char_boundary(kept.len().saturating_sub(excess(&body)));
            answer.reason = Some(format!("{}{CUT}", &kept[..end]));
        }
    }
}

/// By how much a body is too long; halved, as escaped characters are longer in it than in the reason.
fn excess(body: &str) -> usize {
    ((body.len() - LIMIT) / 2).max(CUT.len() + 1)
}

/// The id that the request gives, or one for what was never made.
fn physical_id(request: &Request) -> String {
    let given = request.physical_resource_id.as_deref();
    given.filter(|id| !id.is_empty()).map_or_else(
        || format!("{}-not-created", request.logical_resource_id),
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn request(physical_id: Option<&str>) -> Request {
        Request::read(&json!({
            "RequestType": "Update",
            "ResponseURL": "https://answers.s3.amazonaws.com/a?Signature=b",
            "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/workbench/1",
            "RequestId": "r-1",
            "LogicalResourceId": "SagemakerNotebookFiles",
            "PhysicalResourceId": physical_id,
        }))
        .unwrap()
    }

    fn sent(answer: &Answer) -> Value {
        serde_json::from_str(&answer.body().unwrap()).unwrap()
    }

    #[test]
    fn success_carries_the_new_id_and_the_attributes() {
        let done = Done {
            physical_id: "environment-files/new".into(),
            data: BTreeMap::from([("Prefix", "environment-files/new".into())]),
        };
        insta::assert_json_snapshot!(sent(&Answer::success(
            &request(Some("environment-files/old")),
            done
        )));
    }

    #[test]
    fn failure_carries_the_reason_and_the_old_id() {
        insta::assert_json_snapshot!(sent(&Answer::failure(
            &request(Some("environment-files/old")),
            "why".into()
        )));
    }

    #[test]
    fn what_was_never_made_has_an_id_all_the_same() {
        insta::assert_json_snapshot!(sent(&Answer::failure(&request(None), "why".into())));
        insta::assert_json_snapshot!(sent(&Answer::deleted(&request(Some("")))));
    }

    proptest! {
        #[test]
        fn no_reason_makes_an_answer_too_long(part in "\\PC{1,4}|[\"\\\\\n]", times in 1..6000_usize) {
            let reason = part.repeat(times);
            let body = Answer::failure(&request(None), reason.clone()).body().unwrap();
            prop_assert!(body.len() <= LIMIT);
            let sent: Value = serde_json::from_str(&body).unwrap();
            let sent = sent["Reason"].as_str().unwrap();
            if sent != reason {
                prop_assert!(reason.starts_with(sent.strip_suffix(CUT).unwrap()));
                prop_assert!(body.len() > LIMIT / 2);
            }
        }
    }
}
