//! The eleven statuses of an environment, and the one table of transitions between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub mod deadline;
pub mod order;
pub mod transition;

/// What an environment is, as the API shows it. Spelling as in the seed guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Asked for; being provisioned.
    Pending,
    /// Running, and can be connected to.
    Completed,
    /// A start was accepted.
    Starting,
    /// A stop was accepted.
    Stopping,
    /// Stopped; its data is kept.
    Stopped,
    /// A terminate was accepted.
    Terminating,
    /// Gone for good. Kept as a record.
    Terminated,
    /// The launch failed, or the instance did.
    Failed,
    /// The product could not be removed; terminate works again from here.
    TerminatingFailed,
    /// A start did not end in a running instance.
    StartingFailed,
    /// A stop did not end in a stopped instance.
    StoppingFailed,
}

impl Status {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::Pending,
        Self::Completed,
        Self::Starting,
        Self::Stopping,
        Self::Stopped,
        Self::Terminating,
        Self::Terminated,
        Self::Failed,
        Self::TerminatingFailed,
        Self::StartingFailed,
        Self::StoppingFailed,
    ];

    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Starting => "STARTING",
            Self::Stopping => "STOPPING",
            Self::Stopped => "STOPPED",
            Self::Terminating => "TERMINATING",
            Self::Terminated => "TERMINATED",
            Self::Failed => "FAILED",
            Self::TerminatingFailed => "TERMINATING_FAILED",
            Self::StartingFailed => "STARTING_FAILED",
            Self::StoppingFailed => "STOPPING_FAILED",
        }
    }

    /// Whether an operation is under way whose end is still to be reported.
    #[must_use]
    pub const fn in_flight(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::Starting | Self::Stopping | Self::Terminating
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// A word that is none of the eleven statuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no status of an environment")]
pub struct UnknownStatus(pub String);

impl FromStr for Status {
    type Err = UnknownStatus;

    /// Case-insensitive, as the seed guide asks of the mapping.
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.label().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_in_any_case() {
        for status in Status::ALL {
            assert_eq!(status.label().parse::<Status>().unwrap(), status);
            assert_eq!(status.label().to_lowercase().parse::<Status>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.label());
        }
        assert!("UPDATING".parse::<Status>().is_err());
    }
}
