//! After `operation/repair.rs`: ask AWS about an environment that is due, and report what it says.

use workbench_core::repair::{self, Automation, Finding, Product};
use workbench_core::report::Facts;
use workbench_core::status::Status;
use workbench_core::status::transition::{Operation, Source};

use super::apply::{Apply, News, Origin};
use super::launch::{Then, remember};
use super::{Answer, Next, Task};
use crate::clock::Tick;
use crate::row::number;
use crate::setup::{Setup, Switch};
use crate::state::{Snap, State};

/// What the sweep does about one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repair {
    /// GetAutomationExecution.
    Progress {
        snap: Snap,
        execution: u8,
        at: Tick,
        late: bool,
    },
    /// DescribeProvisionedProduct.
    Product { snap: Snap, at: Tick, late: bool },
    /// Start the launch that was cut off.
    Launch { snap: Snap },
    /// Start the terminate that was cut off.
    Terminate { snap: Snap },
    /// Ask the instance.
    Describe { snap: Snap, at: Tick, look: bool },
    /// There is no such instance: ask for the product.
    Vanished { snap: Snap, at: Tick, look: bool },
    /// Read the launch that was settled, to ask its instance.
    Look,
    /// Ask again later.
    Postpone,
    /// Ask no more.
    Confirm,
}

/// One sweep's care for the environment, up to its first read.
pub(crate) fn begin(setup: &Setup, state: &mut State) -> Next {
    let snap = state.read().filter(|_| state.age.due)?;
    let at = state.stamp(setup);
    let row = snap.row;
    let late = state.age.overdue;
    Some(Task::Repair(match (row.status, row.operation, row.execution) {
        (Status::Pending | Status::TerminatingFailed, _, Some(execution))
        | (Status::Failed, Operation::Launch, Some(execution))
        | (Status::Terminating, Operation::Terminate, Some(execution)) => Repair::Progress {
            snap,
            execution,
            at,
            late,
        },
        (Status::Pending | Status::TerminatingFailed, _, None)
        | (Status::Failed, Operation::Launch, None)
        | (Status::Terminating, Operation::Terminate, None) => Repair::Product { snap, at, late },
        _ => Repair::Describe {
            snap,
            at,
            look: false,
        },
    }))
}

impl Repair {
    pub(super) fn step(self, setup: &Setup, state: &mut State, answer: Answer) -> Next {
        match self {
            Self::Progress {
                snap,
                execution,
                at,
                late,
            } => match state.account.progress(execution) {
                Automation::UnderWay => Some(Task::Repair(Self::Postpone)),
                Automation::Over => Some(Task::Repair(Self::Product { snap, at, late })),
            },
            Self::Product { snap, at, late } => product(setup, state, snap, at, late),
            Self::Launch { snap } => match answer {
                Answer::Done => {
                    let tokens = !setup.has(Switch::NoTokens);
                    let token = snap.row.generation;
                    let execution = state.account.start(Operation::Launch, token, None, tokens);
                    Some(remember(snap, Operation::Launch, execution, Then::Postpone))
                }
                Answer::Refused => Some(Task::Repair(Self::Postpone)),
            },
            Self::Terminate { snap } => match answer {
                Answer::Done => {
                    let tokens = !setup.has(Switch::NoTokens);
                    let row = snap.row;
                    let execution =
                        state
                            .account
                            .start(Operation::Terminate, row.generation, row.product, tokens);
                    Some(remember(snap, Operation::Terminate, execution, Then::Postpone))
                }
                Answer::Refused => Some(Task::Repair(Self::Postpone)),
            },
            Self::Describe { snap, at, look } => match state.account.described() {
                Some(status) => {
                    let finding = Finding::Over(Source::Instance, status, Facts::default());
                    settle(snap, finding, at, look)
                }
                None => Some(Task::Repair(Self::Vanished { snap, at, look })),
            },
            Self::Vanished { snap, at, look } => {
                let product = known(state, snap);
                settle(snap, repair::vanished(&product), at, look)
            }
            Self::Look => {
                let snap = state.read()?;
                let at = state.stamp(setup);
                Some(Task::Repair(Self::Describe { snap, at, look: true }))
            }
            Self::Postpone => {
                let snap = state.read().filter(|_| state.age.due)?;
                let later = state.environment(&snap.row).postponed(state.present().at);
                let row = state.row_of(&later);
                let _: Option<Snap> = state.write(setup, Some(snap), row);
                state.age.due = false;
                None
            }
            Self::Confirm => {
                let snap = state.read().filter(|_| state.age.due)?;
                let sure = state.environment(&snap.row).confirmed(state.present().at);
                let row = state.row_of(&sure);
                let _: Option<Snap> = state.write(setup, Some(snap), row);
                None
            }
        }
    }

    pub(super) const fn leaves_traces(self) -> bool {
        matches!(
            self,
            Self::Look | Self::Describe { look: true, .. } | Self::Vanished { look: true, .. }
        )
    }

    pub(super) fn each_snap(&mut self, visit: &mut dyn FnMut(&mut Snap)) {
        match self {
            Self::Progress { snap, .. }
            | Self::Product { snap, .. }
            | Self::Launch { snap }
            | Self::Terminate { snap }
            | Self::Describe { snap, .. }
            | Self::Vanished { snap, .. } => visit(snap),
            Self::Look | Self::Postpone | Self::Confirm => {}
        }
    }

    pub(super) const fn asked_at(&mut self) -> Option<&mut Tick> {
        match self {
            Self::Progress { at, .. }
            | Self::Product { at, .. }
            | Self::Describe { at, .. }
            | Self::Vanished { at, .. } => Some(at),
            Self::Launch { .. } | Self::Terminate { .. } | Self::Look | Self::Postpone | Self::Confirm => {
                None
            }
        }
    }
}

fn known(state: &State, snap: Snap) -> Product {
    snap.row
        .product
        .map_or(Product::Absent, |product| state.account.found(product))
}

fn product(setup: &Setup, state: &State, snap: Snap, at: Tick, late: bool) -> Next {
    let cut_off = snap.row.execution.is_none();
    if matches!(snap.row.status, Status::Pending | Status::Failed) {
        let product = state.account.found_by_name();
        if cut_off && product == Product::Absent {
            // Past the time in which an automation may still begin is not in the model.
            if snap.row.status == Status::Failed {
                return Some(Task::Repair(Repair::Postpone));
            }
            if late && !setup.has(Switch::StartsOverdue) {
                return settle(snap, refusal(Source::Launch, Status::Failed), at, false);
            }
            return Some(Task::Repair(Repair::Launch { snap }));
        }
        return settle(snap, repair::launch(product), at, false);
    }
    let product = known(state, snap);
    if cut_off && !matches!(product, Product::Absent | Product::Changing(_)) {
        if snap.row.status == Status::TerminatingFailed {
            return Some(Task::Repair(Repair::Postpone));
        }
        return Some(Task::Repair(Repair::Terminate { snap }));
    }
    settle(snap, repair::terminate(&product), at, false)
}

fn refusal(source: Source, status: Status) -> Finding {
    let facts = Facts {
        error_message: Some(String::new()),
        ..Facts::default()
    };
    Finding::Over(source, status, facts)
}

fn settle(snap: Snap, finding: Finding, at: Tick, look: bool) -> Next {
    let Finding::Over(source, status, facts) = finding else {
        return (!look).then_some(Task::Repair(Repair::Postpone));
    };
    let news = News::Asked {
        source,
        status,
        product: facts.product.map(|id| number(id.as_str())),
        explained: facts.error_message.is_some(),
        at,
    };
    let origin = if look {
        Origin::Look
    } else {
        Origin::Repair {
            from: snap.row.status,
        }
    };
    Some(Task::Apply(Apply::Read { news, origin }))
}
