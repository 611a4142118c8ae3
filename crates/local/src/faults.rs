//! Faults that tests switch on, by number or by chance.

mod standing;

use jiff::SignedDuration;

pub use standing::{Chance, FAULT_FORMS, Fault, FaultError};

use crate::error::ApiError;
use crate::world::{Principal, Service};

/// The faults that are switched on; by default none.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Provisioning a product fails with this text as CloudFormation's reason, once.
    pub provisioning_failure: Option<String>,
    /// How long provisioning a product takes beyond its resources' own times.
    pub provisioning_takes: Option<SignedDuration>,
    /// The next notebook instance to be created or started ends as `Failed` with this reason.
    pub notebook_failure: Option<String>,
    /// Each call that comes through the SDK lets others go first, once: who polls requests one by one decides about
    /// the order of their calls.
    pub turns: bool,
    /// How many automations Systems Manager still starts before it has no room for more; by default AWS's limit counts.
    pub automations_left: Option<u32>,
    /// What happens to the next events that services and callers put.
    pub events: EventFaults,
    refused: Vec<(Service, String, ApiError, u32)>,
    lost_answers: Vec<(Service, String, u32)>,
    standing: standing::Standing,
}

/// How many of the next events meet each fault.
#[derive(Debug, Clone, Default)]
pub struct EventFaults {
    /// Events that never arrive anywhere.
    pub drop: u32,
    /// Events that arrive twice.
    pub duplicate: u32,
    /// Events that arrive late, and by how much.
    pub delay: Option<(u32, SignedDuration)>,
}

impl EventFaults {
    /// By how much each copy of the next event is late; each fault that applies is used up by one.
    fn arrivals(&mut self) -> Vec<SignedDuration> {
        if self.drop > 0 {
            self.drop -= 1;
            return Vec::new();
        }
        let mut copies = 1;
        if self.duplicate > 0 {
            self.duplicate -= 1;
            copies = 2;
        }
        let mut late = SignedDuration::ZERO;
        if let Some((count, by)) = &mut self.delay
            && *count > 0
        {
            *count -= 1;
            late = *by;
        }
        vec![late; copies]
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

    /// Takes the room of one automation, if there is any.
    pub(crate) fn has_room_for_automation(&mut self) -> bool {
        match &mut self.automations_left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }

    /// Lets a fault strike by its chance from now on. An account's root, as which tests and people look on, is spared.
    pub fn switch_on(&mut self, fault: Fault) {
        self.standing.switch_on(fault);
    }

    /// Ends all faults that strike by chance.
    pub fn switch_off(&mut self) {
        self.standing.switch_off();
    }

    /// The faults that strike by chance.
    pub fn switched_on(&self) -> &[Fault] {
        self.standing.faults()
    }

    /// Seeds the dice: the same calls and events meet the same faults.
    pub fn seed(&mut self, seed: u64) {
        self.standing.seed(seed);
    }

    pub(crate) fn refusal(
        &mut self,
        principal: &Principal,
        service: Service,
        operation: &str,
    ) -> Option<ApiError> {
        let counted = self
            .refused
            .iter_mut()
            .find(|(of, name, _, times)| *of == service && name == operation && *times > 0);
        if let Some((_, _, error, times)) = counted {
            *times -= 1;
            return Some(error.clone());
        }
        principal.role.as_ref()?;
        self.standing.refusal(service, operation)
    }

    /// Whether the answer of a call is lost. Only those that come in over the network can be, by chance.
    pub(crate) fn loses_answer(
        &mut self,
        principal: &Principal,
        service: Service,
        operation: &str,
        external: bool,
    ) -> bool {
        let found = self
            .lost_answers
            .iter_mut()
            .find(|(of, name, times)| *of == service && name == operation && *times > 0);
        match found {
            Some((_, _, times)) => {
                *times -= 1;
                true
            }
            None => external && principal.role.is_some() && self.standing.loses_answer(),
        }
    }

    /// By how much each copy of the next event is late; none arrives of one that is lost.
    pub(crate) fn arrivals(&mut self) -> Vec<SignedDuration> {
        let mut arrivals = self.events.arrivals();
        if let Some((first, copies)) = arrivals.split_first() {
            let by_chance = self.standing.arrivals();
            let late = by_chance.into_iter().map(|late| late.saturating_add(*first));
            arrivals = late.chain(copies.iter().copied()).collect();
        }
        arrivals
    }

    /// Why the next provisioning of a product fails, if it is to fail.
    pub(crate) fn provisioning_failure(&mut self) -> Option<String> {
        let counted = self.provisioning_failure.take();
        counted.or_else(|| self.standing.provisioning_failure())
    }

    /// Whether a function's process dies now, after a call.
    pub(crate) fn crashes(&mut self) -> bool {
        self.standing.crashes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::RoleKey;

    fn somebody() -> Principal {
        Principal {
            role: Some(RoleKey {
                account: "1".to_owned(),
                name: "role".to_owned(),
            }),
            ..Principal::root("1")
        }
    }

    #[test]
    fn a_refusal_is_used_up_and_touches_no_other_operation() {
        let mut faults = Faults::default();
        faults.refuse(
            Service::Ssm,
            "StartAutomationExecution",
            ApiError::internal("no"),
            1,
        );
        let mut refused = |operation| faults.refusal(&somebody(), Service::Ssm, operation).is_some();
        assert!(!refused("GetAutomationExecution"));
        assert!(refused("StartAutomationExecution"));
        assert!(!refused("StartAutomationExecution"));
    }

    #[test]
    fn a_lost_answer_is_used_up() {
        let mut faults = Faults::default();
        faults.lose_answer(Service::DynamoDb, "PutItem", 2);
        let mut lost = || faults.loses_answer(&somebody(), Service::DynamoDb, "PutItem", true);
        assert_eq!([lost(), lost(), lost()], [true, true, false]);
    }

    #[test]
    fn chance_spares_root_and_what_does_not_cross_the_network() {
        let mut faults = Faults::default();
        for fault in ["throttle=ssm:*:1", "lose-answers=1"] {
            faults.switch_on(fault.parse().unwrap());
        }
        let root = Principal::root("1");
        assert_eq!(faults.refusal(&root, Service::Ssm, "GetDocument"), None);
        assert!(faults.refusal(&somebody(), Service::Ssm, "GetDocument").is_some());
        assert!(!faults.loses_answer(&root, Service::Ssm, "GetDocument", true));
        assert!(!faults.loses_answer(&somebody(), Service::Ssm, "GetDocument", false));
        assert!(faults.loses_answer(&somebody(), Service::Ssm, "GetDocument", true));
        faults.switch_off();
        assert!(!faults.loses_answer(&somebody(), Service::Ssm, "GetDocument", true));
    }

    #[test]
    fn a_reason_for_one_product_goes_before_the_reason_for_all() {
        let mut faults = Faults::default();
        faults.switch_on("fail-provisioning=none left".parse().unwrap());
        faults.provisioning_failure = Some("once".to_owned());
        assert_eq!(faults.provisioning_failure().as_deref(), Some("once"));
        assert_eq!(faults.provisioning_failure().as_deref(), Some("none left"));
    }

    #[test]
    fn events_are_dropped_doubled_and_delayed_in_turn() {
        let (late, on_time) = (SignedDuration::from_secs(90), SignedDuration::ZERO);
        let mut faults = Faults {
            events: EventFaults {
                drop: 1,
                duplicate: 1,
                delay: Some((2, late)),
            },
            ..Faults::default()
        };
        assert_eq!(faults.arrivals(), []);
        assert_eq!(faults.arrivals(), [late, late]);
        assert_eq!(faults.arrivals(), [late]);
        assert_eq!(faults.arrivals(), [on_time]);
    }
}
