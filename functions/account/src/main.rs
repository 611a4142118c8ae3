//! The account function: hosting accounts, on a schedule, in Lambda.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use workbench_aws::accounts::Patience;
use workbench_aws::{Clock, Cloud, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    workbench_aws::logging::init();
    let settings = Settings::from_env()?;
    let config = workbench_aws::sdk::config().await;
    let cloud = Cloud::new(&config, settings, Clock::system());
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let done = workbench_account::handle(&cloud, &event.payload, Patience::RUN).await?;
        for line in workbench_account::metrics(&done, &cloud.main().namespace, cloud.now()) {
            println!("{line}");
        }
        Ok::<_, Error>(done)
    }))
    .await
}
