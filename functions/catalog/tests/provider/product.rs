//! `Custom::Product`.

use serde_json::{Value, json};
use workbench_catalog::{Answer, Status, handle};
use workbench_core::registry;

use crate::aws::Aws;
use crate::service_catalog::Product;
use crate::{event, hash_of};

const TYPE: &str = "sagemakerExample";
const OLD: &str = "0123456789ab";

/// What the generated template asks for.
fn wanted(type_name: &str) -> Value {
    json!({
        "ServiceToken": "arn",
        "EnvironmentType": type_name,
        "Description": registry::environment_type(type_name).unwrap().description,
        "ContentHash": hash_of(type_name),
    })
}

async fn ask(aws: &Aws, request: &str, id: Option<&str>, properties: &Value) -> Answer {
    let mut event = event(request, "Custom::Product", properties);
    event["PhysicalResourceId"] = json!(id);
    handle(&aws.catalog(), &event).await.unwrap()
}

/// Asks for the product in a request of its own, unlike CloudFormation's repetitions of one.
async fn ask_anew(aws: &Aws, request: &str, id: &str, properties: &Value) -> Answer {
    let mut event = event(request, "Custom::Product", properties);
    event["PhysicalResourceId"] = json!(id);
    let calls = aws.state.lock().unwrap().answers.len();
    event["RequestId"] = json!(format!("r-{calls}"));
    handle(&aws.catalog(), &event).await.unwrap()
}

/// A product as an earlier build left it; its id.
fn earlier(aws: &Aws, number: u8, type_name: &str, version: &str) -> String {
    let id = format!("prod-000000000000{number}");
    let product = Product {
        name: type_name.to_owned(),
        description: registry::environment_type(type_name)
            .unwrap()
            .description
            .to_owned(),
        versions: [(format!("pa-000000000100{number}"), version.to_owned())].into(),
        ..Product::default()
    };
    let products = &mut aws.state.lock().unwrap().service_catalog.products;
    products.insert(id.clone(), product);
    id
}

fn set(aws: &Aws, id: &str, change: impl FnOnce(&mut Product)) {
    let mut state = aws.state.lock().unwrap();
    change(state.service_catalog.products.get_mut(id).unwrap());
}

fn take_calls(aws: &Aws) -> Vec<String> {
    aws.state.lock().unwrap().service_catalog.take_calls()
}

fn product(aws: &Aws, id: &str) -> Product {
    aws.state.lock().unwrap().service_catalog.products[id].clone()
}

fn versions(aws: &Aws, id: &str) -> Vec<String> {
    product(aws, id).versions.into_values().collect()
}

#[tokio::test]
async fn a_product_is_made_of_the_published_template() {
    let aws = Aws::new().await;
    let answer = ask(&aws, "Create", None, &wanted(TYPE)).await;
    assert_eq!((answer.status, answer.reason), (Status::Success, None));
    let id = answer.physical_resource_id;
    assert_eq!(answer.data["ProductId"], id);
    assert_eq!(answer.data["ProductName"], TYPE);
    assert!(
        product(&aws, &id)
            .versions
            .contains_key(&answer.data["ProvisioningArtifactId"])
    );

    let hash = hash_of(TYPE);
    let key = format!("service-catalog-cfn-templates/{TYPE}/{hash}.cfn.yaml");
    let state = aws.state.lock().unwrap();
    let url = format!("https://artifacts.s3.us-east-1.amazonaws.com/{key}");
    assert_eq!(state.service_catalog.templates, [(url, hash[..12].to_owned())]);
    let ty = registry::environment_type(TYPE).unwrap();
    assert_eq!(state.objects[&key], ty.template.as_bytes());
}

#[tokio::test]
async fn a_request_that_comes_twice_makes_one_product_and_one_version() {
    let aws = Aws::new().await;
    let first = ask(&aws, "Create", None, &wanted(TYPE)).await;
    assert_eq!(ask(&aws, "Create", None, &wanted(TYPE)).await, first);
    assert_eq!(aws.state.lock().unwrap().service_catalog.products.len(), 1);
    assert_eq!(versions(&aws, &first.physical_resource_id).len(), 1);
}

#[tokio::test]
async fn f18_a_version_is_added_exactly_when_that_packages_own_template_changed() {
    let aws = Aws::new().await;
    let changed = earlier(&aws, 1, TYPE, OLD);
    let other = "sagemakerNotebook";
    let unchanged = earlier(&aws, 2, other, &hash_of(other)[..12]);
    for _ in 0..2 {
        for (id, type_name) in [(&changed, TYPE), (&unchanged, other)] {
            let answer = ask_anew(&aws, "Update", id, &wanted(type_name)).await;
            assert_eq!((answer.status, answer.reason), (Status::Success, None));
            assert_eq!(&answer.physical_resource_id, id);
            let version = &answer.data["ProvisioningArtifactId"];
            assert_eq!(product(&aws, id).versions[version], hash_of(type_name)[..12]);
        }
    }
    let mut names = versions(&aws, &changed);
    names.sort();
    let mut expected = [OLD.to_owned(), hash_of(TYPE)[..12].to_owned()];
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(versions(&aws, &unchanged).len(), 1);
    let calls = take_calls(&aws);
    let added = calls.iter().filter(|call| *call == "CreateProvisioningArtifact");
    assert_eq!(added.count(), 1, "{calls:?}");
    assert!(!calls.contains(&"UpdateProduct".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn a_description_that_changed_is_written_and_no_version_is_added() {
    let aws = Aws::new().await;
    let id = earlier(&aws, 1, TYPE, &hash_of(TYPE)[..12]);
    let mut properties = wanted(TYPE);
    properties["Description"] = json!("In other words");
    for expected in [
        &["DescribeProductAsAdmin", "UpdateProduct"][..],
        &["DescribeProductAsAdmin"],
    ] {
        let answer = ask_anew(&aws, "Update", &id, &properties).await;
        assert_eq!((answer.status, answer.reason), (Status::Success, None));
        assert_eq!(take_calls(&aws), expected);
    }
    assert_eq!(product(&aws, &id).description, "In other words");
    assert_eq!(aws.state.lock().unwrap().puts, 0);
}

#[tokio::test]
async fn a_failed_deployment_goes_back_to_a_version_that_is_there() {
    let aws = Aws::new().await;
    let id = earlier(&aws, 1, TYPE, OLD);
    ask_anew(&aws, "Update", &id, &wanted(TYPE)).await;
    let mut before = wanted(TYPE);
    before["ContentHash"] = json!(format!("{OLD}cdef"));
    let answer = ask_anew(&aws, "Update", &id, &before).await;
    assert_eq!((answer.status, answer.reason), (Status::Success, None));
    assert_eq!(answer.data["ProvisioningArtifactId"], "pa-0000000001001");
    assert_eq!(versions(&aws, &id).len(), 2);
}

#[tokio::test]
async fn f19_a_template_that_is_not_of_this_build_reaches_no_product() {
    let aws = Aws::new().await;
    let id = earlier(&aws, 1, TYPE, OLD);
    let (given, built) = (hash_of("sagemakerNotebook"), hash_of(TYPE));
    let other_build = format!(
        "ContentHash: `{given}` is not the hash of the template of `{TYPE}` in this function, which is `{built}`: \
         template and function are of different builds; build again and deploy both"
    );
    let unknown = "EnvironmentType: `nope` is no installed environment type; must be one of ";
    for (type_name, reason) in [(TYPE, other_build.as_str()), ("nope", unknown)] {
        let properties =
            json!({ "EnvironmentType": type_name, "Description": "A notebook", "ContentHash": given });
        for answer in [
            ask(&aws, "Create", None, &properties).await,
            ask(&aws, "Update", Some(&id), &properties).await,
        ] {
            assert_eq!(answer.status, Status::Failed);
            let told = answer.reason.unwrap();
            assert!(told.starts_with(reason), "{told}");
        }
    }
    let state = aws.state.lock().unwrap();
    assert_eq!(state.puts, 0);
    assert_eq!(state.service_catalog.products.len(), 1);
}

#[tokio::test]
async fn what_s3_or_service_catalog_refuses_is_told() {
    let aws = Aws::new().await;
    aws.state.lock().unwrap().put_refused = true;
    let answer = ask(&aws, "Create", None, &wanted(TYPE)).await;
    assert_eq!(answer.status, Status::Failed);
    assert_eq!(
        answer.reason.as_deref(),
        Some("s3:PutObject: AccessDenied: not allowed")
    );
    aws.state.lock().unwrap().put_refused = false;

    let answer = ask(&aws, "Update", Some("prod-0000000000009"), &wanted(TYPE)).await;
    assert_eq!(
        answer.reason.as_deref(),
        Some("servicecatalog:DescribeProductAsAdmin: ResourceNotFoundException: no such product")
    );

    let id = earlier(&aws, 1, TYPE, OLD);
    set(&aws, &id, |product| product.fails = true);
    let answer = ask(&aws, "Update", Some(&id), &wanted(TYPE)).await;
    assert_eq!(
        answer.reason.as_deref(),
        Some("servicecatalog:CreateProvisioningArtifact: the version is FAILED")
    );
}

#[tokio::test]
async fn a_product_is_deleted_unless_it_is_in_use_and_its_template_stays() {
    let aws = Aws::new().await;
    let id = ask(&aws, "Create", None, &wanted(TYPE))
        .await
        .physical_resource_id;
    set(&aws, &id, |product| product.in_use = true);
    let answer = ask(&aws, "Delete", Some(&id), &wanted(TYPE)).await;
    assert_eq!(answer.status, Status::Failed);
    assert_eq!(
        answer.reason.as_deref(),
        Some("servicecatalog:DeleteProduct: ResourceInUseException: the product has provisioned products")
    );
    set(&aws, &id, |product| product.in_use = false);
    for _ in 0..2 {
        let answer = ask(&aws, "Delete", Some(&id), &wanted(TYPE)).await;
        assert_eq!((answer.status, answer.reason), (Status::Success, None));
        assert_eq!(answer.physical_resource_id, id);
    }
    let state = aws.state.lock().unwrap();
    assert!(state.service_catalog.products.is_empty());
    assert_eq!(state.objects.len(), 1);
}

#[tokio::test]
async fn a_product_that_was_never_made_is_deleted_without_a_call() {
    let aws = Aws::new().await;
    let answer = ask(&aws, "Delete", Some("Product-not-created"), &Value::Null).await;
    assert_eq!(answer.status, Status::Success);
    assert!(take_calls(&aws).is_empty());
}
