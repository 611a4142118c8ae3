//! Flow logs of networks. Nothing flows here; that they can be made and by which role is what counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::network;
use super::{describe_tags, described, missing, tags_of, wrong};
use crate::error::ApiError;
use crate::iam::{self, Source};
use crate::input::Input;
use crate::world::{Principal, World};

/// A flow log.
#[derive(Clone)]
pub(super) struct FlowLog {
    pub(super) account: String,
    pub(super) resource: String,
    group: String,
    role: String,
    traffic: String,
    pub(super) tags: BTreeMap<String, String>,
}

impl FlowLog {
    fn describe(&self, id: &str) -> Value {
        json!({
            "FlowLogId": id,
            "ResourceId": self.resource,
            "TrafficType": self.traffic,
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": self.group,
            "DeliverLogsPermissionArn": self.role,
            "FlowLogStatus": "ACTIVE",
            "Tags": describe_tags(&self.tags),
        })
    }
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
        "CreateFlowLogs" => create(
            world,
            principal,
            &read(&[
                "ResourceIds",
                "ResourceType",
                "TrafficType",
                "LogDestinationType",
                "LogGroupName",
                "DeliverLogsPermissionArn",
                "TagSpecifications",
            ])?,
        ),
        "DescribeFlowLogs" => {
            let ids = read(&["FlowLogIds"])?.texts("FlowLogIds")?;
            let own = |log: &FlowLog| log.account == account;
            let all = &world.ec2.flow_logs;
            let logs = described(all, &ids, own, "InvalidFlowLogId", |id, log| log.describe(id))?;
            Ok(json!({ "FlowLogs": logs }))
        }
        "DeleteFlowLogs" => {
            let ids = read(&["FlowLogIds"])?.texts("FlowLogIds")?;
            let own = |id: &String| (world.ec2.flow_logs.get(id)).is_some_and(|log| log.account == account);
            if let Some(id) = ids.iter().find(|id| !own(id)) {
                return Err(missing("InvalidFlowLogId", id));
            }
            world.ec2.flow_logs.retain(|id, _| !ids.contains(id));
            Ok(json!({ "Unsuccessful": [] }))
        }
        _ => Err(ApiError::unknown_operation("ec2", operation)),
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>
fn create(world: &mut World, principal: &Principal, input: &Input<'_>) -> Result<Value, ApiError> {
    const SERVICE: &str = "vpc-flow-logs.amazonaws.com";
    for (member, only) in [
        ("ResourceType", "VPC"),
        ("LogDestinationType", "cloud-watch-logs"),
    ] {
        let given = input.optional_text(member)?.unwrap_or("cloud-watch-logs");
        if given != only {
            return Err(wrong(format!(
                "the local EC2 knows `{only}` only; `{member}` is `{given}`"
            )));
        }
    }
    let traffic = input.text("TrafficType")?;
    if !["ACCEPT", "REJECT", "ALL"].contains(&traffic) {
        return Err(wrong(format!(
            "`TrafficType` is `{traffic}`; it must be ACCEPT, REJECT or ALL"
        )));
    }
    let (group, role) = (
        input.text("LogGroupName")?,
        input.text("DeliverLogsPermissionArn")?,
    );
    let account = principal.account.as_str();
    let resources = input.texts("ResourceIds")?;
    for id in &resources {
        network::vpc(world, account, id)?;
    }
    let tags = tags_of(input, "vpc-flow-log")?;
    let mut ids = Vec::new();
    for resource in resources {
        let id = world.new_hex_id("fl-", 17);
        let arn = format!("arn:aws:ec2:{}:{account}:vpc-flow-log/{id}", world.region);
        let source = Source { account, arn: &arn };
        iam::check_pass_role(world, principal, role, SERVICE, source).map_err(|error| {
            match error.code.as_str() {
                "ValidationException" => wrong(error.message),
                _ => error,
            }
        })?;
        let log = FlowLog {
            account: account.to_owned(),
            resource,
            group: group.to_owned(),
            role: role.to_owned(),
            traffic: traffic.to_owned(),
            tags: tags.clone(),
        };
        world.ec2.flow_logs.insert(id.clone(), log);
        ids.push(id);
    }
    Ok(json!({ "FlowLogIds": ids, "Unsuccessful": [] }))
}
