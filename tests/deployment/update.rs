//! Deploying again.

use serde_json::{Value, json};
use workbench_core::registry::environment_types;
use workbench_local::{Deployment, Principal, Service, Workbench};
use workbench_tests::Stage;

const TYPES: &str = "templates/environment-types.cfn.yaml";

fn versions(workbench: &Workbench, type_name: &str) -> Vec<String> {
    let product = workbench
        .main
        .products
        .iter()
        .find(|product| product.type_name == type_name)
        .unwrap();
    let root = Principal::root(&workbench.main.account);
    let listed = workbench
        .aws
        .world()
        .call(
            &root,
            Service::ServiceCatalog,
            "ListProvisioningArtifacts",
            &json!({ "ProductId": product.product_id }),
        )
        .unwrap();
    listed["ProvisioningArtifactDetails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["Id"].as_str().unwrap().to_owned())
        .collect()
}

/// The operations that were called since the log was emptied, but those that only look.
fn changes(workbench: &Workbench) -> Vec<String> {
    let world = workbench.aws.world();
    let looks = ["Describe", "List", "Get", "Search", "Head"];
    world
        .calls()
        .iter()
        .map(|call| call.operation.clone())
        .filter(|operation| !looks.iter().any(|look| operation.starts_with(look)))
        .collect()
}

#[tokio::test]
async fn an_unchanged_deployment_changes_nothing() {
    let mut workbench = Stage::empty().await;
    let before = versions(&workbench, "sagemakerNotebook");
    workbench.aws.world().forget_calls();
    workbench.deploy(&Deployment::shipped()).await.unwrap();
    assert_eq!(changes(&workbench), ["UpdateStack"]);
    assert_eq!(versions(&workbench, "sagemakerNotebook"), before);
}

#[tokio::test]
async fn a_changed_document_is_a_new_version_of_the_document_and_of_nothing_else() {
    let mut workbench = Stage::empty().await;
    let path = "templates/environments/sagemakerNotebook/sagemakerNotebookLaunchSSM.yaml";
    let shipped = Deployment::shipped();
    let changed = shipped
        .file(path)
        .unwrap()
        .replacen("description: ", "description: Changed. ", 1);
    assert_ne!(changed, shipped.file(path).unwrap());
    workbench.aws.world().forget_calls();
    workbench.deploy(&shipped.with(path, changed)).await.unwrap();
    assert_eq!(
        changes(&workbench),
        [
            "UpdateStack",
            "UpdateStack",
            "UpdateDocument",
            "UpdateDocumentDefaultVersion"
        ]
    );
}

fn content(workbench: &Workbench, name: &str) -> Value {
    let root = Principal::root(&workbench.main.account);
    let mut world = workbench.aws.world();
    let named = json!({ "Name": name });
    let document = world.call(&root, Service::Ssm, "GetDocument", &named).unwrap();
    document["Content"].clone()
}

#[tokio::test]
async fn a_deployment_that_fails_leaves_everything_as_it_was() {
    let mut workbench = Stage::empty().await;
    let shipped = Deployment::shipped();
    let name = workbench.main.documents[0].clone();
    let before = content(&workbench, &name);
    let mut wrong = shipped.clone();
    for ty in environment_types() {
        let path = format!("templates/environments/{0}/{0}LaunchSSM.yaml", ty.name);
        let text = shipped.file(&path).unwrap();
        wrong = wrong.with(&path, text.replacen("description: ", "description: Changed. ", 1));
    }
    // There is no such document here, which is found out when the others are changed.
    let types = shipped.file(TYPES).unwrap();
    let last = types.rfind("DocumentType: Automation").unwrap();
    let broken = format!("{}DocumentType: Command{}", &types[..last], &types[last + 24..]);
    let failed = workbench.deploy(&wrong.with(TYPES, broken)).await.unwrap_err();
    assert!(failed.to_string().contains("DocumentType"), "{failed}");
    assert_eq!(content(&workbench, &name), before);
    workbench.aws.world().forget_calls();
    workbench.deploy(&shipped).await.unwrap();
    assert_eq!(changes(&workbench), ["UpdateStack"]);
}

/// The deployment without the package `sagemakerExample`.
pub(super) fn without_example() -> Deployment {
    let shipped = Deployment::shipped();
    let mut skipped = false;
    let mut kept = String::new();
    for line in shipped.file(TYPES).unwrap().lines() {
        if !line.starts_with("   ") {
            skipped = line.starts_with("  SagemakerExample");
        }
        if !skipped {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    shipped.clone().with(TYPES, kept)
}

#[tokio::test]
async fn a_product_stays_until_no_environment_of_it_is_left() {
    let mut stage = Stage::with("sagemakerExample").await;
    let id = stage.launch_completed().await;
    let product = stage
        .workbench
        .main
        .products
        .iter()
        .find(|product| product.type_name == "sagemakerExample");
    let named = json!({ "Id": product.unwrap().product_id });
    let exists = |workbench: &Workbench| {
        let root = Principal::root(&workbench.main.account);
        let mut world = workbench.aws.world();
        let answer = world.call(&root, Service::ServiceCatalog, "DescribeProductAsAdmin", &named);
        answer.is_ok()
    };
    stage.workbench.deploy(&without_example()).await.unwrap();
    assert!(exists(&stage.workbench));

    let mut stage = Stage::with("sagemakerExample").await;
    let other = stage.launch_completed().await;
    assert_ne!(id, other);
    assert_eq!(stage.act(&other, "terminate").await.status, 204);
    stage.reach(&other, "TERMINATED").await;
    stage.workbench.deploy(&without_example()).await.unwrap();
    assert!(!exists(&stage.workbench));
}

#[tokio::test]
async fn a_package_that_was_taken_out_leaves_no_document_and_comes_back() {
    let mut workbench = Stage::new().await.workbench;
    let name = format!("{}-sagemakerExample-Launch", workbench.main.namespace);
    let ask = |workbench: &Workbench, operation: &str, input: Value| {
        let root = Principal::root(&workbench.main.account);
        let mut world = workbench.aws.world();
        world.call(&root, Service::Ssm, operation, &input)
    };
    let shared = json!({ "Name": name, "PermissionType": "Share" });
    let shared = ask(&workbench, "DescribeDocumentPermission", shared).unwrap();
    assert_eq!(shared["AccountIds"], json!([workbench.hosting.account]));
    workbench.deploy(&without_example()).await.unwrap();
    assert!(ask(&workbench, "GetDocument", json!({ "Name": name })).is_err());
    workbench.deploy(&Deployment::shipped()).await.unwrap();
    assert!(ask(&workbench, "GetDocument", json!({ "Name": name })).is_ok());
}

#[tokio::test]
async fn the_table_is_not_deleted_while_it_is_protected() {
    let mut workbench = Stage::empty().await;
    let delete = |workbench: &Workbench| {
        let root = Principal::root(&workbench.main.account);
        let table = json!({ "TableName": workbench.main.table_name() });
        let mut world = workbench.aws.world();
        world.call(&root, Service::DynamoDb, "DeleteTable", &table)
    };
    let refused = delete(&workbench).unwrap_err();
    assert_eq!(refused.code, "ValidationException", "{refused}");
    let shipped = Deployment::shipped();
    let template = shipped.file("template.yaml").unwrap();
    let (before, after) = template.split_once("\n  EnableDeletionProtection:\n").unwrap();
    let after = after.replacen("Default: 'true'", "Default: 'false'", 1);
    let open = format!("{before}\n  EnableDeletionProtection:\n{after}");
    workbench
        .deploy(&shipped.clone().with("template.yaml", open))
        .await
        .unwrap();
    delete(&workbench).unwrap();
}
