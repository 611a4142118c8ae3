//! The real code under seeded schedules. `workbench simulate --seed S --trace` shows what one of them does.

#![expect(clippy::unwrap_used, reason = "what is missing fails its test")]

use std::time::Instant;

use workbench_local::Fault;
use workbench_simulation::{Promise, Run, Schedule, Simulation};

/// How many schedules every test run plays; CI plays thousands more.
const SCHEDULES: u64 = 24;

fn play<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(work)
}

/// Plays one schedule for each seed; the runs.
async fn runs(seeds: std::ops::Range<u64>, schedule: impl Fn(u64) -> Schedule) -> Vec<Run> {
    let (simulation, began) = (Simulation::new().await.unwrap(), Instant::now());
    let mut runs = Vec::new();
    for seed in seeds {
        runs.push(simulation.run(&schedule(seed)).await.unwrap());
    }
    let environments: usize = runs.iter().map(|run| run.environments).sum();
    let calls: usize = runs.iter().map(|run| run.calls).sum();
    let worst = runs.iter().map(|run| run.recovery).max().unwrap_or_default();
    println!(
        "{} schedules with {environments} environments and {calls} calls of AWS in {:?}; slowest to the truth: {} \
         and {} sweeps",
        runs.len(),
        began.elapsed(),
        worst.time,
        worst.sweeps
    );
    runs
}

#[track_caller]
fn hold(runs: &[Run]) {
    let broken: Vec<String> = (runs.iter())
        .flat_map(|run| {
            let seed = run.schedule.seed;
            run.violations
                .iter()
                .map(move |violation| format!("seed {seed}: {violation}"))
        })
        .collect();
    assert!(
        broken.is_empty(),
        "{} violations:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[test]
fn every_promise_holds_under_every_schedule() {
    hold(&play(runs(1..SCHEDULES + 1, Schedule::of)));
}

/// One seed for each fault that a long simulation has found.
#[test]
fn every_promise_holds_under_the_schedules_that_once_broke_one() {
    for seed in [9_268, 59_838] {
        hold(&play(runs(seed..seed + 1, Schedule::of)));
    }
}

#[test]
fn where_every_event_is_lost_each_status_is_true_within_two_sweeps() {
    let drop: Fault = "drop-events=1".parse().unwrap();
    let runs = play(runs(1..21, |seed| Schedule::of(seed).with(vec![drop.clone()])));
    hold(&runs);
    let worst = runs.iter().map(|run| run.recovery.sweeps).max();
    assert!(worst.is_some_and(|sweeps| (1..=2).contains(&sweeps)), "{worst:?}");
}

#[test]
fn a_status_that_nobody_asks_about_is_found() {
    let deaf = |seed| Schedule {
        sweeps: false,
        ..Schedule::of(seed).with(vec!["drop-events=1".parse().unwrap()])
    };
    let runs = play(runs(1..6, deaf));
    let found = |run: &Run| {
        run.violations
            .iter()
            .any(|violation| violation.promise == Promise::Settles)
    };
    // In a few nothing is under way that would have to be asked about.
    assert!(
        runs.iter().filter(|run| found(run)).count() * 2 > runs.len(),
        "{:?}",
        runs.iter().map(|run| &run.violations).collect::<Vec<_>>()
    );
}

#[test]
fn a_seed_plays_the_same_run_in_every_process() {
    let faults = [
        "crash=0.05",
        "reorder-events=0.5",
        "lose-answers=0.05",
        "throttle=ssm:*:0.1",
    ];
    let faults: Vec<Fault> = faults.map(|fault| fault.parse().unwrap()).to_vec();
    let schedules = || {
        (1..13).map(|seed| match seed % 2 {
            0 => Schedule::of(seed),
            _ => Schedule::of(seed).with(faults.clone()),
        })
    };
    // Two installations, as two processes would have them; and the other way round, so that no run leaves a trace in
    // the next.
    let [mut forth, mut back] = [false, true].map(|reversed| {
        play(async {
            let simulation = Simulation::new().await.unwrap();
            let mut schedules: Vec<Schedule> = schedules().collect();
            if reversed {
                schedules.reverse();
            }
            let mut runs = Vec::new();
            for schedule in schedules {
                runs.push(simulation.run(&schedule).await.unwrap());
            }
            runs
        })
    });
    forth.sort_by_key(|run| run.schedule.seed);
    back.sort_by_key(|run| run.schedule.seed);
    for (one, other) in forth.iter().zip(&back) {
        let seed = one.schedule.seed;
        assert_eq!(one.trace.to_string(), other.trace.to_string(), "seed {seed}");
        assert_eq!(one.trace.hash(), other.trace.hash(), "seed {seed}");
    }
    assert_ne!(forth[0].trace.hash(), forth[1].trace.hash());
}
