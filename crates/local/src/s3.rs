//! Amazon S3: objects that are put from Rust or over REST, and read by URL for product templates.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

/// Objects by bucket and key.
#[derive(Default)]
pub(crate) struct State {
    buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
}

impl World {
    /// Makes a bucket exist.
    pub fn create_bucket(&mut self, bucket: &str) {
        self.s3.buckets.entry(bucket.to_owned()).or_default();
    }

    /// Stores an object, in a bucket that is made if it does not exist; its `https` URL.
    pub fn put_object(&mut self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> String {
        let objects = self.s3.buckets.entry(bucket.to_owned()).or_default();
        objects.insert(key.to_owned(), body.into());
        format!("https://{bucket}.s3.{}.amazonaws.com/{key}", self.region)
    }
}

/// The text of an object by its URL (`https://<bucket>.s3.<region>.amazonaws.com/<key>`, path style, or `s3://`).
pub(crate) fn object(world: &World, url: &str) -> Option<String> {
    let (bucket, key) = match url.strip_prefix("s3://") {
        Some(rest) => rest.split_once('/')?,
        None => {
            let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
            locate(host, path)?
        }
    };
    let body = world.s3.buckets.get(bucket)?.get(key)?;
    String::from_utf8(body.clone()).ok()
}

/// Bucket and key of a request, whether the bucket is in the host or the first part of the path.
pub(crate) fn locate<'a>(host: &'a str, path: &'a str) -> Option<(&'a str, &'a str)> {
    let path = path.trim_start_matches('/');
    match host.split_once(".s3.").or_else(|| host.split_once(".s3-")) {
        Some((bucket, _)) => Some((bucket, path)),
        None => path.split_once('/'),
    }
}

/// The IAM action of an operation, which is not always its name.
pub(crate) fn action(operation: &str) -> &'static str {
    match operation {
        "PutObject" => "s3:PutObject",
        "GetObject" | "HeadObject" => "s3:GetObject",
        "DeleteObject" => "s3:DeleteObject",
        _ => "s3:*",
    }
}

pub(crate) fn handle(
    world: &mut World,
    _principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let input = Input::read(operation, input, &["Bucket", "Key", "Body"])?;
    let (bucket, key) = (input.text("Bucket")?, input.text("Key")?);
    let missing = |code: &str, message: String| ApiError {
        status: 404,
        ..ApiError::new(code, message)
    };
    let objects = world
        .s3
        .buckets
        .get_mut(bucket)
        .ok_or_else(|| missing("NoSuchBucket", format!("the bucket `{bucket}` does not exist")))?;
    match operation {
        "PutObject" => {
            let body = STANDARD
                .decode(input.optional_text("Body")?.unwrap_or_default())
                .map_err(|_| ApiError::validation("`Body` must be base64"))?;
            objects.insert(key.to_owned(), body);
            Ok(json!({}))
        }
        "GetObject" => {
            let body = objects
                .get(key)
                .ok_or_else(|| missing("NoSuchKey", format!("the key `{key}` does not exist")))?;
            Ok(json!({ "Body": STANDARD.encode(body) }))
        }
        _ => Err(ApiError::unknown_operation("s3", operation)),
    }
}

pub(crate) fn resources(
    _world: &World,
    _principal: &Principal,
    _operation: &str,
    input: &Value,
) -> Vec<String> {
    let text = |member: &str| input.get(member).and_then(Value::as_str).unwrap_or_default();
    vec![format!("arn:aws:s3:::{}/{}", text("Bucket"), text("Key"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_by_each_kind_of_url() {
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
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
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        world.create_bucket("artifacts");
        let root = Principal::root("111122223333");
        let mut code = |bucket: &str| {
            let input = json!({"Bucket": bucket, "Key": "a"});
            handle(&mut world, &root, "GetObject", &input).unwrap_err().code
        };
        assert_eq!(code("artifacts"), "NoSuchKey");
        assert_eq!(code("other"), "NoSuchBucket");
    }
}
