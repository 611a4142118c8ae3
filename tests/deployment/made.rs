//! What the deployment makes, and what it leaves out.

use serde_json::{Value, json};
use workbench_core::registry::environment_types;
use workbench_local::{INERT_TYPES, Method, Principal, Service, Workbench};
use workbench_tests::Stage;

fn call(workbench: &Workbench, account: &str, service: Service, operation: &str, input: &Value) -> Value {
    let root = Principal::root(account);
    let answer = workbench.aws.world().call(&root, service, operation, input);
    answer.unwrap()
}

#[tokio::test]
async fn these_types_of_resources_make_nothing_here() {
    assert_eq!(
        INERT_TYPES,
        [
            "AWS::ApiGateway::Account",
            "AWS::ApiGateway::Deployment",
            "AWS::ApiGateway::RestApi",
            "AWS::ApiGateway::Stage",
            "AWS::CloudWatch::Alarm",
            "AWS::EC2::FlowLog",
            "AWS::Lambda::EventInvokeConfig",
            "AWS::Logs::LogGroup",
            "AWS::SNS::Subscription",
            "AWS::SNS::Topic",
            "AWS::SNS::TopicPolicy",
        ]
    );
}

#[tokio::test]
async fn the_table_has_the_keys_and_indexes_that_the_code_uses() {
    let workbench = Stage::empty().await;
    let named = json!({ "TableName": workbench.main.table_name() });
    let table = call(
        &workbench,
        &workbench.main.account,
        Service::DynamoDb,
        "DescribeTable",
        &named,
    );
    let deployed = schema(&table["Table"]);
    let by_code = json!({ "TableName": "made-by-code" });
    let config = workbench.aws.sdk_config(
        workbench
            .aws
            .credentials(&Principal::root(&workbench.main.account)),
    );
    let made_by_code = workbench_aws::table::Table::new(&config, "made-by-code");
    made_by_code.create_table().await.unwrap();
    let table = call(
        &workbench,
        &workbench.main.account,
        Service::DynamoDb,
        "DescribeTable",
        &by_code,
    );
    assert_eq!(deployed, schema(&table["Table"]));
}

/// Keys, and the indexes by name with their keys and what they hold.
fn schema(table: &Value) -> Value {
    let mut indexes: Vec<Value> = table["GlobalSecondaryIndexes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|index| json!([index["IndexName"], index["KeySchema"], index["Projection"]]))
        .collect();
    indexes.sort_by_key(Value::to_string);
    json!([table["KeySchema"], indexes])
}

#[tokio::test]
async fn f20_every_package_is_listed_and_nobody_has_approved_it() {
    let workbench = Stage::empty().await;
    let token = workbench.people.it_admin.token.clone();
    let listed = workbench
        .request(&token, Method::GET, "/environmentTypes", None)
        .await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let mut found: Vec<(String, String, String)> = listed.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("type"), text("status"), text("id"))
        })
        .collect();
    found.sort();
    let mut expected: Vec<_> = workbench
        .main
        .products
        .iter()
        .map(|product| {
            let id = format!("et-{},{}", product.product_id, product.provisioning_artifact_id);
            (product.type_name.to_owned(), "NOT_APPROVED".to_owned(), id)
        })
        .collect();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(found.len(), environment_types().len());
}

#[tokio::test]
async fn documents_and_products_are_those_of_the_packages() {
    let workbench = Stage::empty().await;
    let account = &workbench.main.account;
    for ty in environment_types() {
        for (document, operation) in [(&ty.launch, "Launch"), (&ty.terminate, "Terminate")] {
            let name = format!("{}-{}-{operation}", workbench.main.namespace, ty.name);
            assert!(workbench.main.documents.contains(&name), "{name}");
            let stored = call(
                &workbench,
                account,
                Service::Ssm,
                "GetDocument",
                &json!({ "Name": name }),
            );
            let content: Value = serde_json::from_str(stored["Content"].as_str().unwrap()).unwrap();
            for parameter in document.parameters {
                assert!(
                    content["parameters"][parameter.name].is_object(),
                    "{name}: {content}"
                );
            }
        }
        assert!(workbench.main.products.iter().any(
            |product| product.type_name == ty.name && product.provisioning_artifact_id.starts_with("pa-")
        ));
    }
    let constraints = call(
        &workbench,
        account,
        Service::ServiceCatalog,
        "ListConstraintsForPortfolio",
        &json!({ "PortfolioId": workbench.main.portfolio }),
    );
    assert_eq!(
        constraints["ConstraintDetails"].as_array().unwrap().len(),
        environment_types().len()
    );
}

#[tokio::test]
async fn both_accounts_route_by_the_same_pattern() {
    let workbench = Stage::empty().await;
    let namespace = &workbench.main.namespace;
    let pattern = |account: &str, rule: &str| {
        let described = call(
            &workbench,
            account,
            Service::Events,
            "DescribeRule",
            &json!({ "Name": format!("{namespace}-{rule}") }),
        );
        let pattern: Value = serde_json::from_str(described["EventPattern"].as_str().unwrap()).unwrap();
        pattern["$or"].clone()
    };
    let main = pattern(&workbench.main.account, "status");
    assert_eq!(main, pattern(&workbench.hosting.account, "event-forwarding"));
    assert!(
        main.to_string()
            .contains("SageMaker Notebook Instance State Change")
    );
}
