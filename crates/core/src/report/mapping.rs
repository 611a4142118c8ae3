//! From the words of a compute to the statuses of an environment: the seed guide's status mapping,
//! case-insensitive, over the rows of [`crate::compute::COMPUTES`].

use serde_json::Value;

use crate::compute::{self, Compute};
use crate::status::{Status, UnknownStatus};

/// The `source` of the events that launch and terminate documents send.
pub const AUTOMATION_SOURCE: &str = "automation";

/// The `source` of the notices that Systems Manager itself gives of an automation's end. They come even where the
/// document could not send its own event (promise F4).
pub const EXECUTION_SOURCE: &str = "aws.ssm";

/// How an automation may end without its document having said so.
const FAILED_ENDS: [&str; 3] = ["Failed", "TimedOut", "Cancelled"];

/// Where an event comes from, and so which row of the tables applies.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// A launch or terminate document.
    Automation,
    /// Systems Manager, about the automation that runs a document.
    Execution,
    /// An AWS service that runs instances.
    Compute(&'static Compute),
}

impl Origin {
    /// Reads an event's `source`: `automation`, or `aws.` and the name of a known compute.
    #[must_use]
    pub fn of(source: &str) -> Option<Self> {
        if source == AUTOMATION_SOURCE {
            return Some(Self::Automation);
        }
        if source == EXECUTION_SOURCE {
            return Some(Self::Execution);
        }
        let name = source.strip_prefix("aws.")?;
        compute::COMPUTES
            .iter()
            .find(|compute| compute.name == name)
            .map(Self::Compute)
    }

    /// Where in `event.detail` the status is.
    #[must_use]
    pub const fn status_location(self) -> &'static str {
        match self {
            Self::Automation | Self::Execution => compute::AUTOMATION_STATUS_LOCATION,
            Self::Compute(compute) => compute.status_location,
        }
    }

    /// The status that the origin's word stands for.
    ///
    /// # Errors
    /// The word is neither one of the eleven statuses nor an alternate of one.
    pub fn status(self, word: &str) -> Result<Status, UnknownStatus> {
        let alternate = match self {
            Self::Automation => None,
            Self::Execution => {
                let failed = FAILED_ENDS.iter().any(|end| end.eq_ignore_ascii_case(word));
                return if failed {
                    Ok(Status::Failed)
                } else {
                    Err(UnknownStatus(word.to_owned()))
                };
            }
            Self::Compute(compute) => compute
                .alternate_statuses
                .iter()
                .find(|(theirs, _)| theirs.eq_ignore_ascii_case(word))
                .map(|(_, ours)| *ours),
        };
        alternate.unwrap_or(word).parse()
    }
}

/// The value at a dotted path below `detail`.
pub(super) fn at<'a>(detail: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(detail, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_sagemaker_are_mapped_in_any_case() {
        let sagemaker = Origin::of("aws.sagemaker").unwrap();
        for (word, status) in [
            ("InService", Status::Completed),
            ("INSERVICE", Status::Completed),
            ("Pending", Status::Pending),
            ("Stopping", Status::Stopping),
            ("Stopped", Status::Stopped),
            ("deleting", Status::Terminating),
            ("Deleted", Status::Terminated),
            ("Failed", Status::Failed),
        ] {
            assert_eq!(sagemaker.status(word).unwrap(), status, "{word}");
        }
        assert!(sagemaker.status("Updating").is_err());
    }

    #[test]
    fn documents_use_the_statuses_themselves() {
        let automation = Origin::of("automation").unwrap();
        assert_eq!(automation.status("TERMINATED").unwrap(), Status::Terminated);
        assert!(automation.status("InService").is_err());
    }

    #[test]
    fn f04_an_automation_that_does_not_succeed_has_failed() {
        let execution = Origin::of("aws.ssm").unwrap();
        for word in ["Failed", "TimedOut", "Cancelled", "CANCELLED"] {
            assert_eq!(execution.status(word).unwrap(), Status::Failed, "{word}");
        }
        for word in ["Success", "InProgress", "COMPLETED"] {
            assert!(execution.status(word).is_err(), "{word}");
        }
    }

    #[test]
    fn other_sources_have_no_row() {
        assert!(Origin::of("aws.s3").is_none());
        assert!(Origin::of("sagemaker").is_none());
    }
}
