//! Publishing a package: its product template and its instance files, under the hashes of what they hold.
//!
//! Nothing that was published is ever deleted. A template's address belongs to a version of a product for as long
//! as environments run in that version, a failed update of the stack goes back to it, and nowhere does Service
//! Catalog promise to have a copy of its own; instance files are fetched again at every start of an instance that
//! was launched with them. What is kept is a few kilobytes per version, and the function needs no permission to
//! delete.

use std::collections::BTreeMap;

use workbench_aws::artifacts::{Artifacts, INSTANCE_FILES, TEMPLATES};
use workbench_core::env_type;
use workbench_core::registry::{EnvironmentType, File};
use workbench_core::text::shortened;

use crate::answer::Done;
use crate::refusal::Refusal;
use crate::request::Package;

/// Publishes the product template; its address.
pub(crate) async fn template(
    artifacts: &Artifacts,
    ty: &'static EnvironmentType,
    given: &str,
) -> Result<String, Refusal> {
    let hash = ty.template_hash;
    same_build(ty, "template", hash, given)?;
    let key = format!("{TEMPLATES}/{}/{hash}.cfn.yaml", ty.name);
    artifacts.put(&key, ty.template.as_bytes()).await?;
    Ok(artifacts.url(&key))
}

/// Publishes the instance files.
pub(crate) async fn instance_files(artifacts: &Artifacts, package: &Package) -> Result<Done, Refusal> {
    let ty = env_type::registered("EnvironmentType", &package.environment_type)?;
    put_files(artifacts, ty, ty.files_hash, ty.files, &package.content_hash).await
}

async fn put_files(
    artifacts: &Artifacts,
    ty: &'static EnvironmentType,
    hash: &str,
    files: &[File],
    given: &str,
) -> Result<Done, Refusal> {
    if files.is_empty() {
        return Err(Refusal::NoFiles(ty.name));
    }
    let prefix = format!("{INSTANCE_FILES}/{}/{given}", ty.name);
    // A failed deployment goes back to files that an earlier build published.
    if hash == given || !artifacts.has(&format!("{prefix}/")).await? {
        same_build(ty, "files", hash, given)?;
        for File { name, content } in files {
            artifacts.put(&format!("{prefix}/{name}"), content).await?;
        }
    }
    Ok(Done {
        data: BTreeMap::from([("Prefix", prefix.clone())]),
        physical_id: prefix,
    })
}

/// Refuses what another build than this one's asks for.
fn same_build(
    ty: &'static EnvironmentType,
    what: &'static str,
    built: &str,
    given: &str,
) -> Result<(), Refusal> {
    if built == given {
        return Ok(());
    }
    Err(Refusal::OtherBuild {
        what,
        type_name: ty.name,
        given: shortened(given),
        built: built.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use workbench_core::registry;

    use super::*;

    const FILES: &[File] = &[
        File {
            name: "start.sh",
            content: b"#!/bin/sh\n",
        },
        File {
            name: "stop-idle.py",
            content: b"import sys\n",
        },
    ];

    /// An object as it was sent: its address and its content.
    type Sent = (String, Vec<u8>);

    /// Takes every object.
    #[derive(Debug, Clone, Default)]
    struct Bucket(Arc<Mutex<Vec<Sent>>>);

    impl HttpConnector for Bucket {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            if request.method() == "GET" {
                let nothing = SdkBody::from("<ListBucketResult/>");
                return HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), nothing)));
            }
            let path = request.uri().split('?').next().unwrap().to_owned();
            let body = request.body().bytes().unwrap().to_vec();
            self.0.lock().unwrap().push((path, body));
            HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), SdkBody::empty())))
        }
    }

    /// Publishes `files`, whose hash is `ab`, for one that says it is `given`.
    fn put(files: &[File], given: &str) -> (Result<Done, String>, Vec<Sent>) {
        let bucket = Bucket::default();
        let connector = SharedHttpConnector::new(bucket.clone());
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let artifacts = Artifacts::new(&config, "artifacts", "us-east-1");
        let ty = registry::environment_type("sagemakerExample").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let done = runtime.block_on(put_files(&artifacts, ty, "ab", files, given));
        let sent = bucket.0.lock().unwrap().clone();
        (done.map_err(|refusal| refusal.to_string()), sent)
    }

    #[test]
    fn each_file_is_put_below_the_hash_of_all() {
        let (done, sent) = put(FILES, "ab");
        let done = done.unwrap();
        assert_eq!(done.physical_id, "environment-files/sagemakerExample/ab");
        assert_eq!(done.data["Prefix"], done.physical_id);
        let below = |name: &str| {
            format!(
                "https://artifacts.s3.us-east-1.amazonaws.com/{}/{name}",
                done.physical_id
            )
        };
        let expected: Vec<_> = FILES
            .iter()
            .map(|file| (below(file.name), file.content.to_vec()))
            .collect();
        assert_eq!(sent, expected);
    }

    #[test]
    fn files_of_another_build_are_refused() {
        let (done, sent) = put(FILES, "cd");
        let told = done.unwrap_err();
        assert!(
            told.starts_with("ContentHash: `cd` is not the hash of the files of `sagemakerExample`"),
            "{told}"
        );
        assert_eq!(sent, []);
    }

    #[test]
    fn a_package_without_files_has_none_to_publish() {
        let (done, sent) = put(&[], "");
        assert!(done.is_err());
        assert_eq!(sent, []);
    }
}
