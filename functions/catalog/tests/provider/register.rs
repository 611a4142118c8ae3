//! `Custom::EnvironmentType`.

use serde_json::{Value, json};
use workbench_catalog::{Answer, Status, handle};
use workbench_core::env_type::{EnvType, EnvTypeStatus};
use workbench_core::page::PageRequest;
use workbench_core::text::Title;

use crate::aws::Aws;
use crate::{event, hash_of};

const TYPE: &str = "sagemakerExample";

fn version(number: u8, name: &str, active: bool) -> Value {
    json!({ "Id": format!("pa-000000000000{number}"), "Name": name, "Active": active })
}

/// The name of the version of this build.
fn latest() -> String {
    hash_of(TYPE)[..12].to_owned()
}

fn asked(product: &str) -> Value {
    json!({
        "ServiceToken": "arn",
        "EnvironmentType": TYPE,
        "ContentHash": "of the whole package",
        "ProductId": product,
        "ProvisioningArtifactId": "pa-0000000000002",
    })
}

/// Asks for registration while the product has these versions.
async fn register(aws: &Aws, versions: &[Value]) -> Answer {
    aws.state.lock().unwrap().versions = [json!(versions)].into();
    let event = event("Update", "Custom::EnvironmentType", &asked("prod-hxwmltpkg2edy"));
    handle(&aws.catalog(), &event).await.unwrap()
}

async fn rows(aws: &Aws) -> Vec<EnvType> {
    let page = aws.table().env_types(&PageRequest::default()).await.unwrap();
    page.data
}

#[tokio::test]
async fn f20_every_active_version_becomes_an_environment_type() {
    let aws = Aws::new().await;
    let answer = register(
        &aws,
        &[
            version(1, "0123456789ab", true),
            version(2, "v0", false),
            version(3, &latest(), true),
        ],
    )
    .await;
    assert_eq!((answer.status, answer.reason), (Status::Success, None));
    assert_eq!(
        answer.physical_resource_id,
        "environment-types/prod-hxwmltpkg2edy"
    );
    let rows = rows(&aws).await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.id.to_string(), row.name.as_str(), row.status))
        .collect();
    let name = format!("{TYPE}-{}", latest());
    assert_eq!(
        shown,
        [
            (
                "et-prod-hxwmltpkg2edy,pa-0000000000001".to_owned(),
                "sagemakerExample-0123456789ab",
                EnvTypeStatus::NotApproved
            ),
            (
                "et-prod-hxwmltpkg2edy,pa-0000000000003".to_owned(),
                name.as_str(),
                EnvTypeStatus::NotApproved
            ),
        ]
    );
    assert!(rows[0].params.contains_key("InstanceType"));
}

#[tokio::test]
async fn a_type_that_an_admin_changed_stays_as_it_is() {
    let aws = Aws::new().await;
    let first = version(1, "0123456789ab", true);
    register(&aws, &[first.clone(), version(2, &latest(), true)]).await;
    let before = rows(&aws).await.remove(0);
    let approved = EnvType {
        status: EnvTypeStatus::Approved,
        name: Title::new("Notebook").unwrap(),
        rev: before.rev + 1,
        ..before.clone()
    };
    let _ = aws.table().update_env_type(&before, &approved).await.unwrap();
    for _ in 0..2 {
        let answer = register(
            &aws,
            &[
                first.clone(),
                version(2, &latest(), true),
                version(3, "abcdefabcdef", true),
            ],
        )
        .await;
        assert_eq!(answer.status, Status::Success);
    }
    let rows = rows(&aws).await;
    assert_eq!(rows.len(), 3);
    assert!(rows.contains(&approved));
}

#[tokio::test]
async fn a_version_that_is_not_listed_yet_is_waited_for() {
    let aws = Aws::new().await;
    let old = version(1, "0123456789ab", true);
    aws.state.lock().unwrap().versions = [
        json!([old]),
        json!([old]),
        json!([old, version(2, &latest(), true)]),
    ]
    .into();
    let event = event("Update", "Custom::EnvironmentType", &asked("prod-hxwmltpkg2edy"));
    let answer = handle(&aws.catalog(), &event).await.unwrap();
    assert_eq!((answer.status, answer.reason), (Status::Success, None));
    assert_eq!(rows(&aws).await.len(), 2);
}

#[tokio::test]
async fn a_product_without_this_builds_version_is_refused_and_nothing_is_registered() {
    let aws = Aws::new().await;
    let answer = register(&aws, &[version(1, "0123456789ab", true)]).await;
    assert_eq!(answer.status, Status::Failed);
    assert_eq!(
        answer.reason.unwrap(),
        format!(
            "ProductId: product `prod-hxwmltpkg2edy` has no version that is named after the template's hash, `{}`",
            hash_of(TYPE)
        )
    );
    assert_eq!(rows(&aws).await, []);
}

#[tokio::test]
async fn a_product_that_does_not_exist_is_told() {
    let aws = Aws::new().await;
    let event = event("Create", "Custom::EnvironmentType", &asked("prod-0000000000000"));
    let answer = handle(&aws.catalog(), &event).await.unwrap();
    assert_eq!(answer.status, Status::Failed);
    assert_eq!(
        answer.reason.as_deref(),
        Some("servicecatalog:ListProvisioningArtifacts: ResourceNotFoundException: no such product")
    );
}

#[tokio::test]
async fn deleting_the_resource_leaves_the_types() {
    let aws = Aws::new().await;
    register(&aws, &[version(1, &latest(), true)]).await;
    let event = event("Delete", "Custom::EnvironmentType", &asked("prod-hxwmltpkg2edy"));
    let answer = handle(&aws.catalog(), &event).await.unwrap();
    assert_eq!(answer.status, Status::Success);
    assert_eq!(rows(&aws).await.len(), 1);
}
