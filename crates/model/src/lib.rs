//! A model of everything that writes a status, checked exhaustively.
//!
//! The decisions are not modelled: the model calls `workbench-core`. What is modelled is the world around it: AWS,
//! events, and workers that are somewhere between two calls, as in `crates/aws/src/operation`.
//! `docs/decisions/0010-model.md` says what is in it and what is not.

mod aws;
mod clock;
mod message;
mod moves;
mod row;
mod setup;
mod state;
mod truth;
mod worker;

use std::fmt;

use stateright::{Checker as _, HasDiscoveries, Model as _, Property};
use workbench_core::status::transition::Operation;

pub use clock::Pace;
pub use setup::{Setup, Start, Switch};
use state::{Broken, State};
use worker::apply::{Apply, News, Origin};
use worker::{Answer, Task};

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Somebody asks through the API.
    Ask(Operation),
    /// An event reaches a worker; it may come again.
    Deliver {
        /// Its place in the queue.
        event: usize,
        /// Whether it comes again.
        again: bool,
    },
    /// An event is lost.
    Lose(usize),
    /// The sweep takes the environment up.
    Sweep,
    /// Time passes until AWS is to be asked.
    Wait,
    /// Time passes until the operation takes longer than it may.
    WaitLong,
    /// A worker makes its next call.
    Step(usize, Answer),
    /// A worker dies.
    Die(usize),
    /// Something happens in the hosting account, and is heard of or not.
    Happen(moves::What, bool),
}

/// The promises, by the names under which they are reported.
pub mod promise {
    /// Once events stop and the sweep has run twice, the status is the true one.
    pub const SETTLES: &str = "the status becomes true";
    /// Never two live products for one environment.
    pub const ONE_PRODUCT: &str = "there is one product";
    /// TERMINATED is final.
    pub const FINAL: &str = "TERMINATED is final";
    /// Once TERMINATING, only TERMINATED or TERMINATING_FAILED follow.
    pub const TERMINATING: &str = "TERMINATING ends in its own end";
    /// A launch that is called off never begins.
    pub const CALLED_OFF: &str = "what is called off never begins";
    /// Every environment can be brought to TERMINATED.
    pub const TERMINABLE: &str = "everything can be terminated";
}

impl stateright::Model for Setup {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::first(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let free = state.workers.len() < self.workers;
        if free && state.left.calls > 0 {
            actions.extend(self.asks.iter().copied().map(Action::Ask));
        }
        if free {
            for event in 0..state.queue.len() {
                actions.push(Action::Deliver { event, again: false });
                if state.left.doubles > 0 {
                    actions.push(Action::Deliver { event, again: true });
                }
            }
            if self.sweeps && state.age.due {
                actions.push(Action::Sweep);
            }
        }
        if self.loses {
            let lossy = |event: &usize| state.queue.get(*event).is_some_and(message::Message::may_be_lost);
            actions.extend((0..state.queue.len()).filter(lossy).map(Action::Lose));
        }
        let looked_after = state
            .row
            .is_some_and(|row| state.environment(&row).look_at().is_some());
        if self.sweeps && state.workers.is_empty() && looked_after && !state.age.due {
            actions.push(Action::Wait);
        }
        let in_flight = state.row.is_some_and(|row| row.status.in_flight());
        if self.sweeps && state.workers.is_empty() && in_flight {
            let waits = |automation: &aws::Automation| automation.step == aws::Step::Queued;
            if !state.age.overdue && !state.account.automations.iter().any(waits) {
                actions.push(Action::WaitLong);
            }
        }
        for (worker, task) in state.workers.iter().enumerate() {
            actions.extend(Answer::ALL.map(|answer| Action::Step(worker, answer)));
            if self.crashes && task.leaves_traces() {
                actions.push(Action::Die(worker));
            }
        }
        for what in moves::What::all(state).filter(|_| !self.until_begun) {
            actions.push(Action::Happen(what, true));
            if self.loses {
                actions.push(Action::Happen(what, false));
            }
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        match action {
            Action::Ask(operation) => {
                state.left.calls -= 1;
                let task = match operation {
                    Operation::Launch => worker::launch::begin(self, &mut state),
                    Operation::Start | Operation::Stop | Operation::Terminate => {
                        worker::act::begin(self, &mut state, operation)
                    }
                };
                state.workers.push(task?);
            }
            Action::Deliver { event, again } => {
                let message = *state.queue.get(event)?;
                if again {
                    state.left.doubles -= 1;
                } else {
                    state.queue.remove(event);
                }
                let (news, origin) = (News::Event(message), Origin::Queue);
                let task = Task::Apply(Apply::Read { news, origin });
                let next = task.step(self, &mut state, Answer::Done)?;
                state.workers.extend(next);
            }
            Action::Lose(event) => {
                state.queue.remove(event);
            }
            Action::Sweep => {
                let task = worker::repair::begin(self, &mut state)?;
                state.workers.push(task);
            }
            Action::Wait => {
                truth::wait(self, &mut state);
            }
            Action::WaitLong => {
                truth::wait(self, &mut state);
                state.age.overdue = true;
            }
            Action::Step(worker, answer) => {
                let task = state.workers.remove(worker);
                let next = task.step(self, &mut state, answer)?;
                state.workers.extend(next);
            }
            Action::Die(worker) => {
                state.workers.remove(worker);
            }
            Action::Happen(what, heard) => {
                what.happen(self, &mut state, heard)?;
            }
        }
        let state = state.canonical();
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(promise::ONE_PRODUCT, |_, state: &State| truth::one_product(state)),
            Property::always(promise::FINAL, |_, state: &State| {
                state.broken != Some(Broken::Final)
            }),
            Property::always(promise::TERMINATING, |_, state: &State| {
                state.broken != Some(Broken::Terminating)
            }),
            Property::always(promise::CALLED_OFF, |_, state: &State| {
                !state.called_off || state.account.automations.is_empty()
            }),
            Property::always(promise::SETTLES, truth::settles),
            Property::always(promise::TERMINABLE, |setup: &Self, state: &State| {
                !setup.sweeps || truth::can_be_terminated(setup, state)
            }),
        ]
    }
}

/// What a run of the checker has found.
#[derive(Debug, Clone)]
pub struct Found {
    /// How many different states there are within the bounds.
    pub states: usize,
    /// The first promises that do not hold, each with the shortest way to where it does not.
    pub broken: Vec<Way>,
}

/// A way to a broken promise.
#[derive(Debug, Clone)]
pub struct Way {
    /// The promise.
    pub promise: &'static str,
    /// What happens, one after the other.
    pub steps: Vec<String>,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "`{}` does not hold:", self.promise)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "  {step}"))
    }
}

/// Visits every state within the bounds, until a promise is broken.
#[must_use]
pub fn check(setup: &Setup) -> Found {
    let checker = setup
        .clone()
        .checker()
        .finish_when(HasDiscoveries::Any)
        .spawn_bfs()
        .join();
    let discoveries = checker.discoveries();
    let broken = discoveries.into_iter().map(|(promise, path)| {
        let states = path.clone().into_states();
        let mut steps: Vec<String> = path
            .into_actions()
            .iter()
            .zip(states.iter().skip(1))
            .map(|(action, state)| {
                let row = state.row.map(|row| row.status.label());
                format!("{action:?} -> {}", row.unwrap_or("no row"))
            })
            .collect();
        if std::env::var_os("MODEL_STATES").is_some() {
            steps.extend(states.iter().map(|state| format!("{state:?}")));
        }
        Way { promise, steps }
    });
    Found {
        states: checker.unique_state_count(),
        broken: broken.collect(),
    }
}
