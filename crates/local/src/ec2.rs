//! Amazon EC2 as far as environments need it: networks that exist, and security groups in them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

/// How EC2 names a refused call.
pub(crate) const UNAUTHORIZED: &str = "UnauthorizedOperation";

/// Networks and security groups by id.
#[derive(Default)]
pub(crate) struct State {
    vpcs: BTreeMap<String, String>,
    subnets: BTreeMap<String, Subnet>,
    groups: BTreeMap<String, SecurityGroup>,
}

struct Subnet {
    account: String,
    vpc: String,
}

struct SecurityGroup {
    account: String,
    name: String,
    description: String,
    vpc: String,
    ingress: Vec<Value>,
    egress: Vec<Value>,
    tags: BTreeMap<String, String>,
}

impl World {
    /// Creates a VPC with one subnet in an account; their ids.
    pub fn create_network(&mut self, account: &str) -> (String, String) {
        let vpc = self.new_hex_id("vpc-", 17);
        let subnet = self.new_hex_id("subnet-", 17);
        self.ec2.vpcs.insert(vpc.clone(), account.to_owned());
        self.ec2.subnets.insert(
            subnet.clone(),
            Subnet {
                account: account.to_owned(),
                vpc: vpc.clone(),
            },
        );
        (vpc, subnet)
    }
}

/// Whether the account has this subnet.
pub(crate) fn has_subnet(world: &World, account: &str, id: &str) -> bool {
    world
        .ec2
        .subnets
        .get(id)
        .is_some_and(|subnet| subnet.account == account)
}

/// Whether the account has this security group.
pub(crate) fn has_security_group(world: &World, account: &str, id: &str) -> bool {
    world
        .ec2
        .groups
        .get(id)
        .is_some_and(|group| group.account == account)
}

pub(crate) fn handle(
    world: &mut World,
    principal: &Principal,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    let account = principal.account.as_str();
    match operation {
        "CreateSecurityGroup" => create_group(
            world,
            account,
            &read(&["GroupName", "Description", "VpcId", "TagSpecifications"])?,
        ),
        "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => {
            let input = read(&["GroupId", "IpPermissions"])?;
            let permissions = permissions(&input)?;
            let rules = rules(group(world, account, &input)?, operation);
            if let Some(double) = permissions.iter().find(|permission| rules.contains(permission)) {
                let message = format!("the specified rule {double} already exists");
                return Err(ApiError::new("InvalidPermission.Duplicate", message));
            }
            rules.extend(permissions);
            Ok(json!({ "Return": true }))
        }
        "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" => {
            let input = read(&["GroupId", "IpPermissions"])?;
            let permissions = permissions(&input)?;
            let rules = rules(group(world, account, &input)?, operation);
            if let Some(missing) = permissions.iter().find(|permission| !rules.contains(permission)) {
                let message = format!("the specified rule {missing} does not exist in this security group");
                return Err(ApiError::new("InvalidPermission.NotFound", message));
            }
            rules.retain(|rule| !permissions.contains(rule));
            Ok(json!({ "Return": true }))
        }
        "DeleteSecurityGroup" => {
            let input = read(&["GroupId"])?;
            group(world, account, &input)?;
            let id = input.text("GroupId")?;
            if crate::sagemaker::uses_security_group(world, account, id) {
                let message = format!("resource {id} has a dependent object");
                return Err(ApiError::new("DependencyViolation", message));
            }
            world.ec2.groups.remove(id);
            Ok(json!({}))
        }
        "DescribeSecurityGroups" => {
            let ids = read(&["GroupIds"])?.texts("GroupIds")?;
            if let Some(id) = ids.iter().find(|id| !has_security_group(world, account, id)) {
                return Err(no_group(id));
            }
            let groups: Vec<Value> = (world.ec2.groups.iter())
                .filter(|(id, group)| group.account == account && (ids.is_empty() || ids.contains(id)))
                .map(|(id, group)| describe_group(id, group))
                .collect();
            Ok(json!({ "SecurityGroups": groups }))
        }
        "DescribeVpcs" => {
            let ids = read(&["VpcIds"])?.texts("VpcIds")?;
            let own = |id: &String| world.ec2.vpcs.get(id).is_some_and(|owner| owner == account);
            if let Some(id) = ids.iter().find(|id| !own(id)) {
                return Err(no_vpc(id));
            }
            let vpcs: Vec<Value> = (world.ec2.vpcs.keys())
                .filter(|id| own(id) && (ids.is_empty() || ids.contains(id)))
                .map(|id| json!({ "VpcId": id, "OwnerId": account, "State": "available" }))
                .collect();
            Ok(json!({ "Vpcs": vpcs }))
        }
        "DescribeSubnets" => {
            let ids = read(&["SubnetIds"])?.texts("SubnetIds")?;
            if let Some(id) = ids.iter().find(|id| !has_subnet(world, account, id)) {
                let message = format!("the subnet ID '{id}' does not exist");
                return Err(ApiError::new("InvalidSubnetID.NotFound", message));
            }
            let subnets: Vec<Value> = (world.ec2.subnets.iter())
                .filter(|(id, subnet)| subnet.account == account && (ids.is_empty() || ids.contains(id)))
                .map(|(id, subnet)| json!({ "SubnetId": id, "VpcId": subnet.vpc, "OwnerId": account }))
                .collect();
            Ok(json!({ "Subnets": subnets }))
        }
        "CreateTags" => {
            let input = read(&["Resources", "Tags"])?;
            let tags = input.tags("Tags")?;
            for id in input.texts("Resources")? {
                let group = world
                    .ec2
                    .groups
                    .get_mut(&id)
                    .filter(|group| group.account == account);
                group
                    .ok_or_else(|| no_group(&id))?
                    .tags
                    .extend(tags.iter().cloned());
            }
            Ok(json!({}))
        }
        _ => Err(ApiError::unknown_operation("ec2", operation)),
    }
}

pub(crate) fn resources(world: &World, principal: &Principal, operation: &str, input: &Value) -> Vec<String> {
    let arn =
        |kind: &str, id: &str| format!("arn:aws:ec2:{}:{}:{kind}/{id}", world.region, principal.account);
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    match (operation, text("GroupId")) {
        ("CreateSecurityGroup", _) => {
            let vpc = text("VpcId").map(|id| arn("vpc", id));
            vpc.into_iter().chain([arn("security-group", "*")]).collect()
        }
        ("CreateTags", _) => (input
            .get("Resources")
            .and_then(Value::as_array)
            .into_iter()
            .flatten())
        .filter_map(|id| Some(arn("security-group", id.as_str()?)))
        .collect(),
        (_, Some(id)) => vec![arn("security-group", id)],
        _ => vec!["*".to_owned()],
    }
}

fn create_group(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let (name, description) = (input.text("GroupName")?, input.text("Description")?);
    let vpc = input.text("VpcId")?;
    if world.ec2.vpcs.get(vpc).is_none_or(|owner| owner != account) {
        return Err(no_vpc(vpc));
    }
    for (member, text) in [("GroupName", name), ("Description", description)] {
        let valid = text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c));
        if !valid || !(1..=255).contains(&text.len()) {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("`{member}` must have 1 to 255 characters of `a-z A-Z 0-9 ._-:/()#,@[]+=&;{{}}!$*`"),
            ));
        }
    }
    if name.starts_with("sg-") {
        return Err(ApiError::new(
            "InvalidParameterValue",
            "`GroupName` must not start with `sg-`",
        ));
    }
    if world
        .ec2
        .groups
        .values()
        .any(|group| group.vpc == vpc && group.name == name)
    {
        let message = format!("the security group '{name}' already exists for VPC '{vpc}'");
        return Err(ApiError::new("InvalidGroup.Duplicate", message));
    }
    let mut tags = BTreeMap::new();
    for specification in input.list("TagSpecifications")? {
        let specification = Input::read("CreateSecurityGroup", specification, &["ResourceType", "Tags"])?;
        if specification.text("ResourceType")? != "security-group" {
            return Err(ApiError::new(
                "InvalidParameterValue",
                "`ResourceType` must be `security-group`",
            ));
        }
        tags.extend(specification.tags("Tags")?);
    }
    let id = world.new_hex_id("sg-", 17);
    let everywhere = json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] });
    let group = SecurityGroup {
        account: account.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        vpc: vpc.to_owned(),
        ingress: Vec::new(),
        egress: vec![everywhere],
        tags,
    };
    world.ec2.groups.insert(id.clone(), group);
    Ok(json!({ "GroupId": id }))
}

fn permissions(input: &Input<'_>) -> Result<Vec<Value>, ApiError> {
    let permissions = input.list("IpPermissions")?;
    let known = [
        "IpProtocol",
        "FromPort",
        "ToPort",
        "IpRanges",
        "Ipv6Ranges",
        "UserIdGroupPairs",
        "PrefixListIds",
    ];
    for permission in permissions {
        let permission = Input::read("IpPermissions", permission, &known)?;
        permission.text("IpProtocol")?;
        for range in permission.list("IpRanges")? {
            let cidr = Input::read("IpRanges", range, &["CidrIp", "Description"])?.text("CidrIp")?;
            if !is_cidr(cidr) {
                let message = format!("CIDR block {cidr} is malformed");
                return Err(ApiError::new("InvalidParameterValue", message));
            }
        }
    }
    Ok(permissions.to_vec())
}

fn is_cidr(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, bits)| {
        address.parse::<std::net::Ipv4Addr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 32)
    })
}

fn group<'a>(
    world: &'a mut World,
    account: &str,
    input: &Input<'_>,
) -> Result<&'a mut SecurityGroup, ApiError> {
    let id = input.text("GroupId")?;
    world
        .ec2
        .groups
        .get_mut(id)
        .filter(|group| group.account == account)
        .ok_or_else(|| no_group(id))
}

fn rules<'a>(group: &'a mut SecurityGroup, operation: &str) -> &'a mut Vec<Value> {
    if operation.ends_with("Ingress") {
        &mut group.ingress
    } else {
        &mut group.egress
    }
}

fn describe_group(id: &str, group: &SecurityGroup) -> Value {
    json!({
        "GroupId": id,
        "GroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc,
        "OwnerId": group.account,
        "IpPermissions": group.ingress,
        "IpPermissionsEgress": group.egress,
        "Tags": group.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>(),
    })
}

fn no_group(id: &str) -> ApiError {
    ApiError::new(
        "InvalidGroup.NotFound",
        format!("the security group '{id}' does not exist"),
    )
}

fn no_vpc(id: &str) -> ApiError {
    ApiError::new(
        "InvalidVpcID.NotFound",
        format!("the vpc ID '{id}' does not exist"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "444455556666";

    fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
        handle(world, &Principal::root(ACCOUNT), operation, &input)
    }

    fn world_with_group() -> (World, String) {
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        let (vpc, _) = world.create_network(ACCOUNT);
        let input = json!({"GroupName": "notebook", "Description": "d", "VpcId": vpc});
        let answer = call(&mut world, "CreateSecurityGroup", input).unwrap();
        let id = answer["GroupId"].as_str().unwrap().to_owned();
        (world, id)
    }

    #[test]
    fn a_group_in_an_unknown_vpc_is_refused() {
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        let input = json!({"GroupName": "a", "Description": "d", "VpcId": "vpc-1"});
        assert_eq!(
            call(&mut world, "CreateSecurityGroup", input).unwrap_err().code,
            "InvalidVpcID.NotFound"
        );
    }

    #[test]
    fn rules_are_added_once_and_revoked_once() {
        let (mut world, id) = world_with_group();
        let rule = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                          "IpRanges": [{"CidrIp": "10.0.0.0/8"}]});
        let input = json!({"GroupId": id, "IpPermissions": [rule]});
        call(&mut world, "AuthorizeSecurityGroupIngress", input.clone()).unwrap();
        let twice = call(&mut world, "AuthorizeSecurityGroupIngress", input.clone()).unwrap_err();
        assert_eq!(twice.code, "InvalidPermission.Duplicate");
        let described = call(&mut world, "DescribeSecurityGroups", json!({"GroupIds": [id]})).unwrap();
        assert_eq!(described["SecurityGroups"][0]["IpPermissions"], json!([rule]));
        call(&mut world, "RevokeSecurityGroupIngress", input.clone()).unwrap();
        let gone = call(&mut world, "RevokeSecurityGroupIngress", input).unwrap_err();
        assert_eq!(gone.code, "InvalidPermission.NotFound");
    }

    #[test]
    fn a_malformed_cidr_is_refused_by_name() {
        let (mut world, id) = world_with_group();
        let rule = json!({"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/64"}]});
        let input = json!({"GroupId": id, "IpPermissions": [rule]});
        let error = call(&mut world, "AuthorizeSecurityGroupIngress", input).unwrap_err();
        assert!(error.message.contains("10.0.0.0/64"), "{error}");
    }

    #[test]
    fn a_deleted_group_is_gone_and_names_are_unique_in_a_vpc() {
        let (mut world, id) = world_with_group();
        let vpc = world.ec2.groups[&id].vpc.clone();
        let input = json!({"GroupName": "notebook", "Description": "d", "VpcId": vpc});
        assert_eq!(
            call(&mut world, "CreateSecurityGroup", input).unwrap_err().code,
            "InvalidGroup.Duplicate"
        );
        call(&mut world, "DeleteSecurityGroup", json!({"GroupId": id})).unwrap();
        let error = call(&mut world, "DeleteSecurityGroup", json!({"GroupId": id})).unwrap_err();
        assert_eq!(error.code, "InvalidGroup.NotFound");
    }
}
