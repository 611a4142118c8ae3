//! `Custom::InstanceFiles`.

use serde_json::json;
use workbench_catalog::{Answer, Status, handle};
use workbench_core::registry;

use crate::aws::Aws;
use crate::event;

const TYPE: &str = "sagemakerExample";

/// Asks for the files of `TYPE`.
async fn ask(aws: &Aws, request: &str, hash: &str) -> Answer {
    let properties = json!({ "ServiceToken": "arn", "EnvironmentType": TYPE, "ContentHash": hash });
    let mut event = event(request, "Custom::InstanceFiles", &properties);
    event["PhysicalResourceId"] = json!("as-it-was");
    handle(&aws.catalog(), &event).await.unwrap()
}

#[tokio::test]
async fn files_are_published_below_their_hash_and_kept_when_the_resource_is_deleted() {
    let aws = Aws::new().await;
    let ty = registry::environment_type(TYPE).unwrap();
    for request in ["Create", "Create", "Update"] {
        let answer = ask(&aws, request, ty.files_hash).await;
        assert_eq!((answer.status, answer.reason), (Status::Success, None));
        assert_eq!(answer.data["Prefix"], answer.physical_resource_id);
        let state = aws.state.lock().unwrap();
        for file in ty.files {
            let key = format!("{}/{}", answer.physical_resource_id, file.name);
            assert_eq!(state.objects[&key], file.content);
        }
    }
    let deleted = ask(&aws, "Delete", ty.files_hash).await;
    assert_eq!(deleted.status, Status::Success);
    assert_eq!(aws.state.lock().unwrap().objects.len(), ty.files.len());
}

#[tokio::test]
async fn files_of_another_build_are_refused_and_the_resource_stays_as_it_was() {
    let aws = Aws::new().await;
    let answer = ask(&aws, "Update", "ab").await;
    assert_eq!(answer.status, Status::Failed);
    assert_eq!(answer.physical_resource_id, "as-it-was");
    assert_eq!(aws.state.lock().unwrap().puts, 0);
}

#[tokio::test]
async fn a_failed_deployment_goes_back_to_files_that_are_there() {
    let aws = Aws::new().await;
    let earlier = format!("environment-files/{TYPE}/abcdef");
    let key = format!("{earlier}/bootstrap.sh");
    aws.state.lock().unwrap().objects.insert(key, Vec::new());
    let answer = ask(&aws, "Update", "abcdef").await;
    assert_eq!((answer.status, answer.reason), (Status::Success, None));
    assert_eq!(answer.physical_resource_id, earlier);
    assert_eq!(aws.state.lock().unwrap().puts, 0);
}
