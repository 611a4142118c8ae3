//! Within bounds that every build can afford, all promises hold; and each fault that is put back is found.
//!
//! `MODEL_LARGE=1 cargo test --release -p workbench-model` visits larger bounds, for as long as it takes.

use workbench_core::status::transition::Operation::{Launch, Start as StartIt, Stop, Terminate};
use workbench_model::promise::{CALLED_OFF, ONE_PRODUCT, SETTLES, TERMINABLE, TERMINATING};
use workbench_model::{Found, Pace, Setup, Start, Switch, check};

/// A launch and what may follow, in a world in which anything gets lost and anybody dies.
const LAUNCH: Setup = Setup {
    start: Start::Nothing,
    asks: &[Launch, Terminate],
    calls: 1,
    wanders: 0,
    faults: 0,
    full: 0,
    until_begun: false,
    doubles: 0,
    workers: 1,
    queue: 2,
    loses: true,
    crashes: true,
    sweeps: true,
    pace: Pace::Seconds,
    switch: None,
};

/// The same with an environment that runs.
const RUNNING: Setup = Setup {
    start: Start::Running,
    asks: &[StartIt, Stop, Terminate],
    ..LAUNCH
};

/// A launch that nothing but its own events tells of: what they promise must hold without a net.
const UNAIDED: Setup = Setup {
    faults: 1,
    loses: false,
    crashes: false,
    sweeps: false,
    ..LAUNCH
};

/// A launch for which AWS may have no room, and that may be called off meanwhile.
const QUEUED: Setup = Setup {
    calls: 3,
    full: 2,
    workers: 2,
    until_begun: true,
    ..LAUNCH
};

fn visit(name: &str, setup: &Setup) -> Found {
    let found = check(setup);
    println!("{name}: {} states", found.states);
    found
}

#[track_caller]
fn holds(name: &str, setup: &Setup) {
    let broken = visit(name, setup).broken;
    let ways: String = broken.iter().map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{name}: {ways}");
}

/// The fault is found, and without it there is nothing to find.
#[track_caller]
fn is_found(setup: Setup, switch: Switch, promise: &str) {
    holds("as it is", &setup);
    let name = format!("{switch:?}");
    let found = visit(
        &name,
        &Setup {
            switch: Some(switch),
            ..setup
        },
    );
    let way = found.broken.iter().find(|way| way.promise == promise);
    assert!(way.is_some(), "{name}: `{promise}` is not found broken");
    way.into_iter().for_each(|way| println!("{way}"));
}

#[test]
fn every_promise_holds() {
    let one_more = Setup { calls: 2, ..LAUNCH };
    holds("launch, and a second request", &one_more);
    let refused = Setup {
        faults: 1,
        doubles: 1,
        ..LAUNCH
    };
    holds("launch, refused or doubled", &refused);
    let wandering = Setup {
        wanders: 1,
        queue: 3,
        ..LAUNCH
    };
    holds("launch of an instance that stops by itself", &wandering);
    let together = Setup { workers: 2, ..LAUNCH };
    holds("launch, two workers at once", &together);
    let fault = Setup {
        faults: 1,
        wanders: 1,
        ..RUNNING
    };
    holds("running, a fault and a change", &fault);
    let together = Setup {
        workers: 2,
        doubles: 1,
        wanders: 0,
        ..RUNNING
    };
    holds("running, two workers at once", &together);
    holds("launch without room, called off", &QUEUED);
    let whole = Setup {
        calls: 2,
        full: 1,
        faults: 1,
        workers: 1,
        queue: 1,
        loses: false,
        until_begun: false,
        ..QUEUED
    };
    holds("launch without room, refused at its turn", &whole);
    let terminate = Setup {
        asks: &[Terminate],
        faults: 1,
        full: 2,
        queue: 1,
        loses: false,
        ..RUNNING
    };
    holds("terminate without room", &terminate);
    let quick = Setup {
        pace: Pace::Milliseconds,
        wanders: 1,
        ..RUNNING
    };
    holds("running, all within a second", &quick);
}

#[test]
fn every_promise_holds_within_larger_bounds() {
    if std::env::var_os("MODEL_LARGE").is_none() {
        return;
    }
    for setup in [LAUNCH, RUNNING] {
        let large = Setup {
            calls: 2,
            workers: 2,
            faults: 1,
            wanders: 1,
            doubles: 1,
            queue: 3,
            ..setup
        };
        holds("larger", &large);
    }
}

#[test]
fn f01_a_wait_without_a_failure_branch_is_found() {
    is_found(UNAIDED, Switch::WaitEndsSilently, SETTLES);
}

#[test]
fn f02_a_refusal_without_a_failure_branch_is_found() {
    is_found(UNAIDED, Switch::RefusalEndsSilently, SETTLES);
}

#[test]
fn f04_the_lack_of_systems_managers_notices_is_found() {
    is_found(UNAIDED, Switch::NoNotices, SETTLES);
}

#[test]
fn f06_terminating_only_what_has_a_product_is_found() {
    is_found(
        Setup { faults: 1, ..LAUNCH },
        Switch::TerminateNeedsProduct,
        TERMINABLE,
    );
}

#[test]
fn f07_skipping_what_an_unknown_instance_says_is_found() {
    is_found(
        Setup {
            wanders: 1,
            queue: 3,
            ..LAUNCH
        },
        Switch::SkipsUnknownInstance,
        SETTLES,
    );
}

#[test]
fn f08_comparing_with_the_time_of_the_write_is_found() {
    is_found(
        Setup {
            wanders: 1,
            ..RUNNING
        },
        Switch::ComparesWithWrite,
        SETTLES,
    );
}

#[test]
fn f09_writes_without_a_condition_are_found() {
    is_found(
        Setup {
            wanders: 1,
            workers: 2,
            ..RUNNING
        },
        Switch::Unconditional,
        SETTLES,
    );
}

#[test]
fn f10_calling_aws_before_the_write_is_found() {
    is_found(RUNNING, Switch::CallsFirst, SETTLES);
}

#[test]
fn f11_the_lack_of_client_tokens_is_found() {
    is_found(LAUNCH, Switch::NoTokens, ONE_PRODUCT);
}

#[test]
fn f12_refusing_a_failed_terminate_is_found() {
    is_found(
        Setup { faults: 1, ..RUNNING },
        Switch::RefusesFailedTerminate,
        TERMINABLE,
    );
}

#[test]
fn w01_an_instance_that_moves_terminating_is_found() {
    is_found(RUNNING, Switch::InstanceMovesTerminating, TERMINATING);
}

#[test]
fn an_answer_that_counts_from_when_it_came_is_found() {
    is_found(
        Setup {
            wanders: 1,
            workers: 2,
            ..RUNNING
        },
        Switch::StampsAnswers,
        SETTLES,
    );
}

#[test]
fn a_launch_that_is_started_however_late_is_found() {
    is_found(Setup { calls: 2, ..LAUNCH }, Switch::StartsOverdue, TERMINABLE);
}

#[test]
fn believing_whoever_gives_up_is_found() {
    is_found(Setup { faults: 1, ..LAUNCH }, Switch::NeverDoubts, SETTLES);
    let running = Setup { faults: 1, ..RUNNING };
    is_found(running, Switch::NeverDoubts, SETTLES);
}

#[test]
fn asking_for_what_waits_without_a_claim_is_found() {
    is_found(QUEUED, Switch::AsksUnclaimed, CALLED_OFF);
}
