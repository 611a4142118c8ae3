use serde_json::{Value, json};

use super::{Catalog, HOST, delete_role, role};
use crate::error::ApiError;
use crate::world::{Principal, Service};

fn terminate(catalog: &mut Catalog, name: &str) -> Result<Value, ApiError> {
    let input = json!({ "ProvisionedProductName": name });
    let answer = catalog.call("TerminateProvisionedProduct", input)?;
    Ok(answer["RecordDetail"].clone())
}

#[test]
fn a_terminated_product_is_gone_with_its_resources_and_its_record_stays() {
    let mut catalog = Catalog::new();
    catalog.provision("env");
    catalog.turn(600);
    let record = terminate(&mut catalog, "env").unwrap();
    assert_eq!(record["RecordType"], "TERMINATE_PROVISIONED_PRODUCT");
    assert_eq!(catalog.provisioned("env").unwrap()["Status"], "UNDER_CHANGE");
    catalog.turn(600);
    let (status, error, product) = catalog.end(&record, "env");
    assert_eq!(
        (status.as_str(), error.as_str(), product.as_str()),
        ("SUCCEEDED", "", "ResourceNotFoundException")
    );
    let made = json!({ "RoleName": "made" });
    let gone = catalog
        .world
        .call(&Principal::root(HOST), Service::Iam, "GetRole", &made)
        .unwrap_err();
    assert_eq!(gone.code, "NoSuchEntity");
    // The name is free again.
    catalog.provision("env");
}

#[test]
fn a_product_that_is_under_change_cannot_be_terminated() {
    let mut catalog = Catalog::new();
    catalog.provision("env");
    let error = terminate(&mut catalog, "env").unwrap_err();
    assert!(error.message.contains("UNDER_CHANGE"), "{error}");
    catalog.turn(600);
    terminate(&mut catalog, "env").unwrap();
    assert!(terminate(&mut catalog, "env").is_err());
}

#[test]
fn a_product_that_does_not_exist_or_is_not_named_cannot_be_terminated() {
    let mut catalog = Catalog::new();
    assert_eq!(
        terminate(&mut catalog, "none").unwrap_err().code,
        "ResourceNotFoundException"
    );
    let error = catalog
        .call("TerminateProvisionedProduct", json!({}))
        .unwrap_err();
    assert_eq!(error.code, "InvalidParametersException");
}

#[test]
fn a_terminate_token_terminates_once() {
    let mut catalog = Catalog::new();
    catalog.provision("env");
    catalog.turn(600);
    let input = json!({ "ProvisionedProductName": "env", "TerminateToken": "t" });
    let first = catalog
        .call("TerminateProvisionedProduct", input.clone())
        .unwrap();
    catalog.turn(600);
    let again = catalog.call("TerminateProvisionedProduct", input).unwrap();
    assert_eq!(
        again["RecordDetail"]["RecordId"],
        first["RecordDetail"]["RecordId"]
    );
}

#[test]
fn a_product_that_failed_is_terminated_with_or_without_a_stack() {
    let mut catalog = Catalog::new();
    delete_role(&mut catalog.world, "launch");
    catalog.provision("stackless");
    catalog.turn(600);
    let record = terminate(&mut catalog, "stackless").unwrap();
    catalog.turn(600);
    assert_eq!(catalog.end(&record, "stackless").0, "SUCCEEDED");
    role(
        &mut catalog.world,
        "launch",
        "servicecatalog.amazonaws.com",
        json!(["*"]),
    );
    role(
        &mut catalog.world,
        "made",
        "lambda.amazonaws.com",
        json!(["s3:*"]),
    );
    catalog.provision("rolled-back");
    catalog.turn(600);
    assert_eq!(catalog.provisioned("rolled-back").unwrap()["Status"], "ERROR");
    let record = terminate(&mut catalog, "rolled-back").unwrap();
    catalog.turn(600);
    assert_eq!(catalog.end(&record, "rolled-back").0, "SUCCEEDED");
}

#[test]
fn a_termination_that_fails_leaves_the_product_tainted_and_can_be_repeated() {
    let mut catalog = Catalog::new();
    catalog.provision("env");
    catalog.turn(600);
    delete_role(&mut catalog.world, "launch");
    let record = terminate(&mut catalog, "env").unwrap();
    catalog.turn(600);
    let (status, error, product) = catalog.end(&record, "env");
    assert_eq!((status.as_str(), product.as_str()), ("FAILED", "TAINTED"));
    assert!(error.contains("role/launch"), "{error}");
    role(
        &mut catalog.world,
        "launch",
        "servicecatalog.amazonaws.com",
        json!(["*"]),
    );
    let record = terminate(&mut catalog, "env").unwrap();
    catalog.turn(600);
    assert_eq!(catalog.end(&record, "env").0, "SUCCEEDED");
}
