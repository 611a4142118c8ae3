//! Amazon SageMaker notebook instances.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use workbench_core::id::InstanceId;
use workbench_core::report::mapping::Origin;

use super::Described;
use crate::error::{Fault, FaultKind};
use crate::session::Entered;

const SERVICE: &str = "sagemaker";

/// Notebook instances of one hosting account.
#[derive(Debug, Clone)]
pub struct Sagemaker {
    client: Client,
}

impl Sagemaker {
    pub(super) fn new(role: &Entered) -> Self {
        Self {
            client: aws_sdk_sagemaker::Client::from_conf(
                aws_sdk_sagemaker::config::Builder::from(&role.config)
                    .retry_classifier(role.session.clone())
                    .build(),
            ),
        }
    }

    pub(super) async fn start(&self, instance: &InstanceId) -> Result<(), Fault> {
        self.client
            .start_notebook_instance()
            .notebook_instance_name(instance.as_str())
            .send()
            .await
            .map(drop)
            .map_err(|error| Fault::of(SERVICE, "StartNotebookInstance", &error))
    }

    pub(super) async fn stop(&self, instance: &InstanceId) -> Result<(), Fault> {
        self.client
            .stop_notebook_instance()
            .notebook_instance_name(instance.as_str())
            .send()
            .await
            .map(drop)
            .map_err(|error| Fault::of(SERVICE, "StopNotebookInstance", &error))
    }

    pub(super) async fn describe(&self, instance: &InstanceId) -> Result<Described, Fault> {
        let answer = self
            .client
            .describe_notebook_instance()
            .notebook_instance_name(instance.as_str())
            .send()
            .await;
        let notebook = match answer {
            Ok(notebook) => notebook,
            // SageMaker has no code of its own for what does not exist.
            Err(error)
                if error
                    .message()
                    .is_some_and(|text| text.starts_with("RecordNotFound")) =>
            {
                return Ok(Described::Gone);
            }
            Err(error) => return Err(Fault::of(SERVICE, "DescribeNotebookInstance", &error)),
        };
        let word = notebook
            .notebook_instance_status()
            .map(aws_sdk_sagemaker::types::NotebookInstanceStatus::as_str);
        let status = word.and_then(|word| Origin::of("aws.sagemaker")?.status(word).ok());
        Ok(status.map_or(Described::Unmapped, Described::Is))
    }

    /// A presigned URL, valid for five minutes to open and then for SageMaker's session of 12 hours.
    pub(super) async fn credentials(&self, instance: &InstanceId) -> Result<BTreeMap<String, String>, Fault> {
        const OPERATION: &str = "CreatePresignedNotebookInstanceUrl";
        let answer = self
            .client
            .create_presigned_notebook_instance_url()
            .notebook_instance_name(instance.as_str())
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, OPERATION, &error))?;
        let url = answer.authorized_url().ok_or_else(|| Fault {
            service: SERVICE,
            operation: OPERATION,
            code: None,
            message: "answered without a URL".to_owned(),
            request_id: None,
            kind: FaultKind::Unclear,
        })?;
        Ok(BTreeMap::from([("url".to_owned(), url.to_owned())]))
    }
}
