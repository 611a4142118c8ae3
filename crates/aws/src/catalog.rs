//! Service Catalog in a hosting account: launch paths and records.

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::error::SdkError;
use aws_sdk_servicecatalog::operation::describe_provisioned_product::{
    DescribeProvisionedProductError, DescribeProvisionedProductOutput,
};
use aws_sdk_servicecatalog::operation::describe_record::DescribeRecordOutput;
use aws_sdk_servicecatalog::types::ProvisionedProductStatus;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use workbench_core::environment::{Answer, Instance};
use workbench_core::id::{ProductId, ProvisionedProductId, RecordId};
use workbench_core::registry::RecordOutputs;
use workbench_core::repair::Product;

use crate::error::{Error, Fault, FaultKind};
use crate::session::{Entered, client};

const SERVICE: &str = "servicecatalog";

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
    pub(crate) fn new(role: &Entered) -> Self {
        Self {
            client: client!(aws_sdk_servicecatalog, role),
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
            .map_err(|error| Fault::of(SERVICE, "ListLaunchPaths", &error))?;
        Ok(paths
            .launch_path_summaries()
            .first()
            .and_then(|path| path.id())
            .map(str::to_owned))
    }

    /// The instance that a launch made, by the keys that the package's manifest names; else what is wrong with the
    /// record.
    ///
    /// # Errors
    /// DescribeRecord's.
    pub async fn instance(&self, record: &RecordId, keys: &RecordOutputs) -> Result<Answer, Error> {
        let record = self.record(record).await?;
        Ok(instance(&record, keys).map_or_else(Answer::Reason, Answer::Instance))
    }

    /// The provisioned product of this name.
    ///
    /// # Errors
    /// DescribeProvisionedProduct's.
    pub async fn product_named(&self, name: &str) -> Result<Product, Fault> {
        let request = self.client.describe_provisioned_product().name(name);
        product(request.send().await)
    }

    /// The provisioned product of this id.
    ///
    /// # Errors
    /// DescribeProvisionedProduct's.
    pub async fn product(&self, id: &ProvisionedProductId) -> Result<Product, Fault> {
        let request = self.client.describe_provisioned_product().id(id.as_str());
        product(request.send().await)
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
            .map_err(|error| Fault::of(SERVICE, "DescribeRecord", &error))
    }
}

/// The instance that a record's outputs name, else what is wrong with them.
fn instance(record: &DescribeRecordOutput, keys: &RecordOutputs) -> Result<Instance, String> {
    let output = |key: &str| {
        record
            .record_outputs()
            .iter()
            .find(|output| output.output_key() == Some(key))
            .and_then(|output| output.output_value())
            .map(str::to_owned)
            .ok_or_else(|| format!("the launch's record has no output `{key}`"))
    };
    let id = output(keys.instance_name)?;
    Ok(Instance {
        id: id
            .parse()
            .map_err(|error| format!("output `{}`: {error}", keys.instance_name))?,
        arn: output(keys.instance_arn)?,
        role_arn: output(keys.instance_role)?,
    })
}

/// What DescribeProvisionedProduct says. A product that does not exist is an answer, too.
fn product(
    answer: Result<DescribeProvisionedProductOutput, SdkError<DescribeProvisionedProductError, HttpResponse>>,
) -> Result<Product, Fault> {
    const OPERATION: &str = "DescribeProvisionedProduct";
    let found = match answer {
        Ok(found) => found,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeProvisionedProductError::is_resource_not_found_exception) =>
        {
            return Ok(Product::Absent);
        }
        Err(error) => return Err(Fault::of(SERVICE, OPERATION, &error)),
    };
    let detail = found.provisioned_product_detail();
    let id = detail.and_then(|detail| detail.id()?.parse().ok());
    let (Some(detail), Some(id)) = (detail, id) else {
        let problem = "answered without the product's id";
        return Err(Fault::noticed(SERVICE, OPERATION, FaultKind::Unclear, problem));
    };
    let record = |id: Option<&str>| id.and_then(|id| id.parse().ok());
    Ok(match detail.status() {
        Some(ProvisionedProductStatus::Available) => Product::Available {
            id,
            record: record(detail.last_successful_provisioning_record_id())
                .or_else(|| record(detail.last_provisioning_record_id())),
        },
        Some(ProvisionedProductStatus::Error | ProvisionedProductStatus::Tainted) => Product::Broken {
            id,
            record: record(detail.last_provisioning_record_id()),
        },
        // Under change, planned, or a status of the future: nothing that could be relied on.
        _ => Product::Changing(id),
    })
}
