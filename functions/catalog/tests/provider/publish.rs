//! `Custom::ProductTemplate` and `Custom::InstanceFiles`.

use serde_json::{Value, json};
use workbench_catalog::{Answer, Status, handle};
use workbench_core::registry;

use crate::aws::Aws;
use crate::{event, hash_of};

/// Asks for one resource to be created.
async fn create(aws: &Aws, resource: &str, properties: &Value) -> Answer {
    handle(&aws.catalog(), &event("Create", resource, properties))
        .await
        .unwrap()
}

#[tokio::test]
async fn each_template_is_put_under_the_hash_of_its_own_text() {
    let aws = Aws::new().await;
    let catalog = aws.catalog();
    for ty in registry::environment_types() {
        let hash = hash_of(ty.name);
        let properties = json!({ "ServiceToken": "arn", "EnvironmentType": ty.name, "ContentHash": hash });
        let key = format!("service-catalog-cfn-templates/{}/{hash}.cfn.yaml", ty.name);
        let puts = aws.state.lock().unwrap().puts;
        for request in ["Create", "Create", "Update"] {
            let answer = handle(&catalog, &event(request, "Custom::ProductTemplate", &properties)).await;
            let answer = answer.unwrap();
            assert_eq!((answer.status, answer.reason), (Status::Success, None));
            assert_eq!(answer.physical_resource_id, key);
            assert_eq!(
                answer.data["Url"],
                format!("https://artifacts.s3.us-east-1.amazonaws.com/{key}")
            );
        }
        let state = aws.state.lock().unwrap();
        assert_eq!(state.objects[&key], ty.template.as_bytes());
        assert_eq!(state.puts, puts + 3);
    }
    let objects = aws.state.lock().unwrap().objects.len();
    assert_eq!(objects, registry::environment_types().len());
}

#[tokio::test]
async fn a_template_of_another_build_is_refused() {
    let aws = Aws::new().await;
    let (given, built) = (hash_of("sagemakerExample"), hash_of("sagemakerNotebook"));
    let other_build = format!(
        "ContentHash: `{given}` is not the hash of the template of `sagemakerNotebook` in this function, which is \
         `{built}`: template and function are of different builds; build again and deploy both"
    );
    let unknown = "EnvironmentType: `nope` is no installed environment type; must be one of ";
    for (type_name, reason) in [("sagemakerNotebook", other_build.as_str()), ("nope", unknown)] {
        let properties = json!({ "EnvironmentType": type_name, "ContentHash": given });
        let mut event = event("Update", "Custom::ProductTemplate", &properties);
        event["PhysicalResourceId"] = json!("as-it-was");
        let answer = handle(&aws.catalog(), &event).await.unwrap();
        assert_eq!(answer.status, Status::Failed);
        assert_eq!(answer.physical_resource_id, "as-it-was");
        let told = answer.reason.unwrap();
        assert!(told.starts_with(reason), "{told}");
    }
    assert_eq!(aws.state.lock().unwrap().puts, 0);
}

#[tokio::test]
async fn what_s3_refuses_is_told() {
    let aws = Aws::new().await;
    aws.state.lock().unwrap().put_refused = true;
    let properties =
        json!({ "EnvironmentType": "sagemakerExample", "ContentHash": hash_of("sagemakerExample") });
    let answer = create(&aws, "Custom::ProductTemplate", &properties).await;
    assert_eq!(answer.status, Status::Failed);
    assert_eq!(
        answer.reason.as_deref(),
        Some("s3:PutObject: AccessDenied: not allowed")
    );
}

#[tokio::test]
async fn what_was_published_is_kept_when_its_resource_is_deleted() {
    let aws = Aws::new().await;
    let hash = hash_of("sagemakerExample");
    let properties = json!({ "EnvironmentType": "sagemakerExample", "ContentHash": hash });
    let id = create(&aws, "Custom::ProductTemplate", &properties)
        .await
        .physical_resource_id;
    let mut event = event("Delete", "Custom::ProductTemplate", &properties);
    event["PhysicalResourceId"] = json!(id);
    let deleted = handle(&aws.catalog(), &event).await.unwrap();
    assert_eq!(
        (deleted.status, &deleted.physical_resource_id),
        (Status::Success, &id)
    );
    assert!(aws.state.lock().unwrap().objects.contains_key(&id));
}
