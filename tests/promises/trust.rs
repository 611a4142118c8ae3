//! Who may say something about an environment.

use serde_json::json;
use workbench_core::environment::Environment;
use workbench_tests::Stage;

use super::counted;

#[tokio::test]
async fn w05_an_event_from_another_account_is_refused() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let before: Environment = stage.row(&id).await;
    let event = json!({
        "version": "0", "id": "25cc74c7-0d58-b520-f9ce-d98253bd4c90", "detail-type": "Terminate",
        "source": "automation", "account": "999999999999", "time": "2027-01-01T00:00:00Z",
        "region": "us-east-1", "resources": [],
        "detail": {
            "EnvId": id, "ProvisionedProductId": "pp-uac6562y6s6ls", "RecordId": "rec-b6yqf6zonc2qg",
            "EnvType": "sagemakerNotebook", "Operation": "Terminate", "Status": "TERMINATED",
        },
    });
    assert_eq!(counted(&stage, &event).await, [("foreign account", 1)].into());
    assert_eq!(stage.row(&id).await, before);
    let mut own = event;
    own["account"] = json!(stage.workbench.hosting.account);
    assert!(stage.workbench.report(&own).await);
    assert_eq!(stage.status(&id).await, "TERMINATED");
}
