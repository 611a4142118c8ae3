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
