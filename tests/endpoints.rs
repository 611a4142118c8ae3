//! Nothing hard-wires the local AWS: the functions' code reaches it over loopback HTTP by the SDK's own settings.

use aws_config::{BehaviorVersion, Region};
use tokio::net::TcpListener;
use workbench_aws::{Clock, Cloud, Settings};
use workbench_local::{Method, Principal};
use workbench_tests::Stage;

/// Settings of which only the table is used.
fn settings() -> Settings {
    let number = |name: &str| (name == "MAIN_ACCOUNT_ID").then(|| "222222222222".to_owned());
    Settings::read(|name| number(name).or_else(|| Some(name.to_owned()))).unwrap()
}

#[tokio::test]
async fn the_api_side_works_over_an_endpoint_url() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let aws = stage.workbench.aws.clone();
    let server = tokio::spawn(async move { aws.serve(listener).await });

    let credentials = stage
        .workbench
        .aws
        .credentials(&Principal::root(&stage.workbench.main.account));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .load()
        .await;
    let settings = Settings {
        table_name: stage.workbench.main.table_name().to_owned(),
        ..settings()
    };
    let cloud = Cloud::new(&config, settings, Clock::system());
    let environment = cloud
        .table()
        .environment(id.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(environment.id.to_string(), id);
    server.abort();
}

#[tokio::test]
async fn an_unknown_access_key_is_refused_over_http() {
    let stage = Stage::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let aws = stage.workbench.aws.clone();
    let server = tokio::spawn(async move { aws.serve(listener).await });
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(workbench_local::Credentials::new(
            "AKIANOBODY",
            "secret",
            None,
            None,
            "test",
        ))
        .load()
        .await;
    let cloud = Cloud::new(&config, settings(), Clock::system());
    let id = "env-00000000-0000-4000-8000-000000000000".parse().unwrap();
    let error = cloud.table().environment(id).await.unwrap_err().to_string();
    assert!(error.contains("UnrecognizedClient"), "{error}");
    server.abort();
    assert_eq!(
        stage
            .as_admin(Method::GET, "/environmentTypes", None)
            .await
            .status,
        200
    );
}
