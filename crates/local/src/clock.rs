//! Simulated time: turned by hand, or following real time at a speed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use dynoxide::storage_backend::Clock;
use jiff::{SignedDuration, Timestamp};

/// The simulated time as the SDK and the embedded database read it: credentials expire by it.
#[derive(Debug, Clone)]
pub struct SimulatedClock(Arc<AtomicI64>);

impl SimulatedClock {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_microsecond())))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.as_microsecond(), Ordering::Release);
    }

    fn since_epoch(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.load(Ordering::Acquire)).unwrap_or_default())
    }
}

impl TimeSource for SimulatedClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.since_epoch()
    }
}

impl Clock for SimulatedClock {
    fn now_unix_secs(&self) -> u64 {
        self.since_epoch().as_secs()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.since_epoch().as_secs_f64()
    }
}

/// The longest wait before a request is sent again. What is longer is a time limit.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sleep where the time stands still until it is turned: a pause before the next try is over at once, and a time
/// limit never strikes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SimulatedSleep;

impl AsyncSleep for SimulatedSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(async move {
            if duration > LONGEST_PAUSE {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// Simulated time that runs with real time, `speed` times as fast.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    started: Instant,
    from: Timestamp,
    speed: f64,
}

impl Pace {
    pub(crate) fn new(from: Timestamp, speed: f64) -> Self {
        Self {
            started: Instant::now(),
            from,
            speed,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.after(self.started.elapsed())
    }

    fn after(&self, elapsed: Duration) -> Timestamp {
        let simulated = SignedDuration::from_secs_f64(elapsed.as_secs_f64() * self.speed);
        self.from.saturating_add(simulated).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_takes_sixty_seconds_divided_by_the_speed() {
        let from = Timestamp::from_second(1_000_000).unwrap();
        let pace = Pace::new(from, 60.0);
        assert_eq!(
            pace.after(Duration::from_secs(1)),
            from + SignedDuration::from_mins(1)
        );
        assert_eq!(pace.after(Duration::ZERO), from);
    }

    #[test]
    fn every_copy_of_the_clock_reads_the_time_it_was_set_to() {
        let clock = SimulatedClock::new(Timestamp::from_second(5).unwrap());
        let copy = clock.clone();
        clock.set(Timestamp::from_second(65).unwrap());
        assert_eq!(TimeSource::now(&copy), UNIX_EPOCH + Duration::from_secs(65));
        assert_eq!(copy.now_unix_secs(), 65);
    }
}
