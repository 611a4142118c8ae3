//! `AWS::IAM::*`: roles and policies.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{Caller, Change, New, Physical, ResourceType, policy_text, reason};
use crate::world::Service::Iam;

const GONE: [&str; 1] = ["NoSuchEntity"];

/// The request of the given members, each from the property of its name where the template has it.
fn request(new: &New, name: (&str, &str), properties: &[&str]) -> Map<String, Value> {
    let mut request = Map::from_iter([(name.0.to_owned(), json!(name.1))]);
    for property in properties {
        if let Some(value) = new.properties.get(*property) {
            let value = if property.ends_with("Document") {
                json!(policy_text(value))
            } else {
                value.clone()
            };
            request.insert((*property).to_owned(), value);
        }
    }
    request
}

const BOUNDARY: &str = "PermissionsBoundary";

/// `Ref` is the name.
pub(super) struct Role;

impl ResourceType for Role {
    fn name(&self) -> &'static str {
        "AWS::IAM::Role"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["AssumeRolePolicyDocument"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "RoleId"]
    }

    fn takes(&self) -> SignedDuration {
        SignedDuration::from_secs(15)
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("RoleName")
            .map_or_else(|| new.long_name(64), str::to_owned);
        let mut request = request(
            new,
            ("RoleName", &name),
            &[
                "AssumeRolePolicyDocument",
                "Description",
                "Path",
                "PermissionsBoundary",
            ],
        );
        if let Some(seconds) = new.properties.get("MaxSessionDuration") {
            let text = seconds.as_str().map(str::parse::<i64>).and_then(Result::ok);
            request.insert(
                "MaxSessionDuration".to_owned(),
                text.map_or_else(|| seconds.clone(), Value::from),
            );
        }
        request.insert("Tags".to_owned(), new.tags());
        let answer = caller.call(Iam, "CreateRole", &Value::Object(request))?;
        let mut role = Physical::new(
            new,
            &*name,
            &[
                ("Arn", answer["Role"]["Arn"].as_str().unwrap_or_default()),
                ("RoleId", answer["Role"]["RoleId"].as_str().unwrap_or_default()),
            ],
        );
        if let Err(reason) = add_policies(caller, new, &name) {
            // The role would be left behind, because a resource that failed to create has no physical id.
            self.delete(caller, &mut role)
                .map_err(|also| format!("{reason}; and the role stays: {also}"))?;
            return Err(reason);
        }
        Ok(role)
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        let lost_boundary = old.properties.contains_key(BOUNDARY) && !new.properties.contains_key(BOUNDARY);
        if lost_boundary || new.differs(old, &["MaxSessionDuration", "Path", "RoleName"]) {
            return Ok(Change::Replace);
        }
        let name = &old.id;
        if new.differs(old, &["Description"]) {
            let described = json!({ "RoleName": name, "Description": new.text("Description") });
            caller.call(Iam, "UpdateRole", &described)?;
        }
        if new.differs(old, &[BOUNDARY]) {
            let bounded = json!({ "RoleName": name, BOUNDARY: new.properties[BOUNDARY] });
            caller.call(Iam, "PutRolePermissionsBoundary", &bounded)?;
        }
        let trust = policy_text(&new.properties["AssumeRolePolicyDocument"]);
        let trust = json!({ "RoleName": name, "PolicyDocument": trust });
        caller.call(Iam, "UpdateAssumeRolePolicy", &trust)?;
        add_policies(caller, new, name)?;
        let kept = |policy: &Value| {
            let names = new.list("Policies").iter();
            names
                .map(|other| &other["PolicyName"])
                .any(|other| *other == policy["PolicyName"])
        };
        for policy in old.list("Policies").iter().filter(|policy| !kept(policy)) {
            let request = json!({ "RoleName": name, "PolicyName": policy["PolicyName"] });
            caller.call_unless_gone(Iam, "DeleteRolePolicy", &request, &GONE)?;
        }
        let attached = new.list("ManagedPolicyArns");
        for arn in old
            .list("ManagedPolicyArns")
            .iter()
            .filter(|arn| !attached.contains(arn))
        {
            let request = json!({ "RoleName": name, "PolicyArn": arn });
            caller.call_unless_gone(Iam, "DetachRolePolicy", &request, &GONE)?;
        }
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let name = &physical.id;
        for arn in physical.list("ManagedPolicyArns") {
            let request = json!({ "RoleName": name, "PolicyArn": arn });
            caller.call_unless_gone(Iam, "DetachRolePolicy", &request, &GONE)?;
        }
        for policy in physical.list("Policies") {
            let request = json!({ "RoleName": name, "PolicyName": policy["PolicyName"] });
            caller.call_unless_gone(Iam, "DeleteRolePolicy", &request, &GONE)?;
        }
        caller.call_unless_gone(Iam, "DeleteRole", &json!({ "RoleName": name }), &GONE)?;
        Ok(true)
    }
}

fn add_policies(caller: &mut Caller<'_>, new: &New, name: &str) -> Result<(), String> {
    for policy in new.list("Policies") {
        let request = json!({
            "RoleName": name,
            "PolicyName": policy["PolicyName"],
            "PolicyDocument": policy_text(&policy["PolicyDocument"]),
        });
        caller.call(Iam, "PutRolePolicy", &request)?;
    }
    for arn in new.list("ManagedPolicyArns") {
        caller.call(
            Iam,
            "AttachRolePolicy",
            &json!({ "RoleName": name, "PolicyArn": arn }),
        )?;
    }
    Ok(())
}

/// Versions that a policy can have.
const MOST_VERSIONS: usize = 5;

/// `Ref` is the ARN.
pub(super) struct ManagedPolicy;

impl ResourceType for ManagedPolicy {
    fn name(&self) -> &'static str {
        "AWS::IAM::ManagedPolicy"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "Description",
            "ManagedPolicyName",
            "Path",
            "PolicyDocument",
            "Roles",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["PolicyDocument"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["PolicyArn", "PolicyId"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("ManagedPolicyName")
            .map_or_else(|| new.long_name(128), str::to_owned);
        let request = request(
            new,
            ("PolicyName", &name),
            &["Description", "Path", "PolicyDocument"],
        );
        let answer = caller.call(Iam, "CreatePolicy", &Value::Object(request))?;
        let arn = answer["Policy"]["Arn"].as_str().unwrap_or_default();
        let id = answer["Policy"]["PolicyId"].as_str().unwrap_or_default();
        let mut policy = Physical::new(new, arn, &[("PolicyArn", arn), ("PolicyId", id)]);
        for role in new.list("Roles") {
            let attached = caller.call(
                Iam,
                "AttachRolePolicy",
                &json!({ "RoleName": role, "PolicyArn": arn }),
            );
            if let Err(reason) = attached {
                self.delete(caller, &mut policy)
                    .map_err(|also| format!("{reason}; and the policy stays: {also}"))?;
                return Err(reason);
            }
        }
        Ok(policy)
    }

    /// Another document is another version, which becomes the default one; of the others, the oldest goes.
    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        if new.differs(old, &["Description", "ManagedPolicyName", "Path", "Roles"]) {
            return Ok(Change::Replace);
        }
        let listed = caller.call(Iam, "ListPolicyVersions", &json!({ "PolicyArn": old.id }))?;
        let versions = listed["Versions"].as_array().map_or(&[][..], Vec::as_slice);
        if versions.len() >= MOST_VERSIONS
            && let Some(oldest) = versions
                .iter()
                .rfind(|version| version["IsDefaultVersion"] != true)
        {
            let request = json!({ "PolicyArn": old.id, "VersionId": oldest["VersionId"] });
            caller.call(Iam, "DeletePolicyVersion", &request)?;
        }
        let document = policy_text(&new.properties["PolicyDocument"]);
        let request = json!({ "PolicyArn": old.id, "PolicyDocument": document, "SetAsDefault": true });
        caller.call(Iam, "CreatePolicyVersion", &request)?;
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        for role in physical.list("Roles") {
            let request = json!({ "RoleName": role, "PolicyArn": physical.id });
            caller.call_unless_gone(Iam, "DetachRolePolicy", &request, &GONE)?;
        }
        let named = json!({ "PolicyArn": physical.id });
        if caller.try_call(Iam, "DeletePolicy", &named).is_err() {
            // A policy goes with its default version only.
            delete_other_versions(caller, &physical.id)?;
            caller.call_unless_gone(Iam, "DeletePolicy", &named, &GONE)?;
        }
        Ok(true)
    }
}

fn delete_other_versions(caller: &mut Caller<'_>, arn: &str) -> Result<(), String> {
    let listed = match caller.try_call(Iam, "ListPolicyVersions", &json!({ "PolicyArn": arn })) {
        Err(error) if GONE.contains(&error.code.as_str()) => return Ok(()),
        listed => listed.map_err(|error| reason(Iam, &error))?,
    };
    let versions = listed["Versions"].as_array().into_iter().flatten();
    for version in versions.filter(|version| version["IsDefaultVersion"] != true) {
        let request = json!({ "PolicyArn": arn, "VersionId": version["VersionId"] });
        caller.call_unless_gone(Iam, "DeletePolicyVersion", &request, &GONE)?;
    }
    Ok(())
}

/// An inline policy of roles.
pub(super) struct Policy;

impl ResourceType for Policy {
    fn name(&self) -> &'static str {
        "AWS::IAM::Policy"
    }

    fn properties(&self) -> &'static [&'static str] {
        &["PolicyDocument", "PolicyName", "Roles"]
    }

    fn required(&self) -> &'static [&'static str] {
        &["PolicyDocument", "PolicyName", "Roles"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let mut policy = Physical::new(new, new.long_name(128), &[]);
        for role in new.list("Roles") {
            let mut request = request(new, ("RoleName", ""), &["PolicyName", "PolicyDocument"]);
            request.insert("RoleName".to_owned(), role.clone());
            if let Err(reason) = caller.call(Iam, "PutRolePolicy", &Value::Object(request)) {
                self.delete(caller, &mut policy)
                    .map_err(|also| format!("{reason}; and the policy stays: {also}"))?;
                return Err(reason);
            }
        }
        Ok(policy)
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        for role in physical.list("Roles") {
            let request = json!({ "RoleName": role, "PolicyName": physical.properties["PolicyName"] });
            caller.call_unless_gone(Iam, "DeleteRolePolicy", &request, &GONE)?;
        }
        Ok(true)
    }
}
