//! Status reports: what an event says about an environment at a time.

use crate::id::{AwsAccountId, EnvironmentId, ExecutionId, InstanceId, ProvisionedProductId, RecordId};
use crate::status::Status;
use crate::status::order::ReportTime;
use crate::status::transition::Source;

pub mod event;
pub mod mapping;

/// Which environment an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The event names it.
    Environment(EnvironmentId),
    /// The event names only the instance; the table knows whose it is.
    Instance(InstanceId),
    /// The event names only the automation; the table knows whose it is.
    Execution(ExecutionId),
}

/// What one event says about one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The event's own id, for logs and the timeline.
    pub event_id: String,
    /// The account in which it happened.
    pub account: AwsAccountId,
    /// Whom it is about.
    pub subject: Subject,
    /// Who says it.
    pub source: Source,
    /// What it says.
    pub status: Status,
    /// When that was so.
    pub time: ReportTime,
    /// What else the source told.
    pub facts: Facts,
}

/// What a report brings besides the status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The provisioned product.
    pub product: Option<ProvisionedProductId>,
    /// The Service Catalog record of the launch or terminate.
    pub record: Option<RecordId>,
    /// Why it failed, if the event says so itself.
    pub error_message: Option<String>,
}
