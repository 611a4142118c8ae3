//! `AWS::SageMaker::*`: notebook instances and their lifecycle configurations.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{Caller, New, Physical, ResourceType, answered, reason};
use crate::world::Service::SageMaker;

/// The request of a named thing.
fn request(new: &New, name: (&str, &str), properties: &[&str]) -> Map<String, Value> {
    let mut request = new.request(properties);
    request.insert(name.0.to_owned(), json!(name.1));
    request
}

/// `Ref` is the ARN.
pub(super) struct NotebookInstance;

impl NotebookInstance {
    /// The instance's description; none when it is gone.
    fn describe(caller: &mut Caller<'_>, physical: &Physical) -> Result<Option<Value>, String> {
        let request = json!({ "NotebookInstanceName": physical.attributes.get("NotebookInstanceName") });
        match caller.try_call(SageMaker, "DescribeNotebookInstance", &request) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.message.contains("RecordNotFound") || error.code == "ResourceNotFound" => {
                Ok(None)
            }
            Err(error) => Err(reason(SageMaker, &error)),
        }
    }
}

impl ResourceType for NotebookInstance {
    fn name(&self) -> &'static str {
        "AWS::SageMaker::NotebookInstance"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "AdditionalCodeRepositories",
            "DefaultCodeRepository",
            "DirectInternetAccess",
            "InstanceMetadataServiceConfiguration",
            "InstanceType",
            "KmsKeyId",
            "LifecycleConfigName",
            "NotebookInstanceName",
            "PlatformIdentifier",
            "RoleArn",
            "RootAccess",
            "SecurityGroupIds",
            "SubnetId",
            "Tags",
            "VolumeSizeInGB",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["InstanceType", "RoleArn"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["NotebookInstanceName"]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new
            .text("NotebookInstanceName")
            .map_or_else(|| new.short_name(63), str::to_owned);
        let mut request = request(new, ("NotebookInstanceName", &name), self.properties());
        request.insert("Tags".to_owned(), new.tags());
        let size = request
            .get("VolumeSizeInGB")
            .and_then(Value::as_str)
            .and_then(|text| text.parse::<i64>().ok());
        if let Some(size) = size {
            request.insert("VolumeSizeInGB".to_owned(), json!(size));
        }
        let answer = caller.call(SageMaker, "CreateNotebookInstance", &Value::Object(request))?;
        let arn = answered(&answer, "/NotebookInstanceArn");
        Ok(Physical::new(new, arn, &[("NotebookInstanceName", &name)]))
    }

    fn is_ready(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let Some(found) = Self::describe(caller, physical)? else {
            return Err("the notebook instance was deleted while it was being created".to_owned());
        };
        match found["NotebookInstanceStatus"].as_str() {
            Some("InService") => Ok(true),
            Some("Failed") => Err(found["FailureReason"]
                .as_str()
                .unwrap_or("the notebook instance failed")
                .to_owned()),
            _ => Ok(false),
        }
    }

    /// Only a stopped or failed instance can be deleted, so a running one is stopped first.
    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let Some(found) = Self::describe(caller, physical)? else {
            return Ok(true);
        };
        let request = json!({ "NotebookInstanceName": physical.attributes.get("NotebookInstanceName") });
        match found["NotebookInstanceStatus"].as_str() {
            Some("InService") => caller.call(SageMaker, "StopNotebookInstance", &request)?,
            Some("Stopped" | "Failed") => caller.call(SageMaker, "DeleteNotebookInstance", &request)?,
            _ => Value::Null,
        };
        Ok(false)
    }
}

/// `Ref` is the ARN.
pub(super) struct LifecycleConfig;

impl ResourceType for LifecycleConfig {
    fn name(&self) -> &'static str {
        "AWS::SageMaker::NotebookInstanceLifecycleConfig"
    }

    fn properties(&self) -> &'static [&'static str] {
        &["NotebookInstanceLifecycleConfigName", "OnCreate", "OnStart"]
    }

    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["NotebookInstanceLifecycleConfigName"]
    }

    fn takes(&self) -> SignedDuration {
        SignedDuration::from_secs(2)
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        const NAME: &str = "NotebookInstanceLifecycleConfigName";
        let name = new.text(NAME).map_or_else(|| new.short_name(63), str::to_owned);
        let request = request(new, (NAME, &name), self.properties());
        let answer = caller.call(
            SageMaker,
            "CreateNotebookInstanceLifecycleConfig",
            &Value::Object(request),
        )?;
        let arn = answered(&answer, "/NotebookInstanceLifecycleConfigArn");
        Ok(Physical::new(new, arn, &[(NAME, &name)]))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        const NAME: &str = "NotebookInstanceLifecycleConfigName";
        let request = json!({ NAME: physical.attributes.get(NAME) });
        match caller.try_call(SageMaker, "DeleteNotebookInstanceLifecycleConfig", &request) {
            Ok(_) => Ok(true),
            Err(error) if error.message.contains("RecordNotFound") || error.code == "ResourceNotFound" => {
                Ok(true)
            }
            Err(error) => Err(reason(SageMaker, &error)),
        }
    }
}
