//! The time that waiting commands see. Tests bring their own.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use jiff::Timestamp;

/// A clock, and how to wait by it.
pub(crate) struct Time {
    clock: SharedTimeSource,
    sleep: SharedAsyncSleep,
}

impl Time {
    /// Real time.
    pub(crate) fn real() -> Self {
        Self {
            clock: SharedTimeSource::new(SystemTimeSource::new()),
            sleep: SharedAsyncSleep::new(TokioSleep::new()),
        }
    }

    /// Another time.
    #[cfg(test)]
    pub(crate) fn of(clock: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        Self { clock, sleep }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or_default()
    }

    /// Waits.
    pub(crate) async fn pass(&self, duration: Duration) {
        self.sleep.sleep(duration).await;
    }
}
