//! The computes that Workbench has drivers for, and how each reports its statuses.
//!
//! These are the status mapping tables of the seed guide's last step. `build.rs` reads this file too, so that an
//! environment type whose compute has no row here does not compile: it must not use other modules.

/// An AWS service behind environment types: what its events look like and what its driver needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Compute {
    /// Name of the service in its event source `aws.<name>`.
    pub name: &'static str,
    /// Detail type of its state-change events.
    pub detail_type: &'static str,
    /// Where the status is within `event.detail`.
    pub status_location: &'static str,
    /// Where the instance's id is within `event.detail`; equals the value of the type's instance name output.
    pub instance_id_location: &'static str,
    /// Where a time of the report finer than the event's whole seconds is within `event.detail`, in epoch
    /// milliseconds.
    pub report_time_location: Option<&'static str>,
    /// The service's words for statuses that Workbench calls otherwise; compared without regard to case.
    pub alternate_statuses: &'static [(&'static str, &'static str)],
    /// IAM actions of the calls that the driver makes.
    pub driver_calls: &'static [&'static str],
    /// Type of the template's resource that the driver starts and stops.
    pub resource_type: &'static str,
    /// What the service does with the driver's rights when the driver starts an instance: a property of that resource,
    /// and the IAM actions that it takes where the template sets it.
    pub dependent_actions: &'static [(&'static str, &'static [&'static str])],
    /// IAM actions of the calls with which the driver lists all instances of an account, for the account function.
    pub list_calls: &'static [&'static str],
    /// Keys of the credentials that the driver hands out on connect (`authCredResponse`).
    pub credential_keys: &'static [&'static str],
}

/// Every compute with a driver.
pub const COMPUTES: &[Compute] = &[Compute {
    name: "sagemaker",
    detail_type: "SageMaker Notebook Instance State Change",
    status_location: "NotebookInstanceStatus",
    instance_id_location: "NotebookInstanceName",
    report_time_location: Some("LastModifiedTime"),
    alternate_statuses: &[
        ("InService", "COMPLETED"),
        ("Deleting", "TERMINATING"),
        ("Deleted", "TERMINATED"),
    ],
    driver_calls: &[
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:DescribeNotebookInstance",
        "sagemaker:StartNotebookInstance",
        "sagemaker:StopNotebookInstance",
    ],
    resource_type: "AWS::SageMaker::NotebookInstance",
    // https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html, StartNotebookInstance
    dependent_actions: &[
        ("RoleArn", &["iam:PassRole"]),
        (
            "SubnetId",
            &[
                "ec2:CreateNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
        ),
        ("KmsKeyId", &["kms:CreateGrant", "kms:DescribeKey"]),
    ],
    list_calls: &["sagemaker:ListNotebookInstances"],
    credential_keys: &["url"],
}];

/// What package checks and the deployment have to know of each compute: `make` gets its name, the detail type of
/// its events, the driver's calls, the resource that the driver works on with what that takes besides, and the keys of
/// its credentials. It is `ComputeFacts::new` of
/// `workbench_env_type`, which this file must not name.
pub fn facts<T>(make: fn(Text, Text, Texts, Text, ByProperty, Texts) -> T) -> Vec<T> {
    let facts = COMPUTES.iter().map(|compute| {
        make(
            compute.name,
            compute.detail_type,
            compute.driver_calls,
            compute.resource_type,
            compute.dependent_actions,
            compute.credential_keys,
        )
    });
    facts.collect()
}

type Text = &'static str;
type Texts = &'static [Text];
type ByProperty = &'static [(Text, Texts)];

/// Where the status is within the detail of the events that launch and terminate documents send.
pub const AUTOMATION_STATUS_LOCATION: &str = "Status";
