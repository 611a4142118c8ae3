//! Who is in a project, and which roles that gives.

use serde_json::json;
use workbench_local::{ApiError, Method, Service};
use workbench_tests::Stage;

use super::{change, in_console, message, path};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn roles_are_those_of_the_group_and_of_the_projects() {
    let stage = Stage::new().await;
    let people = &stage.workbench.people;
    let project = stage.workbench.project_id;
    let listed = stage
        .as_person(&people.project_admin, Method::GET, "/users", None)
        .await;
    let rows = listed.body["users"]["data"].as_array().unwrap();
    for (person, roles) in [
        (&people.it_admin, vec!["ITAdmin".to_owned()]),
        (&people.project_admin, vec![format!("{project}#ProjectAdmin")]),
        (&people.researcher, vec![format!("{project}#Researcher")]),
        (&people.outsider, vec![]),
    ] {
        let id = person.user_id.to_string();
        let row = rows.iter().find(|row| row["id"] == *id).unwrap();
        assert_eq!(row["roles"], json!(roles));
        let read = stage
            .as_person(&people.project_admin, Method::GET, &format!("/users/{id}"), None)
            .await;
        assert_eq!(read.body, *row);
    }
}

#[tokio::test]
async fn members_have_names_and_addresses() {
    let stage = Stage::new().await;
    let people = &stage.workbench.people;
    let project = stage.workbench.project_id;
    let members = format!("/projects/{project}/users");
    let add = format!("{members}/{}/relationships", people.researcher.user_id);
    let role = json!({ "role": "ProjectAdmin" });
    assert_eq!(stage.as_admin(Method::POST, &add, Some(role)).await.status, 204);
    stage.workbench.aws.world().forget_calls();
    let listed = stage
        .as_admin(Method::GET, &format!("{members}?role=Researcher"), None)
        .await;
    let id = people.researcher.user_id.to_string();
    let expected = json!([{
        "id": id,
        "firstName": "Rosa",
        "lastName": "Search",
        "email": "rosa.search@example.org",
        "status": 1,
        "roles": [format!("{project}#Researcher"), format!("{project}#ProjectAdmin")],
    }]);
    assert_eq!(listed.body["data"], expected);
    assert_eq!(stage.calls("AdminGetUser"), 1);

    // What is left of somebody who was deleted past Workbench is shown, and can be taken away.
    in_console(&stage, "AdminDeleteUser", json!({ "Username": id }));
    let listed = stage
        .as_admin(Method::GET, &format!("{members}?role=Researcher"), None)
        .await;
    assert_eq!(listed.body["data"][0]["id"], id);
    assert!(listed.body["data"][0].get("email").is_none(), "{}", listed.body);
    assert_eq!(stage.as_admin(Method::DELETE, &add, None).await.status, 204);
    assert_eq!(stage.as_admin(Method::DELETE, &add, None).await.status, 404);
}

#[tokio::test]
async fn only_users_who_are_no_it_admins_become_members() {
    let stage = Stage::new().await;
    let people = &stage.workbench.people;
    let path = |user: &str| {
        format!(
            "/projects/{}/users/{user}/relationships",
            stage.workbench.project_id
        )
    };
    let it_admin = people.it_admin.user_id.to_string();
    for role in ["ProjectAdmin", "Researcher"] {
        let role = json!({ "role": role });
        let refused = stage
            .as_admin(Method::POST, &path(&it_admin), Some(role.clone()))
            .await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(message(&refused).contains("IT admin"), "{}", refused.body);
        let missing = stage
            .as_person(&people.project_admin, Method::POST, &path(NOBODY), Some(role))
            .await;
        assert_eq!(missing.status, 404, "{}", missing.body);
        assert_eq!(message(&missing), format!("user `{NOBODY}` does not exist"));
    }
    let missing = stage.as_admin(Method::DELETE, &path(NOBODY), None).await;
    assert_eq!(missing.status, 404, "{}", missing.body);
    let none = stage.as_admin(Method::DELETE, &path(&it_admin), None).await;
    assert_eq!(none.status, 204, "{}", none.body);
    let outsider = people.outsider.user_id.to_string();
    let added = stage
        .as_person(
            &people.project_admin,
            Method::POST,
            &path(&outsider),
            Some(json!({ "role": "Researcher" })),
        )
        .await;
    assert_eq!(added.status, 204, "{}", added.body);
}

#[tokio::test]
async fn who_is_purged_is_in_no_project_any_more() {
    let stage = Stage::new().await;
    let people = &stage.workbench.people;
    let user = json!({ "id": people.researcher.user_id });
    assert_eq!(
        change(&stage, &user, json!({ "status": "INACTIVE" }))
            .await
            .status,
        204
    );
    let purge = format!("{}/purge", path(&user));
    let busy = ApiError::new("TooManyRequestsException", "Rate exceeded");
    stage.refuse(Service::Cognito, "AdminDeleteUser", &busy, 3);
    assert_eq!(stage.as_admin(Method::DELETE, &purge, None).await.status, 503);
    assert_eq!(stage.as_admin(Method::DELETE, &purge, None).await.status, 204);
    let project = format!("/projects/{}", stage.workbench.project_id);
    let listed = stage
        .as_admin(Method::GET, &format!("{project}/users?role=Researcher"), None)
        .await;
    assert_eq!(listed.body["data"], json!([]));
    assert_eq!(stage.call(Method::GET, &project, None).await.status, 403);
}
