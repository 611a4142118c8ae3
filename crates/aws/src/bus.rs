//! The main account's bus, on which changes are published.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;
use tokio::time::timeout;
use workbench_core::publication::{SOURCE, STATUS_CHANGE, StatusChange};

use crate::error::{Error, Fault, FaultKind};

/// The IAM action behind publishing.
pub const ACTIONS: &[&str] = &["events:PutEvents"];

/// How many events one request can have.
pub const MOST: usize = 10;

/// How long the bus may take to answer: who publishes has other things to do in the function's 30 seconds.
const PATIENCE: Duration = Duration::from_secs(8);

const SERVICE: &str = "events";
const OPERATION: &str = "PutEvents";

/// The default bus of the account in which Workbench runs.
#[derive(Debug, Clone)]
pub struct Bus(Client);

impl Bus {
    /// The bus.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }

    /// Publishes changes, [`MOST`] at most. One request. For each of them in its turn why the bus has not taken it, if
    /// it has not.
    ///
    /// # Errors
    /// The request was refused, or not answered in time: the bus may have taken any of them.
    pub async fn publish(&self, changes: &[StatusChange]) -> Result<Vec<Option<Fault>>, Error> {
        let entries: Result<Vec<_>, Error> = changes.iter().map(entry).collect();
        let request = self.0.put_events().set_entries(Some(entries?)).send();
        let Ok(answer) = timeout(PATIENCE, request).await else {
            return Err(unclear(&format!("no answer in {} seconds", PATIENCE.as_secs())).into());
        };
        let output = answer.map_err(|error| Fault::of(SERVICE, OPERATION, &error))?;
        // EventBridge answers for each entry by itself, in the order of the request.
        let taken = |place: usize| match output.entries().get(place) {
            Some(entry) if entry.event_id().is_some() => None,
            Some(entry) => Some(Fault {
                code: entry.error_code().map(str::to_owned),
                ..unclear(entry.error_message().unwrap_or_default())
            }),
            None => Some(unclear("the bus does not say that it has taken it")),
        };
        Ok((0..changes.len()).map(taken).collect())
    }
}

fn unclear(problem: &str) -> Fault {
    Fault::noticed(SERVICE, OPERATION, FaultKind::Unclear, problem)
}

fn entry(change: &StatusChange) -> Result<PutEventsRequestEntry, Error> {
    let detail = serde_json::to_string(change).map_err(|error| Error::Row {
        key: change.environment_id.to_string(),
        problem: error.to_string(),
    })?;
    Ok(PutEventsRequestEntry::builder()
        .source(SOURCE)
        .detail_type(STATUS_CHANGE)
        .detail(detail)
        .resources(change.environment_id.to_string())
        .time(DateTime::from_millis(change.time.as_millisecond()))
        .build())
}
