//! Faults that tests switch on.

use jiff::SignedDuration;

use crate::error::ApiError;
use crate::world::Service;

/// The faults that are switched on; by default none.
#[derive(Debug, Default)]
pub struct Faults {
    /// Provisioning a product fails with this text as CloudFormation's reason.
    pub provisioning_failure: Option<String>,
    /// How long provisioning a product takes beyond its resources' own times.
    pub provisioning_takes: Option<SignedDuration>,
    /// The next notebook instance to be created or started ends as `Failed` with this reason.
    pub notebook_failure: Option<String>,
    /// Each call that comes through the SDK lets others go first, once: who polls requests one by one decides about
    /// the order of their calls.
    pub turns: bool,
    /// What happens to the next events that services and callers put.
    pub events: EventFaults,
    refused: Vec<(Service, String, ApiError, u32)>,
    lost_answers: Vec<(Service, String, u32)>,
}

/// How many of the next events meet each fault.
#[derive(Debug, Default)]
pub struct EventFaults {
    /// Events that never arrive anywhere.
    pub drop: u32,
    /// Events that arrive twice.
    pub duplicate: u32,
    /// Events that arrive late, and by how much.
    pub delay: Option<(u32, SignedDuration)>,
}

/// What becomes of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventFate {
    /// How often it arrives.
    pub(crate) copies: u32,
    /// By how much it is late.
    pub(crate) late_by: SignedDuration,
}

impl EventFaults {
    /// What becomes of the next event; each fault that applies is used up by one.
    pub(crate) fn next(&mut self) -> EventFate {
        let mut fate = EventFate {
            copies: 1,
            late_by: SignedDuration::ZERO,
        };
        if self.drop > 0 {
            self.drop -= 1;
            fate.copies = 0;
            return fate;
        }
        if self.duplicate > 0 {
            self.duplicate -= 1;
            fate.copies = 2;
        }
        if let Some((count, by)) = &mut self.delay
            && *count > 0
        {
            *count -= 1;
            fate.late_by = *by;
        }
        fate
    }
}

impl Faults {
    /// The next `times` calls of the operation are refused with the error and change nothing.
    pub fn refuse(&mut self, service: Service, operation: &str, error: ApiError, times: u32) {
        self.refused.push((service, operation.to_owned(), error, times));
    }

    /// The next `times` calls of the operation take effect, but their answers never arrive.
    pub fn lose_answer(&mut self, service: Service, operation: &str, times: u32) {
        self.lost_answers.push((service, operation.to_owned(), times));
    }

    pub(crate) fn refusal(&mut self, service: Service, operation: &str) -> Option<ApiError> {
        let (_, _, error, times) = self
            .refused
            .iter_mut()
            .find(|(of, name, _, times)| *of == service && name == operation && *times > 0)?;
        *times -= 1;
        Some(error.clone())
    }

    pub(crate) fn loses_answer(&mut self, service: Service, operation: &str) -> bool {
        let found = self
            .lost_answers
            .iter_mut()
            .find(|(of, name, times)| *of == service && name == operation && *times > 0);
        match found {
            Some((_, _, times)) => {
                *times -= 1;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_used_up_and_touches_no_other_operation() {
        let mut faults = Faults::default();
        faults.refuse(
            Service::Ssm,
            "StartAutomationExecution",
            ApiError::internal("no"),
            1,
        );
        assert_eq!(faults.refusal(Service::Ssm, "GetAutomationExecution"), None);
        assert!(faults.refusal(Service::Ssm, "StartAutomationExecution").is_some());
        assert_eq!(faults.refusal(Service::Ssm, "StartAutomationExecution"), None);
    }

    #[test]
    fn a_lost_answer_is_used_up() {
        let mut faults = Faults::default();
        faults.lose_answer(Service::DynamoDb, "PutItem", 2);
        assert!(faults.loses_answer(Service::DynamoDb, "PutItem"));
        assert!(faults.loses_answer(Service::DynamoDb, "PutItem"));
        assert!(!faults.loses_answer(Service::DynamoDb, "PutItem"));
    }

    #[test]
    fn events_are_dropped_doubled_and_delayed_in_turn() {
        let late = SignedDuration::from_secs(90);
        let mut faults = EventFaults {
            drop: 1,
            duplicate: 1,
            delay: Some((2, late)),
        };
        assert_eq!(
            faults.next(),
            EventFate {
                copies: 0,
                late_by: SignedDuration::ZERO
            }
        );
        assert_eq!(
            faults.next(),
            EventFate {
                copies: 2,
                late_by: late
            }
        );
        assert_eq!(
            faults.next(),
            EventFate {
                copies: 1,
                late_by: late
            }
        );
        assert_eq!(
            faults.next(),
            EventFate {
                copies: 1,
                late_by: SignedDuration::ZERO
            }
        );
    }
}
