//! Provisioned products searched: <https://docs.aws.amazon.com/servicecatalog/latest/dg/API_SearchProvisionedProducts.html>.

use serde::Deserialize;
use serde_json::{Value, json};

use super::invalid;
use super::provisioning::ProvisionedProduct;
use super::records::provisioned;
use crate::error::ApiError;
use crate::request::parse;
use crate::world::{Principal, World};

/// The most on a page, and how many are on it unless the request says so.
const MOST: usize = 100;
const USUAL: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SearchProvisionedProducts {
    filters: Option<Filters>,
    access_level_filter: Option<AccessLevelFilter>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    page_size: Option<usize>,
    page_token: Option<String>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filters {
    search_query: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AccessLevelFilter {
    key: String,
    value: String,
}

impl AccessLevelFilter {
    /// Whether a product is one that the principal asks for.
    fn holds(&self, product: &ProvisionedProduct, principal: &Principal) -> Result<bool, ApiError> {
        if !self.value.eq_ignore_ascii_case("self") {
            return Err(invalid("the value of AccessLevelFilter must be `self`"));
        }
        match self.key.as_str() {
            "Account" => Ok(true),
            "Role" => Ok(product.principal.role == principal.role),
            "User" => Ok(product.principal.arn == principal.arn),
            _ => Err(invalid(
                "the key of AccessLevelFilter must be Account, Role or User",
            )),
        }
    }
}

/// A page of the account's provisioned products that match every `key:value`. Without an access level they are those of
/// the whole account.
pub(super) fn search_provisioned(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: SearchProvisionedProducts = parse("SearchProvisionedProducts", input)?;
    let own = world
        .service_catalog
        .provisioned
        .values()
        .filter(|it| it.account == principal.account);
    let mut found = Vec::new();
    for product in own {
        let level = request.access_level_filter.as_ref();
        if level.map_or(Ok(true), |level| level.holds(product, principal))? {
            found.push(product);
        }
    }
    for query in request.filters.iter().flat_map(|filters| &filters.search_query) {
        let (key, value) = query.split_once(':').unwrap_or(("", query));
        match key {
            "name" => found.retain(|it| it.name == value),
            "id" => found.retain(|it| it.id == value),
            "productId" => found.retain(|it| it.product == value),
            "status" => found.retain(|it| it.status.name() == value),
            _ => {
                return Err(invalid(format!(
                    "SearchQuery `{query}` must be name, id, productId or status:<value>"
                )));
            }
        }
    }
    sort(&mut found, request.sort_by.as_deref())?;
    match request.sort_order.as_deref() {
        None | Some("ASCENDING") => {}
        Some("DESCENDING") => found.reverse(),
        Some(_) => return Err(invalid("SortOrder must be ASCENDING or DESCENDING")),
    }
    page(&found, request.page_size, request.page_token.as_deref())
}

fn sort(found: &mut [&ProvisionedProduct], by: Option<&str>) -> Result<(), ApiError> {
    match by {
        None | Some("id") => {}
        Some("arn") => found.sort_by_key(|it| &it.arn),
        Some("name") => found.sort_by_key(|it| &it.name),
        Some("lastRecordId") => found.sort_by_key(|it| &it.last_record),
        Some("createdTime") => found.sort_by_key(|it| it.created),
        Some(_) => {
            return Err(invalid(
                "SortBy must be arn, id, name, lastRecordId or createdTime",
            ));
        }
    }
    Ok(())
}

/// A page; its token is the id of the last one on it.
fn page(found: &[&ProvisionedProduct], size: Option<usize>, token: Option<&str>) -> Result<Value, ApiError> {
    let size = match size {
        None | Some(0) => USUAL,
        Some(size) if size <= MOST => size,
        Some(_) => return Err(invalid(format!("PageSize can be at most {MOST}"))),
    };
    let start = match token.filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => {
            let last = found.iter().position(|it| it.id == token);
            last.ok_or_else(|| invalid("PageToken is not valid"))? + 1
        }
    };
    let rest = found.get(start..).unwrap_or_default();
    let shown: Vec<_> = rest.iter().take(size).map(|it| attributes(it)).collect();
    let mut answer = json!({ "TotalResultsCount": found.len(), "ProvisionedProducts": shown });
    if let Some(last) = rest.get(size.saturating_sub(1)).filter(|_| rest.len() > size) {
        answer["NextPageToken"] = json!(last.id);
    }
    Ok(answer)
}

/// A provisioned product with its tags, those of Service Catalog included.
fn attributes(product: &ProvisionedProduct) -> Value {
    let mut shown = provisioned(product);
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("LaunchRoleArn");
    }
    let tags = product.tags.iter().chain(&product.system_tags);
    shown["Tags"] = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    if let Some(stack) = &product.stack {
        shown["PhysicalId"] = json!(stack);
    }
    shown
}
