//! How long a check of accounts may take.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use workbench_core::account::check::Unseen;

/// How long a check may take; what is known by then is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For looking at all accounts and for writing what concerns each alone.
    pub looks: Duration,
    /// For one of them, before the others go on without it.
    pub account: Duration,
    /// For all of it, the lists of documents included.
    pub all: Duration,
}

impl Patience {
    /// For a run of the account function, which has 240 s.
    pub const RUN: Self = Self {
        looks: Duration::from_secs(150),
        account: Duration::from_secs(30),
        all: Duration::from_secs(180),
    };

    /// For one account while somebody waits: the api function has 28 s.
    pub const REQUEST: Self = Self {
        looks: Duration::from_secs(9),
        account: Duration::from_secs(9),
        all: Duration::from_secs(12),
    };

    pub(super) fn starting_now(self) -> Ends {
        let now = Instant::now();
        Ends {
            patience: self,
            looks: now + self.looks,
            all: now + self.all,
        }
    }
}

/// When the parts of a check end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) patience: Patience,
    pub(super) looks: Instant,
    pub(super) all: Instant,
}

/// What comes of it before the end; what is late already is not begun.
pub(super) async fn in_time<T>(end: Instant, asked: impl Future<Output = T>) -> Option<T> {
    if Instant::now() >= end {
        return None;
    }
    timeout_at(end, asked).await.ok()
}

/// Why something was not waited for.
pub(super) fn late() -> Unseen {
    Unseen::Unclear("AWS did not answer in time".to_owned())
}
