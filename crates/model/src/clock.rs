//! Time in the model: only the order of moments, and which of them share a second.

use jiff::{SignedDuration, Timestamp};

/// A moment. Documents tell only its second, instances also its millisecond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tick {
    second: u8,
    milli: u8,
}

/// How far apart two things happen that happen one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Seconds: every time says which was first.
    Seconds,
    /// Milliseconds, all within one second, until time passes: a document's time says nothing.
    Milliseconds,
}

impl Tick {
    /// The moment after this one.
    pub(crate) const fn next(self, pace: Pace) -> Self {
        match pace {
            Pace::Seconds => self.later(),
            Pace::Milliseconds => Self {
                milli: self.milli + 1,
                ..self
            },
        }
    }

    /// A moment in a later second.
    pub(crate) const fn later(self) -> Self {
        Self {
            second: self.second + 1,
            milli: 0,
        }
    }

    /// As a document's event tells it.
    pub(crate) const fn cut(self) -> Self {
        Self { milli: 0, ..self }
    }

    fn offset(self) -> SignedDuration {
        SignedDuration::from_millis(i64::from(self.second) * 1000 + i64::from(self.milli))
    }
}

/// The present: a moment, and how long the operation under way has been under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    pub(crate) tick: Tick,
    pub(crate) at: Timestamp,
}

impl Present {
    /// The present, where nothing has been waited for.
    pub(crate) fn at(tick: Tick) -> Self {
        Self {
            tick,
            at: timestamp(tick),
        }
    }

    /// The moment of a time: the present's if it is the present.
    pub(crate) fn tick_of(self, time: Timestamp) -> Tick {
        if time == self.at {
            return self.tick;
        }
        let millis = time.duration_since(Timestamp::UNIX_EPOCH).as_millis();
        let part = |value: i128| u8::try_from(value).unwrap_or(u8::MAX);
        Tick {
            second: part(millis / 1000),
            milli: part(millis % 1000),
        }
    }
}

/// The time of a moment.
pub(crate) fn timestamp(tick: Tick) -> Timestamp {
    Timestamp::UNIX_EPOCH + tick.offset()
}

/// Renumbers moments so that only their order and their seconds are left.
#[derive(Debug, Default)]
pub(crate) struct Renumber(Vec<(Tick, Tick)>);

impl Renumber {
    /// Of all the moments of a state.
    pub(crate) fn of(mut ticks: Vec<Tick>) -> Self {
        ticks.sort_unstable();
        ticks.dedup();
        let mut next: Option<(Tick, Tick)> = None;
        let pairs = ticks.into_iter().map(|old| {
            let new = match next {
                None => Tick {
                    second: 0,
                    milli: u8::from(old.milli > 0),
                },
                Some((before, new)) if before.second == old.second => Tick {
                    milli: new.milli + 1,
                    ..new
                },
                Some((_, new)) => Tick {
                    second: new.second + 1,
                    milli: u8::from(old.milli > 0),
                },
            };
            next = Some((old, new));
            (old, new)
        });
        Self(pairs.collect())
    }

    /// The new number of a moment.
    pub(crate) fn apply(&self, tick: &mut Tick) {
        if let Some((_, new)) = self.0.iter().find(|(old, _)| old == tick) {
            *tick = *new;
        }
    }
}
