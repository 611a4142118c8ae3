//! `AWS::S3::*`: buckets and their policies.

use serde_json::{Value, json};

use super::one_call::{OneCall, Update};
use super::{Caller, Change, New, Physical, ResourceType, policy_text};
use crate::world::Service::S3;

const GONE: [&str; 2] = ["NoSuchBucket", "NoSuchBucketPolicy"];

/// Properties that say what a bucket is like, each with the operation and the member that tell it.
const SETTINGS: [(&str, &str, &str); 5] = [
    (
        "BucketEncryption",
        "PutBucketEncryption",
        "ServerSideEncryptionConfiguration",
    ),
    (
        "LifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "LifecycleConfiguration",
    ),
    (
        "OwnershipControls",
        "PutBucketOwnershipControls",
        "OwnershipControls",
    ),
    (
        "PublicAccessBlockConfiguration",
        "PutPublicAccessBlock",
        "PublicAccessBlockConfiguration",
    ),
    (
        "VersioningConfiguration",
        "PutBucketVersioning",
        "VersioningConfiguration",
    ),
];

/// `Ref` is the name.
pub(super) struct Bucket;

/// The rules of encryption as the API calls them.
fn encryption(property: &Value) -> Value {
    let rules = property["ServerSideEncryptionConfiguration"].as_array();
    let rules = rules.into_iter().flatten().map(|rule| {
        let mut rule = rule.clone();
        let default = rule["ServerSideEncryptionByDefault"].take();
        if let Some(members) = rule.as_object_mut() {
            members.remove("ServerSideEncryptionByDefault");
        }
        rule["ApplyServerSideEncryptionByDefault"] = default;
        rule
    });
    json!({ "Rules": rules.collect::<Vec<_>>() })
}

impl Bucket {
    /// Tells the bucket what is not as it was.
    fn configure(
        caller: &mut Caller<'_>,
        new: &New,
        bucket: &str,
        old: Option<&Physical>,
    ) -> Result<(), String> {
        for (property, operation, member) in SETTINGS {
            let Some(value) = new.properties.get(property) else {
                continue;
            };
            if old.is_some_and(|old| old.properties.get(property) == Some(value)) {
                continue;
            }
            let value = match property {
                "BucketEncryption" => encryption(value),
                _ => value.clone(),
            };
            caller.call(S3, operation, &json!({ "Bucket": bucket, member: value }))?;
        }
        Ok(())
    }
}

impl ResourceType for Bucket {
    fn name(&self) -> &'static str {
        "AWS::S3::Bucket"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "BucketEncryption",
            "BucketName",
            "LifecycleConfiguration",
            "LoggingConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "DomainName", "RegionalDomainName"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new.text("BucketName");
        let name = name.map_or_else(|| new.long_name(63).to_ascii_lowercase(), str::to_owned);
        caller.call(S3, "CreateBucket", &json!({ "Bucket": name }))?;
        let attributes = [
            ("Arn", format!("arn:aws:s3:::{name}")),
            ("DomainName", format!("{name}.s3.amazonaws.com")),
            (
                "RegionalDomainName",
                format!("{name}.s3.{}.amazonaws.com", caller.world.region),
            ),
        ];
        let attributes = attributes.each_ref().map(|(name, value)| (*name, value.as_str()));
        let mut bucket = Physical::new(new, &*name, &attributes);
        if let Err(reason) = Self::configure(caller, new, &name, None) {
            self.delete(caller, &mut bucket)
                .map_err(|also| format!("{reason}; and the bucket stays: {also}"))?;
            return Err(reason);
        }
        Ok(bucket)
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["BucketName"]) {
            return Ok(Change::Replace);
        }
        Self::configure(caller, new, &old.id, Some(old))?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "Bucket": physical.id });
        caller.call_unless_gone(S3, "DeleteBucket", &request, &GONE)?;
        Ok(true)
    }
}

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
    delete: (
        "DeleteBucketPolicy",
        |policy| json!({ "Bucket": policy.text("Bucket") }),
    ),
    gone: &GONE,
};
