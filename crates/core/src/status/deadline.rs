//! How long a status in flight may last before AWS is asked what is so.

use jiff::SignedDuration;

use super::Status;

/// The time after which a status in flight is doubted; none for a status that may last.
///
/// Launch and terminate follow the documents' own limit of an hour, with room for the event to
/// arrive; starting and stopping an instance takes minutes.
#[must_use]
pub const fn limit(status: Status) -> Option<SignedDuration> {
    match status {
        Status::Pending | Status::Terminating => Some(SignedDuration::from_mins(75)),
        Status::Starting | Status::Stopping => Some(SignedDuration::from_mins(15)),
        Status::Completed
        | Status::Stopped
        | Status::Terminated
        | Status::Failed
        | Status::TerminatingFailed
        | Status::StartingFailed
        | Status::StoppingFailed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_statuses_in_flight_have_a_deadline() {
        for status in Status::ALL {
            assert_eq!(limit(status).is_some(), status.in_flight(), "{status}");
        }
    }
}
