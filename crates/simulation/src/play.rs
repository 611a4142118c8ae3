//! A run: first the disturbance, in which the dice say what is next, and then the calm, in which the truth must come out.

use jiff::SignedDuration;
use workbench_core::id::EnvironmentId;
use workbench_local::Fault;

use crate::clients::Client;
use crate::stage::Stage;
use crate::{Error, Run};

/// How many sweeps a disturbance can have. There is one a minute in truth, mostly with nothing to do.
const SWEEPS: u32 = 3;

/// How many looks at the hosting accounts a disturbance can have.
const CHECKS: u32 = 1;

/// How long nothing has been written before a sweep may have something to do.
const SWEPT_AFTER: SignedDuration = SignedDuration::from_mins(2);

/// What can be next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// One of the calls that wait is made.
    Call,
    /// Somebody asks for something.
    Ask,
    /// The status function is given what waits for it.
    Deliver,
    /// The sweep begins.
    Sweep,
    /// A moment passes, while processes are at work.
    Tick,
    /// The next thing happens that AWS has in store.
    Leap,
    /// Minutes pass.
    Wait,
    /// The account function looks after the hosting accounts.
    Check,
    /// A product or an instance is going to fail.
    Misfortune,
    /// An instance changes by nobody's request.
    Meddle,
    /// There is more or less room for automations.
    Room,
}

impl Stage {
    pub(crate) async fn play(mut self) -> Result<Run, Error> {
        while let Some(next) = self.next_move() {
            self.make(next).await?;
        }
        self.calm_down();
        self.settle().await?;
        Ok(Run {
            environments: self.observed.environments().len(),
            schedule: self.schedule,
            trace: self.trace,
            violations: self.violations,
            calls: self.calls,
            recovery: self.recovery,
        })
    }

    /// What is next; nothing once the disturbance is over.
    fn next_move(&mut self) -> Option<Move> {
        let (idle, asks) = (self.crew.is_idle(), !self.clients.are_done());
        let due = self.workbench.aws.world().next_due().is_some();
        if idle && !due && self.inbox.is_empty() {
            self.patience = 0;
        }
        let over = idle && !asks && (self.afterwards == 0 || !due);
        if over {
            return None;
        }
        let weights = [
            (Move::Call, 12, !self.gate.waiting().is_empty()),
            (Move::Ask, 4, asks && self.patience == 0 && self.crew.can_answer()),
            (Move::Deliver, 6, !self.inbox.is_empty() && self.crew.can_handle()),
            (
                Move::Sweep,
                3,
                self.sweeps < SWEEPS && self.may_be_due() && self.crew.can_handle(),
            ),
            (Move::Tick, 2, !idle),
            (Move::Leap, 10, idle && due),
            (Move::Wait, 1, idle),
            (Move::Check, 1, self.checks < CHECKS && self.crew.can_check()),
            (Move::Misfortune, 1, self.schedule.misfortunes && asks),
            (Move::Meddle, 1, self.schedule.unasked && asks),
            (Move::Room, 2, self.schedule.room.is_some() && asks),
        ];
        let possible = weights.iter().filter(|(_, _, possible)| *possible);
        let mut left = self
            .dice
            .u32(0..possible.clone().map(|(_, weight, _)| weight).sum());
        for (next, weight, _) in possible {
            if left < *weight {
                return Some(*next);
            }
            left -= weight;
        }
        None
    }

    /// Whether a sweep may find something to ask about.
    fn may_be_due(&self) -> bool {
        let waited = self.now().duration_since(self.written_at) >= SWEPT_AFTER;
        waited && !self.observed.environments().is_empty()
    }

    async fn make(&mut self, next: Move) -> Result<(), Error> {
        match next {
            Move::Call => {
                let waiting = self.gate.waiting();
                if let Some(call) = self.dice.choice(&waiting) {
                    self.call(call.id, call.process).await?;
                }
            }
            Move::Ask => {
                let (observed, dice) = (&self.observed, &mut self.dice);
                let status = |client: &Client| observed.status(id_of(client)?);
                let ask = self.clients.next(dice, status);
                // At once, in the middle of what follows, or when nothing follows any more.
                self.patience = match self.dice.u32(0..10) {
                    0..=3 => 0,
                    4..=6 => self.dice.u32(1..=30),
                    _ => u32::MAX,
                };
                self.ask(ask).await?;
            }
            Move::Deliver => self.deliver().await?,
            Move::Sweep => {
                self.sweeps += 1;
                self.sweep().await?;
            }
            Move::Tick => {
                let moment = SignedDuration::from_millis(self.dice.i64(1..=1_500));
                self.pass(self.now() + moment).await?;
            }
            Move::Leap => {
                self.patience = self.patience.saturating_sub(1);
                if self.clients.are_done() {
                    self.afterwards = self.afterwards.saturating_sub(1);
                }
                let due = self.workbench.aws.world().next_due();
                self.pass(due.unwrap_or_else(|| self.now())).await?;
            }
            Move::Wait => {
                let minutes = SignedDuration::from_secs(self.dice.i64(60..=1_200));
                self.pass(self.now() + minutes).await?;
            }
            Move::Check => {
                self.checks += 1;
                self.check_accounts().await?;
            }
            Move::Misfortune => self.misfortune(),
            Move::Meddle => self.meddle(),
            Move::Room => self.change_room(),
        }
        Ok(())
    }

    /// From now on nothing goes wrong any more, except that events may stay lost.
    fn calm_down(&mut self) {
        {
            let faults = &mut self.workbench.aws.world().faults;
            faults.switch_off();
            faults.provisioning_failure = None;
            faults.notebook_failure = None;
            faults.provisioning_takes = None;
            faults.automations_left = None;
            let lost = |fault: &&Fault| matches!(fault, Fault::DropEvents(_));
            (self.schedule.faults.iter().filter(lost)).for_each(|fault| faults.switch_on(fault.clone()));
        }
        self.note("the disturbance is over");
    }
}

/// The environment of a client, if the API has told.
fn id_of(client: &Client) -> Option<EnvironmentId> {
    client.id.as_deref()?.parse().ok()
}
