//! Hosting accounts: where environments run, and how Workbench gets in.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AwsAccountId};

pub mod check;
pub mod finding;
pub mod onboarding;
pub mod stack;

/// How a hosting account stands to what Workbench wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    /// Registered; its stack is not there yet.
    Pending,
    /// Ready for launches.
    Current,
    /// Its stack is older than the template. What could be launched before still can.
    NeedsUpdate,
    /// Something is wrong with it; its findings say what, and the mend.
    Errored,
    /// Off-boarded; kept as a record.
    Removed,
}

impl AccountStatus {
    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Current => "CURRENT",
            Self::NeedsUpdate => "NEEDS_UPDATE",
            Self::Errored => "ERRORED",
            Self::Removed => "REMOVED",
        }
    }

    /// Whether environments may be launched in it.
    #[must_use]
    pub const fn takes_launches(self) -> bool {
        match self {
            Self::Current | Self::NeedsUpdate => true,
            Self::Pending | Self::Errored | Self::Removed => false,
        }
    }
}

/// The external id with which a role of a hosting account is assumed. A secret towards
/// researchers: it is never printed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalId(String);

impl ExternalId {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for AssumeRole and for answers to IT admins.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(***)")
    }
}

/// An onboarded AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostingAccount {
    /// Workbench's id of it.
    pub id: AccountId,
    /// The name that the IT admin gave.
    pub name: String,
    /// AWS's number of it.
    pub aws_account_id: AwsAccountId,
    /// The role for launch, start, stop, connect and terminate.
    pub env_mgmt_role_arn: String,
    /// The role for the account function.
    pub hosting_account_handler_role_arn: String,
    /// What both roles want to hear.
    pub external_id: ExternalId,
    /// Whether it is ready.
    pub status: AccountStatus,
    /// The network in which instances start; empty until the account's stack was seen.
    pub vpc_id: String,
    /// The subnet in which instances start; empty until the account's stack was seen.
    pub subnet_id: String,
    /// The key for the instances' volumes; empty until the account's stack was seen.
    pub encryption_key_arn: String,
    /// Where instances fetch their files, `s3://bucket/prefix`.
    pub environment_instance_files: String,
    /// Raised by every write.
    pub rev: u64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_is_not_printed() {
        assert_eq!(
            format!("{:?}", ExternalId::new("workbench-secret")),
            "ExternalId(***)"
        );
    }
}
