use std::process::Stdio;

use serde_json::Value;

use crate::up::{Up, workbench};
use crate::{Ran, json, refused, run, shown};

/// Asks often: simulated time passes quickly.
const OFTEN: [&str; 2] = ["--interval", "50ms"];

fn launched(up: &Up, name: &str, more: &[&str]) -> String {
    let launch = ["env", "launch", "--name", name, "--config", "sagemakerExample"];
    shown(up, "researcher", &[&launch, more].concat())
}

#[test]
fn an_environment_lives_from_launch_to_termination() {
    let up = Up::start("life", &[]);
    let id = launched(&up, "demo", &["--project", "local-project"]);
    assert!(id.starts_with("env-"), "{id}");
    let list = shown(&up, "researcher", &["env", "list"]);
    assert!(
        list.starts_with("ID ") && list.contains(&id) && list.contains("demo"),
        "{list}"
    );

    let watched = shown(
        &up,
        "researcher",
        &[&["env", "watch", "demo"], &OFTEN[..]].concat(),
    );
    assert!(
        watched.ends_with(&format!("{id}  COMPLETED           demo")),
        "{watched}"
    );
    let environment = json(&up, "researcher", &["env", "get", "demo"]);
    assert_eq!(
        (&environment["id"], &environment["status"]),
        (&id.as_str().into(), &"COMPLETED".into())
    );
    let details = shown(&up, "researcher", &["env", "get", &id]);
    assert!(
        details.contains("local-project") && details.contains("sagemakerExample"),
        "{details}"
    );

    // Who may not read users is refused nothing here, and nobody is told more.
    let owner = environment["owner"].as_str().unwrap();
    for role in ["projectAdmin", "researcher"] {
        assert!(shown(&up, role, &["env", "get", &id]).contains(owner), "{role}");
    }

    let connect = shown(&up, "researcher", &["env", "connect", &id]);
    assert!(connect.contains("(https://"), "{connect}");
    let connection = json(&up, "researcher", &["env", "connect", &id]);
    assert!(connection["authCredResponse"]["url"].is_string(), "{connection}");

    let stopped = run(
        &up,
        "researcher",
        &[&["env", "stop", "demo", "--wait"], &OFTEN[..]].concat(),
    );
    assert_eq!(
        (stopped.code, stopped.shown.as_str()),
        (0, ""),
        "{}",
        stopped.told
    );
    assert!(
        stopped.told.contains(&format!("{id}  STOPPED ")),
        "{}",
        stopped.told
    );
    refused(
        &up,
        "researcher",
        &["env", "connect", "demo"],
        1,
        "status: an environment that is STOPPED",
    );
    shown(
        &up,
        "researcher",
        &[&["env", "start", "demo", "--wait"], &OFTEN[..]].concat(),
    );
    let story = shown(&up, "researcher", &["env", "explain", "demo"]);
    for told in [
        "runs and can be connected to",
        "PENDING -> COMPLETED",
        "STOPPING -> STOPPED",
        "What can be done",
    ] {
        assert!(story.contains(told), "{story}");
    }
    let events = json(&up, "researcher", &["env", "explain", "demo"]);
    assert_eq!(events["events"][0]["from"], "PENDING", "{events}");
    let gone = [&["env", "terminate", "demo", "--wait"], &OFTEN[..]].concat();
    assert_eq!(json(&up, "researcher", &gone)[0]["status"], "TERMINATED");
    assert_eq!(shown(&up, "researcher", &["env", "list"]), "");
    refused(
        &up,
        "researcher",
        &["env", "start", "demo"],
        1,
        "there is no environment `demo`",
    );
    refused(
        &up,
        "researcher",
        &["env", "start", &id],
        1,
        "the API answered 409: status: ",
    );
}

#[test]
fn a_watch_until_stopped_sees_others_stop_it() {
    let up = Up::start("watch", &[]);
    let id = launched(&up, "demo", &[]);
    let mut watch = workbench(&["env", "watch", &id, "--until", "stopped", "--json"]);
    let watch = watch
        .args(OFTEN)
        .env("WORKBENCH_URL", up.url())
        .env("WORKBENCH_TOKEN", up.token("projectAdmin"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    shown(
        &up,
        "researcher",
        &[&["env", "watch", &id, "--until", "COMPLETED"], &OFTEN[..]].concat(),
    );
    shown(&up, "researcher", &["env", "stop", &id]);
    let watched = Ran::from(watch.wait_with_output().unwrap());
    assert_eq!(watched.code, 0, "{}", watched.told);
    let lines: Vec<Value> = watched
        .shown
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.iter().all(|line| line["id"] == id.as_str()), "{lines:?}");
    assert_eq!(lines.last().unwrap()["status"], "STOPPED");
}

#[test]
fn several_are_asked_for_whatever_becomes_of_one_of_them() {
    let up = Up::start("several", &[]);
    let one = launched(&up, "one", &[&["--wait"], &OFTEN[..]].concat());
    let two = launched(
        &up,
        "two",
        &[
            "--description",
            "The second",
            "--timeout",
            "1m",
            "--interval",
            "50ms",
        ],
    );
    let stop = run(
        &up,
        "researcher",
        &[&["env", "stop", &one, "nobody", &two, "--wait"], &OFTEN[..]].concat(),
    );
    assert_eq!(stop.code, 1, "{}", stop.told);
    assert!(
        stop.told
            .contains("stop nobody: there is no environment `nobody`"),
        "{}",
        stop.told
    );
    let stopped = json(
        &up,
        "researcher",
        &[
            "env",
            "list",
            "--status",
            "stopped",
            "--sort",
            "name",
            "--reverse",
        ],
    );
    let names: Vec<_> = stopped
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["two", "one"]);

    // An IT admin's list is filtered by the API, a project's by the command.
    for scope in [
        &["env", "list"][..],
        &["env", "list", "--project", "local-project"],
    ] {
        let select = |more: &[&str]| {
            json(&up, "itAdmin", &[scope, more].concat())
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!(select(&[]), 2);
        assert_eq!(select(&["--limit", "1"]), 1);
        assert_eq!(select(&["--name", "t*"]), 1);
        assert_eq!(select(&["--owner", "rosa.search@example.org"]), 2);
        assert_eq!(select(&["--owner", "petra.lead@example.org"]), 0);
        assert_eq!(select(&["--name", "t*", "--status", "FAILED"]), 0);
        assert_eq!(select(&["--since", "2020-01-01", "--sort", "created"]), 2);
        assert_eq!(select(&["--before", "2020-01-01"]), 0);
    }
    let again = [&["env", "start", &one, &two, "--wait", "--json"], &OFTEN[..]].concat();
    let started: Value = serde_json::from_str(&shown(&up, "projectAdmin", &again)).unwrap();
    assert_eq!(started.as_array().unwrap().len(), 2);
}

#[test]
fn a_launch_is_refused_in_the_apis_words_and_launches_once_for_one_key() {
    let up = Up::start("launch", &[]);
    let launch = ["env", "launch", "--config", "sagemakerExample", "--name"];
    let with = |more: &[&'static str]| [&launch[..], more].concat();
    refused(
        &up,
        "researcher",
        &with(&["a b"]),
        1,
        "the API answered 400: name: must be 1 to 112",
    );
    refused(
        &up,
        "researcher",
        &with(&["demo", "--dataset", "d-1"]),
        1,
        "datasetIds: must be []",
    );
    refused(
        &up,
        "researcher",
        &with(&["demo", "--project", "other"]),
        1,
        "there is no project `other`",
    );
    refused(
        &up,
        "researcher",
        &with(&["demo", "--type", "other"]),
        1,
        "there is no environment type `other`",
    );
    refused(&up, "itAdmin", &with(&["demo"]), 3, "the API answered 403: ");
    let unknown = ["env", "launch", "--name", "demo", "--config", "other"];
    refused(
        &up,
        "researcher",
        &unknown,
        1,
        "there is no configuration `other`",
    );
    let once = with(&["demo", "--idempotency-key", "k-1", "--type", "sagemakerExample"]);
    assert_eq!(shown(&up, "researcher", &once), shown(&up, "researcher", &once));
    let late = run(&up, "researcher", &with(&["late", "--timeout", "1ms"]));
    assert_eq!(late.code, 5, "{}", late.told);
    assert!(
        late.shown.starts_with("env-") && late.told.contains("the time was over first"),
        "{}",
        late.told
    );
    let late = run(&up, "researcher", &with(&["later", "--timeout", "1ms", "--json"]));
    let environment: Value = serde_json::from_str(&late.shown).unwrap();
    let accepted = format!("launch {}: accepted\n", environment["id"].as_str().unwrap());
    assert!(late.told.starts_with(&accepted), "{}", late.told);
}
