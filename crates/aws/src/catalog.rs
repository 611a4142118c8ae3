//! Service Catalog in a hosting account: launch paths and records.

use aws_config::SdkConfig;
use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::error::SdkError;
use aws_sdk_servicecatalog::operation::describe_provisioned_product::{
    DescribeProvisionedProductError, DescribeProvisionedProductOutput,
};
use aws_sdk_servicecatalog::operation::describe_record::DescribeRecordOutput;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use workbench_core::environment::Instance;
use workbench_core::id::{ProductId, ProvisionedProductId, RecordId};
use workbench_core::registry::RecordOutputs;

use crate::error::{Error, Fault};

/// The IAM actions behind these calls.
pub const ACTIONS: &[&str] = &[
    "servicecatalog:DescribeProvisionedProduct",
    "servicecatalog:DescribeRecord",
    "servicecatalog:ListLaunchPaths",
];

/// Products as one hosting account sees them.
#[derive(Debug, Clone)]
pub struct Catalog {
    client: Client,
}

impl Catalog {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }

    /// The path by which the account may launch `product`: none if the portfolio is not shared,
    /// not accepted, or the role is not one of its principals.
    ///
    /// # Errors
    /// ListLaunchPaths's.
    pub async fn launch_path(&self, product: &ProductId) -> Result<Option<String>, Fault> {
        let paths = self
            .client
            .list_launch_paths()
            .product_id(product.as_str())
            .send()
            .await
            .map_err(|error| Fault::of("servicecatalog", "ListLaunchPaths", &error))?;
        Ok(paths
            .launch_path_summaries()
            .first()
            .and_then(|path| path.id())
            .map(str::to_owned))
    }

    /// What a launch made, by the keys that the package's manifest names; else which output the
    /// record lacks.
    ///
    /// # Errors
    /// DescribeRecord's.
    pub async fn instance(
        &self,
        record: &RecordId,
        keys: &RecordOutputs,
    ) -> Result<Result<Instance, String>, Error> {
        let record = self.record(record).await?;
        let output = |key: &str| {
            record
                .record_outputs()
                .iter()
                .find(|output| output.output_key() == Some(key))
                .and_then(|output| output.output_value())
                .map(str::to_owned)
                .ok_or_else(|| format!("the launch's record has no output `{key}`"))
        };
        Ok((|| {
            let id = output(keys.instance_name)?;
            Ok(Instance {
                id: id
                    .parse()
                    .map_err(|error| format!("output `{}`: {error}", keys.instance_name))?,
                arn: output(keys.instance_arn)?,
                role_arn: output(keys.instance_role)?,
            })
        })())
    }

    /// The provisioned product of this name, if there is one.
    ///
    /// # Errors
    /// DescribeProvisionedProduct's.
    pub async fn product_named(&self, name: &str) -> Result<Option<ProvisionedProductId>, Fault> {
        let request = self.client.describe_provisioned_product().name(name);
        let found = present(request.send().await)?;
        let id = found
            .as_ref()
            .and_then(|found| found.provisioned_product_detail()?.id());
        Ok(id.and_then(|id| id.parse().ok()))
    }

    /// Whether there is such a provisioned product.
    ///
    /// # Errors
    /// DescribeProvisionedProduct's.
    pub async fn has_product(&self, product: &ProvisionedProductId) -> Result<bool, Fault> {
        let request = self.client.describe_provisioned_product().id(product.as_str());
        Ok(present(request.send().await)?.is_some())
    }

    /// Why the launch or terminate of a record failed.
    ///
    /// # Errors
    /// DescribeRecord's.
    pub async fn failure(&self, record: &RecordId) -> Result<Option<String>, Error> {
        let answer = self.record(record).await?;
        let errors: Vec<String> = answer
            .record_detail()
            .map(aws_sdk_servicecatalog::types::RecordDetail::record_errors)
            .unwrap_or_default()
            .iter()
            .filter_map(|error| error.description().or_else(|| error.code()))
            .map(str::to_owned)
            .collect();
        Ok((!errors.is_empty()).then(|| errors.join("; ")))
    }

    async fn record(&self, record: &RecordId) -> Result<DescribeRecordOutput, Fault> {
        self.client
            .describe_record()
            .id(record.as_str())
            .send()
            .await
            .map_err(|error| Fault::of("servicecatalog", "DescribeRecord", &error))
    }
}

/// A product that does not exist is an answer, too.
fn present(
    answer: Result<DescribeProvisionedProductOutput, SdkError<DescribeProvisionedProductError, HttpResponse>>,
) -> Result<Option<DescribeProvisionedProductOutput>, Fault> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeProvisionedProductError::is_resource_not_found_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(Fault::of("servicecatalog", "DescribeProvisionedProduct", &error)),
    }
}
