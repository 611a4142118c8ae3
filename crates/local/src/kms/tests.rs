use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::check_use;
use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const MAIN: &str = "111122223333";
const HOST: &str = "444455556666";

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    world.add_account(MAIN);
    world.add_account(HOST);
    world
}

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(account), Service::Kms, operation, &input)
}

fn create(world: &mut World, input: Value) -> String {
    let made = call(world, MAIN, "CreateKey", input).unwrap();
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_is_found_by_its_arn_its_id_and_its_alias() {
    let mut world = world();
    let arn = create(&mut world, json!({ "Description": "d" }));
    let id = arn.rsplit('/').next().unwrap().to_owned();
    let alias = json!({ "AliasName": "alias/wb-data", "TargetKeyId": id });
    call(&mut world, MAIN, "CreateAlias", alias.clone()).unwrap();
    let doubled = call(&mut world, MAIN, "CreateAlias", alias).unwrap_err();
    assert_eq!(doubled.code, "AlreadyExistsException");
    for name in [arn.as_str(), &id, "alias/wb-data"] {
        let found = call(&mut world, MAIN, "DescribeKey", json!({ "KeyId": name })).unwrap();
        assert_eq!(found["KeyMetadata"]["Arn"], json!(arn), "{name}");
    }
    call(
        &mut world,
        MAIN,
        "DeleteAlias",
        json!({ "AliasName": "alias/wb-data" }),
    )
    .unwrap();
    let gone = call(
        &mut world,
        MAIN,
        "DescribeKey",
        json!({ "KeyId": "alias/wb-data" }),
    );
    assert_eq!(gone.unwrap_err().code, "NotFoundException");
}

#[test]
fn a_key_goes_after_its_waiting_period_unless_that_is_cancelled() {
    let mut world = world();
    let (kept, lost) = (create(&mut world, json!({})), create(&mut world, json!({})));
    for arn in [&kept, &lost] {
        let input = json!({ "KeyId": arn, "PendingWindowInDays": 7 });
        call(&mut world, MAIN, "ScheduleKeyDeletion", input.clone()).unwrap();
        let twice = call(&mut world, MAIN, "ScheduleKeyDeletion", input).unwrap_err();
        assert_eq!(twice.code, "KMSInvalidStateException");
    }
    call(&mut world, MAIN, "CancelKeyDeletion", json!({ "KeyId": kept })).unwrap();
    let at = world.now + SignedDuration::from_hours(7 * 24);
    world.run_until(at);
    let mut state = |arn: &str| {
        call(&mut world, MAIN, "DescribeKey", json!({ "KeyId": arn }))
            .map(|found| found["KeyMetadata"]["KeyState"].clone())
            .map_err(|error| error.code)
    };
    assert_eq!(state(&kept), Ok(json!("Disabled")));
    assert_eq!(state(&lost), Err("NotFoundException".to_owned()));
}

#[test]
fn another_account_uses_a_key_only_by_its_policy_and_the_service_that_this_names() {
    let mut world = world();
    let arn = create(&mut world, json!({}));
    let host = Principal::root(HOST);
    let refused = check_use(&world, &host, "s3", "kms:Decrypt", &arn).unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:Decrypt",
        "Resource": "*", "Condition": { "StringEquals": {
            "aws:PrincipalAccount": [HOST], "kms:ViaService": "s3.us-east-1.amazonaws.com" } } }] });
    let input = json!({ "KeyId": arn, "PolicyName": "default", "Policy": policy.to_string() });
    call(&mut world, MAIN, "PutKeyPolicy", input).unwrap();
    assert_eq!(check_use(&world, &host, "s3", "kms:Decrypt", &arn), Ok(()));
    for (service, action) in [("dynamodb", "kms:Decrypt"), ("s3", "kms:Encrypt")] {
        assert!(check_use(&world, &host, service, action, &arn).is_err());
    }
    // The policy leaves nothing to the owner's identities, so these may not either.
    let main = Principal::root(MAIN);
    assert!(check_use(&world, &main, "s3", "kms:Encrypt", &arn).is_err());
}

#[test]
fn a_policy_that_is_none_and_a_kind_of_key_that_is_not_known_are_refused() {
    let mut world = world();
    for (input, code) in [
        (json!({ "Policy": "{}" }), "MalformedPolicyDocumentException"),
        (json!({ "KeySpec": "RSA_2048" }), "UnsupportedOperationException"),
        (json!({ "Origin": "EXTERNAL" }), "ValidationException"),
    ] {
        assert_eq!(call(&mut world, MAIN, "CreateKey", input).unwrap_err().code, code);
    }
}
