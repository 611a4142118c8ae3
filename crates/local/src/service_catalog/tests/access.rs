use serde_json::{Value, json};

use super::{Catalog, HOST, admin, call, create_portfolio, host, role, text};

fn paths(catalog: &mut Catalog) -> Value {
    let input = json!({ "ProductId": catalog.product });
    catalog.call("ListLaunchPaths", input).unwrap()["LaunchPathSummaries"].clone()
}

#[test]
fn a_product_has_one_launch_path_for_each_portfolio() {
    let mut catalog = Catalog::new();
    let found = paths(&mut catalog);
    assert_eq!(
        found,
        json!([{ "Id": found[0]["Id"], "Name": "Environments", "ConstraintSummaries": [{ "Type": "LAUNCH" }],
            "Tags": [] }])
    );
    let product = catalog.product.clone();
    let described = catalog.call("DescribeProduct", json!({ "Id": product })).unwrap();
    assert_eq!(
        described["LaunchPaths"],
        json!([{ "Id": found[0]["Id"], "Name": "Environments" }])
    );
    assert_eq!(described["ProvisioningArtifacts"][0]["Id"], catalog.artifact);
    // Associating a second time changes nothing.
    catalog.admin("AssociateProductWithPortfolio", json!({ "ProductId": product }));
    assert_eq!(paths(&mut catalog), found);
}

#[test]
fn a_product_without_a_constraint_shows_none_on_its_path() {
    let mut catalog = Catalog::without_constraint();
    assert_eq!(paths(&mut catalog)[0]["ConstraintSummaries"], json!([]));
}

/// What the researcher is told who has no path to the product.
fn assert_hidden(catalog: &mut Catalog) {
    assert_eq!(paths(catalog), json!([]));
    let product = catalog.product.clone();
    let error = catalog
        .call("DescribeProduct", json!({ "Id": product }))
        .unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
    let request = catalog.request("env");
    let error = catalog.call("ProvisionProduct", request).unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
}

#[test]
fn a_product_is_hidden_from_an_account_whose_share_was_taken_back() {
    let mut catalog = Catalog::new();
    catalog.admin("DeletePortfolioShare", json!({ "AccountId": HOST }));
    assert_hidden(&mut catalog);
    // Sharing again does not bring back what the account had accepted and associated.
    catalog.admin("CreatePortfolioShare", json!({ "AccountId": HOST }));
    assert_hidden(&mut catalog);
}

#[test]
fn a_product_is_hidden_from_an_identity_that_is_not_associated() {
    let mut catalog = Catalog::new();
    let input = json!({ "PortfolioId": catalog.portfolio,
        "PrincipalARN": format!("arn:aws:iam::{HOST}:role/researcher") });
    host(&mut catalog.world, "DisassociatePrincipalFromPortfolio", input).unwrap();
    assert_hidden(&mut catalog);
    let product = json!({ "ProductId": catalog.product });
    let of_root = host(&mut catalog.world, "ListLaunchPaths", product).unwrap();
    assert_eq!(
        of_root["LaunchPathSummaries"],
        json!([]),
        "not even root is associated by itself"
    );
}

#[test]
fn a_pattern_stands_for_every_role_that_it_matches() {
    let mut catalog = Catalog::new();
    let pattern = json!({ "PortfolioId": catalog.portfolio, "PrincipalType": "IAM_PATTERN",
        "PrincipalARN": "arn:aws:iam:::role/team-*" });
    host(&mut catalog.world, "AssociatePrincipalWithPortfolio", pattern).unwrap();
    let product = json!({ "ProductId": catalog.product });
    for (name, count) in [("team-a", 1), ("other", 0)] {
        let session = role(
            &mut catalog.world,
            name,
            "lambda.amazonaws.com",
            json!(["servicecatalog:*"]),
        );
        let found = call(&mut catalog.world, &session, "ListLaunchPaths", product.clone()).unwrap();
        assert_eq!(
            found["LaunchPathSummaries"].as_array().unwrap().len(),
            count,
            "{name}"
        );
    }
}

#[test]
fn a_product_that_does_not_exist_has_no_launch_paths_to_list() {
    let mut catalog = Catalog::new();
    let error = catalog
        .call("ListLaunchPaths", json!({ "ProductId": "prod-none" }))
        .unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
}

#[test]
fn of_two_launch_paths_one_must_be_chosen() {
    let mut catalog = Catalog::new();
    let second = create_portfolio(&mut catalog.world);
    let associate = json!({ "PortfolioId": second, "ProductId": catalog.product });
    admin(&mut catalog.world, "AssociateProductWithPortfolio", associate).unwrap();
    let share = json!({ "PortfolioId": second, "AccountId": HOST });
    admin(&mut catalog.world, "CreatePortfolioShare", share).unwrap();
    host(
        &mut catalog.world,
        "AcceptPortfolioShare",
        json!({ "PortfolioId": second }),
    )
    .unwrap();
    let associate =
        json!({ "PortfolioId": second, "PrincipalARN": format!("arn:aws:iam::{HOST}:role/researcher") });
    host(&mut catalog.world, "AssociatePrincipalWithPortfolio", associate).unwrap();
    let found = paths(&mut catalog);
    assert_eq!(found.as_array().unwrap().len(), 2);
    let mut request = catalog.request("env");
    let error = catalog.call("ProvisionProduct", request.clone()).unwrap_err();
    assert!(error.message.contains("PathId"), "{error}");
    request["PathId"] = json!("lpv2-none");
    let error = catalog.call("ProvisionProduct", request.clone()).unwrap_err();
    assert!(error.message.contains("`lpv2-none`"), "{error}");
    request["PathId"] = found[1]["Id"].clone();
    let record = catalog.call("ProvisionProduct", request).unwrap()["RecordDetail"].clone();
    assert_eq!(text(&record["PathId"]), text(&found[1]["Id"]));
}
