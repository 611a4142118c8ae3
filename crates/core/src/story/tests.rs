use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::action::{Action, Permit, Progress, permit};
use crate::test_data::{UUID, now};
use crate::timeline::Reported;

fn shown(status: Status, reason: Option<&str>) -> Shown {
    serde_json::from_value(json!({
        "id": format!("env-{UUID}"), "name": "test", "status": status, "createdAt": now(), "owner": UUID,
        "error": reason.map(|reason| json!({ "type": "LAUNCH", "value": reason })),
    }))
    .unwrap()
}

fn entry(minutes: i64, from: Status, to: Status, cause: &str) -> Entry {
    Entry {
        from,
        to,
        cause: cause.to_owned(),
        source_id: None,
        at: now() + SignedDuration::from_mins(minutes),
        reason: None,
        reported: None,
    }
}

fn reported(entry: Entry, source: Source, status: Status, kept: Option<&str>) -> Entry {
    Entry {
        source_id: Some("event-1".to_owned()),
        reported: Some(Reported {
            source,
            status,
            at: entry.at - SignedDuration::from_secs(2),
            kept: kept.map(str::to_owned),
        }),
        ..entry
    }
}

#[test]
fn a_failed_launch_is_told_with_its_cause_and_what_can_be_done() {
    let reason = "CREATE_FAILED: ResourceLimitExceeded: the account-level service limit is 0";
    let failed = Entry {
        reason: Some(reason.to_owned()),
        ..entry(4, Status::Pending, Status::Failed, "status report")
    };
    let late = entry(5, Status::Failed, Status::Failed, "status report");
    let timeline = [
        entry(0, Status::Pending, Status::Pending, "launch by somebody"),
        reported(failed, Source::Launch, Status::Failed, None),
        reported(late, Source::Instance, Status::Stopped, Some("launch failed")),
    ];
    let shown = shown(Status::Failed, Some(reason));
    let story = Story::of(&shown, &timeline, now() + SignedDuration::from_hours(1));
    assert_eq!(
        story.to_string(),
        format!(
            "\
`test` (env-{UUID}) has failed: FAILED since 2026-11-24T10:04:00Z

What happened (UTC)
  2026-11-24T10:00:00Z  PENDING  launch by somebody
  2026-11-24T10:04:00Z  PENDING -> FAILED  status report: the launch was FAILED at 2026-11-24T10:03:58Z (event event-1); {reason}
  2026-11-24T10:05:00Z  FAILED  status report: the instance was STOPPED at 2026-11-24T10:04:58Z (event event-1); it changed nothing: launch failed

Why
  the launch failed: {reason}
  A quota of the hosting account is used up.
  Terminate what is not needed any more, or an IT admin has the quota raised; then try again.

What can be done
  terminate: remove what the launch left; then launch a new one
"
        )
    );
}

#[test]
fn what_runs_has_no_cause_and_can_be_used() {
    let story = Story::of(&shown(Status::Completed, None), &[], now());
    assert_eq!(story.cause, None);
    let actions: Vec<_> = story.next.iter().map(|step| step.action).collect();
    assert_eq!(
        actions,
        [Some(Action::Connect), Some(Action::Stop), Some(Action::Terminate)]
    );
}

#[test]
fn words_that_nobody_knows_are_told_as_they_are() {
    let story = Story::of(&shown(Status::Failed, Some("it broke")), &[], now());
    let cause = story.cause.unwrap();
    assert_eq!((cause.reason.as_str(), cause.meaning), ("it broke", Vec::new()));
}

#[test]
fn a_locked_account_is_not_taken_for_a_missing_permission() {
    let reason = "AssumeRole: AccessDenied: the hosting account does not let Workbench in; check its role and external id";
    let story = Story::of(&shown(Status::Failed, Some(reason)), &[], now());
    assert!(story.cause.unwrap().meaning[0].starts_with("Workbench is locked out"));
}

#[test]
fn what_is_in_flight_is_waited_for_until_its_limit_and_can_then_be_terminated() {
    let pending = shown(Status::Pending, None);
    let early = Story::of(&pending, &[], now() + SignedDuration::from_mins(5));
    assert_eq!(early.next.len(), 1, "{:?}", early.next);
    assert!(
        early.next[0].words.contains("not over by 2026-11-24T11:15:00Z"),
        "{:?}",
        early.next
    );
    let late = Story::of(&pending, &[], now() + SignedDuration::from_mins(76));
    assert_eq!(late.next[1].action, Some(Action::Terminate));
}

#[test]
fn what_waits_for_its_turn_is_told_why_and_given_the_time_that_it_needs() {
    let queued = Queued {
        since: now(),
        reason: "100 automations run already".into(),
    };
    let shown = Shown {
        queued: Some(queued),
        ..shown(Status::Pending, None)
    };
    let story = Story::of(&shown, &[], now() + SignedDuration::from_mins(90));
    assert!(
        story.next[0].words.ends_with("100 automations run already"),
        "{:?}",
        story.next
    );
    let actions: Vec<_> = story.next.iter().filter_map(|step| step.action).collect();
    assert_eq!(actions, [Action::Terminate], "it can be called off");
    let words = &story.next.last().unwrap().words;
    assert!(words.starts_with("call it off"), "{words}");
}

#[test]
fn every_status_has_something_to_do_or_to_wait_for_and_nothing_that_is_refused() {
    for status in Status::ALL {
        for minutes in [1, 100] {
            let steps = next(status, None, now(), now() + SignedDuration::from_mins(minutes));
            assert!(!steps.is_empty(), "{status}");
            let progress = if status.in_flight() && minutes == 100 {
                Progress::Overdue
            } else {
                Progress::UnderWay
            };
            for action in steps.iter().filter_map(|step| step.action) {
                assert_eq!(
                    permit(action, status, progress),
                    Ok(Permit::Run),
                    "{status} {action:?}"
                );
            }
        }
    }
}
