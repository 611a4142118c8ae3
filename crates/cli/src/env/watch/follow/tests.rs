//! Watching with a time that passes when it is waited for.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::json;
use workbench_core::registry::environment_types;
use workbench_core::status::Status;
use workbench_local::{Endpoints, Method, Workbench};

use super::*;
use crate::time::turned;

#[test]
fn pauses_grow_while_nothing_happens_and_shrink_with_news() {
    let mut pace = Pace::new(Duration::from_secs(2));
    let mut pauses = |news: &[bool]| -> Vec<u64> {
        let pause = |news: &bool| {
            pace.seen(*news);
            pace.pause().as_secs()
        };
        news.iter().map(pause).collect()
    };
    assert_eq!(
        pauses(&[true, false, false, false, false, false, false]),
        [2, 3, 4, 6, 10, 15, 15]
    );
    assert_eq!(pauses(&[true, false]), [2, 3]);
}

#[test]
fn trouble_is_borne_for_a_while_but_not_at_the_first_look() {
    let mut pace = Pace::new(Duration::from_secs(2));
    assert!(!pace.bears_trouble());
    pace.seen(true);
    let borne = std::iter::repeat_with(|| pace.bears_trouble()).take_while(|borne| *borne);
    assert_eq!(borne.count(), FAILURES as usize - 1);
    assert_eq!(pace.pause(), TROUBLE);
}

/// An API that answers these, one look after the other, and the last one from then on.
async fn answering(answers: &'static [(u16, &'static str)]) -> Client {
    let looks = AtomicUsize::new(0);
    let looks = Arc::new(looks);
    let answer = move || {
        let look = looks.fetch_add(1, Ordering::Relaxed);
        let (code, status) = answers[look.min(answers.len() - 1)];
        let code = StatusCode::from_u16(code).unwrap();
        async move {
            (
                code,
                Json(json!({ "id": "env-1", "name": "demo", "status": status,
                    "updatedAt": format!("2026-11-24T10:00:{look:02}.500Z") })),
            )
        }
    };
    Client::of(Router::new().route("/environments/env-1", get(answer)), "t").await
}

/// Watches `env-1`; how it ends, and the statuses that were shown.
async fn watched(client: &Client, goal: Goal, timeout: Option<u64>) -> (anyhow::Result<Exit>, Vec<String>) {
    followed(client, false, goal, timeout).await
}

/// As [`watched`], also after the API has accepted what is waited for.
async fn followed(
    client: &Client,
    accepted: bool,
    goal: Goal,
    timeout: Option<u64>,
) -> (anyhow::Result<Exit>, Vec<String>) {
    let follow = Follow {
        client,
        time: &turned::time(),
        sight: Sight::These(vec!["env-1".into()]),
        accepted,
        goal,
        timeout: timeout.map(Duration::from_secs),
        interval: Duration::from_secs(2),
    };
    let shown = Rc::new(RefCell::new(Vec::new()));
    let lines = shown.clone();
    let show = Show::Lines(Box::new(move |line| lines.borrow_mut().push(line.to_owned())));
    let end = follow.run(show).await.map(|watched| watched.exit);
    (end, shown.take())
}

#[tokio::test]
async fn each_change_is_shown_once_with_the_apis_time_until_the_end() {
    let answers = &[(200, "PENDING"), (200, "PENDING"), (200, "COMPLETED")];
    let (end, shown) = watched(&answering(answers).await, Goal::Ends, None).await;
    assert_eq!(end.unwrap(), Exit::Done);
    assert_eq!(
        shown,
        [
            "2026-11-24T10:00:00Z  env-1  PENDING             demo",
            "2026-11-24T10:00:02Z  env-1  COMPLETED           demo"
        ]
    );
}

#[tokio::test]
async fn a_failure_ends_badly_and_time_that_is_over_in_its_own_way() {
    let (end, _) = watched(&answering(&[(200, "FAILED")]).await, Goal::Ends, None).await;
    assert_eq!(end.unwrap(), Exit::Refused);
    let pending = answering(&[(200, "PENDING")]).await;
    let (end, shown) = watched(&pending, Goal::Ends, Some(7)).await;
    assert_eq!((end.unwrap(), shown.len()), (Exit::TimedOut, 1));
    let (end, _) = watched(&pending, Goal::Never, Some(7)).await;
    assert_eq!(end.unwrap(), Exit::Done);
}

#[tokio::test]
async fn an_api_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let busy = &[(200, "PENDING"), (503, ""), (503, ""), (200, "COMPLETED")];
    let (end, shown) = watched(&answering(busy).await, Goal::Ends, None).await;
    assert_eq!((end.unwrap(), shown.len()), (Exit::Done, 2));
    let hopeless: [&'static [(u16, &'static str)]; 3] = [
        &[(200, "PENDING"), (403, "")],
        &[(503, "")],
        &[(200, "PENDING"), (503, "")],
    ];
    for answers in hopeless {
        let (end, _) = watched(&answering(answers).await, Goal::Ends, None).await;
        assert!(end.is_err(), "{answers:?}");
    }
}

#[tokio::test]
async fn what_was_accepted_is_asked_for_again_even_if_the_first_look_fails() {
    let goal = Goal::EndsAs(Status::Completed);
    let busy = answering(&[(503, ""), (200, "PENDING"), (200, "COMPLETED")]).await;
    let (end, shown) = followed(&busy, true, goal, None).await;
    assert_eq!((end.unwrap(), shown.len()), (Exit::Done, 2));
    for answers in [&[(503, "")], &[(403, "")]] {
        let (end, _) = followed(&answering(answers).await, true, goal, None).await;
        assert!(end.is_err(), "{answers:?}");
    }
}

/// The time of a local Workbench; as it passes, somebody stops the environment once it runs.
#[derive(Clone)]
struct Simulated {
    workbench: Workbench,
    environment: String,
}

impl std::fmt::Debug for Simulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Simulated")
    }
}

impl TimeSource for Simulated {
    fn now(&self) -> SystemTime {
        self.workbench.aws.now().try_into().unwrap()
    }
}

impl AsyncSleep for Simulated {
    fn sleep(&self, duration: Duration) -> Sleep {
        let Self {
            workbench,
            environment,
        } = self.clone();
        let turned = tokio::spawn(async move {
            let pause = SignedDuration::try_from(duration).unwrap();
            workbench.run_until(workbench.aws.now() + pause).await;
            let token = &workbench.people.project_admin.token;
            let path = format!("/environments/{environment}");
            let seen = workbench.request(token, Method::GET, &path, None).await;
            if seen.body["status"] == "COMPLETED" {
                let stop = format!("{path}/stop");
                let stopped = workbench.request(token, Method::PUT, &stop, None).await;
                assert_eq!(stopped.status, StatusCode::NO_CONTENT);
            }
        });
        Sleep::new(async move { turned.await.unwrap() })
    }
}

#[tokio::test]
async fn a_life_is_watched_from_launch_to_stopped() {
    let now = "2026-11-24T10:00:00Z".parse().unwrap();
    let workbench = Workbench::start(now, Endpoints::Local).await.unwrap();
    let offered = workbench.offer(&environment_types()[0]).await.unwrap();
    let client = Client::of(workbench.router(), &workbench.people.researcher.token).await;
    let body = json!({ "name": "demo", "description": "demo", "projectId": workbench.project_id,
        "envType": offered.type_name, "envTypeId": offered.env_type_id,
        "envTypeConfigId": offered.env_type_config_id });
    let environment = client.send("POST", "/environments", Some(&body)).await.unwrap();
    let id = environment["id"].as_str().unwrap().to_owned();
    let simulated = Simulated {
        workbench: workbench.clone(),
        environment: id.clone(),
    };
    let clock = SharedTimeSource::new(simulated.clone());
    let time = Time::of(clock, SharedAsyncSleep::new(simulated));
    for sight in [Sight::Listed(None), Sight::These(vec![id])] {
        let follow = Follow {
            client: &client,
            time: &time,
            sight,
            accepted: false,
            goal: Goal::Reaches(Status::Stopped),
            timeout: Some(Duration::from_secs(3600)),
            interval: Duration::from_secs(2),
        };
        let shown = Rc::new(RefCell::new(Vec::new()));
        let statuses = shown.clone();
        let show = Show::Json(Box::new(move |line| {
            let row: Value = serde_json::from_str(line).unwrap();
            statuses
                .borrow_mut()
                .push(row["status"].as_str().unwrap().to_owned());
        }));
        let watched = follow.run(show).await.unwrap();
        assert_eq!((watched.exit, watched.rows.len()), (Exit::Done, 1));
        let life: &[&str] = match follow.sight {
            Sight::Listed(_) => &["PENDING", "STOPPING", "STOPPED"],
            Sight::These(_) => &["STOPPED"],
        };
        assert_eq!(shown.take(), life);
    }
}
