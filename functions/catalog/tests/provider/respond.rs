//! Answers, whatever is asked.

use proptest::prelude::*;
use serde_json::{Value, json};
use workbench_catalog::{RESOURCE_TYPES, Status, handle};

use crate::aws::{ANSWERS, Aws};
use crate::event;

#[tokio::test]
async fn every_request_is_answered_once_at_its_own_url() {
    let aws = Aws::new().await;
    for (request, resource, expected) in [
        ("Create", "Custom::Other", Status::Failed),
        ("Rename", "Custom::Product", Status::Failed),
        ("Create", "Custom::InstanceFiles", Status::Failed),
        ("Delete", "Custom::Product", Status::Success),
        ("Delete", "Custom::Other", Status::Success),
    ] {
        let event = event(request, resource, &json!({}));
        let answer = handle(&aws.catalog(), &event).await.unwrap();
        assert_eq!(answer.status, expected, "{request} {resource}");
        let mut state = aws.state.lock().unwrap();
        let url =
            format!("https://{ANSWERS}/arn%3Aaws%3Acloudformation/r-1?AWSAccessKeyId=AKIA&Signature=s%3D");
        assert_eq!(
            std::mem::take(&mut state.answered),
            [(url, Some(String::new()), false)]
        );
        assert_eq!(
            std::mem::take(&mut state.answers),
            [serde_json::to_value(&answer).unwrap()]
        );
    }
}

#[tokio::test]
async fn an_answer_is_sent_again_only_if_that_can_help() {
    let aws = Aws::new().await;
    let deletion = event("Delete", "Custom::Product", &json!({}));
    aws.state.lock().unwrap().next_answers = [503, 500].into();
    handle(&aws.catalog(), &deletion).await.unwrap();
    assert_eq!(aws.state.lock().unwrap().answers.len(), 1);

    aws.state.lock().unwrap().answered.clear();
    aws.state.lock().unwrap().next_answers = [403].into();
    let error = handle(&aws.catalog(), &deletion).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the answer was not delivered: s3:PutObject: the storage answered 403"
    );
    assert_eq!(aws.state.lock().unwrap().answered.len(), 1);

    aws.state.lock().unwrap().next_answers = [503; 9].into();
    let error = handle(&aws.catalog(), &deletion).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the answer was not delivered: s3:PutObject: the storage answered 503"
    );
}

#[tokio::test]
async fn what_can_not_be_answered_is_an_error_that_keeps_the_url_secret() {
    let aws = Aws::new().await;
    let mut event = event("Delete", "Custom::Product", &json!({}));
    for url in ["", "no url\u{7f}", "/a?Signature=secret"] {
        event["ResponseURL"] = json!(url);
        let error = handle(&aws.catalog(), &event).await.unwrap_err().to_string();
        assert!(
            error.starts_with("the answer was not delivered: s3:PutObject: the URL is"),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }
    let error = handle(&aws.catalog(), &Value::Null)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the event is no request of CloudFormation's"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_event_makes_the_function_panic(
        request in "Create|Update|Delete|.{0,8}",
        resource in 0..RESOURCE_TYPES.len(),
        field in "EnvironmentType|ContentHash|Description|ProductId|.{0,8}",
        value in ".{0,200}",
        physical in proptest::option::of(".{0,80}"),
    ) {
        let properties = json!({ "EnvironmentType": "sagemakerExample", "ContentHash": "ab", field: value });
        let mut event = event(&request, RESOURCE_TYPES[resource], &properties);
        event["PhysicalResourceId"] = json!(physical);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let answer = runtime.block_on(async {
            let aws = Aws::new().await;
            handle(&aws.catalog(), &event).await.unwrap()
        });
        prop_assert!(!answer.physical_resource_id.is_empty());
        prop_assert_eq!(answer.status == Status::Success, request == "Delete");
    }
}
