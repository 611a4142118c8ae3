//! The status function in Lambda: a queue of status events, the table's stream, and the schedule of the repair sweep.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use workbench_aws::{Clock, Cloud, Settings};
use workbench_status::Invocation;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    workbench_aws::logging::init();
    let settings = Settings::from_env()?;
    let config = workbench_aws::sdk::config().await;
    let cloud = Cloud::new(&config, settings, Clock::system());
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Invocation>| {
        let done = workbench_status::invoke(&cloud, event.payload).await;
        for line in &done.metrics {
            println!("{line}");
        }
        match done.failed {
            None => Ok(done.response),
            Some(reason) => Err(Error::from(reason)),
        }
    }))
    .await
}
