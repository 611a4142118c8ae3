//! Amazon SageMaker notebook instances.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::{NotebookInstanceSortKey, NotebookInstanceSortOrder, NotebookInstanceStatus};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use workbench_core::id::InstanceId;
use workbench_core::report::mapping::Origin;
use workbench_core::status::Status;

use super::{Described, Statuses};
use crate::error::{Fault, FaultKind};
use crate::listing::Listing;
use crate::session::{Entered, client};

const SERVICE: &str = "sagemaker";

/// How many instances a page has, at most.
const PER_PAGE: i32 = 100;

/// Notebook instances of one hosting account.
#[derive(Debug, Clone)]
pub struct Sagemaker {
    client: Client,
}

impl Sagemaker {
    pub(super) fn new(role: &Entered) -> Self {
        Self {
            client: client!(aws_sdk_sagemaker, role),
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
        let status = mapped(notebook.notebook_instance_status());
        Ok(status.map_or(Described::Unmapped, Described::Is))
    }

    /// <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListNotebookInstances.html>
    pub(super) async fn list(&self, pages: usize) -> Result<Listing<Statuses>, Fault> {
        // In this order nothing that is made meanwhile moves the pages.
        let list = self
            .client
            .list_notebook_instances()
            .sort_by(NotebookInstanceSortKey::CreationTime)
            .sort_order(NotebookInstanceSortOrder::Ascending)
            .max_results(PER_PAGE);
        let mut found = Statuses::new();
        let mut token = None;
        for _ in 0..pages {
            let page = list.clone().set_next_token(token).send().await;
            let page = page.map_err(|error| Fault::of(SERVICE, "ListNotebookInstances", &error))?;
            for notebook in page.notebook_instances.unwrap_or_default() {
                let name = notebook.notebook_instance_name();
                if let Some(id) = name.and_then(|name| name.parse().ok()) {
                    found.insert(id, mapped(notebook.notebook_instance_status()));
                }
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(Listing { found, whole: true });
            }
        }
        Ok(Listing { found, whole: false })
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
        let url = answer.authorized_url();
        let url = url.ok_or_else(|| {
            Fault::noticed(SERVICE, OPERATION, FaultKind::Unclear, "answered without a URL")
        })?;
        Ok(BTreeMap::from([("url".to_owned(), url.to_owned())]))
    }
}

fn mapped(word: Option<&NotebookInstanceStatus>) -> Option<Status> {
    Origin::of("aws.sagemaker")?.status(word?.as_str()).ok()
}
