//! Service Catalog in the main account: the products that a deployment makes, and their versions.

use aws_config::SdkConfig;
use aws_sdk_servicecatalog::Client;
use workbench_core::id::{ProductId, ProvisioningArtifactId};

use crate::error::{Fault, FaultKind};

const OPERATION: &str = "ListProvisioningArtifacts";

/// Products as their owner sees them.
#[derive(Debug, Clone)]
pub struct Products {
    client: Client,
}

/// A version of a product: a provisioning artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: ProvisioningArtifactId,
    /// Its name; in our products the first digits of its template's hash.
    pub name: String,
    /// Whether it may be launched.
    pub active: bool,
}

impl Products {
    /// The products of the account of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }

    /// Every version of a product; the operation knows no pages.
    ///
    /// # Errors
    /// ListProvisioningArtifacts's, or an id is of no form that we know.
    pub async fn versions(&self, product: &ProductId) -> Result<Vec<Version>, Fault> {
        let listed = self
            .client
            .list_provisioning_artifacts()
            .product_id(product.as_str())
            .send()
            .await
            .map_err(|error| Fault::of("servicecatalog", OPERATION, &error))?;
        let details = listed.provisioning_artifact_details.unwrap_or_default();
        let read = |detail: aws_sdk_servicecatalog::types::ProvisioningArtifactDetail| {
            let id = detail.id.unwrap_or_default();
            Ok(Version {
                id: id.parse().map_err(|error| unreadable(&error))?,
                name: detail.name.unwrap_or_else(|| id.clone()),
                active: detail.active.unwrap_or(true),
            })
        };
        details.into_iter().map(read).collect()
    }
}

fn unreadable(problem: &impl std::fmt::Display) -> Fault {
    Fault {
        service: "servicecatalog",
        operation: OPERATION,
        code: None,
        message: problem.to_string(),
        request_id: None,
        kind: FaultKind::Unclear,
    }
}
