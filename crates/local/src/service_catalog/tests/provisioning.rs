use serde_json::{Value, json};

use super::{Catalog, HOST, MAIN, admin, call, constrain, delete_role, host, role, text};
use crate::world::{Principal, Service};

#[test]
fn a_product_is_provisioned_and_its_record_has_the_outputs() {
    let mut catalog = Catalog::new();
    let mut request = catalog.request("env");
    request["Tags"] = json!([{ "Key": "Env", "Value": "e" }]);
    let record = catalog.call("ProvisionProduct", request).unwrap()["RecordDetail"].clone();
    assert_eq!(
        (&record["Status"], &record["RecordType"]),
        (&json!("CREATED"), &json!("PROVISION_PRODUCT"))
    );
    assert_eq!(
        record["LaunchRoleArn"],
        format!("arn:aws:iam::{HOST}:role/launch")
    );
    assert_eq!(record["RecordTags"], json!([{ "Key": "Env", "Value": "e" }]));
    assert_eq!(catalog.provisioned("env").unwrap()["Status"], "UNDER_CHANGE");
    catalog.turn(6);
    assert_eq!(catalog.record(&record)["RecordDetail"]["Status"], "IN_PROGRESS");
    catalog.turn(600);
    let ended = catalog.record(&record);
    assert_eq!(ended["RecordDetail"]["Status"], "SUCCEEDED");
    let outputs = ended["RecordOutputs"].as_array().unwrap();
    assert_eq!(
        outputs[0],
        json!({ "OutputKey": "RoleName", "OutputValue": "made", "Description": "The name of the role" })
    );
    assert_eq!(outputs[1]["OutputKey"], "CloudformationStackARN");
    let product = catalog.provisioned("env").unwrap();
    assert_eq!(
        (&product["Status"], &product["Id"]),
        (&json!("AVAILABLE"), &record["ProvisionedProductId"])
    );
    assert_eq!(product["LastRecordId"], record["RecordId"]);
    let by_id = catalog
        .call("DescribeProvisionedProduct", json!({ "Id": product["Id"] }))
        .unwrap();
    assert_eq!(by_id["ProvisionedProductDetail"], product);
    let made = json!({ "RoleName": "made" });
    catalog
        .world
        .call(&Principal::root(HOST), Service::Iam, "GetRole", &made)
        .unwrap();
}

#[test]
fn the_stack_is_made_by_the_launch_role_with_the_products_tags() {
    let mut catalog = Catalog::new();
    let record = catalog.provision("env");
    catalog.turn(600);
    let calls = catalog.world.calls();
    let create = calls.iter().find(|call| call.operation == "CreateStack").unwrap();
    assert!(create.principal.contains("assumed-role/launch/"), "{create:?}");
    let stack = format!("SC-{HOST}-{}", text(&record["ProvisionedProductId"]));
    let described = catalog
        .world
        .call(
            &Principal::root(HOST),
            Service::CloudFormation,
            "DescribeStacks",
            &json!({ "StackName": stack }),
        )
        .unwrap();
    let tags = described["Stacks"][0]["Tags"].as_array().unwrap();
    let value = |key: &str| {
        tags.iter()
            .find(|tag| tag["Key"] == key)
            .map(|tag| text(&tag["Value"]))
    };
    let product = format!("arn:aws:catalog:us-east-1:{MAIN}:product/{}", catalog.product);
    assert_eq!(value("aws:servicecatalog:productArn"), Some(product));
    assert_eq!(
        value("aws:servicecatalog:provisioningPrincipalArn"),
        Some(catalog.researcher.arn.clone())
    );
}

#[test]
fn a_stack_that_fails_leaves_a_product_in_error_and_says_why() {
    let mut catalog = Catalog::new();
    role(
        &mut catalog.world,
        "made",
        "lambda.amazonaws.com",
        json!(["s3:*"]),
    );
    let record = catalog.provision("env");
    catalog.turn(600);
    let (status, error, product) = catalog.end(&record, "env");
    assert_eq!((status.as_str(), product.as_str()), ("FAILED", "ERROR"));
    assert!(error.contains("made"), "{error}");
    assert_eq!(catalog.provisioned("env").unwrap()["StatusMessage"], error);
}

#[test]
fn a_parameter_that_breaks_the_templates_rule_fails_the_provisioning() {
    let mut catalog = Catalog::new();
    let mut request = catalog.request("env");
    request["ProvisioningParameters"] = json!([{ "Key": "Name", "Value": "UPPER" }]);
    let record = catalog.call("ProvisionProduct", request).unwrap()["RecordDetail"].clone();
    catalog.turn(600);
    let (status, error, product) = catalog.end(&record, "env");
    assert_eq!((status.as_str(), product.as_str()), ("FAILED", "ERROR"));
    assert!(error.contains("Name"), "{error}");
}

#[test]
fn a_failure_that_is_switched_on_ends_the_provisioning_with_its_text() {
    let mut catalog = Catalog::new();
    catalog.world.faults.provisioning_failure = Some("no capacity".to_owned());
    let record = catalog.provision("env");
    catalog.turn(600);
    let (status, error, product) = catalog.end(&record, "env");
    assert_eq!(
        (status.as_str(), error.as_str(), product.as_str()),
        ("FAILED", "no capacity", "ERROR")
    );
}

#[test]
fn a_launch_role_that_is_missing_or_does_not_trust_the_service_fails_the_provisioning() {
    let mut catalog = Catalog::new();
    delete_role(&mut catalog.world, "launch");
    let record = catalog.provision("missing");
    catalog.turn(600);
    let (status, error, _) = catalog.end(&record, "missing");
    assert_eq!(status, "FAILED");
    assert!(
        error.contains("role/launch") && error.contains("does not exist"),
        "{error}"
    );
    role(&mut catalog.world, "launch", "ec2.amazonaws.com", json!(["*"]));
    let record = catalog.provision("distrusting");
    catalog.turn(600);
    let (status, error, _) = catalog.end(&record, "distrusting");
    assert_eq!(status, "FAILED");
    assert!(
        error.contains("does not trust `servicecatalog.amazonaws.com`"),
        "{error}"
    );
}

#[test]
fn a_launch_role_by_arn_is_that_role_whatever_the_account() {
    let mut catalog = Catalog::without_constraint();
    let (portfolio, product) = (catalog.portfolio.clone(), catalog.product.clone());
    let arn = format!("arn:aws:iam::{MAIN}:role/launch");
    constrain(
        &mut catalog.world,
        &portfolio,
        &product,
        json!({ "RoleArn": arn }),
    )
    .unwrap();
    let record = catalog.provision("env");
    assert_eq!(record["LaunchRoleArn"], arn);
}

#[test]
fn without_a_launch_role_the_caller_provisions() {
    let mut catalog = Catalog::without_constraint();
    let record = catalog.provision("env");
    assert!(record.get("LaunchRoleArn").is_none(), "{record}");
    catalog.turn(600);
    let (status, error, _) = catalog.end(&record, "env");
    assert_eq!(status, "FAILED");
    assert!(error.contains("cloudformation:CreateStack"), "{error}");
}

#[test]
fn a_provision_token_provisions_once() {
    let mut catalog = Catalog::new();
    let mut request = catalog.request("env");
    request["ProvisionToken"] = json!("t");
    let first = catalog.call("ProvisionProduct", request.clone()).unwrap();
    catalog.turn(600);
    let again = catalog.call("ProvisionProduct", request.clone()).unwrap();
    assert_eq!(
        again["RecordDetail"]["RecordId"],
        first["RecordDetail"]["RecordId"]
    );
    assert_eq!(again["RecordDetail"]["Status"], "SUCCEEDED");
    assert_eq!(catalog.provisioned("env").unwrap()["IdempotencyToken"], "t");
    request["ProvisionToken"] = json!("u");
    let duplicate = catalog.call("ProvisionProduct", request).unwrap_err();
    assert_eq!(duplicate.code, "DuplicateResourceException");
    assert!(duplicate.message.contains("`env`"), "{duplicate}");
}

/// A request that is refused at once, and what the refusal has to name.
fn refused(members: Value) -> crate::error::ApiError {
    let mut catalog = Catalog::new();
    let mut request = catalog.request("env");
    for (member, value) in members.as_object().unwrap() {
        request[member] = value.clone();
    }
    let error = catalog.call("ProvisionProduct", request).unwrap_err();
    assert_eq!(
        catalog.provisioned("env").unwrap_err().code,
        "ResourceNotFoundException"
    );
    error
}

#[test]
fn a_request_that_cannot_be_right_is_refused_at_once() {
    let parameter = |key: &str| json!({ "ProvisioningParameters": [{ "Key": key, "Value": "v" }] });
    let cases = [
        (json!({ "ProvisionedProductName": "-env" }), "`-env`"),
        (json!({ "ProvisionedProductName": "a b" }), "`a b`"),
        (json!({ "ProvisionedProductName": "a".repeat(129) }), "128"),
        (json!({ "ProductId": "prod-none" }), "`prod-none`"),
        (json!({ "ProvisioningArtifactId": "pa-none" }), "`pa-none`"),
        (json!({ "PathId": "lpv2-none" }), "`lpv2-none`"),
        (parameter("Colour"), "[Colour]"),
        (json!({ "Tags": [{ "Key": "aws:x", "Value": "v" }] }), "`aws:x`"),
        (json!({ "Colour": "red" }), "`Colour`"),
        (json!({ "ProvisionToken": "a/b" }), "`a/b`"),
        (json!({ "ProvisionToken": "a".repeat(129) }), "128"),
        (
            json!({ "Tags": vec![json!({ "Key": "k", "Value": "v" }); 51] }),
            "at most 50",
        ),
        (
            json!({ "Tags": [{ "Key": "k".repeat(129), "Value": "v" }] }),
            "1 to 128",
        ),
        (json!({ "Tags": [{ "Key": "k", "Value": "" }] }), "tag `k`"),
        (parameter(&"k".repeat(1001)), "1 to 1000"),
        (
            json!({ "ProvisioningParameters": [{ "Key": "Name", "Value": "v".repeat(4097) }] }),
            "parameter `Name` has 4097",
        ),
    ];
    for (members, named) in cases {
        let error = refused(members);
        assert!(error.message.contains(named), "{named}: {error}");
    }
}

#[test]
fn another_account_sees_neither_the_product_nor_its_record() {
    let mut catalog = Catalog::new();
    let record = catalog.provision("env");
    catalog.turn(600);
    let calls = [
        ("DescribeRecord", json!({ "Id": record["RecordId"] })),
        ("DescribeProvisionedProduct", json!({ "Name": "env" })),
        (
            "DescribeProvisionedProduct",
            json!({ "Id": record["ProvisionedProductId"] }),
        ),
        (
            "TerminateProvisionedProduct",
            json!({ "ProvisionedProductName": "env" }),
        ),
    ];
    for (operation, input) in calls {
        let error = admin(&mut catalog.world, operation, input).unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException", "{operation}");
    }
    let found = admin(&mut catalog.world, "SearchProvisionedProducts", json!({})).unwrap();
    assert_eq!(found["TotalResultsCount"], 0);
}

#[test]
fn provisioned_products_are_searched_by_name_id_product_and_status() {
    let mut catalog = Catalog::new();
    let record = catalog.provision("env");
    let product = catalog.product.clone();
    let mut count = |query: String| {
        let input = json!({ "Filters": { "SearchQuery": [query] } });
        let found = host(&mut catalog.world, "SearchProvisionedProducts", input)?;
        Ok::<_, crate::error::ApiError>(found["TotalResultsCount"].as_u64().unwrap())
    };
    let id = text(&record["ProvisionedProductId"]);
    for (query, expected) in [
        ("name:env".to_owned(), 1),
        ("name:other".to_owned(), 0),
        (format!("id:{id}"), 1),
        (format!("productId:{product}"), 1),
        ("status:UNDER_CHANGE".to_owned(), 1),
        ("status:AVAILABLE".to_owned(), 0),
    ] {
        assert_eq!(count(query.clone()).unwrap(), expected, "{query}");
    }
    assert!(
        count("colour:red".to_owned())
            .unwrap_err()
            .message
            .contains("colour:red")
    );
    let both = json!({ "Id": id, "Name": "env" });
    let error = host(&mut catalog.world, "DescribeProvisionedProduct", both).unwrap_err();
    assert_eq!(error.code, "InvalidParametersException");
}

#[test]
fn a_role_that_may_not_provision_is_refused() {
    let mut catalog = Catalog::new();
    let reader = role(
        &mut catalog.world,
        "reader",
        "lambda.amazonaws.com",
        json!(["servicecatalog:Describe*"]),
    );
    let request = catalog.request("env");
    let error = call(&mut catalog.world, &reader, "ProvisionProduct", request).unwrap_err();
    assert_eq!(error.code, "AccessDeniedException");
    assert!(error.message.contains(&catalog.product), "{error}");
}

#[test]
fn provisioned_products_are_told_in_pages_with_their_tags_to_who_asks_for_those_of_the_account() {
    let mut catalog = Catalog::new();
    for name in ["a", "b", "c"] {
        catalog.provision(name);
        catalog.turn(1);
    }
    let mut names = Vec::new();
    let mut input = json!({ "PageSize": 2, "SortBy": "createdTime",
        "AccessLevelFilter": { "Key": "Account", "Value": "self" } });
    loop {
        let page = host(&mut catalog.world, "SearchProvisionedProducts", input.clone()).unwrap();
        let found = page["ProvisionedProducts"].as_array().unwrap();
        assert!(found.len() <= 2);
        for product in found {
            names.push(text(&product["Name"]));
            let keys: Vec<String> = product["Tags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| text(&tag["Key"]))
                .collect();
            assert!(
                keys.contains(&"aws:servicecatalog:portfolioArn".to_owned()),
                "{keys:?}"
            );
        }
        input["PageToken"] = page["NextPageToken"].clone();
        if input["PageToken"].is_null() {
            break;
        }
    }
    assert_eq!(names, ["a", "b", "c"]);
    // Root has provisioned none of them.
    let mine = json!({ "AccessLevelFilter": { "Key": "User", "Value": "self" } });
    let mine = host(&mut catalog.world, "SearchProvisionedProducts", mine).unwrap();
    assert_eq!(mine["TotalResultsCount"], 0);
    for refused in [
        json!({ "PageSize": 101 }),
        json!({ "PageToken": "none" }),
        json!({ "SortBy": "colour" }),
        json!({ "AccessLevelFilter": { "Key": "Account", "Value": "all" } }),
    ] {
        let error = host(&mut catalog.world, "SearchProvisionedProducts", refused.clone()).unwrap_err();
        assert_eq!(error.code, "InvalidParametersException", "{refused}");
    }
}
