//! What must hold, whatever happens: the promises of the model, and what only the real code can break.

use std::fmt;

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Once the disturbance is over and two sweeps have asked about it, the status is the true one.
    Settles,
    /// Never two live products for one environment, nor two environments for one Idempotency-Key.
    OneProduct,
    /// TERMINATED is final.
    Final,
    /// Whoever was told that an environment is being terminated is not told otherwise later, but that it has failed.
    Accepted,
    /// Every environment can be brought to TERMINATED, and leaves nothing behind.
    Terminable,
    /// The API never fails without a reason in AWS.
    Answers,
    /// Each change of a status is published, and none for the first time after a later one.
    Published,
    /// Nothing is found that is wrong with a hosting account where nothing is.
    Accounts,
    /// Each entry of the timeline begins where the one before it ended, and the last ends in the status.
    Timeline,
}

impl Promise {
    /// The words under which it is reported.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Settles => "the status becomes true",
            Self::OneProduct => "there is one product",
            Self::Final => "TERMINATED is final",
            Self::Accepted => "what is to be terminated ends",
            Self::Terminable => "everything can be terminated",
            Self::Answers => "the API fails only where AWS does",
            Self::Published => "every change is published in order",
            Self::Accounts => "hosting accounts are sound",
            Self::Timeline => "the timeline tells one story",
        }
    }
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The promise.
    pub promise: Promise,
    /// What was so instead.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not hold: {}", self.promise.label(), self.found)
    }
}
