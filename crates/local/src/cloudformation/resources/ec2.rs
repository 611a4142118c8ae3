//! `AWS::EC2::SecurityGroup`.

use serde_json::{Map, Value, json};

use super::{Caller, New, Physical, ResourceType};
use crate::world::Service::Ec2;

/// `Ref` is the group's id, as for every group in a VPC.
pub(super) struct SecurityGroup;

impl ResourceType for SecurityGroup {
    fn name(&self) -> &'static str {
        "AWS::EC2::SecurityGroup"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "GroupDescription",
            "GroupName",
            "SecurityGroupEgress",
            "SecurityGroupIngress",
            "Tags",
            "VpcId",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["GroupDescription"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["GroupId", "VpcId"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("GroupName")
            .map_or_else(|| new.long_name(255), str::to_owned);
        let mut request = json!({
            "GroupName": name,
            "Description": new.properties["GroupDescription"],
            "TagSpecifications": [{ "ResourceType": "security-group", "Tags": new.tags() }],
        });
        if let Some(vpc) = new.properties.get("VpcId") {
            request["VpcId"] = vpc.clone();
        }
        let answer = caller.call(Ec2, "CreateSecurityGroup", &request)?;
        let id = answer["GroupId"].as_str().unwrap_or_default();
        let vpc = new.text("VpcId").unwrap_or_default().to_owned();
        let mut group = Physical::new(new, id, &[("GroupId", id), ("VpcId", &vpc)]);
        let rules = [
            ("SecurityGroupIngress", "AuthorizeSecurityGroupIngress"),
            ("SecurityGroupEgress", "AuthorizeSecurityGroupEgress"),
        ];
        for (property, operation) in rules {
            if new.list(property).is_empty() {
                continue;
            }
            let authorized = permissions(new.list(property)).and_then(|rules| {
                caller.call(Ec2, operation, &json!({ "GroupId": id, "IpPermissions": rules }))
            });
            if let Err(reason) = authorized {
                self.delete(caller, &mut group)
                    .map_err(|also| format!("{reason}; and the group stays: {also}"))?;
                return Err(reason);
            }
        }
        Ok(group)
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "GroupId": physical.id });
        caller.call_unless_gone(Ec2, "DeleteSecurityGroup", &request, &["InvalidGroup.NotFound"])?;
        Ok(true)
    }
}

/// The template's rules as EC2's `IpPermissions`.
fn permissions(rules: &[Value]) -> Result<Vec<Value>, String> {
    rules
        .iter()
        .map(|rule| {
            let rule = rule.as_object().ok_or("a security group rule must be a map")?;
            let mut permission = Map::new();
            let mut range = Map::new();
            let mut ranges = None;
            for (name, value) in rule {
                match name.as_str() {
                    "IpProtocol" => {
                        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        permission.insert(name.clone(), json!(text));
                    }
                    "FromPort" | "ToPort" => {
                        let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
                        let number =
                            number.ok_or_else(|| format!("security group rule: {name} must be a number"))?;
                        permission.insert(name.clone(), json!(number));
                    }
                    "CidrIp" | "CidrIpv6" => {
                        ranges = Some(if name == "CidrIp" {
                            "IpRanges"
                        } else {
                            "Ipv6Ranges"
                        });
                        range.insert(name.clone(), value.clone());
                    }
                    "SourceSecurityGroupId" | "DestinationSecurityGroupId" => {
                        ranges = Some("UserIdGroupPairs");
                        range.insert("GroupId".to_owned(), value.clone());
                    }
                    "Description" => {
                        range.insert(name.clone(), value.clone());
                    }
                    other => return Err(format!("unknown property `{other}` of a security group rule")),
                }
            }
            let ranges = ranges.ok_or("a security group rule needs CidrIp, CidrIpv6 or a group")?;
            permission.insert(ranges.to_owned(), json!([range]));
            Ok(Value::Object(permission))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::permissions;

    #[test]
    fn rules_become_permissions_and_an_unknown_property_is_named() {
        let rule = json!({ "IpProtocol": "tcp", "FromPort": "443", "ToPort": 443, "CidrIp": "10.0.0.0/19" });
        let permission = json!({
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "10.0.0.0/19" }],
        });
        assert_eq!(permissions(&[rule]), Ok(vec![permission]));
        assert!(
            permissions(&[json!({ "IpProtocol": "tcp", "Cidr": "0.0.0.0/0" })])
                .unwrap_err()
                .contains("`Cidr`")
        );
        assert!(permissions(&[json!({ "IpProtocol": "tcp" })]).is_err());
    }
}
