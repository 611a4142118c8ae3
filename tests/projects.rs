//! Projects, their lists and what belongs to them, through the API.

use serde_json::{Value, json};
use workbench_local::Method;
use workbench_tests::Stage;

async fn cost_center(stage: &Stage) -> Value {
    let path = format!("/projects/{}", stage.workbench.project_id);
    stage.as_admin(Method::GET, &path, None).await.body["costCenterId"].clone()
}

async fn make(stage: &Stage, name: &str) -> Value {
    let body = json!({ "name": name, "description": "made", "costCenterId": cost_center(stage).await });
    let made = stage.as_admin(Method::POST, "/projects", Some(body)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.body
}

fn names(page: &Value) -> Vec<&str> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_project_is_made_read_changed_and_deleted() {
    let stage = Stage::new().await;
    let project = make(&stage, "genomes").await;
    let path = format!("/projects/{}", project["id"].as_str().unwrap());
    assert_eq!(stage.as_admin(Method::GET, &path, None).await.body, project);
    assert_eq!(project["status"], "AVAILABLE");
    assert!(project["envMgmtRoleArn"].is_string(), "{project}");

    let changed = stage
        .as_admin(Method::PATCH, &path, Some(json!({ "name": "proteins" })))
        .await;
    assert_eq!(
        (changed.status.as_u16(), &changed.body["name"]),
        (200, &json!("proteins"))
    );
    make(&stage, "genomes").await;
    let taken = stage
        .as_admin(Method::PATCH, &path, Some(json!({ "name": "genomes" })))
        .await;
    assert_eq!(taken.status, 400);
    assert!(
        taken.body["message"].as_str().unwrap().starts_with("name: "),
        "{}",
        taken.body
    );

    assert_eq!(stage.as_admin(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(
        stage.as_admin(Method::GET, &path, None).await.body["status"],
        "DELETED"
    );
    assert_eq!(stage.as_admin(Method::DELETE, &path, None).await.status, 404);
    let listed = stage
        .as_admin(Method::GET, "/projects?sort[name]=asc", None)
        .await;
    assert_eq!(names(&listed.body), ["genomes", "local-project"]);
    make(&stage, "proteins").await;
}

#[tokio::test]
async fn what_a_new_project_needs_is_checked() {
    let stage = Stage::new().await;
    let cost_center = cost_center(&stage).await;
    for (body, hint) in [
        (
            json!({ "name": "local-project", "description": "a", "costCenterId": cost_center }),
            "name: ",
        ),
        (
            json!({ "name": "a", "description": "a", "costCenterId": "cc-00000000-0000-4000-8000-000000000000" }),
            "costCenterId: ",
        ),
        (
            json!({ "name": "a b", "description": "a", "costCenterId": cost_center }),
            "name: ",
        ),
        (
            json!({ "name": "a", "costCenterId": cost_center }),
            "description: Required",
        ),
        (
            json!({ "name": "a", "description": "a", "costCenterId": cost_center, "id": 1 }),
            "id: ",
        ),
    ] {
        let refused = stage.as_admin(Method::POST, "/projects", Some(body)).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(
            refused.body["message"].as_str().unwrap().starts_with(hint),
            "{}",
            refused.body
        );
    }
}

#[tokio::test]
async fn a_project_with_environments_or_associations_is_not_deleted() {
    let stage = Stage::new().await;
    let project = format!("/projects/{}", stage.workbench.project_id);
    let id = stage.launch_completed().await;
    let refused = stage.as_admin(Method::DELETE, &project, None).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body["message"].as_str().unwrap().contains("environments"));
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;

    let config = format!(
        "{project}/environmentTypes/{}/configurations/{}/relationships",
        stage.offered.env_type_id, stage.offered.env_type_config_id
    );
    assert_eq!(stage.as_admin(Method::PUT, &config, None).await.status, 204);
    let refused = stage.as_admin(Method::DELETE, &project, None).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .contains("configurations")
    );
    assert_eq!(stage.as_admin(Method::DELETE, &config, None).await.status, 204);

    assert_eq!(stage.as_admin(Method::DELETE, &project, None).await.status, 204);
    assert_eq!(stage.call(Method::GET, &project, None).await.status, 403);
    let launched = stage.post("/environments", stage.launch_body()).await;
    assert_eq!(launched.status, 403, "{}", launched.body);
}

#[tokio::test]
async fn whoever_is_a_member_sees_their_projects_without_roles_and_keys() {
    let stage = Stage::new().await;
    make(&stage, "of-others").await;
    let seen = stage.call(Method::GET, "/projects", None).await;
    assert_eq!(names(&seen.body), ["local-project"]);
    let text = seen.body.to_string();
    for secret in [":role/", "externalId", "arn:aws:kms"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let all = stage.as_admin(Method::GET, "/projects", None).await;
    assert_eq!(all.body["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged() {
    let stage = Stage::new().await;
    for name in ["c", "a", "b1", "b2"] {
        make(&stage, name).await;
    }
    let list = async |query: &str| {
        stage
            .as_admin(Method::GET, &format!("/projects?{query}"), None)
            .await
    };
    let by_name = list("sort%5Bname%5D=desc&pageSize=3").await;
    assert_eq!(names(&by_name.body), ["local-project", "c", "b2"]);
    let token = by_name.body["paginationToken"].as_str().unwrap();
    let rest = list(&format!("sort[name]=desc&pageSize=3&paginationToken={token}")).await;
    assert_eq!(names(&rest.body), ["b1", "a"]);
    assert_eq!(rest.body.get("paginationToken"), None);
    assert_eq!(names(&list("filter[name][begins]=b").await.body), ["b1", "b2"]);
    for (query, hint) in [
        (
            format!("sort[name]=asc&paginationToken={token}"),
            "paginationToken: Invalid Pagination Token",
        ),
        (
            "filter[owner][eq]=a".to_owned(),
            "filter: Unrecognized key(s): 'owner'",
        ),
        (
            "filter[name][eq]=a&sort[status]=asc".to_owned(),
            "sort: must be on the property of filter",
        ),
    ] {
        let refused = list(&query).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.body);
        assert!(
            refused.body["message"].as_str().unwrap().starts_with(hint),
            "{}",
            refused.body
        );
    }
}

#[tokio::test]
async fn environments_are_filtered_by_status() {
    let stage = Stage::new().await;
    let done = stage.launch_completed().await;
    let pending = stage.launch().await;
    for (status, id) in [("COMPLETED", &done), ("PENDING", &pending)] {
        let query = format!("/environments?filter[status][eq]={status}&sort[status]=asc");
        let found = stage.as_admin(Method::GET, &query, None).await;
        let rows = found.body["data"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{status}: {}", found.body);
        assert_eq!(rows[0]["id"], **id);
    }
}

#[tokio::test]
async fn configurations_and_projects_find_each_other() {
    let stage = Stage::new().await;
    let (ty, config) = (&stage.offered.env_type_id, &stage.offered.env_type_config_id);
    let below = format!("/environmentTypes/{ty}/configurations");
    let project = format!("/projects/{}", stage.workbench.project_id);
    let mine = stage.call(Method::GET, &format!("{project}{below}"), None).await;
    assert_eq!(mine.body["data"][0]["id"], **config, "{}", mine.body);
    let one = stage
        .call(Method::GET, &format!("{project}{below}/{config}"), None)
        .await;
    assert_eq!(one.body["id"], **config);

    let projects = format!("{below}/{config}/projects");
    let none = stage.as_admin(Method::GET, &projects, None).await;
    assert_eq!(none.body, json!({ "data": [] }));
    let relationship = format!("{project}{below}/{config}/relationships");
    let unknown = "proj-00000000-0000-4000-8000-000000000000";
    let elsewhere = format!("/projects/{unknown}{below}/{config}");
    assert_eq!(stage.as_admin(Method::GET, &elsewhere, None).await.status, 404);
    let other = Some(json!({ "projectId": unknown }));
    let refused = stage.as_admin(Method::PUT, &relationship, other).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    for _ in 0..2 {
        assert_eq!(stage.as_admin(Method::PUT, &relationship, None).await.status, 204);
    }
    let found = stage.as_admin(Method::GET, &projects, None).await;
    assert_eq!(names(&found.body), ["local-project"]);
    let id = stage.launch_completed().await;
    assert_eq!(
        stage.as_admin(Method::DELETE, &relationship, None).await.status,
        409
    );
    stage.act(&id, "terminate").await;
    stage.reach(&id, "TERMINATED").await;
    for _ in 0..2 {
        assert_eq!(
            stage.as_admin(Method::DELETE, &relationship, None).await.status,
            204
        );
    }
}

#[tokio::test]
async fn members_are_listed() {
    let stage = Stage::new().await;
    let path = format!("/projects/{}/users", stage.workbench.project_id);
    let admins = stage
        .as_admin(Method::GET, &format!("{path}?role=ProjectAdmin"), None)
        .await;
    let expected = stage.workbench.people.project_admin.user_id.to_string();
    assert_eq!(admins.body["data"][0]["id"], expected, "{}", admins.body);
    for query in ["", "?role=Boss", "?role=Researcher&pageSize=61"] {
        let refused = stage.as_admin(Method::GET, &format!("{path}{query}"), None).await;
        assert_eq!(refused.status, 400, "{query}");
    }
}

#[tokio::test]
async fn two_who_want_one_name_at_once_do_not_both_get_it() {
    let stage = Stage::new().await;
    let body = json!({ "name": "wanted", "description": "a", "costCenterId": cost_center(&stage).await });
    let make = || stage.as_admin(Method::POST, "/projects", Some(body.clone()));
    let (one, other, third) = tokio::join!(make(), make(), make());
    let mut statuses = [one.status.as_u16(), other.status.as_u16(), third.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
}
