//! Two clients who are at it at once, through the API, in every order of their AWS calls: exactly one wins, and what
//! they are told is what is so.

use serde_json::{Value, json};
use workbench_local::{Answer, Method, Person};
use workbench_tests::Stage;

use order::Order;

mod calling_off;
mod order;

/// How many orders there were.
async fn in_every_order(stage: &Stage, mut race: impl AsyncFnMut(usize, &mut Order)) -> usize {
    let mut order = Order::default();
    let mut orders = 0;
    loop {
        race(orders, &mut order).await;
        orders += 1;
        stage.workbench.aws.world().forget_calls();
        if !order.turn() {
            return orders;
        }
    }
}

fn admin<'s>(
    stage: &'s Stage,
    method: Method,
    path: &'s str,
    body: Option<Value>,
) -> impl Future<Output = Answer> + 's {
    stage.as_admin(method, path, body)
}

async fn cost_center(stage: &Stage) -> Value {
    let path = format!("/projects/{}", stage.workbench.project_id);
    stage.as_admin(Method::GET, &path, None).await.body["costCenterId"].clone()
}

fn id(answer: &Answer) -> String {
    answer.body["id"].as_str().unwrap().to_owned()
}

/// How many rows a list of the admin's has.
async fn rows(stage: &Stage, path: &str) -> usize {
    let answer = stage.as_admin(Method::GET, path, None).await;
    answer.body["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn of_two_who_want_one_name_one_gets_it() {
    let stage = Stage::new().await;
    let cost_center = cost_center(&stage).await;
    let orders = in_every_order(&stage, async |number, order| {
        let body =
            json!({ "name": format!("wanted-{number}"), "description": "a", "costCenterId": cost_center });
        let make = || Box::pin(admin(&stage, Method::POST, "/projects", Some(body.clone())));
        let answers = order.run(&stage, [make(), make()]).await;
        let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{order:?}: {answers:?}");
        assert_eq!(
            rows(&stage, &format!("/projects?filter[name][eq]=wanted-{number}")).await,
            1,
            "{order:?}"
        );
    })
    .await;
    println!("{orders} orders");
    assert!(orders >= 20, "{orders}");
}

#[tokio::test]
async fn of_a_rename_and_a_new_project_with_that_name_one_gets_it() {
    let stage = Stage::new().await;
    let cost_center = cost_center(&stage).await;
    let body = |name: &str| json!({ "name": name, "description": "a", "costCenterId": cost_center });
    let orders = in_every_order(&stage, async |number, order| {
        let before = format!("before-{number}");
        let old = stage
            .as_admin(Method::POST, "/projects", Some(body(&before)))
            .await;
        let path = format!("/projects/{}", id(&old));
        let name = format!("wanted-{number}");
        let rename = admin(&stage, Method::PATCH, &path, Some(json!({ "name": name })));
        let make = admin(&stage, Method::POST, "/projects", Some(body(&name)));
        let answers = order.run(&stage, [Box::pin(rename), Box::pin(make)]).await;
        let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{order:?}: {answers:?}");
        assert_eq!(
            rows(&stage, &format!("/projects?filter[name][eq]={name}")).await,
            1,
            "{order:?}"
        );
    })
    .await;
    println!("{orders} orders");
    assert!(orders >= 10, "{orders}");
}

/// Launches; `change` is made to the usual body.
async fn launch(stage: &Stage, person: &Person, change: impl FnOnce(&mut Value)) -> Answer {
    let mut body = stage.launch_body();
    change(&mut body);
    stage
        .as_person(person, Method::POST, "/environments", Some(body))
        .await
}

#[tokio::test]
async fn of_a_launch_and_the_end_of_its_association_one_wins() {
    let stage = Stage::new().await;
    let (ty, project) = (&stage.offered.env_type_id, stage.workbench.project_id.to_string());
    let configurations = format!("/environmentTypes/{ty}/configurations");
    let offered = format!("{configurations}/{}", stage.offered.env_type_config_id);
    let params = stage.as_admin(Method::GET, &offered, None).await.body["params"].clone();
    let body = json!({ "type": stage.offered.type_name, "name": "n", "description": "d", "params": params });
    let orders = in_every_order(&stage, async |_, order| {
        let config = id(&stage
            .as_admin(Method::POST, &configurations, Some(body.clone()))
            .await);
        let relationship = format!("/projects/{project}{configurations}/{config}/relationships");
        assert_eq!(stage.as_admin(Method::PUT, &relationship, None).await.status, 204);
        let launch = launch(&stage, &stage.workbench.people.researcher, |body| {
            body["envTypeConfigId"] = json!(config);
        });
        let revoke = admin(&stage, Method::DELETE, &relationship, None);
        let answers = order.run(&stage, [Box::pin(launch), Box::pin(revoke)]).await;
        let statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        assert!(
            statuses == [201, 409] || statuses == [400, 204],
            "{order:?}: {answers:?}"
        );
        let associated = rows(&stage, &format!("{configurations}/{config}/projects")).await == 1;
        assert_eq!(associated, statuses[0] == 201, "{order:?}: {answers:?}");
    })
    .await;
    println!("{orders} orders");
    assert!(orders >= 50, "{orders}");
}

#[tokio::test]
async fn of_a_launch_and_the_deletion_of_its_project_one_wins() {
    let stage = Stage::new().await;
    let cost_center = cost_center(&stage).await;
    let people = &stage.workbench.people;
    let people = [&people.researcher, &people.project_admin, &people.outsider];
    let orders = in_every_order(&stage, async |number, order| {
        // Nobody can be in all these projects.
        let person = people[number % people.len()];
        let body = json!({ "name": format!("p-{number}"), "description": "a", "costCenterId": cost_center });
        let project = id(&stage.as_admin(Method::POST, "/projects", Some(body)).await);
        let path = format!("/projects/{project}");
        let member = format!("{path}/users/{}/relationships", person.user_id);
        let joined = stage
            .as_admin(Method::POST, &member, Some(json!({ "role": "Researcher" })))
            .await;
        assert_eq!(joined.status, 204, "{}", joined.body);
        let launch = launch(&stage, person, |body| body["projectId"] = json!(project));
        let delete = admin(&stage, Method::DELETE, &path, None);
        let answers = order.run(&stage, [Box::pin(launch), Box::pin(delete)]).await;
        let statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        assert!(
            statuses == [201, 409] || statuses[1] == 204 && [400, 403, 404].contains(&statuses[0]),
            "{order:?}: {answers:?}"
        );
        let environments = rows(&stage, &format!("/environments?filter[projectId][eq]={project}")).await;
        assert_eq!(environments == 1, statuses[0] == 201, "{order:?}: {answers:?}");
    })
    .await;
    println!("{orders} orders");
    assert!(orders >= 50, "{orders}");
}
