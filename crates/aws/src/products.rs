//! Service Catalog in the main account: the products that a deployment makes, and their versions.

use aws_config::SdkConfig;
use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::operation::delete_product::DeleteProductError;
use aws_sdk_servicecatalog::types::{
    ProductType, ProductViewDetail, ProvisioningArtifactDetail, ProvisioningArtifactProperties,
    ProvisioningArtifactType, Status,
};
use workbench_core::id::{ProductId, ProvisioningArtifactId};

use crate::error::{Fault, FaultKind};

const SERVICE: &str = "servicecatalog";

/// Who offers our products.
const OWNER: &str = "Workbench";

/// The IAM actions behind these calls. Service Catalog reads the template of a new version, and has it checked, in
/// the name of who makes the version.
pub const ACTIONS: &[&str] = &[
    "cloudformation:ValidateTemplate",
    "s3:GetObject",
    "servicecatalog:CreateProduct",
    "servicecatalog:CreateProvisioningArtifact",
    "servicecatalog:DeleteProduct",
    "servicecatalog:DescribeProductAsAdmin",
    "servicecatalog:ListProvisioningArtifacts",
    "servicecatalog:UpdateProduct",
];

/// Products as their owner sees them.
#[derive(Debug, Clone)]
pub struct Products {
    client: Client,
}

/// What a product is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its name; in our products that of the environment type.
    pub name: String,
    /// One sentence.
    pub description: String,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// What it is called.
    pub label: Label,
    /// Ids and names of its versions, whether they may be launched or not.
    pub versions: Vec<(ProvisioningArtifactId, String)>,
}

/// A version to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// Its name.
    pub name: String,
    /// Where its template is, in S3.
    pub url: String,
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

    /// Makes a product with its first version. The same token makes the same product.
    ///
    /// # Errors
    /// CreateProduct's; [`FaultKind::Refused`] if the template is no good.
    pub async fn create(
        &self,
        label: &Label,
        first: &NewVersion,
        token: &str,
    ) -> Result<(ProductId, ProvisioningArtifactId), Fault> {
        const OPERATION: &str = "CreateProduct";
        let made = self
            .client
            .create_product()
            .name(&label.name)
            .owner(OWNER)
            .description(&label.description)
            .product_type(ProductType::CloudFormationTemplate)
            .provisioning_artifact_parameters(first.properties())
            .idempotency_token(token)
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, OPERATION, &error))?;
        let summary = made
            .product_view_detail
            .and_then(|detail| detail.product_view_summary);
        let id = summary.and_then(|summary| summary.product_id).unwrap_or_default();
        Ok((
            id.parse().map_err(|error| unreadable(OPERATION, &error))?,
            version_id(OPERATION, made.provisioning_artifact_detail, None)?,
        ))
    }

    /// The product as it is.
    ///
    /// # Errors
    /// DescribeProductAsAdmin's, or an id is of no form that we know.
    pub async fn product(&self, id: &ProductId) -> Result<Product, Fault> {
        const OPERATION: &str = "DescribeProductAsAdmin";
        let found = self
            .client
            .describe_product_as_admin()
            .id(id.as_str())
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, OPERATION, &error))?;
        let versions = found.provisioning_artifact_summaries.unwrap_or_default();
        let versions = versions.into_iter().map(|version| {
            let id = version.id.unwrap_or_default();
            let id = id.parse().map_err(|error| unreadable(OPERATION, &error))?;
            Ok((id, version.name.unwrap_or_default()))
        });
        Ok(Product {
            label: label(found.product_view_detail),
            versions: versions.collect::<Result<_, Fault>>()?,
        })
    }

    /// Adds a version. Those that there are stay. The same token adds the same version.
    ///
    /// # Errors
    /// CreateProvisioningArtifact's; [`FaultKind::Refused`] if the template is no good.
    pub async fn add_version(
        &self,
        id: &ProductId,
        version: &NewVersion,
        token: &str,
    ) -> Result<ProvisioningArtifactId, Fault> {
        const OPERATION: &str = "CreateProvisioningArtifact";
        let made = self
            .client
            .create_provisioning_artifact()
            .product_id(id.as_str())
            .parameters(version.properties())
            .idempotency_token(token)
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, OPERATION, &error))?;
        version_id(OPERATION, made.provisioning_artifact_detail, made.status)
    }

    /// Calls a product something else.
    ///
    /// # Errors
    /// UpdateProduct's.
    pub async fn rename(&self, id: &ProductId, label: &Label) -> Result<(), Fault> {
        self.client
            .update_product()
            .id(id.as_str())
            .name(&label.name)
            .description(&label.description)
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, "UpdateProduct", &error))?;
        Ok(())
    }

    /// Deletes a product with its versions, if there is one.
    ///
    /// # Errors
    /// DeleteProduct's: [`FaultKind::Refused`] while something uses it.
    pub async fn delete(&self, id: &ProductId) -> Result<(), Fault> {
        match self.client.delete_product().id(id.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DeleteProductError::is_resource_not_found_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Fault::of(SERVICE, "DeleteProduct", &error)),
        }
    }

    /// Every version of a product; the operation knows no pages.
    ///
    /// # Errors
    /// ListProvisioningArtifacts's, or an id is of no form that we know.
    pub async fn versions(&self, product: &ProductId) -> Result<Vec<Version>, Fault> {
        const OPERATION: &str = "ListProvisioningArtifacts";
        let listed = self
            .client
            .list_provisioning_artifacts()
            .product_id(product.as_str())
            .send()
            .await
            .map_err(|error| Fault::of(SERVICE, OPERATION, &error))?;
        let details = listed.provisioning_artifact_details.unwrap_or_default();
        let read = |detail: ProvisioningArtifactDetail| {
            let id = detail.id.unwrap_or_default();
            Ok(Version {
                id: id.parse().map_err(|error| unreadable(OPERATION, &error))?,
                name: detail.name.unwrap_or_else(|| id.clone()),
                active: detail.active.unwrap_or(true),
            })
        };
        details.into_iter().map(read).collect()
    }
}

impl NewVersion {
    /// Service Catalog checks the template, as it does unless told otherwise.
    fn properties(&self) -> ProvisioningArtifactProperties {
        ProvisioningArtifactProperties::builder()
            .name(&self.name)
            .r#type(ProvisioningArtifactType::CloudFormationTemplate)
            .info("LoadTemplateFromURL", &self.url)
            .build()
    }
}

fn label(detail: Option<ProductViewDetail>) -> Label {
    let summary = detail.and_then(|detail| detail.product_view_summary);
    let (name, description) = summary.map_or_else(Default::default, |summary| {
        (summary.name, summary.short_description)
    });
    Label {
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
    }
}

/// The id of a version that was made. It may still be on its way to be listed.
fn version_id(
    operation: &'static str,
    detail: Option<ProvisioningArtifactDetail>,
    status: Option<Status>,
) -> Result<ProvisioningArtifactId, Fault> {
    if status == Some(Status::Failed) {
        return Err(Fault::noticed(
            SERVICE,
            operation,
            FaultKind::Refused,
            "the version is FAILED",
        ));
    }
    let id = detail.and_then(|detail| detail.id).unwrap_or_default();
    id.parse().map_err(|error| unreadable(operation, &error))
}

fn unreadable(operation: &'static str, problem: &impl std::fmt::Display) -> Fault {
    Fault::noticed(SERVICE, operation, FaultKind::Unclear, problem)
}
