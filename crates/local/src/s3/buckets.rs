//! Buckets: made, configured, deleted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::objects::Object;
use super::public::is_public;
use super::{conflict, missing};
use crate::error::ApiError;
use crate::iam::{Kind, Policy};
use crate::input::Input;
use crate::world::{Principal, World};

/// A bucket.
#[derive(Clone, Default)]
pub(super) struct Bucket {
    /// The owner; none for a bucket that was made from Rust, to which everybody's own policies alone apply.
    pub(super) account: Option<String>,
    pub(super) objects: BTreeMap<String, Object>,
    /// How many versions were replaced or deleted and kept.
    pub(super) replaced: usize,
    pub(super) versioned: bool,
    pub(super) policy: Option<Policy>,
    /// ARN or id of the KMS key that objects are encrypted with, unless S3's own is.
    pub(super) key: Option<String>,
    /// Settings that are kept as they are, by the operation that makes them.
    settings: BTreeMap<String, Value>,
}

/// Operations that configure a bucket, with the member that says how. What they say has no effect here, but for
/// versioning, encryption and the block of public policies.
const SETTINGS: [(&str, &str); 7] = [
    ("PutBucketEncryption", "ServerSideEncryptionConfiguration"),
    ("PutBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("PutBucketLogging", "BucketLoggingStatus"),
    ("PutBucketOwnershipControls", "OwnershipControls"),
    ("PutBucketTagging", "Tagging"),
    ("PutBucketVersioning", "VersioningConfiguration"),
    ("PutPublicAccessBlock", "PublicAccessBlockConfiguration"),
];

impl Bucket {
    fn blocks_public_policies(&self) -> bool {
        let block = self.settings.get("PutPublicAccessBlock");
        block.is_some_and(|block| block["BlockPublicPolicy"] == true || block["BlockPublicPolicy"] == "true")
    }
}

impl World {
    /// Makes a bucket exist that belongs to nobody.
    pub fn create_bucket(&mut self, bucket: &str) {
        self.s3.buckets.entry(bucket.to_owned()).or_default();
    }
}

pub(super) fn find<'a>(world: &'a mut World, input: &Input<'_>) -> Result<&'a mut Bucket, ApiError> {
    let name = input.text("Bucket")?;
    world
        .s3
        .buckets
        .get_mut(name)
        .ok_or_else(|| missing("NoSuchBucket", format!("the bucket `{name}` does not exist")))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let known = ["Bucket", "CreateBucketConfiguration", "ObjectOwnership"];
    let input = Input::read("CreateBucket", input, &known)?;
    let name = input.text("Bucket")?;
    let valid = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
    let ends = |edge: Option<u8>| edge.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let edges = ends(name.bytes().next()) && ends(name.bytes().next_back());
    if !valid || !edges || !(3..=63).contains(&name.len()) {
        return Err(ApiError::new(
            "InvalidBucketName",
            format!("`{name}` must have 3 to 63 lower-case letters, digits, dots or hyphens"),
        ));
    }
    let place = input.value("CreateBucketConfiguration");
    let place = place.map(|place| Input::read("CreateBucketConfiguration", place, &["LocationConstraint"]));
    let place = match &place.transpose()? {
        Some(place) => place.optional_text("LocationConstraint")?,
        None => None,
    };
    let home = (world.region != "us-east-1").then_some(world.region.as_str());
    if place != home {
        return Err(ApiError::new(
            "IllegalLocationConstraintException",
            format!("`LocationConstraint` must be that of {}", world.region),
        ));
    }
    if let Some(bucket) = world.s3.buckets.get(name) {
        return Err(if bucket.account.as_ref() == Some(&principal.account) {
            conflict(
                "BucketAlreadyOwnedByYou",
                format!("you own the bucket `{name}` already"),
            )
        } else {
            conflict(
                "BucketAlreadyExists",
                format!("the bucket name `{name}` is not available"),
            )
        });
    }
    let bucket = Bucket {
        account: Some(principal.account.clone()),
        ..Bucket::default()
    };
    world.s3.buckets.insert(name.to_owned(), bucket);
    Ok(json!({ "Location": format!("/{name}") }))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("DeleteBucket", input, &["Bucket"])?;
    let bucket = find(world, &input)?;
    if !bucket.objects.is_empty() || bucket.replaced > 0 {
        let message = "the bucket you tried to delete is not empty; delete all versions first";
        return Err(conflict("BucketNotEmpty", message.to_owned()));
    }
    world.s3.buckets.remove(input.text("Bucket")?);
    Ok(json!({}))
}

pub(super) fn head(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    find(world, &Input::read("HeadBucket", input, &["Bucket"])?)?;
    Ok(json!({ "BucketRegion": world.region }))
}

pub(super) fn get_policy(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    let bucket = find(world, &Input::read("GetBucketPolicy", input, &["Bucket"])?)?;
    match &bucket.policy {
        Some(policy) => Ok(json!({ "Policy": policy.text })),
        None => Err(missing(
            "NoSuchBucketPolicy",
            "the bucket has no policy".to_owned(),
        )),
    }
}

pub(super) fn put_policy(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("PutBucketPolicy", input, &["Bucket", "Policy"])?;
    let policy = Policy::parse(input.text("Policy")?, Kind::Resource)
        .map_err(|error| ApiError::new("MalformedPolicy", error.message))?;
    let bucket = find(world, &input)?;
    if bucket.blocks_public_policies() && is_public(&policy.text) {
        return Err(ApiError {
            status: 403,
            ..ApiError::new(
                "AccessDenied",
                "the bucket policy allows public access, and BlockPublicPolicy is on",
            )
        });
    }
    bucket.policy = Some(policy);
    Ok(json!({}))
}

pub(super) fn delete_policy(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    find(world, &Input::read("DeleteBucketPolicy", input, &["Bucket"])?)?.policy = None;
    Ok(json!({}))
}

/// The operations of [`SETTINGS`].
pub(super) fn configure(world: &mut World, operation: &str, input: &Value) -> Result<Value, ApiError> {
    let Some((_, member)) = SETTINGS.iter().find(|(known, _)| *known == operation) else {
        return Err(ApiError::unknown_operation("s3", operation));
    };
    let input = Input::read(operation, input, &["Bucket", member])?;
    let setting = input
        .value(member)
        .ok_or_else(|| ApiError::new("MalformedXML", format!("{operation} needs `{member}`")))?;
    let bucket = find(world, &input)?;
    match operation {
        "PutBucketVersioning" => {
            let setting = Input::read(member, setting, &["Status"])?;
            bucket.versioned = match setting.text("Status")? {
                "Enabled" => true,
                "Suspended" => false,
                other => {
                    return Err(ApiError::new(
                        "MalformedXML",
                        format!("`Status` is `{other}`; it must be `Enabled` or `Suspended`"),
                    ));
                }
            };
        }
        "PutBucketEncryption" => bucket.key = encryption_key(setting)?,
        _ => {}
    }
    bucket.settings.insert(operation.to_owned(), setting.clone());
    Ok(json!({}))
}

fn encryption_key(setting: &Value) -> Result<Option<String>, ApiError> {
    let rules = Input::read("ServerSideEncryptionConfiguration", setting, &["Rules"])?;
    let [rule] = rules.list("Rules")? else {
        return Err(ApiError::new("MalformedXML", "`Rules` must have one rule"));
    };
    const DEFAULT: &str = "ApplyServerSideEncryptionByDefault";
    let rule = Input::read("Rules", rule, &[DEFAULT, "BucketKeyEnabled"])?;
    let Some(default) = rule.value(DEFAULT) else {
        return Ok(None);
    };
    let default = Input::read(DEFAULT, default, &["SSEAlgorithm", "KMSMasterKeyID"])?;
    match (
        default.text("SSEAlgorithm")?,
        default.optional_text("KMSMasterKeyID")?,
    ) {
        ("AES256", None) => Ok(None),
        ("aws:kms", Some(key)) => Ok(Some(key.to_owned())),
        (algorithm, _) => Err(ApiError::new(
            "InvalidArgument",
            format!(
                "the local S3 encrypts with `AES256`, or `aws:kms` and a key; not with `{algorithm}` as given"
            ),
        )),
    }
}
