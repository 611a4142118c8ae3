//! What must hold, whatever happens.

use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use crate::aws::{Instance, Stage};
use crate::moves::What;
use crate::setup::Setup;
use crate::state::State;
use crate::worker::{act, repair};

/// Once nothing happens any more and the sweep has run twice, the status is what is so.
pub(crate) fn settles(setup: &Setup, state: &State) -> bool {
    if !is_quiet(state) {
        return true;
    }
    let mut state = state.clone();
    sweep_twice(setup, &mut state);
    is_true(setup, &state)
}

/// Whoever asks for it, once it is quiet, brings the environment to TERMINATED, and leaves nothing behind.
pub(crate) fn can_be_terminated(setup: &Setup, state: &State) -> bool {
    if !is_quiet(state) || state.row.is_none() {
        return true;
    }
    let mut state = state.clone();
    sweep_twice(setup, &mut state);
    if let Some(task) = act::begin(setup, &mut state, Operation::Terminate) {
        task.finish(setup, &mut state);
        rest(setup, &mut state);
        sweep_twice(setup, &mut state);
    }
    let left = state.account.products.iter().any(|product| product.lives());
    !left && state.row.is_some_and(|row| row.status == Status::Terminated)
}

/// There is never more than one product that costs money.
pub(crate) fn one_product(state: &State) -> bool {
    let living = state.account.products.iter().filter(|product| product.lives());
    living.count() <= 1
}

/// Nobody does anything, nothing is on its way, and nothing changes by itself.
fn is_quiet(state: &State) -> bool {
    state.workers.is_empty() && state.queue.is_empty() && state.account.rests()
}

fn sweep_twice(setup: &Setup, state: &mut State) {
    for _ in 0..2 {
        if !setup.sweeps || !wait(setup, state) {
            return;
        }
        if let Some(task) = repair::begin(setup, state) {
            task.finish(setup, state);
        }
        rest(setup, state);
    }
}

/// Lets time pass until AWS is to be asked; whether it ever is.
pub(crate) fn wait(setup: &Setup, state: &mut State) -> bool {
    let looked_after = |row| state.environment(&row).look_at().is_some();
    if !state.row.is_some_and(looked_after) {
        return false;
    }
    state.now = state.now.later().next(setup.pace);
    state.age.due = true;
    true
}

/// Lets AWS finish what it is doing, without a fault and without a word.
fn rest(setup: &Setup, state: &mut State) {
    while !state.account.rests() {
        let moved = What::all(state)
            .filter(|what| matches!(what, What::Run(_) | What::Settle(_)))
            .any(|what| {
                [false, true].into_iter().any(|heard| {
                    let mut next = state.clone();
                    let happened = what.happen(setup, &mut next, heard).is_some();
                    if happened {
                        next.queue.clear();
                        *state = next;
                    }
                    happened
                })
            });
        if !moved {
            return;
        }
    }
}

/// Whether the status says what is so in the hosting account, where everything rests. Without the sweep, what a document
/// has said is as true as it gets: AWS may go on after it, and nobody asks.
fn is_true(setup: &Setup, state: &State) -> bool {
    let Some(row) = state.row else {
        return true;
    };
    let said_failed = !setup.sweeps && row.operation == Operation::Launch && state.account.launch_failed;
    let said_stuck = !setup.sweeps && state.account.terminate_cut;
    let product = state.account.products.iter().find(|product| product.lives());
    let Some(product) = product else {
        return match row.status {
            Status::Terminated => true,
            Status::Failed => row.operation == Operation::Launch,
            Status::TerminatingFailed => said_stuck,
            _ => false,
        };
    };
    match row.status {
        Status::TerminatingFailed => row.operation == Operation::Terminate,
        Status::Failed => {
            said_failed
                || product.stage == Stage::Broken
                || matches!(product.instance, Instance::Failed | Instance::None)
        }
        Status::Completed => product.instance == Instance::InService,
        Status::Stopped => product.instance == Instance::Stopped,
        Status::Pending
        | Status::Starting
        | Status::Stopping
        | Status::Terminating
        | Status::Terminated
        | Status::StartingFailed
        | Status::StoppingFailed => false,
    }
}
