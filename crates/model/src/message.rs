//! Events on their way to the status function.

use workbench_core::report::{Facts, Report, Subject};
use workbench_core::status::Status;
use workbench_core::status::order::{ReportTime, Resolution};
use workbench_core::status::transition::Source;

use crate::clock::{Present, Tick, timestamp};
use crate::row::{account, environment_id, execution_id, product_id, record_id};

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Message {
    /// Who says it.
    pub source: Source,
    /// What it says.
    pub status: Status,
    /// When that was so, as far as the source tells.
    pub at: Tick,
    /// The product, and with it the record, that a document names.
    pub product: Option<u8>,
    /// The automation, where Systems Manager tells of its end.
    pub execution: Option<u8>,
    /// Whether nobody else would ever tell: it is about a change that Workbench did not ask for. It may be late and
    /// come twice, but not be lost.
    pub sure: bool,
}

impl Message {
    /// The report that `core` reads from the event.
    pub(crate) fn report(&self, present: Present) -> Report {
        let at = if self.at == present.tick {
            present.at
        } else {
            timestamp(self.at)
        };
        let resolution = match self.source {
            Source::Launch | Source::Terminate => Resolution::Seconds,
            Source::Instance => Resolution::Milliseconds,
        };
        Report {
            event_id: String::new(),
            account: account(),
            subject: self
                .execution
                .map_or(Subject::Environment(environment_id()), |id| {
                    Subject::Execution(execution_id(id))
                }),
            source: self.source,
            status: self.status,
            time: ReportTime { at, resolution },
            facts: Facts {
                product: self.product.map(product_id),
                record: self.product.map(|_| record_id()),
                error_message: None,
            },
        }
    }

    /// Whether it may get lost on its way. The others are lost, if at all, where they happen.
    pub(crate) const fn may_be_lost(&self) -> bool {
        !self.sure
            && matches!(self.source, Source::Instance)
            && matches!(self.status, Status::Pending | Status::Stopping)
    }

    /// A place in the queue, where order means nothing.
    pub(crate) fn place(&self) -> impl Ord + use<> {
        (
            self.source as u8,
            self.status,
            self.at,
            self.product,
            self.execution,
            self.sure,
        )
    }
}
