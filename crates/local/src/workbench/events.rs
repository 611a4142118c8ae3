//! Events on their way to the status function, and time turned until they come.

use std::collections::BTreeMap;

use aws_lambda_events::event::sqs::SqsEvent;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Workbench;
use crate::{ApiError, Principal, Service};

impl Workbench {
    /// Lets the functions have what waits for them, such as the queue's events, until nothing does; how many events
    /// the status function was given.
    pub async fn deliver_events(&self) -> usize {
        self.functions.run().await
    }

    /// Stops the schedules of the main account's rules: from then on, what they would do is done when it is asked for.
    ///
    /// # Errors
    /// EventBridge's.
    pub fn hold_schedules(&self) -> Result<(), ApiError> {
        let root = Principal::root(&self.main.account);
        let mut world = self.aws.world();
        let rules = world.call(&root, Service::Events, "ListRules", &json!({}))?;
        for rule in rules["Rules"].as_array().into_iter().flatten() {
            if rule["ScheduleExpression"].is_string() {
                let named = json!({ "Name": rule["Name"] });
                world.call(&root, Service::Events, "DisableRule", &named)?;
            }
        }
        Ok(())
    }

    /// Invokes the status function as its repair schedule does; how many environments ended in which way.
    ///
    /// # Errors
    /// The table's.
    pub async fn sweep(&self) -> Result<BTreeMap<&'static str, u32>, workbench_aws::Error> {
        workbench_status::sweep(&self.status).await.repairs
    }

    /// Hands one event to the status function, past bus and queue; whether it is done with.
    pub async fn report(&self, event: &Value) -> bool {
        let record = json!({ "messageId": "event", "body": event.to_string(), "eventSource": "aws:sqs" });
        match serde_json::from_value::<SqsEvent>(json!({ "Records": [record] })) {
            Ok(batch) => {
                let answer = workbench_status::handle(&self.status, batch).await;
                answer.batch_item_failures.is_empty()
            }
            Err(error) => {
                tracing::error!(%error, "the message is no batch");
                false
            }
        }
    }

    /// Turns the time to `at`, delivering events as they come; how many there were.
    pub async fn run_until(&self, at: Timestamp) -> usize {
        let mut delivered = self.deliver_events().await;
        while let Some(due) = self.next_due(at) {
            self.aws.world().run_until(due);
            delivered += self.deliver_events().await;
        }
        self.aws.world().run_until(at);
        delivered
    }

    /// Turns the time to the next thing that happens, no further than `limit`; how many events the status function
    /// was given, none if nothing happens any more.
    pub async fn step(&self, limit: Timestamp) -> Option<usize> {
        let due = self.next_due(limit)?;
        Some(self.run_until(due).await)
    }

    /// When the next thing happens, if no later than `limit`.
    fn next_due(&self, limit: Timestamp) -> Option<Timestamp> {
        self.aws.world().next_due().filter(|due| *due <= limit)
    }
}
