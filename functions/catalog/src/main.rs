//! The catalog function: CloudFormation's requests for custom resources, in Lambda.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use workbench_aws::{CatalogSettings, Clock};
use workbench_catalog::Catalog;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    workbench_aws::logging::init();
    let settings = CatalogSettings::from_env()?;
    let config = workbench_aws::sdk::config().await;
    let catalog = Catalog::new(&config, settings, Clock::system());
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        workbench_catalog::handle(&catalog, &event.payload)
            .await
            .map(|_| ())
            .map_err(Error::from)
    }))
    .await
}
