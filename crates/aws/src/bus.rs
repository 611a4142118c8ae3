//! The main account's bus, on which changes are published.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;
use workbench_core::publication::{SOURCE, STATUS_CHANGE, StatusChange};

use crate::error::{Error, Fault, FaultKind};

/// The IAM action behind publishing.
pub const ACTIONS: &[&str] = &["events:PutEvents"];

/// How many events one request can have.
pub const MOST: usize = 10;

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

    /// Publishes changes, [`MOST`] at most. One request.
    ///
    /// # Errors
    /// How many of them, from the first on, the bus has taken for sure, and why not the next one. It may have taken
    /// some of those that follow.
    pub async fn publish(&self, changes: &[StatusChange]) -> Result<(), (usize, Error)> {
        let mut entries = Vec::with_capacity(changes.len());
        for change in changes {
            entries.push(entry(change).map_err(|error| (0, error))?);
        }
        let output = self.0.put_events().set_entries(Some(entries)).send().await;
        let output = output.map_err(|error| (0, Fault::of(SERVICE, OPERATION, &error).into()))?;
        // EventBridge answers for each entry by itself, in the order of the request.
        let refused = output
            .entries()
            .iter()
            .position(|entry| entry.event_id().is_none());
        match refused.and_then(|place| Some((place, output.entries().get(place)?))) {
            Some((place, refusal)) => {
                let fault = Fault {
                    service: SERVICE,
                    operation: OPERATION,
                    code: refusal.error_code().map(str::to_owned),
                    message: refusal.error_message().unwrap_or_default().to_owned(),
                    request_id: None,
                    kind: FaultKind::Unclear,
                };
                Err((place, fault.into()))
            }
            None => Ok(()),
        }
    }
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
