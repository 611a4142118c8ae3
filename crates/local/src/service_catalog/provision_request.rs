//! ProvisionProduct's request, and the rules that it has to keep (Service Catalog API reference).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Deserialize;

use super::invalid;
use crate::cloudformation;
use crate::error::ApiError;

/// Most tags of a request.
const MAX_TAGS: usize = 50;

/// The request, as it was read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ProvisionProduct {
    pub(super) product_id: String,
    pub(super) provisioning_artifact_id: String,
    pub(super) path_id: Option<String>,
    pub(super) provisioned_product_name: String,
    #[serde(default)]
    pub(super) provisioning_parameters: Vec<Parameter>,
    #[serde(default)]
    pub(super) tags: Vec<Parameter>,
    pub(super) provision_token: Option<String>,
    #[serde(rename = "NotificationArns")]
    _notification_arns: Option<Vec<String>>,
    #[serde(rename = "AcceptLanguage")]
    _language: Option<String>,
}

/// A key with its value: a provisioning parameter or a tag.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Parameter {
    pub(super) key: String,
    pub(super) value: String,
}

impl ProvisionProduct {
    /// Refuses what no product could be provisioned with.
    ///
    /// # Errors
    /// `InvalidParametersException` that names the member.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        check_name(&self.provisioned_product_name)?;
        if let Some(token) = &self.provision_token {
            check_token(token)?;
        }
        if self.tags.len() > MAX_TAGS {
            return Err(invalid(format!(
                "Tags has {} items; at most {MAX_TAGS} are allowed",
                self.tags.len()
            )));
        }
        for tag in &self.tags {
            if tag.key.starts_with("aws:") {
                return Err(invalid(format!(
                    "tag key `{}` must not begin with `aws:`",
                    tag.key
                )));
            }
            check_length("tag key", &tag.key, 1..=128)?;
            check_length(&format!("value of tag `{}`", tag.key), &tag.value, 1..=256)?;
        }
        for parameter in &self.provisioning_parameters {
            check_length("parameter key", &parameter.key, 1..=1000)?;
            let value = format!("value of parameter `{}`", parameter.key);
            check_length(&value, &parameter.value, 0..=4096)?;
        }
        Ok(())
    }
}

fn check_length(what: &str, text: &str, allowed: RangeInclusive<usize>) -> Result<(), ApiError> {
    let length = text.chars().count();
    if allowed.contains(&length) {
        return Ok(());
    }
    let (least, most) = allowed.into_inner();
    Err(invalid(format!(
        "the {what} has {length} characters; it must have {least} to {most}"
    )))
}

fn check_token(token: &str) -> Result<(), ApiError> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if token.starts_with(|c: char| c.is_ascii_alphanumeric())
        && token.chars().all(valid)
        && token.len() <= 128
    {
        return Ok(());
    }
    Err(invalid(format!(
        "ProvisionToken `{token}` must be at most 128 letters, digits, `_` and `-`, the first a letter or digit"
    )))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let valid = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(valid) && name.len() <= 128 {
        return Ok(());
    }
    Err(invalid(format!(
        "ProvisionedProductName `{name}` must be at most 128 letters, digits, `.`, `_` and `-`, the first a letter or \
         digit"
    )))
}

/// Parameters that the template does not have are refused at once; whether their values are right is seen when the
/// stack is made. A template that cannot be read is refused by the stack, too.
pub(super) fn check_parameters(template: &str, given: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let Ok(declared) = cloudformation::parameter_names(template) else {
        return Ok(());
    };
    let unknown: Vec<&str> = given
        .keys()
        .filter(|key| !declared.contains_key(*key))
        .map(String::as_str)
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "parameters [{}] are not in the product's template",
        unknown.join(", ")
    )))
}
