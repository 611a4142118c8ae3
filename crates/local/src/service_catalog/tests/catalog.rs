use serde_json::{Value, json};

use super::{
    Catalog, HOST, MAIN, admin, constrain, create_portfolio, create_product, host, product_request, text,
    world,
};

#[test]
fn what_is_made_with_a_token_is_made_once() {
    let mut world = world();
    let mut portfolio = json!({ "DisplayName": "P", "ProviderName": "IT", "IdempotencyToken": "t" });
    let first = admin(&mut world, "CreatePortfolio", portfolio.clone()).unwrap();
    assert_eq!(
        admin(&mut world, "CreatePortfolio", portfolio.clone()).unwrap(),
        first
    );
    portfolio["IdempotencyToken"] = json!("u");
    assert_ne!(admin(&mut world, "CreatePortfolio", portfolio).unwrap(), first);
    let mut product = product_request(&mut world);
    product["IdempotencyToken"] = json!("t");
    let first = admin(&mut world, "CreateProduct", product.clone()).unwrap();
    assert_eq!(admin(&mut world, "CreateProduct", product).unwrap(), first);
    let artifact = json!({
        "ProductId": first["ProductViewDetail"]["ProductViewSummary"]["ProductId"], "IdempotencyToken": "t",
        "Parameters": { "Name": "v2", "Info": { "LoadTemplateFromURL": "s3://artifacts/product.yaml" } },
    });
    let second = admin(&mut world, "CreateProvisioningArtifact", artifact.clone()).unwrap();
    assert_eq!(
        admin(&mut world, "CreateProvisioningArtifact", artifact).unwrap(),
        second
    );
    assert_ne!(
        second["ProvisioningArtifactDetail"]["Id"],
        first["ProvisioningArtifactDetail"]["Id"]
    );
}

#[test]
fn a_portfolio_and_a_product_are_described_with_their_arns() {
    let mut world = world();
    let id = create_portfolio(&mut world);
    let described =
        admin(&mut world, "DescribePortfolio", json!({ "Id": id })).unwrap()["PortfolioDetail"].clone();
    assert_eq!(
        described["ARN"],
        format!("arn:aws:catalog:us-east-1:{MAIN}:portfolio/{id}")
    );
    assert_eq!(
        (&described["DisplayName"], &described["ProviderName"]),
        (&json!("Environments"), &json!("IT"))
    );
    let (product, _) = create_product(&mut world);
    let found = admin(&mut world, "SearchProductsAsAdmin", json!({})).unwrap()["ProductViewDetails"].clone();
    assert_eq!(
        found[0]["ProductARN"],
        format!("arn:aws:catalog:us-east-1:{MAIN}:product/{product}")
    );
    assert_eq!(found[0]["ProductViewSummary"]["Name"], "Notebook");
    let within = json!({ "PortfolioId": id });
    let found = admin(&mut world, "SearchProductsAsAdmin", within.clone()).unwrap();
    assert_eq!(found["ProductViewDetails"], json!([]));
    let associate = json!({ "PortfolioId": id, "ProductId": product });
    admin(&mut world, "AssociateProductWithPortfolio", associate).unwrap();
    let found = admin(&mut world, "SearchProductsAsAdmin", within).unwrap();
    assert_eq!(
        found["ProductViewDetails"][0]["ProductViewSummary"]["ProductId"],
        product
    );
    let foreign = host(&mut world, "SearchProductsAsAdmin", json!({})).unwrap();
    assert_eq!(foreign["ProductViewDetails"], json!([]));
}

#[test]
fn a_product_needs_a_template_that_can_be_read() {
    let mut world = world();
    world.put_object("artifacts", "broken.yaml", "Resources: [");
    let cases = [
        ("ProductType", json!("MARKETPLACE"), "ProductType"),
        ("Colour", json!("red"), "`Colour`"),
        (
            "ProvisioningArtifactParameters",
            json!({ "Info": { "LoadTemplateFromURL": "s3://artifacts/none" } }),
            "`s3://artifacts/none`",
        ),
        (
            "ProvisioningArtifactParameters",
            json!({ "Info": { "LoadTemplateFromURL": "s3://artifacts/broken.yaml" } }),
            "is not valid",
        ),
        (
            "ProvisioningArtifactParameters",
            json!({ "Type": "TERRAFORM_CLOUD", "Info": { "LoadTemplateFromURL": "s3://artifacts/product.yaml" } }),
            "Type",
        ),
    ];
    for (member, value, named) in cases {
        let mut request = product_request(&mut world);
        request[member] = value;
        let error = admin(&mut world, "CreateProduct", request).unwrap_err();
        assert!(error.message.contains(named), "{named}: {error}");
    }
    let mut unchecked = product_request(&mut world);
    unchecked["ProvisioningArtifactParameters"] = json!({
        "DisableTemplateValidation": true, "Info": { "LoadTemplateFromURL": "s3://artifacts/broken.yaml" },
    });
    admin(&mut world, "CreateProduct", unchecked).unwrap();
}

#[test]
fn an_artifact_keeps_the_template_it_was_made_from() {
    let mut catalog = Catalog::new();
    catalog
        .world
        .put_object("artifacts", "product.yaml", "Resources: {}");
    let record = catalog.provision("env");
    catalog.turn(600);
    assert_eq!(catalog.record(&record)["RecordDetail"]["Status"], "SUCCEEDED");
    assert_eq!(catalog.record(&record)["RecordOutputs"][0]["OutputValue"], "made");
}

#[test]
fn a_launch_constraint_names_one_role_of_one_product_in_the_portfolio() {
    let mut world = world();
    let portfolio = create_portfolio(&mut world);
    let (product, _) = create_product(&mut world);
    let local = json!({ "LocalRoleName": "launch" });
    let absent = constrain(&mut world, &portfolio, &product, local.clone()).unwrap_err();
    assert_eq!(absent.code, "ResourceNotFoundException");
    let associate = json!({ "PortfolioId": portfolio, "ProductId": product });
    admin(&mut world, "AssociateProductWithPortfolio", associate).unwrap();
    let both = json!({ "LocalRoleName": "launch", "RoleArn": "arn:aws:iam::111122223333:role/launch" });
    for role in [both, json!({}), json!({ "Role": "launch" })] {
        let error = constrain(&mut world, &portfolio, &product, role).unwrap_err();
        assert_eq!(error.code, "InvalidParametersException", "{error}");
    }
    let kind =
        json!({ "PortfolioId": portfolio, "ProductId": product, "Type": "STACKSET", "Parameters": "{}" });
    let error = admin(&mut world, "CreateConstraint", kind).unwrap_err();
    assert!(error.message.contains("`STACKSET`"), "{error}");
    let made = constrain(&mut world, &portfolio, &product, local.clone()).unwrap();
    assert_eq!(made["ConstraintParameters"], local.to_string());
    let again = constrain(&mut world, &portfolio, &product, local).unwrap_err();
    assert_eq!(again.code, "DuplicateResourceException");
    let mut listed = |product: &str| {
        let input = json!({ "PortfolioId": portfolio, "ProductId": product });
        admin(&mut world, "ListConstraintsForPortfolio", input).unwrap()["ConstraintDetails"].clone()
    };
    assert_eq!(listed(&product), json!([made["ConstraintDetail"]]));
    assert_eq!(listed("prod-none"), json!([]));
}

#[test]
fn a_constraint_made_with_a_token_is_made_once() {
    let mut catalog = Catalog::without_constraint();
    let input = json!({ "ProductId": catalog.product, "Type": "LAUNCH", "IdempotencyToken": "t",
        "Parameters": "{\"LocalRoleName\":\"launch\"}" });
    let first = catalog.admin("CreateConstraint", input.clone());
    assert_eq!(catalog.admin("CreateConstraint", input), first);
}

#[test]
fn nobody_but_its_owner_changes_a_portfolio_or_a_product() {
    let mut catalog = Catalog::new();
    let (portfolio, product) = (catalog.portfolio.clone(), catalog.product.clone());
    let of_both = json!({ "PortfolioId": portfolio, "ProductId": product });
    let with = |members: Value| {
        let mut input = json!({ "PortfolioId": portfolio });
        input
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        input
    };
    let calls = [
        ("AssociateProductWithPortfolio", of_both),
        ("CreatePortfolioShare", with(json!({ "AccountId": HOST }))),
        ("DeletePortfolioShare", with(json!({ "AccountId": HOST }))),
        ("ListPortfolioAccess", with(json!({}))),
        ("ListConstraintsForPortfolio", with(json!({}))),
        (
            "CreateConstraint",
            with(
                json!({ "ProductId": product, "Type": "LAUNCH", "Parameters": "{\"LocalRoleName\":\"l\"}" }),
            ),
        ),
        (
            "CreateProvisioningArtifact",
            json!({ "ProductId": product,
                "Parameters": { "Info": { "LoadTemplateFromURL": "s3://artifacts/product.yaml" } } }),
        ),
    ];
    for (operation, input) in calls {
        let error = host(&mut catalog.world, operation, input).unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException", "{operation}");
    }
    let error = host(&mut catalog.world, "CopyProduct", json!({})).unwrap_err();
    assert_eq!(error.code, "UnknownOperationException");
    let described = host(
        &mut catalog.world,
        "DescribePortfolio",
        json!({ "Id": catalog.portfolio }),
    )
    .unwrap();
    assert_eq!(text(&described["PortfolioDetail"]["Id"]), catalog.portfolio);
}
