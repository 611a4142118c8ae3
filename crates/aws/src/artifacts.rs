//! The artifact bucket: what a deployment publishes for Service Catalog and for instances.
//!
//! Keys carry the hash of what they hold, so that writing one again writes the same.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

use crate::error::{Fault, FaultKind};

/// Where product templates are: `<type>/<hash>.cfn.yaml` below it.
pub const TEMPLATES: &str = "service-catalog-cfn-templates";

/// Where the files that instances fetch at start are: `<type>/<hash>/<name>` below it.
pub const INSTANCE_FILES: &str = "environment-files";

/// The IAM actions of who publishes. S3 uses the bucket's key in the name of who writes.
pub const ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:ListBucket",
    "s3:PutObject",
];

/// The IAM actions of who publishes what links lead to.
pub const LINK_ACTIONS: &[&str] = &[
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:GetObject",
    "s3:PutObject",
];

/// How long a presigned address can be read.
const READABLE: Duration = Duration::from_secs(15 * 60);

/// The artifact bucket of the main account.
#[derive(Debug, Clone)]
pub struct Artifacts {
    client: Client,
    bucket: String,
    region: String,
}

impl Artifacts {
    /// The bucket of this name in `region`.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            bucket: bucket.into(),
            region: region.into(),
        }
    }

    /// Writes an object, encrypted as the bucket says.
    ///
    /// # Errors
    /// PutObject's.
    pub async fn put(&self, key: &str, body: &'static [u8]) -> Result<(), Fault> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from_static(body))
            .send()
            .await
            .map_err(|error| Fault::of("s3", "PutObject", &error))?;
        Ok(())
    }

    /// An address by which whoever has it may read an object for a while: 15 minutes, or as long as the function's own
    /// credentials last.
    ///
    /// # Errors
    /// There are no credentials to sign it with.
    pub async fn presigned_url(&self, key: &str) -> Result<String, Fault> {
        let config = PresigningConfig::expires_in(READABLE)
            .map_err(|error| Fault::noticed("s3", "GetObject", FaultKind::Unclear, error))?;
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let signed = get.presigned(config).await;
        let signed = signed.map_err(|error| Fault::of("s3", "GetObject", &error))?;
        Ok(signed.uri().to_owned())
    }

    /// Whether there is an object whose key begins with `prefix`.
    ///
    /// # Errors
    /// ListObjectsV2's.
    pub async fn has(&self, prefix: &str) -> Result<bool, Fault> {
        let listed = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .max_keys(1)
            .send()
            .await
            .map_err(|error| Fault::of("s3", "ListObjectsV2", &error))?;
        Ok(!listed.contents().is_empty())
    }

    /// The address of an object, as CloudFormation and Service Catalog take it. Who asks needs
    /// permission all the same. Keys must need no escaping.
    #[must_use]
    pub fn url(&self, key: &str) -> String {
        let Self { bucket, region, .. } = self;
        let suffix = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://{bucket}.s3.{region}.{suffix}/{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_bucket_region_and_key() {
        let config = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build();
        let url = |region: &str| Artifacts::new(&config, "artifacts", region).url("a/b.yaml");
        assert_eq!(
            url("eu-central-1"),
            "https://artifacts.s3.eu-central-1.amazonaws.com/a/b.yaml"
        );
        assert_eq!(
            url("cn-north-1"),
            "https://artifacts.s3.cn-north-1.amazonaws.com.cn/a/b.yaml"
        );
    }
}
