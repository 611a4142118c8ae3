//! A notebook instance as its events and DescribeNotebookInstance show it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::instance::{NAME, NotebookInstance, Status};

/// The detail of a state-change event; absent members are left out.
pub(super) fn event_detail(arn: &str, instance: &NotebookInstance) -> Value {
    let mut detail = json!({
        "NotebookInstanceArn": arn,
        NAME: instance.name,
        "NotebookInstanceStatus": instance.status.name(),
        "InstanceType": instance.instance_type,
        "SecurityGroups": instance.security_groups,
        "RoleArn": instance.role,
        "LastModifiedTime": instance.modified.as_millisecond(),
        "CreationTime": instance.created.as_millisecond(),
        "DirectInternetAccess": instance.direct_internet_access,
        "Tags": instance.tags,
    });
    add_optional(&mut detail, instance);
    detail
}

/// The answer of DescribeNotebookInstance; absent members are left out.
pub(super) fn describe(arn: &str, instance: &NotebookInstance) -> Value {
    let seconds = |time: Timestamp| json!(time.as_duration().as_secs_f64());
    let mut described = json!({
        "NotebookInstanceArn": arn,
        NAME: instance.name,
        "NotebookInstanceStatus": instance.status.name(),
        "InstanceType": instance.instance_type,
        "SecurityGroups": instance.security_groups,
        "RoleArn": instance.role,
        "LastModifiedTime": seconds(instance.modified),
        "CreationTime": seconds(instance.created),
        "DirectInternetAccess": instance.direct_internet_access,
        "RootAccess": instance.root_access,
        "PlatformIdentifier": instance.platform,
        "VolumeSizeInGB": instance.volume_gigabytes,
    });
    if instance.status == Status::InService {
        let region = arn.split(':').nth(3).unwrap_or_default();
        let url = format!("{}.notebook.{region}.sagemaker.aws", instance.name.to_lowercase());
        described["Url"] = json!(url);
    }
    if let Some(name) = &instance.lifecycle_config {
        described["NotebookInstanceLifecycleConfigName"] = json!(name);
    }
    add_optional(&mut described, instance);
    described
}

fn add_optional(described: &mut Value, instance: &NotebookInstance) {
    for (member, value) in [
        ("SubnetId", &instance.subnet),
        ("NetworkInterfaceId", &instance.network_interface),
        ("KmsKeyId", &instance.kms_key),
        ("FailureReason", &instance.failure),
    ] {
        if let Some(value) = value {
            described[member] = json!(value);
        }
    }
}
