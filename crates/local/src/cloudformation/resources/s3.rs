//! `AWS::S3::*`: buckets and their policies.

use serde_json::{Value, json};

use super::one_call::{OneCall, Update};
use super::{New, Physical, policy_text};
use crate::world::Service::S3;

fn bucket_name(new: &New) -> String {
    let name = new.text("BucketName");
    name.map_or_else(|| new.long_name(63).to_ascii_lowercase(), str::to_owned)
}

/// `Ref` is the name. What a bucket is like inside is not told to the local S3.
pub(super) const BUCKET: OneCall = OneCall {
    name: "AWS::S3::Bucket",
    properties: &[
        "BucketEncryption",
        "BucketName",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
    ],
    required: &[],
    attributes: &["Arn", "DomainName", "RegionalDomainName"],
    service: S3,
    create: ("CreateBucket", |new| json!({ "Bucket": bucket_name(new) })),
    made: |caller, new, _| {
        let name = bucket_name(new);
        Physical::new(
            new,
            &*name,
            &[
                ("Arn", &format!("arn:aws:s3:::{name}")),
                ("DomainName", &format!("{name}.s3.amazonaws.com")),
                (
                    "RegionalDomainName",
                    &format!("{name}.s3.{}.amazonaws.com", caller.world.region),
                ),
            ],
        )
    },
    update: Some(Update {
        operation: "HeadBucket",
        request: |old, _| json!({ "Bucket": old.id }),
        properties: &[
            "BucketEncryption",
            "LifecycleConfiguration",
            "LoggingConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        ],
    }),
    delete: ("DeleteBucket", |bucket| json!({ "Bucket": bucket.id })),
    gone: &["NoSuchBucket"],
};

fn policy(new: &New) -> Value {
    json!({
        "Bucket": new.properties["Bucket"],
        "Policy": policy_text(&new.properties["PolicyDocument"]),
    })
}

/// `Ref` is the bucket's name.
pub(super) const BUCKET_POLICY: OneCall = OneCall {
    name: "AWS::S3::BucketPolicy",
    properties: &["Bucket", "PolicyDocument"],
    required: &["Bucket", "PolicyDocument"],
    attributes: &[],
    service: S3,
    create: ("PutBucketPolicy", policy),
    made: |_, new, _| Physical::new(new, new.text("Bucket").unwrap_or_default(), &[]),
    update: Some(Update {
        operation: "PutBucketPolicy",
        request: |_, new| policy(new),
        properties: &["PolicyDocument"],
    }),
    delete: ("DeleteBucketPolicy", |policy| json!({ "Bucket": policy.text("Bucket") })),
    gone: &["NoSuchBucket", "NoSuchBucketPolicy"],
};
