//! Security groups.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::network::{self, is_cidr};
use super::{describe_tags, tags_of};
use crate::error::ApiError;
use crate::input::Input;
use crate::world::{Principal, World};

/// A security group.
#[derive(Clone)]
pub(super) struct SecurityGroup {
    pub(super) account: String,
    name: String,
    description: String,
    pub(super) vpc: String,
    ingress: Vec<Value>,
    egress: Vec<Value>,
    pub(super) tags: BTreeMap<String, String>,
}

/// Whether the account has this security group.
pub(crate) fn has_security_group(world: &World, account: &str, id: &str) -> bool {
    world
        .ec2
        .groups
        .get(id)
        .is_some_and(|group| group.account == account)
}

pub(super) fn handle(
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
        _ => Err(ApiError::unknown_operation("ec2", operation)),
    }
}

fn create_group(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let (name, description) = (input.text("GroupName")?, input.text("Description")?);
    let vpc = input.text("VpcId")?;
    network::vpc(world, account, vpc)?;
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
    let tags = tags_of(input, "security-group")?;
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
        "Tags": describe_tags(&group.tags),
    })
}

fn no_group(id: &str) -> ApiError {
    ApiError::new(
        "InvalidGroup.NotFound",
        format!("the security group '{id}' does not exist"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "444455556666";

    fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
        crate::ec2::handle(world, &Principal::root(ACCOUNT), operation, &input)
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
