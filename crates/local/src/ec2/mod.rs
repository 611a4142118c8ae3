//! Amazon EC2 as far as environments need it: the network of a hosting account, and security groups in it.
//!
//! A VPC's default security group, main route table and network ACL are not there.

mod flow_logs;
mod groups;
mod network;
mod routing;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::input::Input;
use crate::tagging::Tagged;
use crate::world::{Principal, World};

pub(crate) use groups::has_security_group;
pub(crate) use network::has_subnet;

/// How EC2 names a refused call.
pub(crate) const UNAUTHORIZED: &str = "UnauthorizedOperation";

/// Networks and what is in them, by id.
#[derive(Clone, Default)]
pub(crate) struct State {
    vpcs: BTreeMap<String, network::Vpc>,
    subnets: BTreeMap<String, network::Subnet>,
    gateways: BTreeMap<String, routing::InternetGateway>,
    tables: BTreeMap<String, routing::RouteTable>,
    flow_logs: BTreeMap<String, flow_logs::FlowLog>,
    groups: BTreeMap<String, groups::SecurityGroup>,
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateTags" => create_tags(world, &principal.account, input),
        _ if operation.contains("FlowLogs") => flow_logs::handle(world, principal, operation, input),
        _ if operation.contains("Route") || operation.contains("InternetGateway") => {
            routing::handle(world, principal, operation, input)
        }
        _ if operation.contains("SecurityGroup") => groups::handle(world, principal, operation, input),
        _ => network::handle(world, principal, operation, input),
    }
}

/// The resources that a request names by their ids, and for what it makes a resource of any id.
pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let arn = |id: &str| arn(world, &principal.account, id);
    // Reads have no resource-level permissions (service authorization reference).
    if operation.starts_with("Describe") {
        return vec!["*".to_owned()];
    }
    let members = input.as_object().into_iter().flatten();
    let mut named: Vec<String> = members
        .filter(|(member, _)| member.ends_with("Id") || member.ends_with("Ids") || *member == "Resources")
        .flat_map(|(_, value)| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]))
        .filter_map(|id| Some(arn(id.as_str()?)))
        .collect();
    let made = match operation {
        "CreateFlowLogs" => Some("vpc-flow-log"),
        "CreateInternetGateway" => Some("internet-gateway"),
        "CreateRouteTable" => Some("route-table"),
        "CreateSecurityGroup" => Some("security-group"),
        "CreateSubnet" => Some("subnet"),
        "CreateVpc" => Some("vpc"),
        _ => None,
    };
    named.extend(made.map(|kind| format!("arn:aws:ec2:{}:{}:{kind}/*", world.region, principal.account)));
    if named.is_empty() {
        named.push("*".to_owned());
    }
    named
}

/// The ARN of what has this id.
pub(crate) fn arn(world: &World, account: &str, id: &str) -> String {
    let kind = KINDS.iter().find(|(prefix, _)| id.starts_with(prefix));
    let kind = kind.map_or("*", |(_, kind)| kind);
    format!("arn:aws:ec2:{}:{account}:{kind}/{id}", world.region)
}

/// The kinds of resources by the prefixes of their ids.
const KINDS: [(&str, &str); 7] = [
    ("eni-", "network-interface"),
    ("fl-", "vpc-flow-log"),
    ("igw-", "internet-gateway"),
    ("rtb", "route-table"),
    ("sg-", "security-group"),
    ("subnet-", "subnet"),
    ("vpc-", "vpc"),
];

/// The resources of an account, for the tagging API.
pub(crate) fn tagged(world: &World, account: &str) -> Vec<Tagged> {
    let state = &world.ec2;
    let vpcs = state.vpcs.iter().map(|(id, it)| (id, &it.account, &it.tags));
    let subnets = state.subnets.iter().map(|(id, it)| (id, &it.account, &it.tags));
    let gateways = state.gateways.iter().map(|(id, it)| (id, &it.account, &it.tags));
    let tables = state.tables.iter().map(|(id, it)| (id, &it.account, &it.tags));
    let flow_logs = state.flow_logs.iter().map(|(id, it)| (id, &it.account, &it.tags));
    let groups = state.groups.iter().map(|(id, it)| (id, &it.account, &it.tags));
    let all = vpcs
        .chain(subnets)
        .chain(gateways)
        .chain(tables)
        .chain(flow_logs)
        .chain(groups);
    all.filter(|(_, owner, _)| *owner == account)
        .map(|(id, _, tags)| (arn(world, account, id), tags.clone()))
        .collect()
}

fn create_tags(world: &mut World, account: &str, input: &Value) -> Result<Value, ApiError> {
    let input = Input::read("CreateTags", input, &["Resources", "Tags"])?;
    let tags = input.tags("Tags")?;
    for id in input.texts("Resources")? {
        let state = &mut world.ec2;
        let found = match id.split('-').next() {
            Some("fl") => state.flow_logs.get_mut(&id).map(|it| (&it.account, &mut it.tags)),
            Some("igw") => state.gateways.get_mut(&id).map(|it| (&it.account, &mut it.tags)),
            Some("rtb") => state.tables.get_mut(&id).map(|it| (&it.account, &mut it.tags)),
            Some("subnet") => state.subnets.get_mut(&id).map(|it| (&it.account, &mut it.tags)),
            Some("vpc") => state.vpcs.get_mut(&id).map(|it| (&it.account, &mut it.tags)),
            _ => state.groups.get_mut(&id).map(|it| (&it.account, &mut it.tags)),
        };
        match found.filter(|(owner, _)| *owner == account) {
            Some((_, known)) => known.extend(tags.iter().cloned()),
            None => return Err(missing("InvalidID", &id)),
        }
    }
    Ok(json!({}))
}

/// The tags that a request gives to the resource that it makes.
fn tags_of(input: &Input<'_>, kind: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for specification in input.list("TagSpecifications")? {
        let specification = Input::read("TagSpecifications", specification, &["ResourceType", "Tags"])?;
        if specification.text("ResourceType")? != kind {
            return Err(wrong(format!("`ResourceType` must be `{kind}`")));
        }
        tags.extend(specification.tags("Tags")?);
    }
    Ok(tags)
}

fn describe_tags(tags: &BTreeMap<String, String>) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// The account's own entries, or those that a request asks for.
///
/// # Errors
/// `<code>.NotFound` for one that the account does not have.
fn described<'a, T>(
    entries: &'a BTreeMap<String, T>,
    ids: &[String],
    is_own: impl Fn(&T) -> bool,
    code: &str,
    describe: impl Fn(&'a String, &'a T) -> Value,
) -> Result<Vec<Value>, ApiError> {
    if let Some(id) = (ids.iter()).find(|id| !entries.get(*id).is_some_and(&is_own)) {
        return Err(missing(code, id));
    }
    Ok((entries.iter())
        .filter(|(id, entry)| is_own(entry) && (ids.is_empty() || ids.contains(id)))
        .map(|(id, entry)| describe(id, entry))
        .collect())
}

/// `<code>.NotFound`.
fn missing(code: &str, id: &str) -> ApiError {
    ApiError::new(
        format!("{code}.NotFound"),
        format!("the ID '{id}' does not exist"),
    )
}

/// `DependencyViolation`: something else needs the resource.
fn needed(id: &str, by: &str) -> ApiError {
    ApiError::new(
        "DependencyViolation",
        format!("'{id}' has dependencies and cannot be deleted: {by}"),
    )
}

fn wrong(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

#[cfg(test)]
mod tests;
