//! Faults that strike by chance for as long as they are switched on, and how they are written: `drop-events=0.2`.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;

use crate::error::ApiError;
use crate::world::Service;

/// How late an event is that is delayed, in seconds: from one minute to 15.
const LATE: std::ops::RangeInclusive<i64> = 60..=15 * 60;

/// How late an event is that others overtake, in milliseconds: all that is put within 5 seconds may come before it.
const OVERTAKEN: std::ops::RangeInclusive<i64> = 1..=5_000;

/// How likely a fault is each time that it may strike.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Chance(f64);

/// A fault that strikes again and again.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// `drop-events=P`: an event never arrives anywhere.
    DropEvents(Chance),
    /// `duplicate-events=P`: an event arrives twice.
    DuplicateEvents(Chance),
    /// `delay-events=P`: an event arrives 1 to 15 minutes late.
    DelayEvents(Chance),
    /// `reorder-events=P`: an event is overtaken by those of the next 5 seconds.
    ReorderEvents(Chance),
    /// `throttle=SERVICE:OPERATION:P`: a call is refused with `ThrottlingException`.
    Throttle {
        /// The service that refuses.
        service: Service,
        /// The operation as the API reference names it; none stands for all of the service.
        operation: Option<String>,
        /// How likely it is for each call.
        chance: Chance,
    },
    /// `lose-answers=P`: a function's call takes effect, but its answer never arrives.
    LoseAnswers(Chance),
    /// `fail-provisioning=TEXT`: provisioning a product fails with this text as CloudFormation's reason.
    FailProvisioning(String),
    /// `crash=P`: a function's process dies after a call of AWS.
    Crash(Chance),
}

/// What a fault is, in the words of the command line.
pub const FAULT_FORMS: [&str; 8] = [
    "drop-events=P",
    "duplicate-events=P",
    "delay-events=P",
    "reorder-events=P",
    "throttle=SERVICE:OPERATION:P",
    "lose-answers=P",
    "fail-provisioning=TEXT",
    "crash=P",
];

/// A fault that can not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault, or it has no value.
    #[error("`{0}` is no fault; there are: {forms}", forms = FAULT_FORMS.join(", "))]
    Unknown(String),
    /// A chance that is none.
    #[error("`{0}` is no chance; write a number from 0 (never) to 1 (always), such as 0.2")]
    Chance(String),
    /// A throttle that does not say of what.
    #[error(
        "`{0}` does not say what is throttled; write SERVICE:OPERATION:P, such as ssm:StartAutomationExecution:0.2, or ssm:*:0.2 for all operations"
    )]
    Throttle(String),
    /// A service that the local AWS does not have.
    #[error("`{0}` is no service of the local AWS; there are: {all}", all = Service::ALL.map(Service::prefix).join(", "))]
    Service(String),
    /// A text that is empty.
    #[error("fail-provisioning needs the reason that CloudFormation is to give")]
    NoText,
}

impl Chance {
    /// From 0, never, to 1, always; none for any other number.
    pub fn new(chance: f64) -> Option<Self> {
        (0.0..=1.0).contains(&chance).then_some(Self(chance))
    }
}

impl FromStr for Chance {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let chance = text.parse().ok().and_then(Self::new);
        chance.ok_or_else(|| FaultError::Chance(text.to_owned()))
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let unknown = || FaultError::Unknown(text.to_owned());
        let (name, value) = text.split_once('=').ok_or_else(unknown)?;
        Ok(match name {
            "drop-events" => Self::DropEvents(value.parse()?),
            "duplicate-events" => Self::DuplicateEvents(value.parse()?),
            "delay-events" => Self::DelayEvents(value.parse()?),
            "reorder-events" => Self::ReorderEvents(value.parse()?),
            "throttle" => throttle(value)?,
            "lose-answers" => Self::LoseAnswers(value.parse()?),
            "fail-provisioning" if value.trim().is_empty() => return Err(FaultError::NoText),
            "fail-provisioning" => Self::FailProvisioning(value.to_owned()),
            "crash" => Self::Crash(value.parse()?),
            _ => return Err(unknown()),
        })
    }
}

fn throttle(value: &str) -> Result<Fault, FaultError> {
    let unclear = || FaultError::Throttle(value.to_owned());
    let parts: Vec<&str> = value.split(':').collect();
    let &[service, operation, chance] = parts.as_slice() else {
        return Err(unclear());
    };
    let named = operation.starts_with(|first: char| first.is_ascii_uppercase())
        && operation.chars().all(|c| c.is_ascii_alphanumeric());
    if operation != "*" && !named {
        return Err(unclear());
    }
    Ok(Fault::Throttle {
        service: Service::from_prefix(service).ok_or_else(|| FaultError::Service(service.to_owned()))?,
        operation: named.then(|| operation.to_owned()),
        chance: chance.parse()?,
    })
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropEvents(chance) => write!(f, "drop-events={chance}"),
            Self::DuplicateEvents(chance) => write!(f, "duplicate-events={chance}"),
            Self::DelayEvents(chance) => write!(f, "delay-events={chance}"),
            Self::ReorderEvents(chance) => write!(f, "reorder-events={chance}"),
            Self::Throttle {
                service,
                operation,
                chance,
            } => {
                let operation = operation.as_deref().unwrap_or("*");
                write!(f, "throttle={}:{operation}:{chance}", service.prefix())
            }
            Self::LoseAnswers(chance) => write!(f, "lose-answers={chance}"),
            Self::FailProvisioning(text) => write!(f, "fail-provisioning={text}"),
            Self::Crash(chance) => write!(f, "crash={chance}"),
        }
    }
}

/// The faults that are switched on, and the dice that say when they strike: the same ones for the same seed.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    faults: Vec<Fault>,
    dice: fastrand::Rng,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            faults: Vec::new(),
            dice: fastrand::Rng::with_seed(0),
        }
    }
}

impl Standing {
    pub(super) fn seed(&mut self, seed: u64) {
        self.dice = fastrand::Rng::with_seed(seed);
    }

    pub(super) fn switch_on(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(super) fn switch_off(&mut self) {
        self.faults.clear();
    }

    pub(super) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Throws the dice once for each fault of a kind that is switched on; whether one strikes.
    fn strikes(&mut self, chance: impl Fn(&Fault) -> Option<Chance>) -> bool {
        let dice = &mut self.dice;
        let chances = self.faults.iter().filter_map(chance);
        chances.filter(|chance| dice.f64() < chance.0).count() > 0
    }

    /// By how much each copy of an event is late; none arrives of one that is lost.
    pub(super) fn arrivals(&mut self) -> Vec<SignedDuration> {
        if self.strikes(|fault| match fault {
            Fault::DropEvents(chance) => Some(*chance),
            _ => None,
        }) {
            return Vec::new();
        }
        let doubled = self.strikes(|fault| match fault {
            Fault::DuplicateEvents(chance) => Some(*chance),
            _ => None,
        });
        (0..=usize::from(doubled)).map(|_| self.lateness()).collect()
    }

    fn lateness(&mut self) -> SignedDuration {
        let mut late = SignedDuration::ZERO;
        if self.strikes(|fault| match fault {
            Fault::DelayEvents(chance) => Some(*chance),
            _ => None,
        }) {
            late += SignedDuration::from_secs(self.dice.i64(LATE));
        }
        if self.strikes(|fault| match fault {
            Fault::ReorderEvents(chance) => Some(*chance),
            _ => None,
        }) {
            late += SignedDuration::from_millis(self.dice.i64(OVERTAKEN));
        }
        late
    }

    pub(super) fn refusal(&mut self, called: Service, name: &str) -> Option<ApiError> {
        let throttled = self.strikes(|fault| match fault {
            Fault::Throttle {
                service,
                operation,
                chance,
            } if *service == called && operation.as_deref().is_none_or(|it| it == name) => Some(*chance),
            _ => None,
        });
        throttled.then(|| ApiError::new("ThrottlingException", "Rate exceeded"))
    }

    pub(super) fn loses_answer(&mut self) -> bool {
        self.strikes(|fault| match fault {
            Fault::LoseAnswers(chance) => Some(*chance),
            _ => None,
        })
    }

    pub(super) fn crashes(&mut self) -> bool {
        self.strikes(|fault| match fault {
            Fault::Crash(chance) => Some(*chance),
            _ => None,
        })
    }

    pub(super) fn provisioning_failure(&self) -> Option<String> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::FailProvisioning(text) => Some(text.clone()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(faults: &[&str]) -> Standing {
        let mut standing = Standing::default();
        for fault in faults {
            standing.switch_on(fault.parse().unwrap());
        }
        standing
    }

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in [
            "drop-events=0.2",
            "duplicate-events=1",
            "delay-events=0",
            "reorder-events=0.5",
            "throttle=ssm:StartAutomationExecution:0.1",
            "throttle=dynamodb:*:0.01",
            "lose-answers=0.25",
            "fail-provisioning=no more m5.large = none left",
            "crash=0.05",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_refused_with_what_is_right() {
        for (text, named) in [
            ("drop-event=0.2", "drop-events=P"),
            ("crash", "crash=P"),
            ("drop-events=2", "from 0 (never) to 1 (always)"),
            ("drop-events=NaN", "from 0 (never) to 1 (always)"),
            ("crash=often", "such as 0.2"),
            ("throttle=0.2", "SERVICE:OPERATION:P"),
            ("throttle=ssm:startIt:0.2", "SERVICE:OPERATION:P"),
            (
                "throttle=ssm:StartAutomationExecution:",
                "from 0 (never) to 1 (always)",
            ),
            ("throttle=lightsail:GetDisks:0.2", "sagemaker"),
            ("fail-provisioning= ", "the reason"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_certain_always_strikes_and_what_is_off_never_does() {
        let zero = SignedDuration::ZERO;
        assert_eq!(on(&[]).arrivals(), [zero]);
        assert_eq!(on(&["drop-events=1", "duplicate-events=1"]).arrivals(), []);
        assert_eq!(on(&["duplicate-events=1"]).arrivals(), [zero, zero]);
        let late = on(&["delay-events=1"]).arrivals()[0];
        assert!(LATE.contains(&late.as_secs()), "{late}");
        let overtaken = on(&["reorder-events=1"]).arrivals()[0];
        assert!(zero < overtaken && overtaken <= SignedDuration::from_secs(5));
        assert!(on(&["crash=1"]).crashes() && !on(&["crash=0"]).crashes() && !on(&[]).crashes());
        assert!(on(&["lose-answers=1"]).loses_answer() && !on(&[]).loses_answer());
    }

    #[test]
    fn only_what_is_named_is_throttled() {
        let mut one = on(&["throttle=ssm:StartAutomationExecution:1"]);
        let refused = one.refusal(Service::Ssm, "StartAutomationExecution").unwrap();
        assert_eq!(refused.code, "ThrottlingException");
        assert_eq!(one.refusal(Service::Ssm, "GetAutomationExecution"), None);
        let mut all = on(&["throttle=ssm:*:1"]);
        assert!(all.refusal(Service::Ssm, "GetAutomationExecution").is_some());
        assert_eq!(all.refusal(Service::Sts, "AssumeRole"), None);
    }

    #[test]
    fn a_seed_throws_the_same_dice() {
        let throws = |seed| {
            let mut standing = on(&["drop-events=0.5", "delay-events=0.5", "duplicate-events=0.5"]);
            standing.seed(seed);
            (0..50).map(|_| standing.arrivals()).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
    }
}
