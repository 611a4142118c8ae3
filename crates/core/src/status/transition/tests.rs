use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::status::order::Resolution;

const OPERATIONS: [Operation; 4] = [
    Operation::Launch,
    Operation::Start,
    Operation::Stop,
    Operation::Terminate,
];
const SOURCES: [Source; 3] = [Source::Launch, Source::Terminate, Source::Instance];

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + at).unwrap()
}

fn time(at: i64) -> ReportTime {
    ReportTime {
        at: second(at),
        resolution: Resolution::Milliseconds,
    }
}

fn lifecycle(status: Status, operation: Operation) -> Lifecycle {
    Lifecycle {
        status,
        operation,
        generation: 1,
        requested_at: second(0),
        reported: None,
        launched_at: None,
        held: None,
    }
}

fn after(current: &Lifecycle, source: Source, status: Status, at: i64) -> Lifecycle {
    match report(current, source, status, time(at)) {
        Decision::Change(next) => next,
        Decision::Keep(_) => current.clone(),
    }
}

#[test]
fn the_whole_table() {
    let mut table = String::new();
    for source in SOURCES {
        for operation in OPERATIONS {
            for current in Status::ALL {
                let _ = write!(table, "{source:?} | {:9} | {current:18} |", operation.label());
                for reported in Status::ALL {
                    let cell = match step(
                        current,
                        operation,
                        operation != Operation::Launch,
                        source,
                        reported,
                    ) {
                        Step::To(status) => status.label(),
                        Step::Hold => "hold",
                        Step::Keep(_) => continue,
                    };
                    let _ = write!(table, " {reported}->{cell}");
                }
                table.push('\n');
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn f25_a_restart_shows_starting_until_it_runs() {
    let starting = lifecycle(Status::Starting, Operation::Start);
    assert_eq!(
        after(&starting, Source::Instance, Status::Pending, 1).status,
        Status::Starting
    );
    assert_eq!(
        after(&starting, Source::Instance, Status::Completed, 2).status,
        Status::Completed
    );
    let stopped = lifecycle(Status::Stopped, Operation::Stop);
    assert_eq!(
        after(&stopped, Source::Instance, Status::Pending, 1).status,
        Status::Starting
    );
}

#[test]
fn w01_once_terminating_only_the_end_of_the_terminate_follows() {
    let terminating = lifecycle(Status::Terminating, Operation::Terminate);
    for status in Status::ALL {
        assert_eq!(
            after(&terminating, Source::Instance, status, 9),
            terminating,
            "{status}"
        );
        assert_eq!(
            after(&terminating, Source::Launch, status, 9),
            terminating,
            "{status}"
        );
    }
    assert_eq!(
        after(&terminating, Source::Terminate, Status::Terminated, 9).status,
        Status::Terminated
    );
    let failed = after(&terminating, Source::Terminate, Status::TerminatingFailed, 9);
    assert_eq!(failed.status, Status::TerminatingFailed);
}

#[test]
fn terminated_is_final() {
    for operation in OPERATIONS {
        let terminated = lifecycle(Status::Terminated, operation);
        for source in SOURCES {
            for status in Status::ALL {
                assert!(
                    matches!(report(&terminated, source, status, time(9)), Decision::Keep(_)),
                    "{source:?} {status}"
                );
            }
        }
    }
}

#[test]
fn f08_a_late_report_changes_nothing_that_is_newer() {
    let running = lifecycle(Status::Completed, Operation::Start);
    let stopped = after(&running, Source::Instance, Status::Stopped, 5);
    assert_eq!(stopped.status, Status::Stopped);
    assert_eq!(
        report(&stopped, Source::Instance, Status::Stopping, time(4)),
        Decision::Keep(KeepReason::Superseded)
    );
}

#[test]
fn a_report_from_before_the_request_belongs_to_an_earlier_operation() {
    let mut starting = lifecycle(Status::Starting, Operation::Start);
    starting.requested_at = second(10);
    assert_eq!(
        report(&starting, Source::Instance, Status::Stopped, time(9)),
        Decision::Keep(KeepReason::Superseded)
    );
    assert_eq!(
        after(&starting, Source::Instance, Status::Stopped, 11).status,
        Status::Stopped
    );
}

#[test]
fn a_failed_terminate_of_an_earlier_try_is_superseded() {
    let mut terminating = lifecycle(Status::Terminating, Operation::Terminate);
    terminating.requested_at = second(10);
    let late = report(
        &terminating,
        Source::Terminate,
        Status::TerminatingFailed,
        time(9),
    );
    assert_eq!(late, Decision::Keep(KeepReason::Superseded));
}

#[test]
fn f07_what_the_instance_said_before_the_launch_ended_is_not_lost() {
    let pending = lifecycle(Status::Pending, Operation::Launch);
    let held = after(&pending, Source::Instance, Status::Stopping, 8);
    assert_eq!(held.status, Status::Pending);
    assert_eq!(
        after(&held, Source::Launch, Status::Completed, 5).status,
        Status::Stopping
    );
    let older = after(&pending, Source::Instance, Status::Stopping, 3);
    assert_eq!(
        after(&older, Source::Launch, Status::Completed, 5).status,
        Status::Stopping
    );
    // Events of which the launch's overtakes those that are older.
    let completed = after(&pending, Source::Launch, Status::Completed, 5);
    assert_eq!(
        after(&completed, Source::Instance, Status::Stopped, 4).status,
        Status::Stopped
    );
    let coming_up = after(&pending, Source::Instance, Status::Pending, 3);
    assert_eq!(
        after(&coming_up, Source::Launch, Status::Completed, 5).status,
        Status::Completed
    );
}

#[test]
fn f08_a_launch_that_is_reported_again_does_not_revive_an_instance_that_failed_since() {
    let pending = lifecycle(Status::Pending, Operation::Launch);
    let running = after(&pending, Source::Launch, Status::Completed, 5);
    let failed = after(&running, Source::Instance, Status::Failed, 8);
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(
        report(&failed, Source::Launch, Status::Completed, time(5)),
        Decision::Keep(KeepReason::Superseded)
    );
    let held = after(&pending, Source::Instance, Status::Failed, 8);
    let settled = after(&held, Source::Launch, Status::Completed, 5);
    assert_eq!(settled.status, Status::Failed);
    assert_eq!(after(&settled, Source::Launch, Status::Completed, 5), settled);
}

#[test]
fn the_clean_up_of_a_failed_launch_does_not_look_like_a_stop() {
    let mut state = lifecycle(Status::Pending, Operation::Launch);
    for (at, status) in [
        (1, Status::Failed),
        (2, Status::Terminating),
        (3, Status::Terminated),
    ] {
        state = after(&state, Source::Instance, status, at);
        assert_eq!(state.status, Status::Pending);
    }
    state = after(&state, Source::Launch, Status::Failed, 2);
    assert_eq!(state.status, Status::Failed);
    assert_eq!(
        after(&state, Source::Instance, Status::Stopped, 9).status,
        Status::Failed
    );
}

fn any_status() -> impl Strategy<Value = Status> {
    (0..Status::ALL.len()).prop_map(|index| Status::ALL[index])
}

fn any_source() -> impl Strategy<Value = Source> {
    (0..SOURCES.len()).prop_map(|index| SOURCES[index])
}

proptest! {
    #[test]
    fn a_report_that_comes_twice_changes_nothing_the_second_time(
        current in any_status(), operation in 0..4_usize, source in any_source(), reported in any_status(), at in 0..20_i64,
    ) {
        let mut before = lifecycle(current, OPERATIONS[operation]);
        before.launched_at = (!matches!(current, Status::Pending | Status::Failed)).then_some(before.requested_at);
        let first = after(&before, source, reported, at);
        prop_assert_eq!(after(&first, source, reported, at), first);
    }

    #[test]
    fn instance_reports_end_the_same_in_every_order(
        order in Just([(1_i64, Status::Stopping), (2, Status::Stopped), (3, Status::Pending), (4, Status::Completed)]).prop_shuffle(),
    ) {
        let mut state = lifecycle(Status::Completed, Operation::Start);
        for (at, status) in order {
            state = after(&state, Source::Instance, status, at);
        }
        prop_assert_eq!(state.status, Status::Completed);
    }

    #[test]
    fn f08_whatever_was_heard_may_be_heard_again_at_any_time(
        reports in proptest::collection::vec((any_source(), any_status(), 0..20_i64), 1..12), again in any::<prop::sample::Index>(),
        operation in 0..4_usize,
    ) {
        // As a source sends them: later reports have later times.
        let mut reports = reports;
        reports.sort_by_key(|(_, _, at)| *at);
        reports.dedup_by_key(|(_, _, at)| *at);
        let start = [Status::Pending, Status::Starting, Status::Stopping, Status::Terminating][operation];
        let mut state = lifecycle(start, OPERATIONS[operation]);
        for (source, status, at) in &reports {
            state = after(&state, *source, *status, *at);
        }
        let (source, status, at) = reports[again.index(reports.len())];
        let repeated = after(&state, source, status, at);
        prop_assert_eq!(repeated.status, state.status, "{:?} {} at {}", source, status, at);
    }
}
