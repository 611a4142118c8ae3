use super::*;
use crate::report::{Facts, Report, Subject};
use crate::status::order::{ReportTime, Resolution};
use crate::status::transition::{KeepReason, Source};
use crate::test_data;

fn report(environment: &Environment, source: Source, status: Status, facts: Facts) -> Report {
    let at = environment.lifecycle.requested_at + jiff::SignedDuration::from_secs(60);
    Report {
        event_id: "25cc74c7-0d58-b520-f9ce-d98253bd4c90".into(),
        account: environment.home.account.aws_account_id.clone(),
        subject: Subject::Environment(environment.id),
        source,
        status,
        time: ReportTime {
            at,
            resolution: Resolution::Seconds,
        },
        facts,
    }
}

fn product() -> Facts {
    Facts {
        product: Some("pp-uac6562y6s6ls".parse().unwrap()),
        record: Some("rec-b6yqf6zonc2qg".parse().unwrap()),
        error_message: None,
    }
}

fn instance() -> Instance {
    Instance {
        id: "BasicNotebookInstance-x4CC6ZFJzqJJ".parse().unwrap(),
        arn: "arn:aws:sagemaker:us-east-1:111111111111:notebook-instance/basicnotebookinstance-x4cc6zfjzqjj"
            .into(),
        role_arn: "arn:aws:iam::111111111111:role/notebook".into(),
    }
}

fn changed(applied: Applied) -> Environment {
    match applied {
        Applied::Changed(environment) => *environment,
        Applied::Kept(reason) => panic!("kept: {reason:?}"),
    }
}

#[test]
fn a_completed_launch_asks_for_its_outputs_and_stores_them() {
    let pending = test_data::environment();
    let report = report(&pending, Source::Launch, Status::Completed, product());
    assert_eq!(
        pending.question(&report),
        Some(Question::Outputs("rec-b6yqf6zonc2qg".parse().unwrap()))
    );
    let completed = changed(pending.apply(&report, Some(Answer::Instance(instance())), test_data::now()));
    assert_eq!(completed.status(), Status::Completed);
    assert_eq!(completed.instance, Some(instance()));
    assert_eq!(completed.rev, pending.rev + 1);
    assert_eq!(completed.error, None);
}

#[test]
fn a_launch_without_outputs_has_failed() {
    let pending = test_data::environment();
    let report = report(&pending, Source::Launch, Status::Completed, product());
    let reason = "the record has no output `NotebookArn`";
    let failed = changed(pending.apply(&report, Some(Answer::Reason(reason.into())), test_data::now()));
    assert_eq!(failed.status(), Status::Failed);
    assert_eq!(failed.error.unwrap().value, reason);
}

#[test]
fn f05_a_failed_launch_keeps_its_product_and_the_reason() {
    let pending = test_data::environment();
    let report = report(&pending, Source::Launch, Status::Failed, product());
    assert!(matches!(
        pending.question(&report),
        Some(Question::LaunchFailure { record: Some(_), .. })
    ));
    let reason = "no \"capacity\"\nin ünser zone";
    let failed = changed(pending.apply(&report, Some(Answer::Reason(reason.into())), test_data::now()));
    assert_eq!(failed.status(), Status::Failed);
    assert_eq!(failed.product.unwrap().as_str(), "pp-uac6562y6s6ls");
    assert_eq!(
        failed.error.unwrap(),
        Failure {
            kind: "LAUNCH".into(),
            value: reason.into()
        }
    );
}

#[test]
fn f02_a_refused_launch_asks_the_automation_for_the_reason() {
    let execution: ExecutionId = "3c2f8f8e-0f5b-4f0e-9a40-3a8f7f1f6f11".parse().unwrap();
    let pending = test_data::environment().started(Operation::Launch, execution.clone(), test_data::now());
    let report = report(&pending, Source::Launch, Status::Failed, Facts::default());
    assert_eq!(
        pending.question(&report),
        Some(Question::LaunchFailure {
            record: None,
            execution: Some(execution)
        })
    );
}

#[test]
fn f04_only_the_latest_automation_counts() {
    let latest: ExecutionId = "3c2f8f8e-0f5b-4f0e-9a40-3a8f7f1f6f11".parse().unwrap();
    let pending = test_data::environment().started(Operation::Launch, latest.clone(), test_data::now());
    let of = |execution: ExecutionId| Report {
        subject: Subject::Execution(execution),
        ..report(&pending, Source::Launch, Status::Failed, Facts::default())
    };
    let earlier = "00000000-0f5b-4f0e-9a40-3a8f7f1f6f11".parse().unwrap();
    assert_eq!(
        pending.apply(&of(earlier), None, test_data::now()),
        Applied::Kept(KeepReason::Superseded)
    );
    let failed = changed(pending.apply(&of(latest), None, test_data::now()));
    assert_eq!(failed.status(), Status::Failed);
}

#[test]
fn f06_a_product_that_is_gone_is_terminated_though_it_could_not_be_removed() {
    let pending = test_data::environment();
    let launched = report(&pending, Source::Launch, Status::Failed, product());
    let failed = changed(pending.apply(&launched, None, test_data::now()));
    let terminating = failed.intend(Operation::Terminate, test_data::now());
    let refused = report(
        &terminating,
        Source::Terminate,
        Status::TerminatingFailed,
        Facts::default(),
    );
    assert!(matches!(
        terminating.question(&refused),
        Some(Question::TerminateFailure {
            product: Some(_),
            record: None,
            ..
        })
    ));
    let gone = changed(terminating.apply(&refused, Some(Answer::Gone), test_data::now()));
    assert_eq!((gone.status(), gone.error), (Status::Terminated, None));
    let reason = Answer::Reason("under change".into());
    let still = changed(terminating.apply(&refused, Some(reason), test_data::now()));
    assert_eq!(still.status(), Status::TerminatingFailed);
}

#[test]
fn f06_a_failed_launch_can_be_terminated_with_and_without_a_product() {
    let pending = test_data::environment();
    let refused = pending.launch_refused("no launch path".into(), test_data::now());
    assert_eq!(refused.status(), Status::Failed);
    assert_eq!(
        refused.intend(Operation::Terminate, test_data::now()).status(),
        Status::Terminated
    );
    let report = report(&pending, Source::Launch, Status::Failed, product());
    let failed = changed(pending.apply(&report, None, test_data::now()));
    assert_eq!(
        failed.intend(Operation::Terminate, test_data::now()).status(),
        Status::Terminating
    );
}

#[test]
fn f07_a_product_that_is_reported_late_is_still_stored() {
    let refused = test_data::environment().launch_refused("gave up".into(), test_data::now());
    let report = report(&refused, Source::Launch, Status::Failed, product());
    let known = changed(refused.apply(&report, None, test_data::now()));
    assert_eq!(known.status(), Status::Failed);
    assert!(known.product.is_some());
    assert_eq!(known.error.as_ref().unwrap().value, "gave up");
    assert_eq!(
        known.apply(&report, None, test_data::now()),
        Applied::Kept(KeepReason::Same)
    );
}

#[test]
fn f10_a_refused_start_goes_back_with_the_reason() {
    let pending = test_data::environment();
    let report = report(&pending, Source::Launch, Status::Completed, product());
    let mut stopped = changed(pending.apply(&report, Some(Answer::Instance(instance())), test_data::now()));
    stopped.lifecycle.status = Status::Stopped;
    let starting = stopped.intend(Operation::Start, test_data::now());
    assert_eq!(starting.status(), Status::Starting);
    let taken = starting.taken_back(
        &stopped.lifecycle,
        Some(Status::Stopped),
        "AccessDenied".into(),
        test_data::now(),
    );
    assert!(!taken.fulfilled);
    let back = taken.environment;
    assert_eq!(back.look_at(), None);
    assert_eq!(back.status(), Status::Stopped);
    assert_eq!(
        back.error.unwrap(),
        Failure {
            kind: "START".into(),
            value: "AccessDenied".into()
        }
    );
    assert_eq!(back.lifecycle.generation, starting.lifecycle.generation);
}

#[test]
fn a_refused_stop_of_what_is_stopped_is_fulfilled() {
    let mut running = test_data::environment();
    running.lifecycle.status = Status::Completed;
    let stopping = running.intend(Operation::Stop, test_data::now());
    let later = test_data::now() + jiff::SignedDuration::from_secs(1);
    let taken = stopping.taken_back(
        &running.lifecycle,
        Some(Status::Stopped),
        "not InService".into(),
        later,
    );
    assert!(taken.fulfilled);
    assert_eq!(
        (taken.environment.status(), taken.environment.error),
        (Status::Stopped, None)
    );
}

#[test]
fn what_may_be_wrong_is_asked_about_until_it_is_confirmed() {
    let now = test_data::now();
    let pending = test_data::environment();
    let refused = pending.launch_refused("throttled".into(), now);
    assert!(refused.look_at().is_some());
    assert_eq!(refused.confirmed(now).look_at(), None);

    let given_up = report(&pending, Source::Launch, Status::Failed, product());
    let failed = changed(pending.apply(&given_up, None, now));
    assert!(failed.look_at().is_some());
    let made = Report {
        time: ReportTime {
            at: given_up.time.at + jiff::SignedDuration::from_secs(60),
            ..given_up.time
        },
        ..report(&pending, Source::Launch, Status::Completed, product())
    };
    let late = changed(failed.apply(&made, Some(Answer::Instance(instance())), now));
    assert_eq!(late.status(), Status::Completed);
    assert!(late.look_at().is_some(), "it may have been removed meanwhile");
    let at_once = changed(pending.apply(&made, Some(Answer::Instance(instance())), now));
    assert_eq!(at_once.look_at(), None);

    let terminating = at_once.intend(Operation::Terminate, now);
    let refused = terminating.taken_back(
        &at_once.lifecycle,
        Some(Status::Completed),
        "throttled".into(),
        now,
    );
    assert!(
        refused.environment.look_at().is_some(),
        "its reports were not applied"
    );
    let given_up = report(
        &terminating,
        Source::Terminate,
        Status::TerminatingFailed,
        Facts::default(),
    );
    let failed = changed(terminating.apply(&given_up, None, now));
    assert_eq!(failed.status(), Status::TerminatingFailed);
    assert!(failed.look_at().is_some(), "AWS may go on removing it");

    let stopping = at_once.intend(Operation::Stop, now);
    let blind = stopping.taken_back(&at_once.lifecycle, None, "throttled".into(), now);
    assert_eq!(blind.environment.status(), Status::Completed);
    assert!(
        blind.environment.look_at().is_some(),
        "nobody could tell what it is"
    );
}

#[test]
fn statuses_in_flight_have_a_deadline() {
    let pending = test_data::environment();
    assert!(pending.deadline().unwrap() > pending.lifecycle.requested_at);
    let failed = pending.launch_refused("no".into(), test_data::now());
    assert_eq!(failed.deadline(), None);
}

#[test]
fn an_environment_survives_being_stored() {
    let environment = test_data::environment();
    let text = serde_json::to_string(&environment).unwrap();
    assert_eq!(serde_json::from_str::<Environment>(&text).unwrap(), environment);
}

#[test]
fn f11_what_one_worker_was_refused_and_another_was_not_is_under_way() {
    let execution: ExecutionId = "3c2f8f8e-0f5b-4f0e-9a40-3a8f7f1f6f11".parse().unwrap();
    let refused = test_data::environment().launch_refused("throttled".into(), test_data::now());
    let started = refused.started(Operation::Launch, execution.clone(), test_data::now());
    assert_eq!((started.status(), started.error), (Status::Pending, None));

    let mut completed = test_data::environment();
    completed.lifecycle.status = Status::Completed;
    completed.product = product().product;
    let terminating = completed.intend(Operation::Terminate, test_data::now());
    let back = terminating
        .taken_back(
            &completed.lifecycle,
            Some(Status::Completed),
            "throttled".into(),
            test_data::now(),
        )
        .environment;
    assert_eq!(back.status(), Status::Completed);
    let started = back.started(Operation::Terminate, execution, test_data::now());
    assert_eq!(started.status(), Status::Terminating);
    assert_eq!(started.lifecycle.operation, Operation::Terminate);
}

#[test]
fn the_id_of_an_automation_whose_end_was_heard_first_moves_nothing() {
    let execution: ExecutionId = "3c2f8f8e-0f5b-4f0e-9a40-3a8f7f1f6f11".parse().unwrap();
    let pending = test_data::environment();
    let report = report(&pending, Source::Launch, Status::Failed, product());
    let failed = changed(pending.apply(&report, None, test_data::now()));
    let started = failed.started(Operation::Launch, execution, test_data::now());
    assert_eq!(started.status(), Status::Failed);
}

#[test]
fn an_instance_that_goes_by_nobodys_request_is_asked_about_before_its_environment_is_over() {
    let mut running = test_data::environment();
    let launched = report(&running, Source::Launch, Status::Completed, product());
    running = changed(running.apply(&launched, Some(Answer::Instance(instance())), test_data::now()));
    let mut gone = report(&running, Source::Instance, Status::Terminated, Facts::default());
    gone.time.at += jiff::SignedDuration::from_mins(1);
    let going = changed(running.apply(&gone, None, test_data::now()));
    assert_eq!(going.status(), Status::Terminating);
    assert_eq!(going.look_at(), Some(deadline::doubt(test_data::now())));
    // Its product is there still, or went with it.
    for (source, told) in [
        (Source::Instance, Status::Failed),
        (Source::Terminate, Status::Terminated),
    ] {
        let later = test_data::now() + jiff::SignedDuration::from_mins(10);
        let found = going.found(source, told, Facts::default(), later);
        assert_eq!(changed(going.apply(&found, None, later)).status(), told);
    }
}

#[test]
fn a_launch_is_cut_off_while_nothing_is_known_of_it_and_it_may_begin() {
    let (pending, now) = (test_data::environment(), test_data::now());
    assert!(pending.launch_is_cut_off(now));
    let started = pending.started(Operation::Launch, test_data::UUID.parse().unwrap(), now);
    let waits = pending.waits(&Wait::first_try("no room".into()), now);
    let refused = pending.launch_refused("no launch path".into(), now);
    for other in [started, waits, refused] {
        assert!(!other.launch_is_cut_off(now), "{other:?}");
    }
    assert!(!pending.launch_is_cut_off(pending.deadline().unwrap()));
}
