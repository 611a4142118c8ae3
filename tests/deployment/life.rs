//! The life of an environment on what the deployment made.

use serde_json::json;
use workbench_local::Method;
use workbench_tests::Stage;

#[tokio::test]
async fn an_approved_type_is_launched_stopped_and_terminated() {
    let workbench = Stage::empty().await;
    let admin = workbench.people.it_admin.token.clone();
    let listed = workbench
        .request(&admin, Method::GET, "/environmentTypes", None)
        .await;
    let id = listed.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["type"] == "sagemakerExample")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let approved = workbench
        .request(
            &admin,
            Method::PATCH,
            &format!("/environmentTypes/{id}"),
            Some(json!({ "status": "APPROVED" })),
        )
        .await;
    assert_eq!(approved.status, 200, "{}", approved.body);
    let ty = workbench_core::registry::environment_type("sagemakerExample").unwrap();
    let offered = workbench.offer(ty).await.unwrap();
    assert_eq!(offered.env_type_id, id);
    let stage = Stage { workbench, offered };
    let id = stage.launch_completed().await;
    assert_eq!(stage.act(&id, "stop").await.status, 204);
    stage.reach(&id, "STOPPED").await;
    assert_eq!(stage.act(&id, "terminate").await.status, 204);
    stage.reach(&id, "TERMINATED").await;
    assert_eq!(stage.products(), 0);
    let world = stage.workbench.aws.world();
    assert!(world.undelivered().is_empty(), "{:?}", world.undelivered());
}
