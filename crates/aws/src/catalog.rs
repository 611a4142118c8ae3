//! Service Catalog in a hosting account: launch paths and records.

use aws_config::SdkConfig;
use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::operation::describe_record::DescribeRecordOutput;
use workbench_core::environment::Instance;
use workbench_core::id::{ProductId, RecordId};
use workbench_core::registry::RecordOutputs;

use crate::error::{Error, Fault};

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
