//! The requests of the seed guide's last section, with the ids that it leaves open filled in.

use serde_json::{Value, json};
use workbench_local::Method;
use workbench_tests::Stage;

/// POST /environmentTypes, but for the ids.
fn env_type(product: &str, artifact: &str) -> Value {
    let parameter = |key: &str, kind: &str, description: &str, default: Option<&str>| {
        let mut parameter = json!({
            "Description": description,
            "IsNoEcho": false,
            "ParameterConstraints": { "AllowedValues": [] },
            "ParameterKey": key,
            "ParameterType": kind,
        });
        if let Some(default) = default {
            parameter["DefaultValue"] = json!(default);
        }
        parameter
    };
    json!({
        "productId": product,
        "provisioningArtifactId": artifact,
        "description": "An Amazon SageMaker Jupyter Notebook",
        "name": "Sagemaker Example",
        "type": "sagemakerExample",
        "allowedRoleIds": [],
        "params": [
            parameter("InstanceType", "String", "EC2 instance type to launch", Some("ml.t3.xlarge")),
            parameter(
                "AutoStopIdleTimeInMinutes",
                "Number",
                "Number of idle minutes for auto stop to shutdown the instance (0 to disable auto-stop)",
                None,
            ),
            parameter("IamPolicyDocument", "String", "The IAM policy to be associated with the launched workstation", None),
            parameter("CIDR", "String", "CIDR to restrict IPs that can access the environment", Some("1.1.1.1/1")),
        ],
        "status": "APPROVED",
    })
}

fn config() -> Value {
    json!({
        "allowedRoleIds": [],
        "type": "sagemakerExample",
        "description": "Example config 1",
        "name": "sagemakerExample",
        "params": [
            { "key": "IamPolicyDocument", "value": "${iamPolicyDocument}" },
            { "key": "InstanceType", "value": "ml.t3.medium" },
            { "key": "AutoStopIdleTimeInMinutes", "value": "0" },
            { "key": "CIDR", "value": "0.0.0.0/0" },
        ],
    })
}

#[tokio::test]
async fn the_guides_requests_work_as_written() {
    let workbench = Stage::empty().await;
    let product = workbench
        .main
        .products
        .iter()
        .find(|product| product.type_name == "sagemakerExample")
        .unwrap()
        .clone();
    let admin = &workbench.people.it_admin.token;
    let post = |path: String, body: Value, token: String| {
        let workbench = &workbench;
        async move { workbench.request(&token, Method::POST, &path, Some(body)).await }
    };

    let body = env_type(&product.product_id, &product.provisioning_artifact_id);
    let env_type = post("/environmentTypes".into(), body, admin.clone()).await;
    assert_eq!(env_type.status, 201, "{}", env_type.body);
    let env_type_id = env_type.body["id"].as_str().unwrap().to_owned();
    assert_eq!(
        env_type_id,
        format!("et-{},{}", product.product_id, product.provisioning_artifact_id)
    );
    assert_eq!(env_type.body["params"]["InstanceType"]["Default"], "ml.t3.xlarge");

    let made = post(
        format!("/environmentTypes/{env_type_id}/configurations"),
        config(),
        admin.clone(),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let config_id = made.body["id"].as_str().unwrap().to_owned();

    let launch = json!({
        "description": "test-sagemakerExample AWS",
        "name": "test",
        "envTypeId": env_type_id,
        "envTypeConfigId": config_id,
        "projectId": workbench.project_id,
        "datasetIds": [],
        "envType": "sagemakerExample",
    });
    let launched = post(
        "/environments".into(),
        launch,
        workbench.people.researcher.token.clone(),
    )
    .await;
    assert_eq!(launched.status, 201, "{}", launched.body);
    assert_eq!(launched.body["status"], "PENDING");
    assert_eq!(launched.body["instanceId"], "");
    assert_eq!(launched.body["provisionedProductId"], "");

    let stage = Stage {
        offered: workbench_local::OfferedType {
            type_name: "sagemakerExample".into(),
            env_type_id,
            product_id: product.product_id.clone(),
            provisioning_artifact_id: product.provisioning_artifact_id.clone(),
            env_type_config_id: config_id,
        },
        workbench,
    };
    let id = launched.body["id"].as_str().unwrap();
    stage.reach(id, "COMPLETED").await;
    let connections = stage
        .call(Method::GET, &format!("/environments/{id}/connections"), None)
        .await;
    assert_eq!(connections.status, 200);
    assert!(connections.body["authCredResponse"]["url"].is_string());
}

#[tokio::test]
async fn both_spellings_of_the_routes_show_the_same_environment() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let project = stage.workbench.project_id;
    let short = stage.get(&id).await;
    let long = stage
        .call(
            Method::GET,
            &format!("/projects/{project}/environments/{id}"),
            None,
        )
        .await;
    assert_eq!(long.body, short);
    let stopped = stage
        .call(
            Method::PUT,
            &format!("/projects/{project}/environments/{id}/stop"),
            None,
        )
        .await;
    assert_eq!(stopped.status, 204);
    stage.reach(&id, "STOPPED").await;
    let mut body = stage.launch_body();
    body.as_object_mut().unwrap().remove("projectId");
    let launched = stage
        .post(&format!("/projects/{project}/environments"), body)
        .await;
    assert_eq!(launched.status, 201, "{}", launched.body);
}
