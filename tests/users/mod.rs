//! Users through the API.

mod members;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use workbench_local::{Answer, ApiError, Method, Principal, Service};
use workbench_tests::Stage;

fn ada() -> Value {
    json!({ "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com" })
}

async fn make(stage: &Stage, email: &str) -> Value {
    let body = json!({ "firstName": "Ada", "lastName": "Lovelace", "email": email });
    let made = stage.as_admin(Method::POST, "/users", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body
}

async fn change(stage: &Stage, user: &Value, change: Value) -> Answer {
    stage.as_admin(Method::PATCH, &path(user), Some(change)).await
}

fn path(user: &Value) -> String {
    format!("/users/{}", user["id"].as_str().unwrap())
}

fn message(answer: &Answer) -> &str {
    answer.body["message"].as_str().unwrap_or_default()
}

/// A call that somebody makes past Workbench.
fn in_console(stage: &Stage, operation: &str, input: Value) {
    let main = &stage.workbench.main;
    let mut input = input;
    input["UserPoolId"] = json!(main.user_pool);
    let root = Principal::root(&main.account);
    let mut world = stage.workbench.aws.world();
    world.call(&root, Service::Cognito, operation, &input).unwrap();
}

#[tokio::test]
async fn a_user_is_made_read_changed_and_deleted() {
    let stage = Stage::new().await;
    let made = stage.as_admin(Method::POST, "/users", Some(ada())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let user = made.body;
    let id = user["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "status": 1, "roles": [],
    });
    assert_eq!(user, expected);
    assert_eq!(stage.as_admin(Method::GET, &path(&user), None).await.body, user);

    let new = json!({ "firstName": "Augusta Ada", "email": "augusta@example.com" });
    let changed = change(&stage, &user, new).await;
    assert_eq!((changed.status.as_u16(), &changed.body), (204, &Value::Null));
    let read = stage.as_admin(Method::GET, &path(&user), None).await.body;
    assert_eq!(
        (&read["firstName"], &read["lastName"], &read["email"]),
        (
            &"Augusta Ada".into(),
            &"Lovelace".into(),
            &"augusta@example.com".into()
        )
    );
    // The old address is free again.
    make(&stage, "ada@example.com").await;

    let purge = format!("{}/purge", path(&user));
    let refused = stage.as_admin(Method::DELETE, &purge, None).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(message(&refused).contains("INACTIVE"), "{}", refused.body);
    for (word, number) in [("INACTIVE", 0), ("ACTIVE", 1), ("INACTIVE", 0)] {
        assert_eq!(change(&stage, &user, json!({ "status": word })).await.status, 204);
        let read = stage.as_admin(Method::GET, &path(&user), None).await;
        assert_eq!(read.body["status"], number, "{word}");
    }
    assert_eq!(stage.as_admin(Method::DELETE, &purge, None).await.status, 204);
    for (method, path, body) in [
        (Method::GET, path(&user), None),
        (Method::PATCH, path(&user), Some(json!({ "firstName": "A" }))),
        (Method::PATCH, path(&user), Some(json!({ "status": "ACTIVE" }))),
        (Method::DELETE, purge, None),
    ] {
        let gone = stage.as_admin(method.clone(), &path, body).await;
        assert_eq!(gone.status, 404, "{method} {path}: {}", gone.body);
        assert_eq!(message(&gone), format!("user `{id}` does not exist"));
    }
}

#[tokio::test]
async fn two_users_have_not_the_same_address_whatever_its_case() {
    let stage = Stage::new().await;
    let user = make(&stage, "Ada@Example.com").await;
    assert_eq!(user["email"], "ada@example.com");
    let again = json!({ "firstName": "A", "lastName": "B", "email": "ADA@example.com" });
    let refused = stage.as_admin(Method::POST, "/users", Some(again)).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(message(&refused).starts_with("email: "), "{}", refused.body);

    let other = make(&stage, "other@example.com").await;
    let taken = change(
        &stage,
        &other,
        json!({ "email": "ADA@example.com", "status": "INACTIVE" }),
    )
    .await;
    assert_eq!(taken.status, 409, "{}", taken.body);
    // Nothing of what was refused is done.
    assert_eq!(stage.as_admin(Method::GET, &path(&other), None).await.body, other);
    let own = change(&stage, &user, json!({ "email": "ADA@EXAMPLE.COM" })).await;
    assert_eq!(own.status, 204, "{}", own.body);
    assert_eq!(stage.as_admin(Method::GET, &path(&user), None).await.body, user);
}

#[tokio::test]
async fn what_a_user_needs_is_checked() {
    let stage = Stage::new().await;
    let with = |field: &str, value: Value| {
        let mut body = ada();
        body[field] = value;
        body
    };
    for (body, hint) in [
        (json!({}), "firstName: Required"),
        (json!({ "firstName": "A", "lastName": "B" }), "email: Required"),
        (with("firstName", "".into()), "firstName: must be"),
        (with("lastName", "<b>".into()), "lastName: must be"),
        (with("firstName", "a".repeat(51).into()), "firstName: must be"),
        (with("email", "ada".into()), "email: Invalid Email"),
        (with("email", 7.into()), "email: expected a string"),
        (with("roles", json!(["ITAdmin"])), "roles: Unrecognized key(s)"),
    ] {
        let refused = stage.as_admin(Method::POST, "/users", Some(body)).await;
        assert_eq!(refused.status, 400, "{hint}: {}", refused.body);
        assert!(message(&refused).starts_with(hint), "{hint}: {}", refused.body);
    }
    let user = make(&stage, "ada@example.com").await;
    for (body, hint) in [
        (json!({}), "body: nothing to change"),
        (
            json!({ "firstName": "A", "status": null }),
            "status: must not be null",
        ),
        (json!({ "email": null }), "email: must not be null"),
        (json!({ "status": 1 }), "status: expected a string"),
        (json!({ "status": "SUSPENDED" }), "status: "),
        (json!({ "email": "ada@" }), "email: Invalid Email"),
        (json!({ "password": "a" }), "password: Unrecognized key(s)"),
    ] {
        let refused = change(&stage, &user, body).await;
        assert_eq!(refused.status, 400, "{hint}: {}", refused.body);
        assert!(message(&refused).starts_with(hint), "{hint}: {}", refused.body);
    }
}

#[tokio::test]
async fn what_cognito_refuses_is_a_bad_request() {
    let stage = Stage::new().await;
    let user = make(&stage, "ada@example.com").await;
    let refusal = ApiError::new("InvalidParameterException", "Invalid email address format.");
    stage.refuse(Service::Cognito, "AdminUpdateUserAttributes", &refusal, 1);
    let refused = change(&stage, &user, json!({ "email": "a@example.org" })).await;
    assert_eq!(
        (refused.status.as_u16(), message(&refused)),
        (400, "body: Invalid email address format.")
    );
    stage.refuse(Service::Cognito, "AdminCreateUser", &refusal, 1);
    let refused = stage.as_admin(Method::POST, "/users", Some(ada())).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let busy = ApiError::new("TooManyRequestsException", "Rate exceeded");
    stage.refuse(Service::Cognito, "AdminGetUser", &busy, 3);
    let refused = stage.as_admin(Method::GET, &path(&user), None).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
}

#[tokio::test]
async fn nobody_changes_their_own_status() {
    let stage = Stage::new().await;
    let people = &stage.workbench.people;
    let own = json!({ "id": people.it_admin.user_id });
    let renamed = change(&stage, &own, json!({ "firstName": "Ines" })).await;
    assert_eq!(renamed.status, 204, "{}", renamed.body);
    let refused = change(&stage, &own, json!({ "status": "INACTIVE" })).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(message(&refused).starts_with("status: "), "{}", refused.body);

    // Another IT admin makes them INACTIVE; the token that they have works until it ends.
    let user = json!({ "Username": people.it_admin.user_id });
    in_console(&stage, "AdminDisableUser", user);
    for again in [
        json!({ "status": "ACTIVE" }),
        json!({ "firstName": "Ida", "status": "ACTIVE" }),
    ] {
        let refused = change(&stage, &own, again).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(message(&refused).starts_with("status: "), "{}", refused.body);
    }
    let read = stage.as_admin(Method::GET, &path(&own), None).await;
    assert_eq!(
        (&read.body["status"], &read.body["firstName"]),
        (&0.into(), &"Ines".into())
    );
}

/// Walks the whole list; the size of each page, and the ids.
async fn walk(stage: &Stage, size: usize) -> (Vec<usize>, Vec<String>) {
    let (mut sizes, mut ids) = (Vec::new(), Vec::new());
    let mut query = format!("/users?pageSize={size}");
    loop {
        let page = stage.as_admin(Method::GET, &query, None).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let rows = page.body["users"]["data"].as_array().unwrap();
        sizes.push(rows.len());
        ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        match page.body["users"]["paginationToken"].as_str() {
            Some(token) => query = format!("/users?pageSize={size}&paginationToken={token}"),
            None => return (sizes, ids),
        }
    }
}

#[tokio::test]
async fn all_users_are_listed_in_full_pages_of_up_to_100() {
    let stage = Stage::new().await;
    // Besides the four that there are.
    for number in 0..126 {
        let email = format!("user{number}@example.com");
        in_console(&stage, "AdminCreateUser", json!({ "Username": email }));
    }
    for (size, pages) in [
        (100, vec![100, 30]),
        (60, vec![60, 60, 10]),
        // Two calls for as many each.
        (61, vec![60, 60, 10]),
    ] {
        let (sizes, ids) = walk(&stage, size).await;
        assert_eq!(sizes, pages, "{size}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 130, "{size}");
    }
    stage.workbench.aws.world().forget_calls();
    stage.as_admin(Method::GET, "/users?pageSize=100", None).await;
    let calls = ["ListUsers", "ListUsersInGroup", "AdminGetUser"].map(|operation| stage.calls(operation));
    assert_eq!(calls, [2, 1, 0]);
    let default = stage.as_admin(Method::GET, "/users", None).await;
    assert_eq!(default.body["users"]["data"].as_array().unwrap().len(), 50);
    let token = default.body["users"]["paginationToken"].as_str().unwrap();
    let changed = format!(
        "{}{}",
        if token.starts_with('A') { "B" } else { "A" },
        &token[1..]
    );
    for (query, hint) in [
        ("pageSize=101".to_owned(), "pageSize: Must be Between 1 and 100"),
        ("pageSize=0".to_owned(), "pageSize: Must be Between 1 and 100"),
        (
            "paginationToken=a".to_owned(),
            "paginationToken: Invalid Pagination Token",
        ),
        (
            format!("paginationToken={changed}"),
            "paginationToken: Invalid Pagination Token",
        ),
        (
            format!("paginationToken={token}&pageSize=20"),
            "paginationToken: Invalid Pagination Token",
        ),
        ("sort[email]=asc".to_owned(), "sort: Unrecognized key(s)"),
        ("role=Researcher".to_owned(), "query: Unrecognized key(s)"),
    ] {
        let refused = stage
            .as_admin(Method::GET, &format!("/users?{query}"), None)
            .await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.body);
        assert!(message(&refused).starts_with(hint), "{query}: {}", refused.body);
    }
    let expired = ApiError::new("InvalidParameterException", "Invalid pagination token.");
    stage.refuse(Service::Cognito, "ListUsers", &expired, 1);
    let refused = stage
        .as_admin(Method::GET, &format!("/users?paginationToken={token}"), None)
        .await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(
        message(&refused).starts_with("paginationToken: "),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn who_is_made_past_workbench_is_shown_with_what_there_is() {
    let stage = Stage::new().await;
    in_console(
        &stage,
        "AdminCreateUser",
        json!({ "Username": "Bare@example.com" }),
    );
    let listed = stage.as_admin(Method::GET, "/users", None).await;
    let rows = listed.body["users"]["data"].as_array().unwrap();
    let bare = rows
        .iter()
        .find(|row| row["email"] == "Bare@example.com")
        .unwrap();
    assert_eq!((&bare["firstName"], &bare["lastName"]), (&"".into(), &"".into()));
}
