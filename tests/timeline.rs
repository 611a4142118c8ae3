//! What happened to an environment, as the API tells it.

use serde_json::{Value, json};
use workbench_core::story::{Shown, Story};
use workbench_core::timeline::Entry;
use workbench_local::Method;
use workbench_tests::Stage;

fn path(id: &str, query: &str) -> String {
    format!("/environments/{id}/events{query}")
}

/// The rows of a page that must be there.
async fn events(stage: &Stage, id: &str, query: &str) -> Vec<Value> {
    let answer = stage.call(Method::GET, &path(id, query), None).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].as_array().unwrap().clone()
}

/// The changes of status among rows.
fn changes(events: &[Value]) -> Vec<(&str, &str)> {
    let changed = events.iter().filter(|event| event["from"] != event["to"]);
    changed
        .map(|event| (event["from"].as_str().unwrap(), event["to"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_change_is_told_with_who_or_what_it_was_the_newest_first() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    let told = events(&stage, &id, "").await;
    assert_eq!(
        changes(&told),
        [
            ("STOPPING", "STOPPED"),
            ("COMPLETED", "STOPPING"),
            ("PENDING", "COMPLETED")
        ]
    );
    let researcher = stage.workbench.people.researcher.user_id;
    let stopping = told
        .iter()
        .find(|event| event["from"] == "COMPLETED" && event["to"] == "STOPPING")
        .unwrap();
    assert_eq!(stopping["cause"], format!("stop by {researcher}"));
    let first = told.last().unwrap();
    assert_eq!(first["cause"], format!("launch by {researcher}"));
    let completed = told.iter().find(|event| event["to"] == "COMPLETED").unwrap();
    assert_eq!(completed["reported"]["source"], "LAUNCH");
    // The raw id is the one that the event had on the bus.
    let world = stage.workbench.aws.world();
    let mut sent = world.events(&stage.workbench.main.account);
    assert!(
        sent.any(|event| event.event["id"] == completed["sourceId"]),
        "{completed}"
    );
}

#[tokio::test]
async fn reports_that_changed_nothing_are_told_with_the_reason() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    let stop = stage.settle_unheard().await;
    for event in &stop {
        assert!(stage.workbench.report(event).await);
    }
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    let mut foreign = stop[0].clone();
    foreign["account"] = json!("999999999999");
    foreign["id"] = json!("from-elsewhere");
    for event in [&stop[0], &foreign, &foreign] {
        assert!(stage.workbench.report(event).await);
    }
    let told = events(&stage, &id, "").await;
    let kept: Vec<&Value> = told
        .iter()
        .filter(|event| event["reported"]["kept"].is_string())
        .collect();
    let reasons: Vec<&Value> = kept.iter().map(|event| &event["reported"]["kept"]).collect();
    assert!(
        reasons.contains(&&json!("not the environment's account")),
        "{kept:#?}"
    );
    assert!(
        kept.iter().any(|event| event["sourceId"] == stop[0]["id"]),
        "{kept:#?}"
    );
    let elsewhere = kept.iter().filter(|event| event["sourceId"] == "from-elsewhere");
    assert_eq!(elsewhere.count(), 1);
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions_and_are_bound_to_their_query() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage.act(&id, "stop").await;
    stage.reach(&id, "STOPPED").await;
    let newest_first = events(&stage, &id, "").await;
    for (sort, reversed) in [("", false), ("&sort[createdAt]=asc", true)] {
        let (mut told, mut token) = (Vec::new(), String::new());
        loop {
            let query = format!("?pageSize=2{sort}{token}");
            let page = stage.call(Method::GET, &path(&id, &query), None).await.body;
            told.extend(page["data"].as_array().unwrap().clone());
            match page["paginationToken"].as_str() {
                Some(next) => token = format!("&paginationToken={next}"),
                None => break,
            }
        }
        if reversed {
            told.reverse();
        }
        assert_eq!(told, newest_first, "{sort}");
    }
    let page = stage
        .call(Method::GET, &path(&id, "?pageSize=1"), None)
        .await
        .body;
    let token = page["paginationToken"].as_str().unwrap();
    let other = stage.launch().await;
    for wrong in [
        path(&other, &format!("?paginationToken={token}")),
        path(&id, &format!("?paginationToken={token}&sort[createdAt]=asc")),
        path(&id, "?paginationToken=x"),
        path(&id, "?pageSize=101"),
        path(&id, "?sort[status]=asc"),
        path(&id, "?filter[createdAt][lt]=2026"),
        path(&id, "?from=2026"),
    ] {
        let answer = stage.call(Method::GET, &wrong, None).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.body);
    }
}

#[tokio::test]
async fn only_its_projects_members_and_it_admins_are_told() {
    let stage = Stage::new().await;
    let id = stage.launch().await;
    let project = stage.workbench.project_id;
    let in_project = format!("/projects/{project}{}", path(&id, ""));
    let unknown = "env-00000000-0000-4000-8000-000000000000";
    for path in [path(&id, ""), in_project] {
        assert_eq!(stage.call(Method::GET, &path, None).await.status, 200, "{path}");
        assert_eq!(
            stage.as_admin(Method::GET, &path, None).await.status,
            200,
            "{path}"
        );
        let outsider = &stage.workbench.people.outsider;
        let refused = stage.as_person(outsider, Method::GET, &path, None).await;
        assert_eq!(refused.status, 403, "{path}");
        let unknown = path.replace(&id, unknown);
        assert_eq!(
            stage.as_admin(Method::GET, &unknown, None).await.status,
            404,
            "{unknown}"
        );
    }
    let elsewhere = format!(
        "/projects/proj-00000000-0000-4000-8000-000000000000{}",
        path(&id, "")
    );
    assert_eq!(stage.as_admin(Method::GET, &elsewhere, None).await.status, 404);
}

#[tokio::test]
async fn a_failure_is_told_to_researchers_without_roles_and_makes_a_story() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    stage
        .stop_refused(&id, "not allowed to arn:aws:iam::1:role/x here")
        .await;
    let told = events(&stage, &id, "?sort[createdAt]=asc").await;
    let back = told.last().unwrap();
    assert!(
        back["reason"]
            .as_str()
            .unwrap()
            .ends_with("not allowed to [hidden] here"),
        "{back}"
    );
    let admin = stage.as_admin(Method::GET, &path(&id, ""), None).await.body;
    let reason = admin["data"][0]["reason"].as_str().unwrap();
    assert!(
        reason.ends_with("not allowed to arn:aws:iam::1:role/x here"),
        "{reason}"
    );

    let shown: Shown = serde_json::from_value(stage.get(&id).await).unwrap();
    let timeline: Vec<Entry> = serde_json::from_value(json!(told)).unwrap();
    let story = Story::of(&shown, &timeline, stage.workbench.cloud.now());
    assert_eq!(story.happened.len(), told.len());
    let story = story.to_string();
    for part in [
        "runs and can be connected to",
        "the stop was refused",
        "A role lacks a permission",
        "terminate: ",
    ] {
        assert!(story.contains(part), "{part}: {story}");
    }
}
