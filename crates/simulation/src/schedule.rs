//! What a seed stands for: how bad the world is, and how much is asked.

use fastrand::Rng;
use jiff::SignedDuration;
use workbench_local::{Chance, Fault, Service};

/// A schedule. Its seed says all that happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Where the dice begin.
    pub seed: u64,
    /// The faults by chance. Events may be lost to the end; everything else ends before the sweeps are counted.
    pub faults: Vec<Fault>,
    /// How many environments people want, at least one.
    pub wanted: usize,
    /// How many requests they send.
    pub requests: u32,
    /// In how many projects they want them, each with a hosting account of its own: one or two.
    pub homes: usize,
    /// Whether instances and products fail by themselves.
    pub misfortunes: bool,
    /// Whether instances stop, start and vanish by nobody's request.
    pub unasked: bool,
    /// How many automations there is room for at first; by default AWS's limit counts.
    pub room: Option<u32>,
    /// Whether sweeps ask once the disturbance is over.
    pub sweeps: bool,
    /// How long provisioning takes beyond what its resources take.
    pub slow: Option<SignedDuration>,
}

impl Schedule {
    /// The schedule of a seed.
    pub fn of(seed: u64) -> Self {
        // The run throws dice of its own, which begin elsewhere.
        let mut dice = Rng::with_seed(seed ^ 0x5ced_01e5);
        let faults = faults(&mut dice);
        Self {
            seed,
            unasked: one_in(&mut dice, 3),
            faults,
            // Most of what goes wrong is between those who are at one environment.
            wanted: if one_in(&mut dice, 2) {
                1
            } else {
                dice.usize(2..=3)
            },
            homes: if one_in(&mut dice, 3) { 2 } else { 1 },
            requests: dice.u32(2..=10),
            misfortunes: one_in(&mut dice, 3),
            room: one_in(&mut dice, 4).then(|| dice.u32(0..=2)),
            sweeps: true,
            slow: one_in(&mut dice, 12).then(|| SignedDuration::from_mins(dice.i64(20..=80))),
        }
    }

    /// The same with these faults by chance, and no others.
    #[must_use]
    pub fn with(self, faults: Vec<Fault>) -> Self {
        Self { faults, ..self }
    }
}

pub(crate) fn one_in(dice: &mut Rng, times: u32) -> bool {
    dice.u32(0..times) == 0
}

/// Each kind of fault is there in some schedules, so that each is also met alone.
fn faults(dice: &mut Rng) -> Vec<Fault> {
    const THROTTLED: [Service; 6] = [
        Service::DynamoDb,
        Service::Events,
        Service::SageMaker,
        Service::ServiceCatalog,
        Service::Ssm,
        Service::Sts,
    ];
    let mut faults = Vec::new();
    let mut maybe = |times, chances: &[f64], fault: &dyn Fn(Chance) -> Fault| {
        if one_in(dice, times)
            && let Some(chance) = dice.choice(chances).copied().and_then(Chance::new)
        {
            faults.push(fault(chance));
        }
    };
    maybe(2, &[0.1, 0.3, 1.0], &Fault::DropEvents);
    maybe(3, &[0.2, 0.6], &Fault::DuplicateEvents);
    maybe(3, &[0.2, 0.6], &Fault::DelayEvents);
    maybe(2, &[0.3, 0.8], &Fault::ReorderEvents);
    maybe(3, &[0.02, 0.08], &Fault::LoseAnswers);
    maybe(2, &[0.02, 0.08], &Fault::Crash);
    for service in THROTTLED {
        maybe(5, &[0.05, 0.2], &|chance| Fault::Throttle {
            service,
            operation: None,
            chance,
        });
    }
    faults
}
