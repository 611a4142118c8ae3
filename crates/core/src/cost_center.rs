//! Cost centres: which hosting account a project's environments are paid by and run in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, CostCenterId};
use crate::text::{Description, Name};

/// Whether a cost centre can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CostCenterStatus {
    /// In use.
    Available,
    /// Gone; kept as a record.
    Deleted,
}

impl CostCenterStatus {
    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Deleted => "DELETED",
        }
    }
}

/// A cost centre. It names its account and copies nothing of it: what the account is, is read when it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CostCenter {
    /// Its id.
    pub id: CostCenterId,
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: Description,
    /// The hosting account.
    pub account_id: AccountId,
    /// Whether it can be used.
    pub status: CostCenterStatus,
    /// Raised by every write.
    pub rev: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}
