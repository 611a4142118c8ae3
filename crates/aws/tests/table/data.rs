//! One of each thing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use workbench_aws::table::{Created, Entry, IdempotencyRecord, NewEnvironment, Saved, Table, Updated};
use workbench_core::account::{AccountStatus, ExternalId, HostingAccount};
use workbench_core::cost_center::{CostCenter, CostCenterStatus};
use workbench_core::env_type::{
    ConfigParam, ConfigStatus, EnvType, EnvTypeConfig, EnvTypeStatus, Offer, TypeParameter,
};
use workbench_core::environment::{Environment, Instance};
use workbench_core::id::{EnvTypeId, EnvironmentId, ProjectId, UserId};
use workbench_core::page::{PageRequest, PageSize, Selection};
use workbench_core::project::{Membership, Project, ProjectRole, ProjectStatus, RoleId};
use workbench_core::status::Status;
use workbench_core::text::{Description, Name, Title};

pub(crate) const START: &str = "2026-11-24T10:00:00Z";

/// A time that many seconds after the start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    Timestamp::from_second(start.as_second() + seconds).unwrap()
}

pub(crate) fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

pub(crate) fn user(number: u32) -> UserId {
    uuid(number).parse().unwrap()
}

pub(crate) fn project_id(number: u32) -> ProjectId {
    format!("proj-{}", uuid(number)).parse().unwrap()
}

pub(crate) fn env_id(number: u32) -> EnvironmentId {
    format!("env-{}", uuid(number)).parse().unwrap()
}

pub(crate) fn type_id(number: u32) -> EnvTypeId {
    format!("et-prod-{number:013},pa-{number:013}").parse().unwrap()
}

/// The page of `rows` rows after that of `token`.
pub(crate) fn page(rows: u16, token: Option<&str>) -> PageRequest {
    PageRequest {
        size: PageSize::parse(&rows.to_string(), PageSize::MAX).unwrap(),
        token: token.map(str::to_owned),
        selection: Selection::default(),
    }
}

pub(crate) fn account() -> HostingAccount {
    HostingAccount {
        id: format!("acc-{}", uuid(1)).parse().unwrap(),
        name: Name::new("research").unwrap(),
        aws_account_id: "111111111111".parse().unwrap(),
        env_mgmt_role_arn: "arn:aws:iam::111111111111:role/workbench-env-mgmt".into(),
        hosting_account_handler_role_arn: "arn:aws:iam::111111111111:role/workbench-hosting-account-role"
            .into(),
        external_id: ExternalId::new("workbench"),
        status: AccountStatus::Current,
        vpc_id: "vpc-0a1b2c3d".into(),
        subnet_id: "subnet-0a1b2c3d".into(),
        encryption_key_arn: format!("arn:aws:kms:us-east-1:111111111111:key/{}", uuid(1)),
        environment_instance_files: "s3://workbench-artifacts/environment-files".into(),
        rev: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn project(number: u32) -> Project {
    Project {
        id: project_id(number),
        name: Name::new(format!("genomes-{number}")).unwrap(),
        description: Description::new("reads genomes").unwrap(),
        status: ProjectStatus::Available,
        cost_center_id: cost_center().id,
        account: account(),
        rev: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn cost_center() -> CostCenter {
    CostCenter {
        id: format!("cc-{}", uuid(1)).parse().unwrap(),
        name: Name::new("biology").unwrap(),
        description: Description::new("pays").unwrap(),
        account_id: account().id,
        status: CostCenterStatus::Available,
        rev: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn env_type(number: u32) -> EnvType {
    let parameter = TypeParameter {
        kind: "String".into(),
        description: Some("Size".into()),
        default: None,
        no_echo: true,
        allowed_values: vec!["ml.t3.medium".into()],
    };
    EnvType {
        id: type_id(number),
        type_name: "sagemakerNotebook".into(),
        name: Title::new("Notebook").unwrap(),
        description: Description::new("A notebook").unwrap(),
        status: EnvTypeStatus::Approved,
        params: BTreeMap::from([("InstanceType".to_owned(), parameter)]),
        rev: 1,
        created_at: at(i64::from(number)),
        updated_at: at(i64::from(number)),
    }
}

pub(crate) fn config(number: u32) -> EnvTypeConfig {
    let role = RoleId {
        project_id: project_id(1),
        role: ProjectRole::Researcher,
    };
    EnvTypeConfig {
        id: format!("etc-{}", uuid(number)).parse().unwrap(),
        env_type_id: type_id(1),
        type_name: "sagemakerNotebook".into(),
        name: Title::new("small").unwrap(),
        description: Description::new("a small notebook").unwrap(),
        estimated_cost: Some("1.20 a day".into()),
        params: vec![ConfigParam {
            key: "CIDR".into(),
            value: String::new(),
        }],
        offer: Offer::Roles(vec![role]),
        status: ConfigStatus::Available,
        rev: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn member(user_number: u32, project_number: u32) -> Membership {
    let roles = vec![ProjectRole::ProjectAdmin, ProjectRole::Researcher];
    Membership {
        user_id: user(user_number),
        project_id: project_id(project_number),
        roles,
    }
}

/// A new environment of project 1.
pub(crate) fn environment(number: u32, created: Timestamp) -> Environment {
    environment_of(1, number, created)
}

pub(crate) fn environment_of(project_number: u32, number: u32, created: Timestamp) -> Environment {
    let (name, description) = (Name::new("test").unwrap(), Description::new("a test").unwrap());
    Environment::request(
        env_id(number),
        name,
        description,
        user(1),
        &config(1),
        &project(project_number),
        created,
    )
}

pub(crate) fn instance(name: &str) -> Instance {
    Instance {
        id: name.parse().unwrap(),
        arn: format!("arn:aws:sagemaker:us-east-1:111111111111:notebook-instance/{name}"),
        role_arn: "arn:aws:iam::111111111111:role/notebook".into(),
    }
}

/// The environment in another status, one revision later.
pub(crate) fn moved(before: &Environment, status: Status) -> Environment {
    let mut after = Environment {
        rev: before.rev + 1,
        ..before.clone()
    };
    after.lifecycle.status = status;
    after
}

pub(crate) fn entry(before: &Environment, after: &Environment) -> Entry {
    Entry {
        from: before.status(),
        to: after.status(),
        cause: "status report".into(),
        source_id: Some("event-1".into()),
        at: at(60),
        reason: None,
        reported: None,
    }
}

pub(crate) fn record(key: &str, user_number: u32, environment: &Environment) -> IdempotencyRecord {
    IdempotencyRecord::new(
        key.parse().unwrap(),
        user(user_number),
        "hash".into(),
        environment.id,
        at(0),
    )
}

/// Writes the hosting account with its cost centre, which raises the account's `rev` to what [`account`] says. What is
/// there stays.
pub(crate) async fn add_account(table: &Table) {
    if table.account(account().id).await.unwrap().is_some() {
        return;
    }
    let new = HostingAccount {
        rev: account().rev - 1,
        ..account()
    };
    table.put_account(&new).await.unwrap();
    table.create_cost_center(&cost_center()).await.unwrap();
}

/// Writes a project with its cost centre. What is there stays.
pub(crate) async fn add_project(table: &Table, number: u32) {
    add_account(table).await;
    if table.project(project_id(number)).await.unwrap().is_none() {
        assert_eq!(
            table.create_project(&project(number)).await.unwrap(),
            Saved::Written
        );
    }
}

/// Makes somebody a member who is none. What is there stays.
pub(crate) async fn add_member(table: &Table, member: &Membership) {
    let before = table.membership(member.user_id, member.project_id).await.unwrap();
    if before.is_none() {
        assert_eq!(
            table.set_membership(None, member).await.unwrap(),
            Updated::Written
        );
    }
}

/// What a launch is decided by: user 1 in the project, and configuration 1 of type 1. What is there stays.
pub(crate) async fn offer(table: &Table, project_number: u32) {
    add_project(table, project_number).await;
    add_member(table, &member(1, project_number)).await;
    let _: Updated = table.create_env_type(&env_type(1)).await.unwrap();
    if table.config(config(1).id).await.unwrap().is_none() {
        table.create_config(&config(1)).await.unwrap();
    }
}

/// A launch of what [`offer`] offers.
pub(crate) fn new(environment: &Environment) -> NewEnvironment<'_> {
    NewEnvironment {
        environment,
        config_rev: 1,
        association: None,
        record: None,
        refreshed_project: None,
    }
}

/// Writes a new environment, which must work.
pub(crate) async fn create(table: &Table, environment: &Environment) {
    let project_number = if environment.project_id() == project_id(1) {
        1
    } else {
        2
    };
    offer(table, project_number).await;
    assert_eq!(
        table.create_environment(new(environment)).await.unwrap(),
        Created::Written
    );
}

/// Moves an environment to another status, which must work.
pub(crate) async fn update(table: &Table, before: &Environment, after: &Environment) {
    let updated = table
        .update_environment(before, after, &entry(before, after))
        .await
        .unwrap();
    assert_eq!(updated, Updated::Written);
}
