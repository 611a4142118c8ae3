//! The status function: a queue of status events, in Lambda.

use aws_config::BehaviorVersion;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use workbench_aws::{Clock, Cloud, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    workbench_aws::logging::init();
    let settings = Settings::from_env()?;
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let cloud = Cloud::new(&config, settings, Clock::system());
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let settled = workbench_status::settle(&cloud, event.payload).await;
        for line in workbench_status::metrics(&settled.counts, cloud.now()) {
            println!("{line}");
        }
        Ok::<_, Error>(settled.response)
    }))
    .await
}
