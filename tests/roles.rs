//! Every role on every route, held against the contract's table.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use workbench_local::Method;
use workbench_tests::Stage;

/// Who may what, sections 4 and 13 of the contract: A is an IT admin, P the project's admin, R its researcher, O admin
/// and researcher of another project.
const MAY: [(&str, &str, &str); 57] = [
    ("POST", "/awsAccountTemplateUrls", "A"),
    ("GET", "/awsAccounts", "A"),
    ("POST", "/awsAccounts", "A"),
    ("GET", "/awsAccounts/{accountId}", "A"),
    ("PATCH", "/awsAccounts/{accountId}", "A"),
    ("DELETE", "/awsAccounts/{accountId}", "A"),
    ("POST", "/awsAccounts/{accountId}/check", "A"),
    ("GET", "/costCenters", "A"),
    ("POST", "/costCenters", "A"),
    ("GET", "/costCenters/{costCenterId}", "A"),
    ("PATCH", "/costCenters/{costCenterId}", "A"),
    ("DELETE", "/costCenters/{costCenterId}", "A"),
    ("GET", "/environmentTypes", "APRO"),
    ("POST", "/environmentTypes", "A"),
    ("GET", "/environmentTypes/{envTypeId}", "APRO"),
    ("PATCH", "/environmentTypes/{envTypeId}", "A"),
    ("GET", "/environmentTypes/{envTypeId}/configurations", "A"),
    ("POST", "/environmentTypes/{envTypeId}/configurations", "A"),
    (
        "GET",
        "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}",
        "APR",
    ),
    (
        "PATCH",
        "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}",
        "A",
    ),
    (
        "DELETE",
        "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}",
        "A",
    ),
    (
        "GET",
        "/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/projects",
        "A",
    ),
    ("GET", "/projects", "APRO"),
    ("POST", "/projects", "A"),
    ("GET", "/projects/{projectId}", "APR"),
    ("PATCH", "/projects/{projectId}", "AP"),
    ("DELETE", "/projects/{projectId}", "AP"),
    ("GET", "/projects/{projectId}/users", "AP"),
    ("POST", "/projects/{projectId}/users/{userId}/relationships", "AP"),
    (
        "DELETE",
        "/projects/{projectId}/users/{userId}/relationships",
        "AP",
    ),
    (
        "GET",
        "/projects/{projectId}/environmentTypes/{envTypeId}/configurations",
        "APR",
    ),
    (
        "GET",
        "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}",
        "APR",
    ),
    (
        "PUT",
        "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/relationships",
        "A",
    ),
    (
        "DELETE",
        "/projects/{projectId}/environmentTypes/{envTypeId}/configurations/{envTypeConfigId}/relationships",
        "A",
    ),
    ("GET", "/users", "APO"),
    ("POST", "/users", "A"),
    ("GET", "/users/{userId}", "APO"),
    ("PATCH", "/users/{userId}", "A"),
    ("DELETE", "/users/{userId}/purge", "A"),
    ("GET", "/environments", "A"),
    ("POST", "/environments", "PR"),
    ("GET", "/environments/{id}", "APR"),
    ("GET", "/environments/{id}/events", "APR"),
    ("PUT", "/environments/{id}/start", "APR"),
    ("PUT", "/environments/{id}/stop", "APR"),
    ("PUT", "/environments/{id}/terminate", "APR"),
    ("GET", "/environments/{id}/connections", "PR"),
    ("GET", "/projects/{projectId}/environments", "APR"),
    ("POST", "/projects/{projectId}/environments", "PR"),
    ("GET", "/projects/{projectId}/environments/{id}", "APR"),
    ("GET", "/projects/{projectId}/environments/{id}/events", "APR"),
    ("PUT", "/projects/{projectId}/environments/{id}/start", "APR"),
    ("PUT", "/projects/{projectId}/environments/{id}/stop", "APR"),
    ("PUT", "/projects/{projectId}/environments/{id}/terminate", "APR"),
    ("GET", "/projects/{projectId}/environments/{id}/connections", "PR"),
    ("GET", "/openapi.json", "everybody"),
    ("GET", "/docs", "everybody"),
];

/// A stage with a second project, of which the outsider is admin and researcher, and whose only configuration is
/// associated with the first.
async fn stage() -> Stage {
    let mut stage = Stage::new().await;
    let config = json!({
        "type": stage.offered.type_name,
        "name": "for one project",
        "description": "associated",
        "params": [
            { "key": "InstanceType", "value": "ml.t3.medium" },
            { "key": "AutoStopIdleTimeInMinutes", "value": "0" },
            { "key": "CIDR", "value": "0.0.0.0/0" },
        ],
    });
    let configs = format!("/environmentTypes/{}/configurations", stage.offered.env_type_id);
    let made = stage.as_admin(Method::POST, &configs, Some(config)).await;
    stage.offered.env_type_config_id = made.body["id"].as_str().unwrap().to_owned();
    let project = stage.workbench.project_id;
    let path = format!(
        "/projects/{project}{configs}/{}/relationships",
        stage.offered.env_type_config_id
    );
    assert_eq!(stage.as_admin(Method::PUT, &path, None).await.status, 204);

    let path = format!("/projects/{project}");
    let first = stage.as_admin(Method::GET, &path, None).await;
    let body = json!({ "name": "other", "description": "other", "costCenterId": first.body["costCenterId"] });
    let other = stage.as_admin(Method::POST, "/projects", Some(body)).await;
    let other = other.body["id"].as_str().unwrap();
    let user = stage.workbench.people.outsider.user_id;
    for role in ["ProjectAdmin", "Researcher"] {
        let path = format!("/projects/{other}/users/{user}/relationships");
        let added = stage
            .as_admin(Method::POST, &path, Some(json!({ "role": role })))
            .await;
        assert_eq!(added.status, 204, "{}", added.body);
    }
    stage
}

fn body(stage: &Stage, method: &str, route: &str) -> Option<Value> {
    match method {
        "POST" if route.ends_with("/environments") => Some(stage.launch_body()),
        "POST" | "PATCH" => Some(json!({})),
        _ => None,
    }
}

#[tokio::test]
async fn every_role_may_on_every_route_what_the_contract_says() {
    let stage = stage().await;
    let environment = stage.launch().await;
    let people = &stage.workbench.people;
    let mut matrix = String::new();
    let mut wrong = Vec::new();
    for (method, route, expected) in MAY {
        let path = route
            .replace("{projectId}", &stage.workbench.project_id.to_string())
            .replace("{envTypeId}", &stage.offered.env_type_id)
            .replace("{envTypeConfigId}", &stage.offered.env_type_config_id)
            .replace("{userId}", "00000000-0000-4000-8000-000000000000")
            .replace("{accountId}", "acc-00000000-0000-4000-8000-000000000000")
            .replace("{costCenterId}", "cc-00000000-0000-4000-8000-000000000000")
            .replace("{id}", &environment);
        let mut line = format!("{method:6} {route:105}");
        for (role, token) in [
            ('-', ""),
            ('x', "expired"),
            ('A', people.it_admin.token.as_str()),
            ('P', people.project_admin.token.as_str()),
            ('R', people.researcher.token.as_str()),
            ('O', people.outsider.token.as_str()),
        ] {
            let http = method.parse().unwrap();
            let answer = stage
                .workbench
                .request(token, http, &path, body(&stage, method, route))
                .await;
            let status = answer.status.as_u16();
            let should = match role {
                _ if expected == "everybody" => status == 200,
                '-' | 'x' => status == 401,
                _ if expected.contains(role) => status != 401 && status != 403 && status < 500,
                _ => status == 403,
            };
            line += &format!(" {role}:{status}");
            if !should {
                wrong.push(format!("{method} {route} as {role}: {status} {}", answer.body));
            }
        }
        matrix += &line;
        matrix.push('\n');
    }
    println!("{matrix}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_has_every_route() {
    let described: BTreeSet<(String, &str)> = workbench_api::document()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase(), path.as_str()))
        })
        .collect();
    let table: BTreeSet<(String, &str)> = MAY
        .iter()
        .filter(|(_, _, may)| *may != "everybody")
        .map(|(method, path, _)| ((*method).to_owned(), *path))
        .collect();
    assert_eq!(described, table);
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on_and_no_longer_than_it_lasts() {
    let stage = Stage::new().await;
    let person = &stage.workbench.people.outsider;
    let project = format!("/projects/{}", stage.workbench.project_id);
    let path = format!("{project}/users/{}/relationships", person.user_id);
    let read = async || {
        stage
            .as_person(person, Method::GET, &project, None)
            .await
            .status
            .as_u16()
    };
    assert_eq!(read().await, 403);
    let role = json!({ "role": "Researcher" });
    assert_eq!(
        stage
            .as_admin(Method::POST, &path, Some(role.clone()))
            .await
            .status,
        204
    );
    assert_eq!(read().await, 200);
    let again = stage.as_admin(Method::POST, &path, Some(role)).await;
    assert_eq!(again.status, 400, "{}", again.body);
    assert_eq!(stage.as_admin(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(read().await, 403);
    assert_eq!(stage.as_admin(Method::DELETE, &path, None).await.status, 204);
}

#[tokio::test]
async fn a_refusal_says_who_may_or_what_to_ask_for() {
    let stage = Stage::new().await;
    let people = &stage.workbench.people;
    let types = "/environmentTypes".to_owned();
    let connections = format!("/environments/{}/connections", stage.launch().await);
    for (person, method, path, words) in [
        (
            &people.outsider,
            Method::GET,
            &types,
            "you are in no project yet: an IT admin or the project's admin adds you",
        ),
        (&people.researcher, Method::POST, &types, "needs the role ITAdmin"),
        (
            &people.researcher,
            Method::GET,
            &"/environments".to_owned(),
            "only IT admins may list all environments: use /projects/{projectId}/environments",
        ),
        (
            &people.researcher,
            Method::DELETE,
            &format!("/projects/{}", stage.workbench.project_id),
            "needs the role ProjectAdmin in the project",
        ),
        (
            &people.it_admin,
            Method::GET,
            &connections,
            "IT admins get into no environment; ask a member of the project",
        ),
    ] {
        let answer = stage.as_person(person, method, path, None).await;
        let body = json!({ "error": "User is not authorized", "message": words });
        assert_eq!((answer.status.as_u16(), answer.body), (403, body), "{path}");
    }
    let body = Some(stage.launch_body());
    let launch = stage.as_admin(Method::POST, "/environments", body).await;
    assert_eq!(
        launch.body["message"],
        "IT admins launch nothing; ask a member of the project"
    );
}

#[tokio::test]
async fn what_exists_and_what_does_not_are_refused_in_the_same_words() {
    let stage = Stage::new().await;
    let outsider = &stage.workbench.people.outsider;
    let (environment, project) = (stage.launch().await, stage.workbench.project_id.to_string());
    let none = "00000000-0000-4000-8000-000000000000";
    let config = &stage.offered.env_type_config_id;
    let of_type = format!("/environmentTypes/{}/configurations", stage.offered.env_type_id);
    for (there, missing) in [
        (
            format!("/environments/{environment}"),
            format!("/environments/env-{none}"),
        ),
        (format!("/projects/{project}"), format!("/projects/proj-{none}")),
        (
            format!("/projects/{project}/environments/{environment}"),
            format!("/projects/proj-{none}/environments/env-{none}"),
        ),
        (format!("{of_type}/{config}"), format!("{of_type}/etc-{none}")),
    ] {
        let there = stage.as_person(outsider, Method::GET, &there, None).await;
        let missing = stage.as_person(outsider, Method::GET, &missing, None).await;
        assert_eq!((there.status.as_u16(), missing.status.as_u16()), (403, 403));
        assert_eq!(there.body, missing.body);
    }
}
