use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::object;
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
    world.call(&Principal::root(account), Service::S3, operation, &input)
}

fn bucket(world: &mut World) {
    call(world, MAIN, "CreateBucket", json!({ "Bucket": "artifacts" })).unwrap();
}

fn code(answer: Result<Value, ApiError>) -> String {
    answer.unwrap_err().code
}

/// Sends a request without signature to the wire; status and body.
fn send(world: &mut World, method: Method, url: &str, body: &str) -> (u16, String) {
    let request = http::Request::builder().method(method).uri(url);
    let request = request.body(body.as_bytes().to_vec()).unwrap();
    let response = crate::wire::answer(world, &request).unwrap();
    (
        response.status().as_u16(),
        String::from_utf8(response.into_body()).unwrap(),
    )
}

#[test]
fn an_object_is_read_by_each_kind_of_url() {
    let mut world = world();
    let url = world.put_object("artifacts", "a/b.yaml", "text");
    assert_eq!(url, "https://artifacts.s3.us-east-1.amazonaws.com/a/b.yaml");
    for url in [
        url.as_str(),
        "https://artifacts.s3.amazonaws.com/a/b.yaml",
        "https://s3.us-east-1.amazonaws.com/artifacts/a/b.yaml",
        "s3://artifacts/a/b.yaml",
    ] {
        assert_eq!(object(&world, url).as_deref(), Some("text"), "{url}");
    }
    assert_eq!(object(&world, "s3://artifacts/missing"), None);
}

#[test]
fn a_missing_key_and_a_missing_bucket_are_told_apart() {
    let mut world = world();
    bucket(&mut world);
    for (bucket, expected) in [("artifacts", "NoSuchKey"), ("other", "NoSuchBucket")] {
        let input = json!({ "Bucket": bucket, "Key": "a" });
        assert_eq!(code(call(&mut world, MAIN, "GetObject", input)), expected);
    }
}

#[test]
fn a_bucket_is_made_once_and_deleted_when_it_is_empty() {
    let mut world = world();
    bucket(&mut world);
    let input = json!({ "Bucket": "artifacts" });
    for (account, expected) in [(MAIN, "BucketAlreadyOwnedByYou"), (HOST, "BucketAlreadyExists")] {
        let twice = Principal::root(account);
        let twice = super::handle(&mut world, &twice, "CreateBucket", &input);
        assert_eq!(code(twice), expected);
    }
    let versioning = json!({ "Bucket": "artifacts", "VersioningConfiguration": { "Status": "Enabled" } });
    call(&mut world, MAIN, "PutBucketVersioning", versioning).unwrap();
    let object = json!({ "Bucket": "artifacts", "Key": "a", "Body": "YQ==" });
    call(&mut world, MAIN, "PutObject", object).unwrap();
    assert_eq!(
        code(call(&mut world, MAIN, "DeleteBucket", input.clone())),
        "BucketNotEmpty"
    );
    let object = json!({ "Bucket": "artifacts", "Key": "a" });
    call(&mut world, MAIN, "DeleteObject", object).unwrap();
    // The version that was deleted is still there.
    assert_eq!(
        code(call(&mut world, MAIN, "DeleteBucket", input)),
        "BucketNotEmpty"
    );
    call(&mut world, MAIN, "CreateBucket", json!({ "Bucket": "empty" })).unwrap();
    call(&mut world, MAIN, "DeleteBucket", json!({ "Bucket": "empty" })).unwrap();
}

#[test]
fn objects_are_listed_in_pages() {
    let mut world = world();
    for key in ["a/1", "a/2", "a/3", "b/1"] {
        world.put_object("artifacts", key, "x");
    }
    let mut input = json!({ "Bucket": "artifacts", "Prefix": "a/", "MaxKeys": 2 });
    let first = call(&mut world, MAIN, "ListObjectsV2", input.clone()).unwrap();
    assert_eq!(
        (&first["KeyCount"], &first["IsTruncated"]),
        (&json!(2), &json!(true))
    );
    input["ContinuationToken"] = first["NextContinuationToken"].clone();
    let second = call(&mut world, MAIN, "ListObjectsV2", input.clone()).unwrap();
    assert_eq!(second["Contents"][0]["Key"], "a/3");
    assert_eq!(second["IsTruncated"], false);
    input["Delimiter"] = json!("/");
    let refused = call(&mut world, MAIN, "ListObjectsV2", input).unwrap_err();
    assert!(refused.message.contains("Delimiter"), "{refused}");
}

#[test]
fn another_account_reads_by_the_bucket_policy_and_the_key_policy_together() {
    let mut world = world();
    bucket(&mut world);
    let key = json!({ "Description": "artifacts" });
    let made = world
        .call(&Principal::root(MAIN), Service::Kms, "CreateKey", &key)
        .unwrap();
    let key = made["KeyMetadata"]["Arn"].clone();
    let rule =
        json!({ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key } });
    let encryption =
        json!({ "Bucket": "artifacts", "ServerSideEncryptionConfiguration": { "Rules": [rule] } });
    call(&mut world, MAIN, "PutBucketEncryption", encryption).unwrap();
    let object = json!({ "Bucket": "artifacts", "Key": "environment-files/a", "Body": "YQ==" });
    call(&mut world, MAIN, "PutObject", object).unwrap();
    let read = json!({ "Bucket": "artifacts", "Key": "environment-files/a" });
    assert_eq!(
        code(call(&mut world, HOST, "GetObject", read.clone())),
        "AccessDenied"
    );
    let policy = json!({ "Statement": [
        { "Sid": "OnlyOverTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
          "Resource": ["arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/*"],
          "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
        { "Effect": "Allow", "Principal": { "AWS": HOST }, "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::artifacts/environment-files/*" },
    ] });
    let policy = json!({ "Bucket": "artifacts", "Policy": policy.to_string() });
    call(&mut world, MAIN, "PutBucketPolicy", policy).unwrap();
    let without_key = call(&mut world, HOST, "GetObject", read.clone()).unwrap_err();
    assert!(without_key.message.contains("kms:Decrypt"), "{without_key}");
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": [MAIN, HOST] }, "Action": "kms:*", "Resource": "*" },
    ] });
    let policy = json!({ "KeyId": key, "Policy": policy.to_string() });
    world
        .call(&Principal::root(MAIN), Service::Kms, "PutKeyPolicy", &policy)
        .unwrap();
    assert_eq!(call(&mut world, HOST, "GetObject", read).unwrap()["Body"], "YQ==");
    let other = json!({ "Bucket": "artifacts", "Key": "service-catalog-cfn-templates/a" });
    assert_eq!(code(call(&mut world, HOST, "GetObject", other)), "AccessDenied");
}

#[test]
fn a_presigned_url_is_good_for_its_object_and_method_until_it_expires() {
    let mut world = world();
    bucket(&mut world);
    let main = Principal::root(MAIN);
    let hour = SignedDuration::from_hours(1);
    let url = world.presigned_url(&main, &Method::PUT, "artifacts", "answers/1", hour);
    assert_eq!(send(&mut world, Method::PUT, &url, "{}").0, 200);
    assert_eq!(world.object("artifacts", "answers/1"), Some(b"{}".as_slice()));
    let other = url.replace("answers/1", "answers/2");
    for (method, url) in [(Method::GET, &url), (Method::PUT, &other)] {
        let (status, body) = send(&mut world, method, url, "");
        assert_eq!(status, 403);
        assert!(body.contains("SignatureDoesNotMatch"), "{body}");
    }
    let get = world.presigned_url(&main, &Method::GET, "artifacts", "answers/1", hour);
    assert_eq!(send(&mut world, Method::GET, &get, ""), (200, "{}".to_owned()));
    world.run_until(world.now + hour);
    let (status, body) = send(&mut world, Method::PUT, &url, "late");
    assert_eq!(status, 403);
    assert!(body.contains("Request has expired"), "{body}");
}

#[test]
fn what_a_setting_or_a_bucket_can_not_be_is_refused() {
    let mut world = world();
    bucket(&mut world);
    for (operation, input, expected) in [
        ("CreateBucket", json!({ "Bucket": "Upper" }), "InvalidBucketName"),
        (
            "PutBucketVersioning",
            json!({ "Bucket": "artifacts", "VersioningConfiguration": { "Status": "On" } }),
            "MalformedXML",
        ),
        (
            "PutBucketPolicy",
            json!({ "Bucket": "artifacts", "Policy": "{}" }),
            "MalformedPolicy",
        ),
        (
            "PutBucketWebsite",
            json!({ "Bucket": "artifacts" }),
            "UnknownOperationException",
        ),
    ] {
        assert_eq!(
            code(call(&mut world, MAIN, operation, input)),
            expected,
            "{operation}"
        );
    }
}
