//! Portfolios shared with other accounts, and who may use them there.

use serde::Deserialize;
use serde_json::{Value, json};

use super::portfolio::{Portfolio, own_portfolio};
use super::{invalid, not_found};
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Share {
    portfolio_id: String,
    account_id: String,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

pub(super) fn create_share(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: Share = parse("CreatePortfolioShare", input)?;
    if request.account_id.len() != 12 || !request.account_id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid(format!(
            "AccountId `{}` must be 12 digits",
            request.account_id
        )));
    }
    own_portfolio(world, principal, &request.portfolio_id)?
        .shared_with
        .insert(request.account_id);
    Ok(json!({}))
}

pub(super) fn delete_share(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: Share = parse("DeletePortfolioShare", input)?;
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    if !portfolio.shared_with.remove(&request.account_id) {
        return Err(not_found("share with account", &request.account_id));
    }
    portfolio.accepted_by.remove(&request.account_id);
    portfolio.principals.remove(&request.account_id);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfPortfolio {
    portfolio_id: String,
    #[serde(rename = "PortfolioShareType")]
    _share_type: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
    #[serde(rename = "PageSize")]
    _page_size: Option<u32>,
}

pub(super) fn list_access(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfPortfolio = parse("ListPortfolioAccess", input)?;
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    Ok(json!({ "AccountIds": portfolio.shared_with }))
}

pub(super) fn accept_share(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfPortfolio = parse("AcceptPortfolioShare", input)?;
    let portfolio = world.service_catalog.portfolios.get_mut(&request.portfolio_id);
    let shared = portfolio.filter(|it| it.shared_with.contains(&principal.account));
    let portfolio = shared.ok_or_else(|| not_found("portfolio", &request.portfolio_id))?;
    portfolio.accepted_by.insert(principal.account.clone());
    Ok(json!({}))
}

/// Takes back AcceptPortfolioShare; who could use the portfolio in the account can not any more.
pub(super) fn reject_share(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfPortfolio = parse("RejectPortfolioShare", input)?;
    let portfolio = world.service_catalog.portfolios.get_mut(&request.portfolio_id);
    let shared = portfolio.filter(|it| it.shared_with.contains(&principal.account));
    let portfolio = shared.ok_or_else(|| not_found("portfolio", &request.portfolio_id))?;
    portfolio.accepted_by.remove(&principal.account);
    portfolio.principals.remove(&principal.account);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribePortfolioShares {
    portfolio_id: String,
    #[serde(rename = "Type")]
    kind: String,
    page_size: Option<usize>,
    page_token: Option<String>,
}

/// In pages; the token is the last account of the page before.
/// <https://docs.aws.amazon.com/servicecatalog/latest/dg/API_DescribePortfolioShares.html>
pub(super) fn describe_shares(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    const PAGE: usize = 100;
    let request: DescribePortfolioShares = parse("DescribePortfolioShares", input)?;
    let portfolio = own_portfolio(world, principal, &request.portfolio_id)?;
    let by_account = match request.kind.as_str() {
        "ACCOUNT" => true,
        // Nothing is shared with organizations here.
        "ORGANIZATION" | "ORGANIZATIONAL_UNIT" | "ORGANIZATION_MEMBER_ACCOUNT" => false,
        other => return Err(invalid(format!("Type `{other}` is no type of a share"))),
    };
    let after = request.page_token.unwrap_or_default();
    let mut shares = (portfolio.shared_with.iter())
        .filter(|account| by_account && **account > after)
        .peekable();
    let size = request
        .page_size
        .filter(|size| *size > 0)
        .unwrap_or(PAGE)
        .min(PAGE);
    let page: Vec<&String> = shares.by_ref().take(size).collect();
    let details: Vec<_> = (page.iter())
        .map(|account| {
            json!({
                "PrincipalId": account,
                "Type": "ACCOUNT",
                "Accepted": portfolio.accepted_by.contains(*account),
                "ShareTagOptions": false,
                "SharePrincipals": false,
            })
        })
        .collect();
    let mut answer = json!({ "PortfolioShareDetails": details });
    if let (Some(_), Some(last)) = (shares.peek(), page.last()) {
        answer["NextPageToken"] = json!(last);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ListAcceptedPortfolioShares {
    #[serde(rename = "PortfolioShareType")]
    _share_type: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
    #[serde(rename = "PageSize")]
    _page_size: Option<u32>,
}

pub(super) fn list_accepted(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let _: ListAcceptedPortfolioShares = parse("ListAcceptedPortfolioShares", input)?;
    let all = world.service_catalog.portfolios.values();
    let accepted: Vec<_> = all
        .filter(|it| it.accepted_by.contains(&principal.account))
        .map(|it| json!({ "Id": it.id, "ARN": it.arn(world), "DisplayName": it.name }))
        .collect();
    Ok(json!({ "PortfolioDetails": accepted }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfPrincipal {
    portfolio_id: String,
    #[serde(rename = "PrincipalARN")]
    principal_arn: String,
    principal_type: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// The portfolio, if the account owns it or has accepted it.
fn usable<'a>(world: &'a mut World, principal: &Principal, id: &str) -> Result<&'a mut Portfolio, ApiError> {
    let portfolio = world.service_catalog.portfolios.get_mut(id).filter(|portfolio| {
        portfolio.account == principal.account || portfolio.accepted_by.contains(&principal.account)
    });
    portfolio.ok_or_else(|| not_found("portfolio", id))
}

pub(super) fn associate_principal(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfPrincipal = parse("AssociatePrincipalWithPortfolio", input)?;
    let kind = request.principal_type.unwrap_or_else(|| "IAM".to_owned());
    let (prefix, right) = match kind.as_str() {
        "IAM" => (
            format!("arn:aws:iam::{}:", principal.account),
            "the ARN of an identity in this account",
        ),
        "IAM_PATTERN" => (
            "arn:aws:iam:::".to_owned(),
            "an ARN without an account, such as `arn:aws:iam:::role/a*`",
        ),
        other => {
            return Err(invalid(format!(
                "PrincipalType `{other}` must be IAM or IAM_PATTERN"
            )));
        }
    };
    if !request.principal_arn.starts_with(&prefix) {
        return Err(invalid(format!(
            "PrincipalARN `{}` must be {right}",
            request.principal_arn
        )));
    }
    let portfolio = usable(world, principal, &request.portfolio_id)?;
    portfolio
        .principals
        .entry(principal.account.clone())
        .or_default()
        .insert((kind, request.principal_arn));
    Ok(json!({}))
}

pub(super) fn disassociate_principal(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfPrincipal = parse("DisassociatePrincipalFromPortfolio", input)?;
    let portfolio = usable(world, principal, &request.portfolio_id)?;
    if let Some(associated) = portfolio.principals.get_mut(&principal.account) {
        associated.retain(|(_, arn)| *arn != request.principal_arn);
    }
    Ok(json!({}))
}

pub(super) fn list_principals(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: OfPortfolio = parse("ListPrincipalsForPortfolio", input)?;
    let portfolio = usable(world, principal, &request.portfolio_id)?;
    let associated = portfolio.principals.get(&principal.account).into_iter().flatten();
    let shown: Vec<_> = associated
        .map(|(kind, arn)| json!({ "PrincipalARN": arn, "PrincipalType": kind }))
        .collect();
    Ok(json!({ "Principals": shown }))
}
