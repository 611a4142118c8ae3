//! AWS Resource Groups Tagging API: what an account has, by its tags, whatever service it is of. Of the services here,
//! CloudFormation, EC2 and SageMaker tell it their resources; IAM roles are never listed, and AWS does not say whether
//! provisioned products are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};
use crate::{cloudformation, ec2, sagemaker};

#[cfg(test)]
mod tests;

/// A resource as its service tells it: its ARN and its tags.
pub(crate) type Tagged = (String, BTreeMap<String, String>);

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "GetResources" => get_resources(world, principal, input),
        _ => Err(ApiError::unknown_operation("tagging", operation)),
    }
}

/// Reads have no resource-level permissions (service authorization reference).
pub(crate) fn resources(_: &World, _: &Principal, _: &str, _: &Value) -> Vec<String> {
    vec!["*".to_owned()]
}

/// A resource is shown if it has every key that is asked for, with one of its values where there are any.
struct Filter {
    key: String,
    values: Vec<String>,
}

impl Filter {
    fn read(given: &Value) -> Result<Self, ApiError> {
        let input = Input::read("TagFilters", given, &["Key", "Values"])?;
        let filter = Self {
            key: input.text("Key")?.to_owned(),
            values: input.texts("Values")?,
        };
        if filter.values.len() > 20 {
            return Err(invalid("a filter can have at most 20 values"));
        }
        Ok(filter)
    }

    fn holds(&self, tags: &BTreeMap<String, String>) -> bool {
        let value = tags.get(&self.key);
        value.is_some_and(|value| self.values.is_empty() || self.values.contains(value))
    }
}

/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
fn get_resources(world: &World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let known = [
        "PaginationToken",
        "ResourcesPerPage",
        "ResourceTypeFilters",
        "TagFilters",
    ];
    let input = Input::read("GetResources", input, &known)?;
    let filters = input.list("TagFilters")?.iter().map(Filter::read);
    let filters = filters.collect::<Result<Vec<_>, _>>()?;
    if filters.len() > 50 {
        return Err(invalid("at most 50 filters are allowed"));
    }
    let types = input.texts("ResourceTypeFilters")?;
    let per_page = input
        .integer("ResourcesPerPage", 1..=100)
        .map_err(|error| invalid(&error.message))?;
    let per_page = usize::try_from(per_page.unwrap_or(50)).unwrap_or(50);
    let mut found = tagged(world, &principal.account);
    found.retain(|(arn, tags)| {
        let of_type = types.is_empty() || types.iter().any(|kind| is_of(arn, kind));
        of_type && !tags.is_empty() && filters.iter().all(|filter| filter.holds(tags))
    });
    found.sort();
    // A page goes on behind the last resource of the one before.
    let last = input.optional_text("PaginationToken")?.unwrap_or_default();
    found.retain(|(arn, _)| arn.as_str() > last);
    let more = found.len() > per_page;
    found.truncate(per_page);
    let token = found.last().filter(|_| more).map_or("", |(arn, _)| arn);
    let shown = found.iter().map(|(arn, tags)| {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({ "Key": key, "Value": value }));
        json!({ "ResourceARN": arn, "Tags": tags.collect::<Vec<_>>() })
    });
    Ok(json!({ "PaginationToken": token, "ResourceTagMappingList": shown.collect::<Vec<_>>() }))
}

fn tagged(world: &World, account: &str) -> Vec<Tagged> {
    let mut found = cloudformation::tagged(world, account);
    found.extend(ec2::tagged(world, account));
    found.extend(sagemaker::tagged(world, account));
    found
}

/// Whether an ARN is of a type `service` or `service:resource`.
fn is_of(arn: &str, kind: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next(), parts.nth(2).unwrap_or_default());
    match kind.split_once(':') {
        None => service == Some(kind),
        Some((of, kind)) => service == Some(of) && resource.split(['/', ':']).next() == Some(kind),
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}
