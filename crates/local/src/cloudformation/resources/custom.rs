//! Custom resources: a function is asked, and answers by writing to an address in S3.
//!
//! Requests and answers are as the CloudFormation user guide has them under "Custom resource request and response
//! objects".

use http::Method;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{Caller, Change, New, Physical, ResourceType};
use crate::world::Principal;
use crate::world::Service::Lambda;

/// The type under which all custom resources are found.
pub(super) const TYPE: &str = "AWS::CloudFormation::CustomResource";

/// The bucket for answers, which is CloudFormation's own.
const ANSWERS: &str = "cloudformation-custom-resource-response";

/// The account that owns it.
const OWNER: &str = "cloudformation";

/// How long CloudFormation waits for an answer.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// `Ref` is the id that the function answers, `Fn::GetAtt` what it answers as `Data`.
pub(super) struct CustomResource;

/// What is asked for, and about what.
struct Request<'a> {
    kind: &'a str,
    stack_id: &'a str,
    logical_id: &'a str,
    type_name: &'a str,
    properties: &'a Map<String, Value>,
    old: Option<&'a Physical>,
}

/// Where what a deletion needs to know is kept among the attributes.
const IDENTITY: [&str; 3] = ["aws:stack", "aws:logical-id", "aws:type"];

impl Request<'_> {
    /// Invokes the function; the id of the request.
    fn send(&self, caller: &mut Caller<'_>) -> Result<String, String> {
        let token = self.properties.get("ServiceToken").and_then(Value::as_str);
        let function = token.ok_or("a custom resource needs the property ServiceToken")?;
        let id = caller.world.new_uuid();
        let owner = Principal::root(OWNER);
        caller.world.create_bucket(ANSWERS);
        let url = caller
            .world
            .presigned_url(&owner, &Method::PUT, ANSWERS, &id, PATIENCE);
        let mut event = json!({
            "RequestType": self.kind,
            "RequestId": id,
            "ResponseURL": url,
            "StackId": self.stack_id,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.type_name,
            "ResourceProperties": self.properties,
        });
        if let Some(old) = self.old {
            event["PhysicalResourceId"] = json!(old.id);
        }
        if let Some(old) = self.old.filter(|_| self.kind == "Update") {
            event["OldResourceProperties"] = json!(old.properties);
        }
        let request = json!({
            "FunctionName": function,
            "InvocationType": "Event",
            "Payload": event.to_string(),
        });
        caller.call(Lambda, "Invoke", &request)?;
        Ok(id)
    }
}

/// The answer to a request, once there is one.
fn answer(caller: &Caller<'_>, request: &str) -> Result<Option<Value>, String> {
    let Some(text) = crate::s3::object(caller.world, &format!("s3://{ANSWERS}/{request}")) else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| format!("the answer of the custom resource is not JSON: {error}"))
}

/// Why the function did not do it; none if it did.
fn refusal(answer: &Value) -> Option<String> {
    let failed = answer["Status"].as_str() != Some("SUCCESS");
    failed.then(|| {
        let reason = answer["Reason"].as_str().unwrap_or("no reason is given");
        format!("received response status [FAILED] from custom resource: {reason}")
    })
}

impl ResourceType for CustomResource {
    fn name(&self) -> &'static str {
        TYPE
    }

    fn properties(&self) -> &'static [&'static str] {
        &["ServiceToken"]
    }

    fn required(&self) -> &'static [&'static str] {
        &["ServiceToken"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn knows_property(&self, _property: &str) -> bool {
        true
    }

    fn has_attribute(&self, _attribute: &str) -> bool {
        true
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let request = Request {
            kind: "Create",
            stack_id: &new.stack_id,
            logical_id: &new.logical_id,
            type_name: &new.type_name,
            properties: &new.properties,
            old: None,
        };
        let id = request.send(caller)?;
        let identity = [&new.stack_id, &new.logical_id, &new.type_name];
        let mut made = Physical::new(new, "", &[]);
        made.pending = Some(id);
        for (name, value) in IDENTITY.into_iter().zip(identity) {
            made.attributes.insert(name.to_owned(), json!(value));
        }
        Ok(made)
    }

    fn is_ready(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let Some(request) = physical.pending.clone() else {
            return Ok(true);
        };
        let Some(answer) = answer(caller, &request)? else {
            return Ok(false);
        };
        physical.pending = None;
        if let Some(id) = answer["PhysicalResourceId"].as_str() {
            physical.id = id.to_owned();
        }
        if let Some(reason) = refusal(&answer) {
            return Err(reason);
        }
        if let Value::Object(data) = &answer["Data"] {
            physical.attributes.extend(data.clone());
        }
        Ok(true)
    }

    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        let request = Request {
            kind: "Update",
            stack_id: &new.stack_id,
            logical_id: &new.logical_id,
            type_name: &new.type_name,
            properties: &new.properties,
            old: Some(old),
        };
        let id = request.send(caller)?;
        Ok(Change::InPlace(Physical {
            properties: new.properties.clone(),
            pending: Some(id),
            ..old.clone()
        }))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        if let Some(request) = physical.pending.clone() {
            let Some(answer) = answer(caller, &request)? else {
                return Ok(false);
            };
            return refusal(&answer).map_or(Ok(true), Err);
        }
        let [stack_id, logical_id, type_name] =
            IDENTITY.map(|name| physical.attributes[name].as_str().unwrap_or_default());
        let request = Request {
            kind: "Delete",
            stack_id,
            logical_id,
            type_name,
            properties: &physical.properties,
            old: Some(physical),
        };
        let id = request.send(caller)?;
        physical.pending = Some(id);
        Ok(false)
    }
}
