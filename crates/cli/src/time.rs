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

#[cfg(test)]
pub(crate) mod turned {
    //! A time that only passes when it is waited for.

    use std::sync::{Arc, Mutex};
    use std::time::SystemTime;

    use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
    use aws_smithy_async::time::TimeSource;

    use super::*;

    #[derive(Debug, Clone)]
    struct Turned(Arc<Mutex<Timestamp>>);

    /// Begins at ten o'clock of the 24th of November 2026.
    pub(crate) fn time() -> Time {
        let turned = Turned(Arc::new(Mutex::new("2026-11-24T10:00:00Z".parse().unwrap())));
        Time::of(
            SharedTimeSource::new(turned.clone()),
            SharedAsyncSleep::new(turned),
        )
    }

    impl TimeSource for Turned {
        fn now(&self) -> SystemTime {
            (*self.0.lock().unwrap()).try_into().unwrap()
        }
    }

    impl AsyncSleep for Turned {
        fn sleep(&self, duration: Duration) -> Sleep {
            *self.0.lock().unwrap() += duration;
            Sleep::new(std::future::ready(()))
        }
    }
}
