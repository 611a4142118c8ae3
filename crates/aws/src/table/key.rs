//! Where each row is: every key of the table and of its indexes.
//!
//! | Row | `pk` | `sk` |
//! |---|---|---|
//! | environment | `ENV#<env>` | `ENV` |
//! | a change of it | `ENV#<env>` | `CHANGE#<rev, 20 digits>` |
//! | a report that changed nothing | `ENV#<env>` | `CHANGE#<rev, 20 digits>#<when it was so>#<event>` |
//! | owner of an instance | `INSTANCE#<AWS account>#<instance>` | `OWNER` |
//! | owner of an automation | `EXECUTION#<AWS account>#<execution>` | `OWNER` |
//! | Idempotency-Key | `KEY#<user>#<key>` | `KEY` |
//! | environment type | `TYPE#<type>` | `TYPE` |
//! | that a type has a configuration | `TYPE#<type>` | `CONFIG#<config>` |
//! | that a configuration is offered to every project | `TYPE#<type>` | `OPEN#<config>` |
//! | configuration | `CONFIG#<config>` | `CONFIG` |
//! | that a project may use it | `CONFIG#<config>` | `PROJECT#<project>` |
//! | project | `PROJECT#<project>` | `PROJECT` |
//! | that it may use a configuration | `PROJECT#<project>` | `CONFIG#<type>#<config>` |
//! | that roles of it may use one | `PROJECT#<project>` | `ROLES#<type>#<config>` |
//! | that it has an environment | `PROJECT#<project>` | `ENV#<config>#<environment>` |
//! | that it has a member | `PROJECT#<project>` | `<role>#<user>` |
//! | that a name is taken | `NAME#<kind>#<name>` | `NAME` |
//! | cost centre | `COSTCENTER#<cost centre>` | `COSTCENTER` |
//! | that it has a project | `COSTCENTER#<cost centre>` | `PROJECT#<project>` |
//! | membership | `USER#<user>` | `PROJECT#<project>` |
//! | hosting account | `ACCOUNT#<account>` | `ACCOUNT` |
//! | its last check | `ACCOUNT#<account>` | `CHECK` |
//! | that it has a cost centre | `ACCOUNT#<account>` | `COSTCENTER#<cost centre>` |
//! | that it has a project | `ACCOUNT#<account>` | `PROJECT#<project>` |
//! | that others wait in an AWS account | `QUEUE#<AWS account>` | `QUEUE` |
//! | that an environment waits there | `QUEUE#<AWS account>` | `WAITS#<since>#<project>#<environment>` |
//! | when projects had their turns there | `QUEUE#<AWS account>` | `TURNS` |
//! | a change that the bus has not taken in time | `OUTBOX` | `CHANGE#<env>#<rev, 20 digits>` |
//! | that an AWS account is registered | `AWSACCOUNT#<AWS account>` | `ACCOUNT` |
//!
//! Which rows stand in which indexes is in `index.rs`.

use aws_sdk_dynamodb::types::AttributeValue;
use workbench_core::id::{
    AccountId, AwsAccountId, CostCenterId, EnvTypeConfigId, EnvTypeId, EnvironmentId, ExecutionId,
    InstanceId, ProjectId, UserId,
};
use workbench_core::project::ProjectRole;

use super::launch_facts::IdempotencyKey;
use super::row::Item;

/// The attribute with the partition key.
pub(super) const PK: &str = "pk";
/// The attribute with the sort key.
pub(super) const SK: &str = "sk";
/// The attribute with the second after which DynamoDB removes the row.
pub(super) const TTL: &str = "ttl";

/// How the partition of an environment begins.
const ENVIRONMENT: &str = "ENV#";
/// How the changes of an environment begin, within its partition; and those that wait to be published.
pub(super) const CHANGES: &str = "CHANGE#";
/// The partition of all changes that wait to be published. One is enough: they come from the readers of the stream, and
/// only while the bus takes nothing.
pub(super) const OUTBOX: &str = "OUTBOX";
/// How the configurations of a type, within its partition, begin; and those of a project within its.
pub(super) const CONFIGS: &str = "CONFIG#";
/// How the configurations that are offered to every project begin, within their type's partition.
pub(super) const OPEN_CONFIGS: &str = "OPEN#";
/// How the environments of a project begin, within its partition.
pub(super) const ENVIRONMENTS: &str = "ENV#";
/// How projects, within the partition of a user, a configuration or a cost centre, begin.
pub(super) const PROJECTS: &str = "PROJECT#";
/// How cost centres begin, within the partition of a hosting account.
pub(super) const COST_CENTERS: &str = "COSTCENTER#";

/// How the partition of an AWS account's queue begins.
const QUEUE: &str = "QUEUE#";
/// How those that wait, within the partition of a queue, begin.
pub(super) const WAITING: &str = "WAITS#";

/// The primary key of one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    /// The key of a row that was read.
    pub(super) fn of(item: &Item) -> Self {
        Self::new(text(item, PK), text(item, SK))
    }

    /// The key as DynamoDB wants it.
    pub(super) fn attributes(self) -> Item {
        Item::from([
            (PK.to_owned(), AttributeValue::S(self.pk)),
            (SK.to_owned(), AttributeValue::S(self.sk)),
        ])
    }

    /// The environment that this row is about.
    pub(super) fn environment_id(&self) -> Option<EnvironmentId> {
        self.pk.strip_prefix(ENVIRONMENT)?.parse().ok()
    }

    /// The AWS account whose queue this row is about.
    pub(super) fn queue_account(&self) -> Option<AwsAccountId> {
        self.pk.strip_prefix(QUEUE)?.parse().ok()
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

fn text(item: &Item, attribute: &str) -> String {
    item.get(attribute)
        .and_then(|value| value.as_s().ok())
        .cloned()
        .unwrap_or_default()
}

pub(super) fn environment(id: EnvironmentId) -> Key {
    Key::new(format!("{ENVIRONMENT}{id}"), "ENV")
}

/// An entry of an environment's timeline, which has this id.
pub(super) fn change(environment: EnvironmentId, id: &str) -> Key {
    Key::new(format!("{ENVIRONMENT}{environment}"), format!("{CHANGES}{id}"))
}

/// A change that waits to be published.
pub(super) fn unpublished(environment: EnvironmentId, change: &str) -> Key {
    Key::new(OUTBOX, format!("{}{change}", unpublished_of(environment)))
}

/// How the changes of an environment begin, within the outbox.
pub(super) fn unpublished_of(environment: EnvironmentId) -> String {
    format!("{CHANGES}{environment}#")
}

pub(super) fn instance(account: &AwsAccountId, id: &InstanceId) -> Key {
    Key::new(format!("INSTANCE#{account}#{id}"), "OWNER")
}

pub(super) fn execution(account: &AwsAccountId, id: &ExecutionId) -> Key {
    Key::new(format!("EXECUTION#{account}#{id}"), "OWNER")
}

pub(super) fn queue(account: &AwsAccountId) -> Key {
    Key::new(format!("{QUEUE}{account}"), "QUEUE")
}

pub(super) fn turns(account: &AwsAccountId) -> Key {
    Key::new(queue(account).pk, "TURNS")
}

/// That an environment waits in an AWS account; `since` sorts as times do.
pub(super) fn waits(
    account: &AwsAccountId,
    since: &str,
    project: ProjectId,
    environment: EnvironmentId,
) -> Key {
    Key::new(
        queue(account).pk,
        format!("{WAITING}{since}#{project}#{environment}"),
    )
}

pub(super) fn idempotency(user: UserId, key: &IdempotencyKey) -> Key {
    Key::new(format!("KEY#{user}#{key}"), "KEY")
}

pub(super) fn env_type(id: &EnvTypeId) -> Key {
    Key::new(format!("TYPE#{id}"), "TYPE")
}

pub(super) fn config_of_type(ty: &EnvTypeId, config: EnvTypeConfigId) -> Key {
    Key::new(format!("TYPE#{ty}"), format!("{CONFIGS}{config}"))
}

pub(super) fn config(id: EnvTypeConfigId) -> Key {
    Key::new(format!("CONFIG#{id}"), "CONFIG")
}

pub(super) fn association(project: ProjectId, config: EnvTypeConfigId) -> Key {
    Key::new(format!("CONFIG#{config}"), format!("{PROJECTS}{project}"))
}

/// How the configurations of a type begin that a project is associated with.
pub(super) fn associated_configs(ty: &EnvTypeId) -> String {
    format!("{CONFIGS}{ty}#")
}

/// How the configurations of a type begin that are offered to roles of a project.
pub(super) fn configs_for_roles(ty: &EnvTypeId) -> String {
    format!("ROLES#{ty}#")
}

/// That a project is associated with a configuration, seen from the project.
pub(super) fn associated_config(project: ProjectId, ty: &EnvTypeId, config: EnvTypeConfigId) -> Key {
    Key::new(
        self::project(project).pk,
        format!("{}{config}", associated_configs(ty)),
    )
}

/// That a configuration is offered to roles of a project.
pub(super) fn config_for_roles(project: ProjectId, ty: &EnvTypeId, config: EnvTypeConfigId) -> Key {
    Key::new(
        self::project(project).pk,
        format!("{}{config}", configs_for_roles(ty)),
    )
}

/// That a configuration is offered to every project.
pub(super) fn open_config(ty: &EnvTypeId, config: EnvTypeConfigId) -> Key {
    Key::new(env_type(ty).pk, format!("{OPEN_CONFIGS}{config}"))
}

/// How the environments of a project that were launched from a configuration begin.
pub(super) fn environments_of_config(config: EnvTypeConfigId) -> String {
    format!("{ENVIRONMENTS}{config}#")
}

/// That a project has an environment.
pub(super) fn project_environment(
    project: ProjectId,
    config: EnvTypeConfigId,
    environment: EnvironmentId,
) -> Key {
    Key::new(
        self::project(project).pk,
        format!("{}{environment}", environments_of_config(config)),
    )
}

/// How the members of a project with a role begin, within its partition.
pub(super) fn members(role: ProjectRole) -> String {
    format!("{}#", role.label())
}

/// That a project has a member.
pub(super) fn member(project: ProjectId, role: ProjectRole, user: UserId) -> Key {
    Key::new(self::project(project).pk, format!("{}{user}", members(role)))
}

/// That a name is taken among the rows of a kind.
pub(super) fn name(kind: &str, name: &str) -> Key {
    Key::new(format!("NAME#{kind}#{name}"), "NAME")
}

pub(super) fn cost_center(id: CostCenterId) -> Key {
    Key::new(format!("COSTCENTER#{id}"), "COSTCENTER")
}

/// That a hosting account has a project.
pub(super) fn project_of_account(account: AccountId, project: ProjectId) -> Key {
    Key::new(self::account(account).pk, format!("{PROJECTS}{project}"))
}

/// That a cost centre has a project.
pub(super) fn project_of_cost_center(cost_center: CostCenterId, project: ProjectId) -> Key {
    Key::new(self::cost_center(cost_center).pk, format!("{PROJECTS}{project}"))
}

pub(super) fn project(id: ProjectId) -> Key {
    Key::new(format!("PROJECT#{id}"), "PROJECT")
}

pub(super) fn membership(user: UserId, project: ProjectId) -> Key {
    Key::new(format!("USER#{user}"), format!("{PROJECTS}{project}"))
}

pub(super) fn memberships(user: UserId) -> String {
    format!("USER#{user}")
}

pub(super) fn account(id: AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), "ACCOUNT")
}

/// The last check of a hosting account.
pub(super) fn account_check(id: AccountId) -> Key {
    Key::new(account(id).pk, "CHECK")
}

/// That a hosting account has a cost centre.
pub(super) fn cost_center_of_account(account: AccountId, cost_center: CostCenterId) -> Key {
    Key::new(self::account(account).pk, format!("{COST_CENTERS}{cost_center}"))
}

/// That an AWS account is registered.
pub(super) fn registration(account: &AwsAccountId) -> Key {
    Key::new(format!("AWSACCOUNT#{account}"), "ACCOUNT")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        #[test]
        fn a_change_names_its_environment(bits in any::<u128>(), change_id in "[0-9]{20}") {
            let id = EnvironmentId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(change(id, &change_id).environment_id(), Some(id));
        }
    }
}
