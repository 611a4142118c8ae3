//! Amazon S3: buckets of accounts with their policies and keys, objects, and presigned URLs.
//!
//! Replaced versions are kept out of sight: a bucket that has some is not empty.

mod buckets;
mod objects;
mod presigned;
mod public;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ApiError;
use crate::iam::Guard;
use crate::world::{Principal, World};
use buckets::Bucket;

pub(crate) use objects::{object, read_for};
pub(crate) use presigned::{check as check_presigned, is_presigned};

/// Buckets by name, and the presigned URLs that were made here by their signature.
#[derive(Clone, Default)]
pub(crate) struct State {
    buckets: BTreeMap<String, Bucket>,
    presigned: BTreeMap<String, presigned::Grant>,
}

/// Bucket and key of a request, whether the bucket is in the host or the first part of the path.
pub(crate) fn locate<'a>(host: &'a str, path: &'a str) -> Option<(&'a str, &'a str)> {
    let path = path.trim_start_matches('/');
    match host.split_once(".s3.").or_else(|| host.split_once(".s3-")) {
        Some((bucket, _)) => Some((bucket, path)),
        None if path.is_empty() => None,
        None => Some(path.split_once('/').unwrap_or((path, ""))),
    }
}

/// The IAM action of an operation, which is not always its name.
pub(crate) fn action(operation: &str) -> String {
    let name = match operation {
        "HeadObject" => "GetObject",
        "ListObjectsV2" | "HeadBucket" => "ListBucket",
        "PutBucketEncryption" => "PutEncryptionConfiguration",
        "PutBucketLifecycleConfiguration" => "PutLifecycleConfiguration",
        "PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
        other => other,
    };
    format!("s3:{name}")
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "PutObject" => objects::put(world, principal, input),
        "GetObject" => objects::get(world, principal, input),
        "HeadObject" => objects::head(world, principal, input),
        "DeleteObject" => objects::delete(world, input),
        "ListObjectsV2" => objects::list(world, input),
        "CreateBucket" => buckets::create(world, principal, input),
        "DeleteBucket" => buckets::delete(world, input),
        "HeadBucket" => buckets::head(world, input),
        "GetBucketPolicy" => buckets::get_policy(world, input),
        "PutBucketPolicy" => buckets::put_policy(world, input),
        "DeleteBucketPolicy" => buckets::delete_policy(world, input),
        _ => buckets::configure(world, operation, input),
    }
}

/// An object or, where there is no key, a bucket.
pub(crate) fn resources(
    _world: &World,
    _principal: &Principal,
    _operation: &str,
    input: &Value,
) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let bucket = text("Bucket").unwrap_or_default();
    vec![match text("Key") {
        Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
        None => format!("arn:aws:s3:::{bucket}"),
    }]
}

/// The owner and the policy of the bucket that this ARN, or that of an object, names.
pub(crate) fn guard<'a>(world: &'a World, arn: &str) -> Option<Guard<'a>> {
    let name = arn.strip_prefix("arn:aws:s3:::")?;
    let name = name.split_once('/').map_or(name, |(bucket, _)| bucket);
    let bucket = world.s3.buckets.get(name)?;
    Some(Guard {
        owner: bucket.account.as_deref()?,
        policy: bucket.policy.as_ref(),
        binds_owner: false,
    })
}

fn missing(code: &str, message: String) -> ApiError {
    ApiError {
        status: 404,
        ..ApiError::new(code, message)
    }
}

fn conflict(code: &str, message: String) -> ApiError {
    ApiError {
        status: 409,
        ..ApiError::new(code, message)
    }
}

#[cfg(test)]
mod tests;
