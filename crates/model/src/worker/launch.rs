//! After `operation/launch.rs`: write the row, start the automation, keep its id.

use workbench_core::environment::{Heard, Wait};
use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use super::repair::Repair;
use super::{Answer, Next, Task, stale};
use crate::clock::Tick;
use crate::row::{Before, Row, execution_id, requested};
use crate::setup::{Setup, Switch};
use crate::state::{Snap, State};

/// What to do once the automation's id is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Then {
    /// Answer.
    End,
    /// The sweep asks again later.
    Postpone,
}

/// A launch, or the keeping of any automation's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Launch {
    /// Write that the launch is asked for again.
    Claim { snap: Snap },
    /// StartAutomationExecution.
    Ask { snap: Snap, repeated: bool },
    /// Write that it waits.
    Enqueue {
        snap: Snap,
        heard: Heard,
        before: Option<Before>,
    },
    /// Read again: somebody was faster.
    EnqueueAgain {
        generation: u32,
        status: Status,
        before: Option<Before>,
    },
    /// Write the automation's id.
    Remember {
        snap: Snap,
        operation: Operation,
        execution: u8,
        then: Then,
    },
    /// Read again: somebody was faster.
    Again {
        generation: u32,
        operation: Operation,
        execution: u8,
        then: Then,
    },
    /// Write that AWS refuses.
    Refuse { snap: Snap },
}

/// A request to launch, up to its first write; a repeated one is taken up where it was cut off.
pub(crate) fn begin(setup: &Setup, state: &mut State) -> Next {
    let Some(snap) = state.read() else {
        state.stamp(setup);
        let row = requested(state.present());
        let snap = state.write(setup, None, row)?;
        return Some(Task::Launch(Launch::Ask {
            snap,
            repeated: false,
        }));
    };
    let Snap { row, .. } = snap;
    let cut_off = row.status == Status::Pending
        && row.operation == Operation::Launch
        && row.execution.is_none()
        && row.waiting.is_none();
    let late = state.age.overdue && !setup.has(Switch::StartsOverdue);
    (cut_off && !late).then_some(Task::Launch(Launch::Claim { snap }))
}

impl Launch {
    pub(super) fn step(self, setup: &Setup, state: &mut State, answer: Answer) -> Next {
        match self {
            Self::Claim { snap } => {
                let claimed = claim(setup, state, snap)?;
                Some(Task::Launch(Self::Ask {
                    snap: claimed,
                    repeated: true,
                }))
            }
            Self::Ask { snap, repeated } => match (answer, repeated) {
                (Answer::NoRoom, false) => Some(enqueue(snap, Heard::No, None)),
                (Answer::NoRoom, true) => Some(enqueue(snap, Heard::Perhaps, None)),
                (Answer::Done, _) => {
                    let tokens = !setup.has(Switch::NoTokens);
                    let execution = state
                        .account
                        .start(Operation::Launch, snap.row.generation, None, tokens);
                    Some(remember(snap, Operation::Launch, execution, Then::End))
                }
                (Answer::Refused, false) if snap.fresh => Some(Task::Launch(Self::Refuse { snap })),
                (Answer::Refused, _) => None,
            },
            Self::Enqueue { snap, heard, before } => {
                if snap.row.waiting.is_some() {
                    return None;
                }
                let now = state.stamp(setup);
                let waits = waits(state, &snap.row, heard, before, now);
                let written = state.write(setup, Some(snap), waits);
                let again = || enqueue_again(&snap.row, before);
                written.map_or_else(|| Some(again()), |_| None)
            }
            Self::EnqueueAgain {
                generation,
                status,
                before,
            } => {
                let snap = state.read()?;
                let row = snap.row;
                let same = row.generation == generation && row.status == status;
                (same && row.execution.is_none()).then_some(enqueue(snap, Heard::Perhaps, before))
            }
            Self::Remember {
                snap,
                operation,
                execution,
                then,
            } => {
                let now = state.stamp(setup);
                let environment = state.environment(&snap.row);
                let started = environment.started(operation, execution_id(execution), state.time(now));
                let row = state.row_of(&started);
                let written = state.write(setup, Some(snap), row);
                let generation = snap.row.generation;
                written.map_or(
                    Some(Task::Launch(Self::Again {
                        generation,
                        operation,
                        execution,
                        then,
                    })),
                    |_| then.task(),
                )
            }
            Self::Again {
                generation,
                operation,
                execution,
                then,
            } => {
                let snap = state.read()?;
                if snap.row.generation != generation || snap.row.execution.is_some() {
                    return then.task();
                }
                Some(remember(snap, operation, execution, then))
            }
            Self::Refuse { snap } => {
                let environment = state.environment(&snap.row);
                let refused = environment.launch_refused(String::new(), state.time(state.now));
                let row = state.row_of(&refused);
                let _: Option<Snap> = state.write(setup, Some(snap), row);
                None
            }
        }
    }

    pub(super) fn grow_stale(&mut self) {
        self.each_snap(&mut stale);
        match *self {
            Self::Remember {
                snap,
                operation,
                execution,
                then,
            } => {
                *self = Self::Again {
                    generation: snap.row.generation,
                    operation,
                    execution,
                    then,
                };
            }
            Self::Enqueue { snap, before, .. } => {
                *self = Self::EnqueueAgain {
                    generation: snap.row.generation,
                    status: snap.row.status,
                    before,
                };
            }
            Self::Claim { .. }
            | Self::Ask { .. }
            | Self::EnqueueAgain { .. }
            | Self::Again { .. }
            | Self::Refuse { .. } => {}
        }
    }

    pub(super) fn each_snap(&mut self, visit: &mut dyn FnMut(&mut Snap)) {
        match self {
            Self::Claim { snap }
            | Self::Ask { snap, .. }
            | Self::Enqueue { snap, .. }
            | Self::Remember { snap, .. }
            | Self::Refuse { snap } => visit(snap),
            Self::EnqueueAgain { .. } | Self::Again { .. } => {}
        }
    }
}

impl Launch {
    pub(super) fn each_tick(&mut self, visit: &mut dyn FnMut(&mut Tick)) {
        self.each_snap(&mut |snap| snap.each_tick(visit));
        if let Self::Enqueue { before, .. } | Self::EnqueueAgain { before, .. } = self
            && let Some(before) = before
        {
            visit(&mut before.requested_at);
        }
    }
}

impl Then {
    const fn task(self) -> Next {
        match self {
            Self::End => None,
            Self::Postpone => Some(Task::Repair(Repair::Postpone)),
        }
    }
}

/// Writes that AWS is about to be asked; none if somebody was faster.
pub(super) fn claim(setup: &Setup, state: &mut State, snap: Snap) -> Option<Snap> {
    let now = state.stamp(setup);
    let asked = state.environment(&snap.row).asked(state.time(now));
    let row = state.row_of(&asked);
    state.write(setup, Some(snap), row)
}

/// A row once AWS has no room for what it says.
pub(super) fn waits(state: &State, row: &Row, heard: Heard, before: Option<Before>, now: Tick) -> Row {
    let environment = state.environment(row);
    let wait = Wait {
        reason: String::new(),
        heard,
        before: before.map(|before| state.environment(&before.row(*row)).lifecycle),
    };
    state.row_of(&environment.waits(&wait, state.time(now)))
}

/// The next thing to do with what AWS has no room for.
pub(super) const fn enqueue(snap: Snap, heard: Heard, before: Option<Before>) -> Task {
    if snap.fresh {
        Task::Launch(Launch::Enqueue { snap, heard, before })
    } else {
        enqueue_again(&snap.row, before)
    }
}

const fn enqueue_again(row: &Row, before: Option<Before>) -> Task {
    Task::Launch(Launch::EnqueueAgain {
        generation: row.generation,
        status: row.status,
        before,
    })
}

/// The next thing to do with an automation's id.
pub(super) const fn remember(snap: Snap, operation: Operation, execution: u8, then: Then) -> Task {
    Task::Launch(if snap.fresh {
        Launch::Remember {
            snap,
            operation,
            execution,
            then,
        }
    } else {
        Launch::Again {
            generation: snap.row.generation,
            operation,
            execution,
            then,
        }
    })
}
