//! Products: one for each package, with a version for each template that it ever had.
//!
//! Only what differs is written, and it is compared with what Service Catalog has, not with what the last request
//! asked for. So a request may be repeated, and a failed deployment goes back by the same way: the version that it
//! goes back to is there. No version is ever removed: environments run in it.

use std::collections::BTreeMap;

use workbench_aws::artifacts::Artifacts;
use workbench_aws::products::{Label, NewVersion, Products};
use workbench_core::env_type;
use workbench_core::id::{ProductId, ProvisioningArtifactId};
use workbench_core::registry::{EnvironmentType, version_name};

use crate::answer::Done;
use crate::publish;
use crate::refusal::Refusal;
use crate::request::WantedProduct;

/// Where products are made, and what their templates are read from.
pub(crate) struct Shop<'a> {
    pub(crate) products: &'a Products,
    pub(crate) artifacts: &'a Artifacts,
    /// The same for the same request, however often it comes.
    pub(crate) token: String,
}

impl Shop<'_> {
    /// Makes the product.
    pub(crate) async fn create(&self, wanted: &WantedProduct) -> Result<Done, Refusal> {
        let ty = env_type::registered("EnvironmentType", &wanted.environment_type)?;
        let first = self.new_version(ty, wanted).await?;
        let label = label(ty, wanted);
        let (id, version) = self.products.create(&label, &first, &self.token).await?;
        tracing::info!(product = %id, version = first.name, "product created");
        Ok(done(&id, &version, ty))
    }

    /// Makes the product what it should be.
    pub(crate) async fn update(&self, id: &ProductId, wanted: &WantedProduct) -> Result<Done, Refusal> {
        let ty = env_type::registered("EnvironmentType", &wanted.environment_type)?;
        let product = self.products.product(id).await?;
        let name = version_name(&wanted.content_hash);
        let version = match product.versions.into_iter().find(|(_, known)| known == name) {
            Some((version, _)) => version,
            None => {
                let version = self.new_version(ty, wanted).await?;
                tracing::info!(product = %id, version = version.name, "version added");
                self.products.add_version(id, &version, &self.token).await?
            }
        };
        let label = label(ty, wanted);
        if product.label != label {
            self.products.rename(id, &label).await?;
            tracing::info!(product = %id, "product described anew");
        }
        Ok(done(id, &version, ty))
    }

    /// Publishes the template of this build.
    async fn new_version(
        &self,
        ty: &'static EnvironmentType,
        wanted: &WantedProduct,
    ) -> Result<NewVersion, Refusal> {
        Ok(NewVersion {
            url: publish::template(self.artifacts, ty, &wanted.content_hash).await?,
            name: version_name(ty.template_hash).to_owned(),
        })
    }
}

fn label(ty: &EnvironmentType, wanted: &WantedProduct) -> Label {
    Label {
        name: ty.name.to_owned(),
        description: wanted.description.clone(),
    }
}

fn done(id: &ProductId, version: &ProvisioningArtifactId, ty: &EnvironmentType) -> Done {
    Done {
        physical_id: id.to_string(),
        data: BTreeMap::from([
            ("ProductId", id.to_string()),
            ("ProductName", ty.name.to_owned()),
            ("ProvisioningArtifactId", version.to_string()),
        ]),
    }
}
