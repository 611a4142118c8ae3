//! Versions, updates and deletions.

use serde_json::json;

use super::{
    Catalog, HOST, admin, call, constrain, create_portfolio, create_product, host, product_request, role,
    text, world,
};

#[test]
fn a_product_is_deleted_after_what_holds_it() {
    let mut world = world();
    let portfolio = create_portfolio(&mut world);
    let (product, _) = create_product(&mut world);
    let both = json!({ "PortfolioId": portfolio, "ProductId": product });
    admin(&mut world, "AssociateProductWithPortfolio", both.clone()).unwrap();
    let made = constrain(
        &mut world,
        &portfolio,
        &product,
        json!({ "LocalRoleName": "launch" }),
    )
    .unwrap();
    let constraint = json!({ "Id": made["ConstraintDetail"]["ConstraintId"] });
    let described = admin(&mut world, "DescribeConstraint", constraint.clone()).unwrap();
    assert_eq!(described["ConstraintDetail"]["ProductId"], json!(product));
    let steps = [
        ("DeleteConstraint", constraint),
        ("DisassociateProductFromPortfolio", both),
        ("DeleteProduct", json!({ "Id": product })),
        ("DeletePortfolio", json!({ "Id": portfolio })),
    ];
    for (operation, input) in &steps[1..] {
        let error = admin(&mut world, operation, input.clone()).unwrap_err();
        assert_eq!(error.code, "ResourceInUseException", "{operation}");
    }
    for (operation, input) in steps {
        admin(&mut world, operation, input.clone()).unwrap();
        let again = admin(&mut world, operation, input).unwrap_err();
        assert_eq!(again.code, "ResourceNotFoundException", "{operation}");
    }
}

#[test]
fn a_portfolio_that_is_shared_stays() {
    let mut world = world();
    let portfolio = create_portfolio(&mut world);
    let share = json!({ "PortfolioId": portfolio, "AccountId": HOST });
    admin(&mut world, "CreatePortfolioShare", share.clone()).unwrap();
    let refused = admin(&mut world, "DeletePortfolio", json!({ "Id": portfolio })).unwrap_err();
    assert!(refused.message.contains("shares"), "{refused}");
    admin(&mut world, "DeletePortfolioShare", share).unwrap();
    admin(&mut world, "DeletePortfolio", json!({ "Id": portfolio })).unwrap();
}

#[test]
fn shares_are_described_in_pages_with_whether_they_are_accepted() {
    let mut world = world();
    let portfolio = create_portfolio(&mut world);
    for account in [HOST, "777788889999"] {
        let share = json!({ "PortfolioId": portfolio, "AccountId": account });
        admin(&mut world, "CreatePortfolioShare", share).unwrap();
    }
    let imported = json!({ "PortfolioId": portfolio });
    host(&mut world, "AcceptPortfolioShare", imported.clone()).unwrap();
    let mut input = json!({ "PortfolioId": portfolio, "Type": "ACCOUNT", "PageSize": 1 });
    let first = admin(&mut world, "DescribePortfolioShares", input.clone()).unwrap();
    assert_eq!(first["PortfolioShareDetails"][0]["PrincipalId"], HOST);
    assert_eq!(first["PortfolioShareDetails"][0]["Accepted"], true);
    input["PageToken"] = first["NextPageToken"].clone();
    let second = admin(&mut world, "DescribePortfolioShares", input.clone()).unwrap();
    assert_eq!(second["PortfolioShareDetails"][0]["Accepted"], false);
    assert_eq!(second.get("NextPageToken"), None);
    host(&mut world, "RejectPortfolioShare", imported).unwrap();
    input["PageToken"] = json!("");
    let rejected = admin(&mut world, "DescribePortfolioShares", input).unwrap();
    assert_eq!(rejected["PortfolioShareDetails"][0]["Accepted"], false);
}

#[test]
fn a_version_that_is_not_active_is_listed_and_can_not_be_launched() {
    let mut catalog = Catalog::new();
    let (product, artifact) = (catalog.product.clone(), catalog.artifact.clone());
    let version = json!({ "ProductId": product, "ProvisioningArtifactId": artifact });
    let last = admin(&mut catalog.world, "DeleteProvisioningArtifact", version.clone()).unwrap_err();
    assert_eq!(last.code, "ResourceInUseException");
    let mut update = version.clone();
    update["Active"] = json!(false);
    admin(&mut catalog.world, "UpdateProvisioningArtifact", update).unwrap();
    let request = catalog.request("one");
    let refused = catalog.call("ProvisionProduct", request).unwrap_err();
    assert_eq!(refused.code, "ResourceNotFoundException");
    let parameters =
        json!({ "Name": "v2", "Info": { "LoadTemplateFromURL": "s3://artifacts/product.yaml" } });
    let second = json!({ "ProductId": product, "Parameters": parameters, "IdempotencyToken": "2" });
    admin(&mut catalog.world, "CreateProvisioningArtifact", second).unwrap();
    let named = json!({ "ProductId": product });
    let listed = admin(&mut catalog.world, "ListProvisioningArtifacts", named.clone()).unwrap();
    let active = |at: usize| listed["ProvisioningArtifactDetails"][at]["Active"].as_bool();
    assert_eq!(
        [active(0), active(1)]
            .iter()
            .filter(|it| **it == Some(true))
            .count(),
        1
    );
    admin(&mut catalog.world, "DeleteProvisioningArtifact", version.clone()).unwrap();
    let gone = admin(&mut catalog.world, "DescribeProvisioningArtifact", version).unwrap_err();
    assert_eq!(gone.code, "ResourceNotFoundException");
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let mut world = world();
    let (product, _) = create_product(&mut world);
    let update = json!({ "Id": product, "Description": "new", "AddTags": [{ "Key": "a", "Value": "1" }] });
    admin(&mut world, "UpdateProduct", update).unwrap();
    let described = admin(&mut world, "DescribeProductAsAdmin", json!({ "Id": product })).unwrap();
    let view = &described["ProductViewDetail"]["ProductViewSummary"];
    assert_eq!(
        (text(&view["Name"]), text(&view["ShortDescription"])),
        ("Notebook".into(), "new".into())
    );
    assert_eq!(described["Tags"], json!([{ "Key": "a", "Value": "1" }]));
    let unknown = admin(
        &mut world,
        "UpdateProduct",
        json!({ "Id": product, "Colour": "red" }),
    )
    .unwrap_err();
    assert!(unknown.message.contains("Colour"), "{unknown}");
}

#[test]
fn a_product_is_made_only_by_who_may_read_its_template() {
    let mut world = world();
    let input = product_request(&mut world);
    let actions = json!(["servicecatalog:*"]);
    let blind = role(&mut world, "blind", "lambda.amazonaws.com", actions);
    let refused = call(&mut world, &blind, "CreateProduct", input.clone()).unwrap_err();
    assert_eq!(refused.code, "InvalidParametersException");
    assert!(refused.message.contains("s3:GetObject"), "{refused}");
    let actions = json!(["servicecatalog:*", "s3:GetObject"]);
    let reader = role(&mut world, "reader", "lambda.amazonaws.com", actions);
    call(&mut world, &reader, "CreateProduct", input).unwrap();
}
