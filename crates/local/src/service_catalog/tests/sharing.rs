use serde_json::{Value, json};

use super::{Catalog, HOST, MAIN, admin, create_portfolio, host, world};

fn principal(portfolio: &str, arn: &str, kind: &str) -> Value {
    json!({ "PortfolioId": portfolio, "PrincipalARN": arn, "PrincipalType": kind })
}

#[test]
fn a_portfolio_is_accepted_only_by_an_account_that_it_is_shared_with() {
    let mut world = world();
    let portfolio = create_portfolio(&mut world);
    let named = json!({ "PortfolioId": portfolio });
    let error = host(&mut world, "AcceptPortfolioShare", named.clone()).unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
    let share = json!({ "PortfolioId": portfolio, "AccountId": HOST });
    admin(&mut world, "CreatePortfolioShare", share.clone()).unwrap();
    let access = admin(&mut world, "ListPortfolioAccess", named.clone()).unwrap();
    assert_eq!(access["AccountIds"], json!([HOST]));
    let accepted = |world: &mut _| {
        let listed = host(
            world,
            "ListAcceptedPortfolioShares",
            json!({ "PortfolioShareType": "IMPORTED" }),
        )
        .unwrap();
        listed["PortfolioDetails"].as_array().unwrap().len()
    };
    assert_eq!(accepted(&mut world), 0);
    host(&mut world, "DescribePortfolio", json!({ "Id": portfolio })).unwrap_err();
    host(&mut world, "AcceptPortfolioShare", named).unwrap();
    assert_eq!(accepted(&mut world), 1);
    host(&mut world, "DescribePortfolio", json!({ "Id": portfolio })).unwrap();
    admin(&mut world, "DeletePortfolioShare", share.clone()).unwrap();
    assert_eq!(accepted(&mut world), 0);
    let error = admin(&mut world, "DeletePortfolioShare", share).unwrap_err();
    assert!(error.message.contains(HOST), "{error}");
}

#[test]
fn an_account_to_share_with_is_12_digits() {
    let mut world = world();
    let portfolio = create_portfolio(&mut world);
    let share = json!({ "PortfolioId": portfolio, "AccountId": "everybody" });
    let error = admin(&mut world, "CreatePortfolioShare", share).unwrap_err();
    assert!(error.message.contains("`everybody`"), "{error}");
}

#[test]
fn a_principal_is_an_identity_of_the_account_that_associates_it() {
    let mut catalog = Catalog::new();
    let portfolio = catalog.portfolio.clone();
    let associate = "AssociatePrincipalWithPortfolio";
    let cases = [
        (format!("arn:aws:iam::{MAIN}:role/a"), "IAM", "in this account"),
        (
            format!("arn:aws:iam::{HOST}:role/a*"),
            "IAM_PATTERN",
            "without an account",
        ),
        (format!("arn:aws:iam::{HOST}:role/a"), "USER", "`USER`"),
    ];
    for (arn, kind, named) in cases {
        let error = host(&mut catalog.world, associate, principal(&portfolio, &arn, kind)).unwrap_err();
        assert!(error.message.contains(named), "{named}: {error}");
    }
    let arn = format!("arn:aws:iam::{HOST}:role/researcher");
    let listed = |catalog: &mut Catalog| {
        let input = json!({ "PortfolioId": catalog.portfolio });
        host(&mut catalog.world, "ListPrincipalsForPortfolio", input).unwrap()["Principals"].clone()
    };
    assert_eq!(
        listed(&mut catalog),
        json!([{ "PrincipalARN": arn, "PrincipalType": "IAM" }])
    );
    let input = json!({ "PortfolioId": portfolio, "PrincipalARN": arn });
    host(&mut catalog.world, "DisassociatePrincipalFromPortfolio", input).unwrap();
    assert_eq!(listed(&mut catalog), json!([]));
    let unknown = principal("port-none", &arn, "IAM");
    let error = host(&mut catalog.world, associate, unknown).unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
}
