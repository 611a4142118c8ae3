//! After `operation/launch.rs`: write the row, start the automation, keep its id.

use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use super::repair::Repair;
use super::{Answer, Next, Task, stale};
use crate::row::{execution_id, requested};
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
    /// StartAutomationExecution.
    Ask { snap: Snap, repeated: bool },
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
    let cut_off =
        row.status == Status::Pending && row.operation == Operation::Launch && row.execution.is_none();
    let late = state.age.overdue && !setup.has(Switch::StartsOverdue);
    (cut_off && !late).then_some(Task::Launch(Launch::Ask { snap, repeated: true }))
}

impl Launch {
    pub(super) fn step(self, setup: &Setup, state: &mut State, answer: Answer) -> Next {
        match self {
            Self::Ask { snap, repeated } => match (answer, repeated) {
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
                let refused = environment.refused(String::new(), state.time(state.now));
                let row = state.row_of(&refused);
                let _: Option<Snap> = state.write(setup, Some(snap), row);
                None
            }
        }
    }

    pub(super) fn grow_stale(&mut self) {
        self.each_snap(&mut stale);
        if let Self::Remember {
            snap,
            operation,
            execution,
            then,
        } = *self
        {
            *self = Self::Again {
                generation: snap.row.generation,
                operation,
                execution,
                then,
            };
        }
    }

    pub(super) fn each_snap(&mut self, visit: &mut dyn FnMut(&mut Snap)) {
        match self {
            Self::Ask { snap, .. } | Self::Remember { snap, .. } | Self::Refuse { snap } => visit(snap),
            Self::Again { .. } => {}
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
