use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const ACCOUNT: &str = "111122223333";

fn call(world: &mut World, service: Service, operation: &str, input: &Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(ACCOUNT), service, operation, input)
}

/// A world with VPCs that have these tags.
fn world(tags: &[(&str, &str)]) -> World {
    let mut world = World::new("us-east-1", Timestamp::UNIX_EPOCH);
    world.add_account(ACCOUNT);
    for (key, value) in tags {
        let tags = json!([{ "ResourceType": "vpc", "Tags": [{ "Key": key, "Value": value }] }]);
        let vpc = json!({ "CidrBlock": "10.0.0.0/16", "TagSpecifications": tags });
        call(&mut world, Service::Ec2, "CreateVpc", &vpc).unwrap();
    }
    world
}

fn get(world: &mut World, input: &Value) -> Value {
    call(world, Service::Tagging, "GetResources", input).unwrap()
}

fn count(world: &mut World, input: &Value) -> usize {
    get(world, input)["ResourceTagMappingList"]
        .as_array()
        .unwrap()
        .len()
}

#[test]
fn resources_are_found_by_key_value_and_type() {
    let mut world = world(&[("Env", "a"), ("Env", "b"), ("Other", "a")]);
    for (input, expected) in [
        (json!({}), 3),
        (json!({ "TagFilters": [{ "Key": "Env" }] }), 2),
        (
            json!({ "TagFilters": [{ "Key": "Env", "Values": ["a", "c"] }] }),
            1,
        ),
        (json!({ "TagFilters": [{ "Key": "Env" }, { "Key": "Other" }] }), 0),
        (json!({ "ResourceTypeFilters": ["ec2:vpc"] }), 3),
        (json!({ "ResourceTypeFilters": ["ec2:subnet", "sagemaker"] }), 0),
    ] {
        assert_eq!(count(&mut world, &input), expected, "{input}");
    }
    let found = get(&mut world, &json!({ "TagFilters": [{ "Key": "Other" }] }));
    let found = &found["ResourceTagMappingList"][0];
    let arn = found["ResourceARN"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-"),
        "{arn}"
    );
    assert_eq!(found["Tags"], json!([{ "Key": "Other", "Value": "a" }]));
}

#[test]
fn pages_go_on_where_the_one_before_ended() {
    let mut world = world(&[("Env", "a"); 5]);
    let mut input = json!({ "ResourcesPerPage": 2 });
    let mut seen = Vec::new();
    for expected in [2, 2, 1] {
        let page = get(&mut world, &input);
        let found = page["ResourceTagMappingList"].as_array().unwrap();
        assert_eq!(found.len(), expected);
        seen.extend(found.iter().map(|resource| resource["ResourceARN"].to_string()));
        input["PaginationToken"] = page["PaginationToken"].clone();
    }
    assert_eq!(input["PaginationToken"], "");
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let none = json!({ "ResourcesPerPage": 101 });
    let error = call(&mut world, Service::Tagging, "GetResources", &none).unwrap_err();
    assert_eq!(error.code, "InvalidParameterException");
}

#[test]
fn another_account_sees_nothing() {
    let mut world = world(&[("Env", "a")]);
    let other = Principal::root("444455556666");
    let found = world
        .call(&other, Service::Tagging, "GetResources", &json!({}))
        .unwrap();
    assert_eq!(found["ResourceTagMappingList"], json!([]));
}
