//! Times on the wire.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// ISO 8601 in UTC, always with milliseconds, as section 3 of the contract writes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IsoTime(pub(crate) Timestamp);

impl Serialize for IsoTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_always_there() {
        for (given, shown) in [
            ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000Z"),
            ("2026-11-24T10:00:00.12Z", "2026-11-24T10:00:00.120Z"),
        ] {
            assert_eq!(
                serde_json::to_value(IsoTime(given.parse().unwrap())).unwrap(),
                shown
            );
        }
    }
}
