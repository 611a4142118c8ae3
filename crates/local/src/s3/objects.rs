//! Objects: written, read, listed, deleted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::buckets::find;
use super::{locate, missing};
use crate::error::ApiError;
use crate::input::Input;
use crate::kms;
use crate::world::{Principal, Service, World};

/// Largest page of a listing (API reference of ListObjectsV2).
const PAGE: i64 = 1000;

/// An object.
#[derive(Clone)]
pub(super) struct Object {
    body: Vec<u8>,
    content_type: Option<String>,
    etag: String,
    written: Timestamp,
}

impl World {
    /// Stores an object, in a bucket that is made if it does not exist; its `https` URL.
    pub fn put_object(&mut self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> String {
        self.create_bucket(bucket);
        self.store(bucket, key, body.into(), None);
        format!("https://{bucket}.s3.{}.amazonaws.com/{key}", self.region)
    }

    /// An object's content, whoever asks.
    pub fn object(&self, bucket: &str, key: &str) -> Option<&[u8]> {
        let object = self.s3.buckets.get(bucket)?.objects.get(key)?;
        Some(&object.body)
    }

    fn store(&mut self, bucket: &str, key: &str, body: Vec<u8>, content_type: Option<String>) -> String {
        let etag = format!("\"{}\"", self.new_hex_id("", 32));
        let object = Object {
            body,
            content_type,
            etag: etag.clone(),
            written: self.now,
        };
        if let Some(bucket) = self.s3.buckets.get_mut(bucket) {
            let replaced = bucket.objects.insert(key.to_owned(), object);
            bucket.replaced += usize::from(bucket.versioned && replaced.is_some());
        }
        etag
    }
}

/// The text of an object by its URL, whoever asks.
pub(crate) fn object(world: &World, url: &str) -> Option<String> {
    let (bucket, key) = place(url)?;
    String::from_utf8(world.object(bucket, key)?.to_vec()).ok()
}

/// The text of an object by its URL, as a service reads it in a caller's name.
///
/// # Errors
/// GetObject's; `NoSuchKey` for what is no URL of an object, or no text.
pub(crate) fn read_for(world: &mut World, principal: &Principal, url: &str) -> Result<String, ApiError> {
    let none = || missing("NoSuchKey", format!("there is no text at `{url}`"));
    let (bucket, key) = place(url).ok_or_else(none)?;
    let input = json!({ "Bucket": bucket, "Key": key });
    world.call(principal, Service::S3, "GetObject", &input)?;
    object(world, url).ok_or_else(none)
}

/// Bucket and key of `https://<bucket>.s3.<region>.amazonaws.com/<key>`, of path style, or of `s3://`.
fn place(url: &str) -> Option<(&str, &str)> {
    match url.strip_prefix("s3://") {
        Some(rest) => rest.split_once('/'),
        None => {
            let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
            locate(host, path)
        }
    }
}

pub(super) fn put(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("PutObject", input, &["Bucket", "Key", "Body", "ContentType"])?;
    let encryption = find(world, &input)?.key.clone();
    check_key(world, principal, encryption, "kms:GenerateDataKey")?;
    let body = STANDARD
        .decode(input.optional_text("Body")?.unwrap_or_default())
        .map_err(|_| ApiError::validation("`Body` must be base64"))?;
    let content_type = input.optional_text("ContentType")?.map(str::to_owned);
    let etag = world.store(input.text("Bucket")?, input.text("Key")?, body, content_type);
    Ok(json!({ "ETag": etag }))
}

pub(super) fn get(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let mut described = head(world, principal, input)?;
    let input = Input::read("GetObject", input, &["Bucket", "Key"])?;
    let body = world.object(input.text("Bucket")?, input.text("Key")?);
    described["Body"] = json!(STANDARD.encode(body.unwrap_or_default()));
    Ok(described)
}

pub(super) fn head(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("GetObject", input, &["Bucket", "Key"])?;
    let key = input.text("Key")?;
    let bucket = find(world, &input)?;
    let encryption = bucket.key.clone();
    let object = bucket
        .objects
        .get(key)
        .ok_or_else(|| missing("NoSuchKey", format!("the key `{key}` does not exist")))?;
    let described = json!({
        "ContentLength": object.body.len(),
        "ContentType": object.content_type.as_deref().unwrap_or("binary/octet-stream"),
        "ETag": object.etag,
        "LastModified": object.written.as_second(),
    });
    check_key(world, principal, encryption, "kms:Decrypt")?;
    Ok(described)
}

/// An object that is not there is deleted as well as one that is.
pub(super) fn delete(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("DeleteObject", input, &["Bucket", "Key"])?;
    let bucket = find(world, &input)?;
    let removed = bucket.objects.remove(input.text("Key")?);
    bucket.replaced += usize::from(bucket.versioned && removed.is_some());
    Ok(json!({}))
}

pub(super) fn list(world: &mut World, input: &Value) -> Result<Value, ApiError> {
    let known = ["Bucket", "Prefix", "MaxKeys", "ContinuationToken", "StartAfter"];
    let input = Input::read("ListObjectsV2", input, &known)?;
    let prefix = input.optional_text("Prefix")?.unwrap_or_default();
    let most = input.integer("MaxKeys", 0..=i64::MAX)?.unwrap_or(PAGE).min(PAGE);
    let most = usize::try_from(most).unwrap_or_default();
    // The token is the last key of the page before.
    let after = match input.optional_text("ContinuationToken")? {
        Some(token) => token,
        None => input.optional_text("StartAfter")?.unwrap_or_default(),
    };
    let name = input.text("Bucket")?;
    let bucket = find(world, &input)?;
    let mut found = (bucket.objects.iter())
        .filter(|(key, _)| key.starts_with(prefix) && (after.is_empty() || key.as_str() > after))
        .peekable();
    let page: Vec<_> = found.by_ref().take(most).collect();
    let contents: Vec<Value> = page
        .iter()
        .map(|(key, object)| {
            json!({
                "Key": key,
                "Size": object.body.len(),
                "ETag": object.etag,
                "LastModified": object.written.as_second(),
            })
        })
        .collect();
    let truncated = found.peek().is_some();
    let mut answer = json!({
        "Name": name,
        "Prefix": prefix,
        "MaxKeys": most,
        "KeyCount": contents.len(),
        "IsTruncated": truncated,
        "Contents": contents,
    });
    if let (true, Some((last, _))) = (truncated, page.last()) {
        answer["NextContinuationToken"] = json!(last);
    }
    Ok(answer)
}

/// S3 asks for the key in the caller's name.
fn check_key(
    world: &World,
    principal: &Principal,
    key: Option<String>,
    action: &str,
) -> Result<(), ApiError> {
    match key {
        Some(key) => kms::check_use(world, principal, "s3", action, &key).map_err(|error| ApiError {
            status: 403,
            ..ApiError::new("AccessDenied", error.message)
        }),
        None => Ok(()),
    }
}
