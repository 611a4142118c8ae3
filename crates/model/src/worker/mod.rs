//! The workers: each is where it is between two calls. One step is one call, to AWS or to the table, and what is
//! decided by its answer.

use crate::clock::Tick;
use crate::setup::Setup;
use crate::state::{Snap, State};

pub(crate) mod act;
pub(crate) mod apply;
pub(crate) mod launch;
pub(crate) mod repair;

use act::Act;
use apply::Apply;
use launch::Launch;
use repair::Repair;

/// How the other side of a call answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It does what was asked.
    Done,
    /// It refuses for good, as often as there are faults left.
    Refused,
    /// It has no room, as often as that is left.
    NoRoom,
}

impl Answer {
    /// All that a call can be answered.
    pub(crate) const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::NoRoom];
}

/// What a worker is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// The API launches.
    Launch(Launch),
    /// The API starts, stops or terminates.
    Act(Act),
    /// The status function applies a report, or the sweep does.
    Apply(Apply),
    /// The sweep asks.
    Repair(Repair),
}

/// What becomes of a worker that has made a call: what it does next, nothing if it is done.
pub(crate) type Next = Option<Task>;

impl Task {
    /// Makes the next call. None if it can not be answered so.
    pub(crate) fn step(self, setup: &Setup, state: &mut State, answer: Answer) -> Option<Next> {
        let left = match answer {
            Answer::Done => None,
            Answer::Refused => Some((self.may_be_refused(), &mut state.left.faults)),
            Answer::NoRoom => Some((self.needs_room(), &mut state.left.full)),
        };
        if let Some((may_be, left)) = left {
            *left = left.checked_sub(1).filter(|_| may_be)?;
        }
        Some(match self {
            Self::Launch(task) => task.step(setup, state, answer),
            Self::Act(task) => task.step(setup, state, answer),
            Self::Apply(task) => task.step(setup, state),
            Self::Repair(task) => task.step(setup, state, answer),
        })
    }

    /// Makes all its calls, without a fault and with nobody in between.
    pub(crate) fn finish(self, setup: &Setup, state: &mut State) {
        let mut next = Some(self);
        while let Some(task) = next {
            next = task.step(setup, state, Answer::Done).flatten();
        }
    }

    const fn may_be_refused(self) -> bool {
        match self {
            Self::Launch(task) => matches!(task, Launch::Ask { .. }),
            Self::Act(task) => matches!(task, Act::Call { .. } | Act::AskTerminate { .. }),
            Self::Apply(_) => false,
            Self::Repair(task) => task.asks(),
        }
    }

    /// Whether it asks for an automation.
    const fn needs_room(self) -> bool {
        match self {
            Self::Launch(task) => matches!(task, Launch::Ask { .. }),
            Self::Act(task) => matches!(task, Act::AskTerminate { .. }),
            Self::Apply(_) => false,
            Self::Repair(task) => task.asks(),
        }
    }

    /// Whether it makes a difference that it dies here: a worker that has changed nothing yet might as well not have
    /// begun, for an event that was not settled is delivered again.
    pub(crate) const fn leaves_traces(self) -> bool {
        match self {
            Self::Launch(_) => true,
            Self::Act(task) => task.leaves_traces(),
            Self::Apply(task) => matches!(task.origin(), apply::Origin::Look),
            Self::Repair(task) => task.leaves_traces(),
        }
    }

    /// The row that it has read was written by somebody else.
    pub(crate) fn grow_stale(&mut self, setup: &Setup) {
        match self {
            Self::Launch(task) => task.grow_stale(),
            Self::Act(task) => task.grow_stale(),
            Self::Apply(task) => task.grow_stale(setup),
            Self::Repair(task) => task.each_snap(&mut stale),
        }
    }

    pub(crate) fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        match self {
            Self::Launch(task) => task.each_tick(visit),
            Self::Act(task) => task.each_tick(visit),
            Self::Apply(task) => task.each_tick(visit),
            Self::Repair(task) => {
                task.each_snap(&mut |snap| snap.each_tick(visit));
                task.asked_at().into_iter().for_each(visit);
            }
        }
    }
}

fn stale(snap: &mut Snap) {
    snap.fresh = false;
}
