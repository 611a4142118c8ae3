//! Publishing packages during deployment: a CloudFormation custom resource provider.
//!
//! - `Custom::Product` puts a package's template into the artifact bucket and makes a product of it, with a version
//!   for each template; it answers `ProductId`, `ProductName` and `ProvisioningArtifactId`.
//! - `Custom::InstanceFiles` puts the files that instances fetch at start there and answers their `Prefix`.
//! - `Custom::EnvironmentType` registers the versions of a package's product as environment types.
//! - `Custom::DocumentShares` takes a package's documents back from all accounts when it is deleted: what is shared can
//!   not be deleted, and would be in the way when the package comes back.
//!
//! Packages are compiled in. A request names the hash of what it is about, so that a template and a function of
//! different builds are told so instead of publishing something else. Every request is answered once, and may be
//! repeated: Lambda does so when the answer could not be delivered.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::Value;
use workbench_aws::artifacts::{self, Artifacts};
use workbench_aws::documents::{self, Documents};
use workbench_aws::products::{self, Products};
use workbench_aws::table::{self, Table};
use workbench_aws::{CatalogSettings, Clock, Fault, presigned};

mod answer;
mod product;
mod publish;
mod refusal;
mod registration;
mod request;

pub use answer::{Answer, Status};
pub use request::RESOURCE_TYPES;

use answer::Done;
use product::Shop;
use refusal::Refusal;
use request::{Order, Request};

/// The IAM actions that the function needs.
pub const ACTIONS: &[&[&str]] = &[
    artifacts::ACTIONS,
    documents::ACTIONS,
    products::ACTIONS,
    table::PUT,
    table::QUERY,
];

/// How long a request may take. The function's own time-out is longer by what an answer may need: CloudFormation
/// waits an hour for one that does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the function works with; built once.
#[derive(Debug)]
pub struct Catalog {
    config: SdkConfig,
    artifacts: Artifacts,
    products: Products,
    documents: Documents,
    table: Table,
    clock: Clock,
}

/// Why CloudFormation got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The event is no request, or it does not say whom to answer.
    #[error("the event is no request of CloudFormation's: {0}")]
    NoRequest(#[source] serde_json::Error),
    /// The answer can not be written.
    #[error("the answer can not be written: {0}")]
    NoAnswer(#[source] serde_json::Error),
    /// The answer did not arrive.
    #[error("the answer was not delivered: {0}")]
    NotDelivered(#[source] Fault),
}

impl Catalog {
    /// Builds the clients.
    #[must_use]
    pub fn new(config: &SdkConfig, settings: CatalogSettings, clock: Clock) -> Self {
        Self {
            config: config.clone(),
            artifacts: Artifacts::new(config, settings.artifact_bucket, settings.region),
            products: Products::new(config),
            documents: Documents::new(config),
            table: Table::new(config, settings.table_name),
            clock,
        }
    }
}

/// Carries out one request and answers it.
///
/// # Errors
/// Nobody can be answered. A request that is not carried out is no error here: the answer says so.
pub async fn handle(catalog: &Catalog, event: &Value) -> Result<Answer, Unanswered> {
    let request = Request::read(event).map_err(Unanswered::NoRequest)?;
    let answer = answer_to(catalog, &request).await;
    let (stack, resource) = (&request.stack_id, &request.logical_resource_id);
    match &answer.reason {
        None => tracing::info!(stack, resource, id = answer.physical_resource_id, "carried out"),
        Some(reason) => tracing::error!(stack, resource, reason, "not carried out"),
    }
    let body = answer.body().map_err(Unanswered::NoAnswer)?;
    Box::pin(presigned::put(&catalog.config, &request.response_url, body))
        .await
        .map_err(Unanswered::NotDelivered)?;
    Ok(answer)
}

async fn answer_to(catalog: &Catalog, request: &Request) -> Answer {
    // Boxed: the futures of an SDK call nest deeper than the compiler likes to look.
    let work = Box::pin(carry_out(catalog, request));
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refusal)) => Answer::failure(request, refusal.to_string()),
        Err(_) => Answer::failure(request, Refusal::OutOfTime(PATIENCE).to_string()),
    }
}

async fn carry_out(catalog: &Catalog, request: &Request) -> Result<Answer, Refusal> {
    let shop = || Shop {
        products: &catalog.products,
        artifacts: &catalog.artifacts,
        token: request.token(),
    };
    let done = match request.order()? {
        Order::CreateProduct(wanted) => shop().create(&wanted).await?,
        Order::UpdateProduct(id, wanted) => shop().update(&id, &wanted).await?,
        Order::DeleteProduct(id) => {
            // Service Catalog deletes a product that other accounts still run.
            if let Some(environment) = catalog.table.environment_of_product(&id).await? {
                return Err(Refusal::InUse {
                    product: id,
                    environment,
                });
            }
            catalog.products.delete(&id).await?;
            return Ok(Answer::deleted(request));
        }
        Order::InstanceFiles(package) => publish::instance_files(&catalog.artifacts, &package).await?,
        Order::Registration(asked) => registration::register(catalog, &asked).await?,
        Order::KeepShares(shares) => Done {
            physical_id: shares.documents.join(","),
            data: BTreeMap::new(),
        },
        Order::EndShares(shares) => {
            for document in &shares.documents {
                catalog.documents.unshare(document).await?;
            }
            return Ok(Answer::deleted(request));
        }
        Order::Delete => return Ok(Answer::deleted(request)),
    };
    Ok(Answer::success(request, done))
}
