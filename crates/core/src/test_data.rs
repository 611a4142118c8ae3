//! One of each thing, for tests.

use jiff::Timestamp;

use crate::account::hosts::Hosts;
use crate::account::{AccountStatus, ExternalId, HostingAccount};
use crate::env_type::{ConfigParam, ConfigStatus, EnvTypeConfig, Offer};
use crate::environment::Environment;
use crate::main_account::MainAccount;
use crate::project::{Project, ProjectStatus};
use crate::text::{Description, Name, Title};

pub(crate) const UUID: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

pub(crate) fn now() -> Timestamp {
    "2026-11-24T10:00:00.123Z".parse().unwrap()
}

pub(crate) fn account() -> HostingAccount {
    HostingAccount {
        id: format!("acc-{UUID}").parse().unwrap(),
        name: Name::new("research").unwrap(),
        aws_account_id: "111111111111".parse().unwrap(),
        env_mgmt_role_arn: "arn:aws:iam::111111111111:role/workbench-env-mgmt".into(),
        hosting_account_handler_role_arn: "arn:aws:iam::111111111111:role/workbench-hosting-account-role"
            .into(),
        external_id: ExternalId::new("workbench"),
        status: AccountStatus::Current,
        vpc_id: "vpc-0a1b2c3d".into(),
        subnet_id: "subnet-0a1b2c3d".into(),
        encryption_key_arn: format!("arn:aws:kms:us-east-1:111111111111:key/{UUID}"),
        environment_instance_files: "s3://workbench-artifacts/environment-files".into(),
        rev: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn project() -> Project {
    Project {
        id: format!("proj-{UUID}").parse().unwrap(),
        name: Name::new("genomes").unwrap(),
        description: Description::new("reads genomes").unwrap(),
        status: ProjectStatus::Available,
        cost_center_id: format!("cc-{UUID}").parse().unwrap(),
        account: account(),
        rev: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn params() -> Vec<ConfigParam> {
    [
        ("InstanceType", "ml.t3.medium"),
        ("AutoStopIdleTimeInMinutes", "0"),
        ("CIDR", "0.0.0.0/0"),
    ]
    .map(|(key, value)| ConfigParam {
        key: key.into(),
        value: value.into(),
    })
    .to_vec()
}

pub(crate) fn config() -> EnvTypeConfig {
    EnvTypeConfig {
        id: format!("etc-{UUID}").parse().unwrap(),
        env_type_id: "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq".parse().unwrap(),
        type_name: "sagemakerNotebook".into(),
        name: Title::new("small").unwrap(),
        description: Description::new("a small notebook").unwrap(),
        estimated_cost: None,
        params: params(),
        offer: Offer::EveryProject,
        status: ConfigStatus::Available,
        rev: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn environment() -> Environment {
    Environment::request(
        format!("env-{UUID}").parse().unwrap(),
        Name::new("test").unwrap(),
        Description::new("a test").unwrap(),
        UUID.parse().unwrap(),
        &config(),
        &project(),
        now(),
    )
}

pub(crate) fn main_account() -> MainAccount {
    let uuid = UUID;
    MainAccount {
        portfolio_id: "port-hxwmltpkg2edy".into(),
        artifact_bucket: "workbench-artifacts".into(),
        account_id: "222222222222".parse().unwrap(),
        region: "us-east-1".into(),
        namespace: "workbench-dev".into(),
        datasets_bucket_arn: "arn:aws:s3:::workbench-datasets".into(),
        artifact_key_arn: format!("arn:aws:kms:us-east-1:222222222222:key/{uuid}"),
        datasets_key_arn: format!("arn:aws:kms:us-east-1:222222222222:key/{uuid}"),
        hosts: Hosts::read("", account().aws_account_id.as_str()),
    }
}
