//! What is so, where no report has told: what AWS's answers say about an operation that is under way for long.
//!
//! The answers become reports, and so go through the same table of transitions as those that come by themselves.

use jiff::Timestamp;

use crate::environment::Environment;
use crate::id::{ProvisionedProductId, RecordId};
use crate::report::Facts;
use crate::status::Status;
use crate::status::transition::{Operation, Source};

/// How far an automation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automation {
    /// It runs, or waits for its turn.
    UnderWay,
    /// It has ended, however that was, or nobody knows it any more.
    Over,
}

/// A provisioned product, as Service Catalog's DescribeProvisionedProduct shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Product {
    /// There is none.
    Absent,
    /// It is being provisioned, changed or terminated.
    Changing(ProvisionedProductId),
    /// It is there and can be used.
    Available {
        /// The product.
        id: ProvisionedProductId,
        /// The record of its latest provisioning that succeeded.
        record: Option<RecordId>,
    },
    /// What was last done to it did not succeed.
    Broken {
        /// The product.
        id: ProvisionedProductId,
        /// The record of its latest provisioning.
        record: Option<RecordId>,
    },
}

impl Product {
    /// Its id, if there is one.
    #[must_use]
    pub const fn id(&self) -> Option<&ProvisionedProductId> {
        match self {
            Self::Absent => None,
            Self::Changing(id) | Self::Available { id, .. } | Self::Broken { id, .. } => Some(id),
        }
    }
}

/// What was found out about an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is under way: to be asked again later.
    UnderWay,
    /// It is over, as if its source had said so.
    Over(Source, Status, Facts),
}

/// A launch whose automation is over: its product tells how it ended.
#[must_use]
pub fn launch(product: Product) -> Finding {
    let (status, product, record) = match product {
        Product::Changing(_) => return Finding::UnderWay,
        Product::Absent => (Status::Failed, None, None),
        Product::Available { id, record } => (Status::Completed, Some(id), record),
        Product::Broken { id, record } => (Status::Failed, Some(id), record),
    };
    let facts = Facts {
        product,
        record,
        error_message: None,
    };
    Finding::Over(Source::Launch, status, facts)
}

/// A terminate whose automation is over: whether its product is gone tells how it ended.
#[must_use]
pub fn terminate(product: &Product) -> Finding {
    let status = match product {
        Product::Changing(_) => return Finding::UnderWay,
        Product::Absent => Status::Terminated,
        Product::Available { .. } | Product::Broken { .. } => Status::TerminatingFailed,
    };
    Finding::Over(Source::Terminate, status, Facts::default())
}

/// A launch or terminate that has failed, as was said, though nobody knows of an automation that has run: another request
/// may have started one. After a while nothing of it can begin any more, and the status is what was said.
#[must_use]
pub fn unheard(environment: &Environment, now: Timestamp) -> Finding {
    if !environment.has_begun_if_ever(now) {
        return Finding::UnderWay;
    }
    let source = match environment.lifecycle.operation {
        Operation::Terminate => Source::Terminate,
        Operation::Launch | Operation::Start | Operation::Stop => Source::Launch,
    };
    Finding::Over(source, environment.status(), Facts::default())
}

/// An instance that does not exist: either its product is gone too, or somebody removed it from under the product.
#[must_use]
pub fn vanished(product: &Product) -> Finding {
    match product {
        Product::Changing(_) => Finding::UnderWay,
        Product::Absent => Finding::Over(Source::Terminate, Status::Terminated, Facts::default()),
        Product::Available { .. } | Product::Broken { .. } => {
            let facts = Facts {
                error_message: Some("the instance does not exist any more".to_owned()),
                ..Facts::default()
            };
            Finding::Over(Source::Instance, Status::Failed, facts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data;

    fn id() -> ProvisionedProductId {
        "pp-uac6562y6s6ls".parse().unwrap()
    }

    fn record() -> Option<RecordId> {
        Some("rec-b6yqf6zonc2qg".parse().unwrap())
    }

    fn products() -> [Product; 4] {
        [
            Product::Absent,
            Product::Changing(id()),
            Product::Available {
                id: id(),
                record: record(),
            },
            Product::Broken {
                id: id(),
                record: record(),
            },
        ]
    }

    /// Source and status of what is found, for each state of the product.
    fn told(judge: impl Fn(Product) -> Finding) -> [Option<(Source, Status)>; 4] {
        products().map(|product| match judge(product) {
            Finding::UnderWay => None,
            Finding::Over(source, status, _) => Some((source, status)),
        })
    }

    #[test]
    fn the_product_tells_how_a_launch_ended() {
        let launch_says = |status| Some((Source::Launch, status));
        assert_eq!(
            told(launch),
            [
                launch_says(Status::Failed),
                None,
                launch_says(Status::Completed),
                launch_says(Status::Failed)
            ]
        );
        for product in products() {
            if let Finding::Over(_, _, facts) = launch(product.clone()) {
                assert_eq!(facts.product.as_ref(), product.id());
                assert_eq!(facts.record.is_some(), product.id().is_some());
            }
        }
    }

    #[test]
    fn a_terminate_has_succeeded_exactly_if_the_product_is_gone() {
        let failed = Some((Source::Terminate, Status::TerminatingFailed));
        let gone = Some((Source::Terminate, Status::Terminated));
        assert_eq!(told(|product| terminate(&product)), [gone, None, failed, failed]);
    }

    #[test]
    fn a_failure_without_an_automation_is_believed_once_none_can_begin_any_more() {
        let failed = test_data::environment().launch_refused("throttled".into(), test_data::now());
        let after = |minutes| {
            unheard(
                &failed,
                test_data::now() + jiff::SignedDuration::from_mins(minutes),
            )
        };
        assert_eq!(after(75), Finding::UnderWay);
        assert_eq!(
            after(76),
            Finding::Over(Source::Launch, Status::Failed, Facts::default())
        );
    }

    #[test]
    fn an_instance_without_its_product_is_terminated_and_with_it_has_failed() {
        let gone = Some((Source::Terminate, Status::Terminated));
        let failed = Some((Source::Instance, Status::Failed));
        assert_eq!(told(|product| vanished(&product)), [gone, None, failed, failed]);
    }
}
