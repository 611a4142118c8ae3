//! A deployment in which the catalog function may not do its work: the stack says why and goes back.

use serde_json::{Value, json};
use workbench_core::registry::environment_types;
use workbench_local::{Deployment, Endpoints, Principal, Service, Workbench};

use super::update::without_example;

/// The deployment with another role of the catalog function.
fn with_role(from: &str, to: &str) -> Deployment {
    let shipped = Deployment::shipped();
    let template = shipped.file("template.yaml").unwrap();
    let (before, role) = template.split_once("\n  CatalogRole:\n").unwrap();
    let changed = role.replacen(from, to, 1);
    assert_ne!(changed, role, "{from}");
    shipped
        .clone()
        .with("template.yaml", format!("{before}\n  CatalogRole:\n{changed}"))
}

fn as_root(workbench: &Workbench, service: Service, operation: &str, input: &Value) -> Value {
    let root = Principal::root(&workbench.main.account);
    let mut world = workbench.aws.world();
    world.call(&root, service, operation, input).unwrap()
}

/// A stack as its events tell of it.
#[derive(Debug)]
struct Told {
    name: String,
    status: String,
    /// The resources that failed, each with its reason.
    failed: Vec<(String, String)>,
}

fn stacks(workbench: &Workbench) -> Vec<Told> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listed = as_root(workbench, Service::CloudFormation, "DescribeStacks", &json!({}));
    let stacks = listed["Stacks"].as_array().unwrap().iter().map(|stack| {
        let named = json!({ "StackName": stack["StackId"] });
        let events = as_root(workbench, Service::CloudFormation, "DescribeStackEvents", &named);
        let events = events["StackEvents"].as_array().unwrap().iter();
        let failed = events.filter(|event| text(&event["ResourceStatus"]).ends_with("_FAILED"));
        let reason = |event: &Value| {
            (
                text(&event["LogicalResourceId"]),
                text(&event["ResourceStatusReason"]),
            )
        };
        Told {
            name: text(&stack["StackName"]),
            status: text(&stack["StackStatus"]),
            failed: failed.map(reason).collect(),
        }
    });
    stacks.collect()
}

/// The names of the products.
fn products(workbench: &Workbench) -> Vec<String> {
    let found = as_root(
        workbench,
        Service::ServiceCatalog,
        "SearchProductsAsAdmin",
        &json!({}),
    );
    let details = found["ProductViewDetails"].as_array().unwrap().iter();
    let mut names: Vec<String> = details
        .map(|product| product["ProductViewSummary"]["Name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The names of the packages, sorted, but for one.
fn packages_without(left_out: &str) -> Vec<&'static str> {
    let names = environment_types().iter().map(|ty| ty.name);
    let mut names: Vec<_> = names.filter(|name| *name != left_out).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn what_the_catalog_function_may_not_do_is_the_reason_with_which_the_stack_goes_back() {
    let now = "2026-11-24T10:00:00Z".parse().unwrap();
    let mut workbench = Workbench::start_with(&without_example(), now, Endpoints::Local)
        .await
        .unwrap();
    let others = packages_without("sagemakerExample");
    assert_eq!(products(&workbench), others);
    let role =
        json!({ "RoleName": format!("{}-catalog", workbench.main.namespace), "PolicyName": "catalog" });
    let policy = |workbench: &Workbench| {
        as_root(workbench, Service::Iam, "GetRolePolicy", &role)["PolicyDocument"].clone()
    };
    let before = policy(&workbench);
    let (allow, deny) = (
        "\n                Effect: Allow",
        "\n                Effect: Deny",
    );
    for (from, to, resource, action) in [
        (
            format!("- Sid: ArtifactKey{allow}"),
            format!("- Sid: ArtifactKey{deny}"),
            "SagemakerExampleInstanceFiles",
            "kms:GenerateDataKey",
        ),
        (
            "                  - kms:Decrypt\n".to_owned(),
            String::new(),
            "SagemakerExampleProduct",
            "kms:Decrypt",
        ),
        (
            format!("- Sid: Templates{allow}"),
            format!("- Sid: Templates{deny}"),
            "SagemakerExampleProduct",
            "s3:GetObject",
        ),
    ] {
        let failed = workbench.deploy(&with_role(&from, &to)).await.unwrap_err();
        assert!(failed.to_string().contains(action), "{failed}");
        let stacks = stacks(&workbench);
        // What the function answered is the reason of the resource.
        let mut reasons = stacks.iter().flat_map(|stack| &stack.failed);
        let told = reasons.any(|(name, reason)| {
            name == resource
                && reason.contains("received response status [FAILED] from custom resource: ")
                && reason.contains(&format!("is not authorized to perform: {action}"))
        });
        assert!(told, "{resource} {action}: {stacks:?}");
        for stack in &stacks {
            assert_eq!(stack.status, "UPDATE_ROLLBACK_COMPLETE", "{}", stack.name);
        }
        assert_eq!(products(&workbench), others, "{action}");
        assert_eq!(policy(&workbench), before, "{action}");
    }
    workbench.deploy(&Deployment::shipped()).await.unwrap();
    assert_eq!(products(&workbench), packages_without(""));
}
