//! Drivers: start, stop, describe and connect, one module per compute.
//!
//! A new compute needs its module here, its row in `workbench_core::compute`, and a variant of
//! [`Driver`]; everything else follows from the row.

use std::collections::{BTreeMap, HashMap};

use workbench_core::id::InstanceId;
use workbench_core::status::Status;

use crate::error::Fault;
use crate::listing::Listing;
use crate::session::Entered;

mod sagemaker;

/// What an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Described {
    /// It has this status.
    Is(Status),
    /// AWS has a word for its status that is not mapped.
    Unmapped,
    /// It does not exist.
    Gone,
}

impl Described {
    /// The status, if it has one.
    #[must_use]
    pub const fn status(self) -> Option<Status> {
        match self {
            Self::Is(status) => Some(status),
            Self::Unmapped | Self::Gone => None,
        }
    }
}

/// What each instance of an account is; nothing where AWS has a word for it that is not mapped.
pub(crate) type Statuses = HashMap<InstanceId, Option<Status>>;

/// The driver of one compute in one hosting account.
#[derive(Debug, Clone)]
pub enum Driver {
    /// Amazon SageMaker notebook instances.
    Sagemaker(sagemaker::Sagemaker),
}

impl Driver {
    /// The driver of the compute that calls itself `compute`.
    #[must_use]
    pub(crate) fn of(compute: &str, role: &Entered) -> Option<Self> {
        match compute {
            "sagemaker" => Some(Self::Sagemaker(sagemaker::Sagemaker::new(role))),
            _ => None,
        }
    }

    /// Starts a stopped instance.
    ///
    /// # Errors
    /// What AWS says.
    pub async fn start(&self, instance: &InstanceId) -> Result<(), Fault> {
        match self {
            Self::Sagemaker(driver) => driver.start(instance).await,
        }
    }

    /// Stops a running instance.
    ///
    /// # Errors
    /// What AWS says.
    pub async fn stop(&self, instance: &InstanceId) -> Result<(), Fault> {
        match self {
            Self::Sagemaker(driver) => driver.stop(instance).await,
        }
    }

    /// What the instance is.
    ///
    /// # Errors
    /// What AWS says.
    pub async fn describe(&self, instance: &InstanceId) -> Result<Described, Fault> {
        match self {
            Self::Sagemaker(driver) => driver.describe(instance).await,
        }
    }

    /// The account's instances, in `pages` pages at most; who calls needs the compute's `list_calls`.
    ///
    /// # Errors
    /// What AWS says.
    pub(crate) async fn list(&self, pages: usize) -> Result<Listing<Statuses>, Fault> {
        match self {
            Self::Sagemaker(driver) => driver.list(pages).await,
        }
    }

    /// What one needs to connect, by the credential keys of the compute's row.
    ///
    /// # Errors
    /// What AWS says.
    pub async fn credentials(&self, instance: &InstanceId) -> Result<BTreeMap<String, String>, Fault> {
        match self {
            Self::Sagemaker(driver) => driver.credentials(instance).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    #[test]
    fn every_compute_of_the_mapping_table_has_a_driver() {
        let config = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build();
        let role = Entered {
            config,
            session: Session::new(),
        };
        for compute in workbench_core::compute::COMPUTES {
            assert!(Driver::of(compute.name, &role).is_some(), "{}", compute.name);
        }
        assert!(Driver::of("abacus", &role).is_none());
    }
}
