//! The local AWS refuses what AWS would: documents, templates, and calls that no policy allows.

use serde_json::json;
use workbench_core::registry::environment_type;
use workbench_local::{ApiError, Principal, Service};
use workbench_tests::Stage;

fn create_document(stage: &Stage, name: &str, content: &str) -> Result<(), ApiError> {
    let root = Principal::root(&stage.workbench.main.account);
    let document =
        json!({ "Name": name, "Content": content, "DocumentType": "Automation", "DocumentFormat": "YAML" });
    stage
        .workbench
        .aws
        .world()
        .call(&root, Service::Ssm, "CreateDocument", &document)
        .map(drop)
}

#[tokio::test]
async fn a_document_that_aws_would_refuse_is_refused_at_creation() {
    let stage = Stage::new().await;
    let document = environment_type("sagemakerNotebook").unwrap().launch.content;
    assert_eq!(create_document(&stage, "right", document), Ok(()));
    for (name, from, to, hint) in [
        (
            "unknown-action",
            "action: aws:branch",
            "action: aws:brunch",
            "aws:brunch",
        ),
        (
            "unresolved",
            "'{{ InstanceName }}'",
            "'{{ InstanceNane }}'",
            "InstanceNane",
        ),
        (
            "no-such-step",
            "onFailure: step:PushFailureStatusToEventBridge",
            "onFailure: step:Nowhere",
            "Nowhere",
        ),
        ("no-service", "      Service: servicecatalog\n", "", "Service"),
    ] {
        let wrong = document.replacen(from, to, 1);
        assert_ne!(wrong, document, "{name}");
        let error = create_document(&stage, name, &wrong).unwrap_err();
        assert_eq!(error.code, "InvalidDocumentContent", "{name}: {error}");
        assert!(error.message.contains(hint), "{name}: {error}");
    }
}

#[tokio::test]
async fn an_automation_without_a_required_parameter_does_not_start() {
    let stage = Stage::new().await;
    let root = Principal::root(&stage.workbench.main.account);
    let name = format!("{}-sagemakerNotebook-Launch", stage.workbench.main.namespace);
    let start = json!({ "DocumentName": name, "Parameters": { "EnvId": ["env-1"] } });
    let error = stage
        .workbench
        .aws
        .world()
        .call(&root, Service::Ssm, "StartAutomationExecution", &start)
        .unwrap_err();
    assert_eq!(
        error.code, "InvalidAutomationExecutionParametersException",
        "{error}"
    );
}

/// Launches a new version of the product, with another template; the reason why it failed.
async fn launch_with_template(from: &str, to: &str) -> String {
    let mut workbench = Stage::empty().await;
    let ty = environment_type("sagemakerNotebook").unwrap();
    let wrong = ty.template.replacen(from, to, 1);
    assert_ne!(wrong, ty.template);
    let product = workbench
        .main
        .products
        .iter_mut()
        .find(|product| product.type_name == ty.name)
        .unwrap();
    let url = workbench
        .aws
        .world()
        .put_object("templates", "wrong.cfn.yaml", wrong);
    let version = json!({
        "ProductId": product.product_id,
        "Parameters": {
            "Name": "v2",
            "Info": { "LoadTemplateFromURL": url },
            "Type": "CLOUD_FORMATION_TEMPLATE",
            "DisableTemplateValidation": true,
        },
        "IdempotencyToken": "v2",
    });
    let root = Principal::root(&workbench.main.account);
    let made = workbench.aws.world().call(
        &root,
        Service::ServiceCatalog,
        "CreateProvisioningArtifact",
        &version,
    );
    product.provisioning_artifact_id = made.unwrap()["ProvisioningArtifactDetail"]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let offered = workbench.offer(ty).await.unwrap();
    let stage = Stage { workbench, offered };
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    stage.get(&id).await["error"]["value"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_unknown_template_function_fails_the_launch_with_its_name() {
    let reason = launch_with_template("!Equals [", "!Equalz [").await;
    assert!(reason.contains("Equalz"), "{reason}");
}

#[tokio::test]
async fn an_unknown_resource_type_fails_the_launch_with_its_name() {
    let reason = launch_with_template(
        "Type: AWS::EC2::SecurityGroup\n",
        "Type: AWS::EC2::SecurityGrupp\n",
    )
    .await;
    assert!(reason.contains("AWS::EC2::SecurityGrupp"), "{reason}");
}

#[tokio::test]
async fn a_role_whose_name_does_not_begin_with_its_type_is_not_made() {
    let reason = launch_with_template(
        "RoleName: !Sub ${Namespace}-",
        "RoleName: !Sub other-${Namespace}-",
    )
    .await;
    assert!(reason.contains("iam:CreateRole"), "{reason}");
}

#[tokio::test]
async fn a_role_without_its_permission_boundary_is_not_made() {
    let reason = launch_with_template(
        "PermissionsBoundary: !Ref InstanceRolePermissionBoundary",
        "Description: Without boundary",
    )
    .await;
    assert!(reason.contains("iam:CreateRole"), "{reason}");
}

#[tokio::test]
async fn a_call_that_the_roles_policies_do_not_allow_is_refused() {
    let stage = Stage::new().await;
    let id = stage.launch_completed().await;
    let root = Principal::root(&stage.workbench.hosting.account);
    let role = stage
        .workbench
        .hosting
        .env_mgmt_role
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let nothing = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Deny", "Action": "sagemaker:StopNotebookInstance", "Resource": "*" }],
    });
    let policy = json!({ "RoleName": role, "PolicyName": "no-stop", "PolicyDocument": nothing.to_string() });
    stage
        .workbench
        .aws
        .world()
        .call(&root, Service::Iam, "PutRolePolicy", &policy)
        .unwrap();
    assert_eq!(stage.act(&id, "stop").await.status, 502);
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "COMPLETED");
    assert!(
        shown["error"]["value"].as_str().unwrap().contains("AccessDenied"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_launch_role_decides_what_a_product_may_make() {
    let stage = Stage::new().await;
    let root = Principal::root(&stage.workbench.hosting.account);
    let namespace = &stage.workbench.main.namespace;
    let role = format!("{namespace}-LaunchConstraint-{}", stage.offered.type_name);
    let nothing = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*" }],
    });
    let policy = json!({ "RoleName": role, "PolicyName": "no-roles", "PolicyDocument": nothing.to_string() });
    stage
        .workbench
        .aws
        .world()
        .call(&root, Service::Iam, "PutRolePolicy", &policy)
        .unwrap();
    let id = stage.launch().await;
    stage.reach(&id, "FAILED").await;
    let reason = stage.get(&id).await["error"]["value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(reason.contains("iam:CreateRole"), "{reason}");
}

#[tokio::test]
async fn a_wrong_external_id_does_not_let_workbench_in() {
    let stage = Stage::new().await;
    let table = stage.workbench.cloud.table();
    let mut account = table
        .project(stage.workbench.project_id)
        .await
        .unwrap()
        .unwrap()
        .account;
    account.external_id = workbench_core::account::ExternalId::new("guessed");
    account.rev += 1;
    table.put_account(&account).await.unwrap();
    let id = stage.launch().await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "FAILED");
    assert!(
        shown["error"]["value"]
            .as_str()
            .unwrap()
            .contains("AssumeRole: AccessDenied"),
        "{shown}"
    );
}

#[tokio::test]
async fn f21_a_portfolio_that_is_not_shared_fails_the_launch_with_advice() {
    let stage = Stage::new().await;
    let root = Principal::root(&stage.workbench.hosting.account);
    let principal = json!({
        "PortfolioId": stage.workbench.main.portfolio,
        "PrincipalARN": stage.workbench.hosting.env_mgmt_role,
    });
    stage
        .workbench
        .aws
        .world()
        .call(
            &root,
            Service::ServiceCatalog,
            "DisassociatePrincipalFromPortfolio",
            &principal,
        )
        .unwrap();
    let id = stage.launch().await;
    let shown = stage.get(&id).await;
    assert_eq!(shown["status"], "FAILED");
    assert!(
        shown["error"]["value"]
            .as_str()
            .unwrap()
            .contains("can not be launched"),
        "{shown}"
    );
}
