//! Role policies are honoured: what no role in the templates allows is refused.

use serde_json::{Value, json};
use workbench_local::{ApiError, Principal, Service, Workbench};
use workbench_tests::Stage;

fn as_role(
    workbench: &Workbench,
    role: &str,
    service: Service,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let mut world = workbench.aws.world();
    let session = world.role_session(role, "test").unwrap();
    world.call(&session, service, operation, input)
}

#[tokio::test]
async fn a_function_may_do_what_its_role_in_the_template_says_and_nothing_else() {
    let workbench = Stage::empty().await;
    let (api, status) = (&workbench.main.api_role, &workbench.main.status_role);
    let key = json!({ "pk": { "S": "x" }, "sk": { "S": "x" } });
    let item = json!({ "TableName": workbench.main.table_name(), "Key": key });
    for role in [api, status] {
        as_role(&workbench, role, Service::DynamoDb, "GetItem", &item).unwrap();
        for (service, operation, input) in [
            (
                Service::DynamoDb,
                "DeleteTable",
                json!({ "TableName": workbench.main.table_name() }),
            ),
            (
                Service::DynamoDb,
                "GetItem",
                json!({ "TableName": "another", "Key": key }),
            ),
            (Service::ServiceCatalog, "SearchProductsAsAdmin", json!({})),
            (Service::Iam, "GetRole", json!({ "RoleName": "anything" })),
        ] {
            let refused = as_role(&workbench, role, service, operation, &input).unwrap_err();
            assert!(
                refused.code.starts_with("AccessDenied"),
                "{role} {operation}: {refused}"
            );
        }
    }
    let list = json!({
        "TableName": workbench.main.table_name(),
        "IndexName": "all",
        "KeyConditionExpression": "allPk = :pk",
        "ExpressionAttributeValues": { ":pk": { "S": "x" } },
    });
    as_role(&workbench, api, Service::DynamoDb, "Query", &list).unwrap();
    let refused = as_role(&workbench, status, Service::DynamoDb, "Query", &list).unwrap_err();
    assert!(refused.code.starts_with("AccessDenied"), "{refused}");
}

#[tokio::test]
async fn w14_a_launch_role_can_not_be_more_than_its_boundary() {
    let workbench = Stage::empty().await;
    let host = Principal::root(&workbench.hosting.account);
    let name = format!("{}-LaunchConstraint-sagemakerNotebook", workbench.main.namespace);
    let everything = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
    });
    let policy = json!({
        "RoleName": name,
        "PolicyName": "everything",
        "PolicyDocument": everything.to_string(),
    });
    let arn = {
        let mut world = workbench.aws.world();
        world.call(&host, Service::Iam, "PutRolePolicy", &policy).unwrap();
        let role = world
            .call(&host, Service::Iam, "GetRole", &json!({ "RoleName": name }))
            .unwrap();
        role["Role"]["Arn"].as_str().unwrap().to_owned()
    };
    let own = json!({ "RoleName": format!("{}-env-mgmt", workbench.main.namespace) });
    for (service, operation, input) in [
        (Service::Iam, "DeleteRole", own),
        (Service::ServiceCatalog, "ListAcceptedPortfolioShares", json!({})),
    ] {
        let refused = as_role(&workbench, &arn, service, operation, &input).unwrap_err();
        assert!(refused.code.starts_with("AccessDenied"), "{operation}: {refused}");
    }
    no_way_around(&workbench, &arn, &everything.to_string());
}

/// The launch role, which is allowed everything by itself, can not make or take over a role that has no boundary.
fn no_way_around(workbench: &Workbench, launch_role: &str, everything: &str) {
    let account = &workbench.hosting.account;
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]})
    .to_string();
    let boundary = {
        let (mut world, root) = (workbench.aws.world(), Principal::root(account));
        let unbounded = json!({ "RoleName": "other", "AssumeRolePolicyDocument": trust });
        world.call(&root, Service::Iam, "CreateRole", &unbounded).unwrap();
        let policy = json!({ "PolicyName": "type-1-boundary", "PolicyDocument": everything });
        let made = world.call(&root, Service::Iam, "CreatePolicy", &policy).unwrap();
        made["Policy"]["Arn"].clone()
    };
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let new = |boundary: &Value| {
        json!({
            "RoleName": "type-1", "AssumeRolePolicyDocument": trust, "PermissionsBoundary": boundary,
        })
    };
    let inline = |role: &str| json!({ "RoleName": role, "PolicyName": "all", "PolicyDocument": everything });
    as_role(
        workbench,
        launch_role,
        Service::Iam,
        "CreateRole",
        &new(&boundary),
    )
    .unwrap();
    as_role(
        workbench,
        launch_role,
        Service::Iam,
        "PutRolePolicy",
        &inline("type-1"),
    )
    .unwrap();
    let function = json!({
        "FunctionName": "escape", "Role": format!("arn:aws:iam::{account}:role/type-1"), "Code": {},
        "Runtime": "provided.al2023", "Handler": "bootstrap",
    });
    for (service, operation, input) in [
        (
            Service::Iam,
            "CreateRole",
            json!({ "RoleName": "type-2", "AssumeRolePolicyDocument": trust }),
        ),
        (Service::Iam, "CreateRole", new(&json!(admin))),
        (Service::Iam, "PutRolePolicy", inline("other")),
        (
            Service::Iam,
            "AttachRolePolicy",
            json!({ "RoleName": "type-1", "PolicyArn": admin }),
        ),
        (
            Service::Iam,
            "UpdateAssumeRolePolicy",
            json!({ "RoleName": "other", "PolicyDocument": trust }),
        ),
        (
            Service::Iam,
            "DeleteRolePermissionsBoundary",
            json!({ "RoleName": "type-1" }),
        ),
        (
            Service::Iam,
            "PutRolePermissionsBoundary",
            json!({ "RoleName": "type-1", "PermissionsBoundary": admin }),
        ),
        (Service::Lambda, "CreateFunction", function),
    ] {
        let refused = as_role(workbench, launch_role, service, operation, &input).unwrap_err();
        assert!(
            refused.code.starts_with("AccessDenied"),
            "{operation} {input}: {refused}"
        );
    }
}

#[tokio::test]
async fn only_the_functions_of_the_main_account_get_into_a_hosting_account() {
    let workbench = Stage::empty().await;
    let assume = json!({
        "RoleArn": workbench.hosting.env_mgmt_role,
        "RoleSessionName": "test",
        "ExternalId": workbench.hosting.external_id,
    });
    as_role(
        &workbench,
        &workbench.main.api_role,
        Service::Sts,
        "AssumeRole",
        &assume,
    )
    .unwrap();
    let root = Principal::root(&workbench.main.account);
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole",
    }]});
    let other = {
        let mut world = workbench.aws.world();
        let role = json!({ "RoleName": "other", "AssumeRolePolicyDocument": trust.to_string() });
        let made = world.call(&root, Service::Iam, "CreateRole", &role).unwrap();
        let all = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
        ]});
        let policy = json!({ "RoleName": "other", "PolicyName": "all", "PolicyDocument": all.to_string() });
        world.call(&root, Service::Iam, "PutRolePolicy", &policy).unwrap();
        made["Role"]["Arn"].as_str().unwrap().to_owned()
    };
    let refused = as_role(&workbench, &other, Service::Sts, "AssumeRole", &assume).unwrap_err();
    assert_eq!(refused.code, "AccessDenied", "{refused}");
}
