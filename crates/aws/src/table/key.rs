//! Where each row is: every key of the table and of its indexes.
//!
//! | Row | `pk` | `sk` |
//! |---|---|---|
//! | environment | `ENV#<env>` | `ENV` |
//! | a change of it | `ENV#<env>` | `CHANGE#<rev, 20 digits>` |
//! | a report that changed nothing | `ENV#<env>` | `CHANGE#<rev, 20 digits>#<event>` |
//! | owner of an instance | `INSTANCE#<AWS account>#<instance>` | `OWNER` |
//! | owner of an automation | `EXECUTION#<AWS account>#<execution>` | `OWNER` |
//! | Idempotency-Key | `KEY#<user>#<key>` | `KEY` |
//! | environment type | `TYPE#<type>` | `TYPE` |
//! | that a type has a configuration | `TYPE#<type>` | `CONFIG#<config>` |
//! | configuration | `CONFIG#<config>` | `CONFIG` |
//! | that a project may use it | `CONFIG#<config>` | `PROJECT#<project>` |
//! | project | `PROJECT#<project>` | `PROJECT` |
//! | membership | `USER#<user>` | `PROJECT#<project>` |
//! | cost centre | `COSTCENTER#<cost centre>` | `COSTCENTER` |
//! | that it has a project | `COSTCENTER#<cost centre>` | `PROJECT#<project>` |
//! | hosting account | `ACCOUNT#<account>` | `ACCOUNT` |
//! | its last check | `ACCOUNT#<account>` | `CHECK` |
//! | that it has a cost centre | `ACCOUNT#<account>` | `COSTCENTER#<cost centre>` |
//! | that it has a project | `ACCOUNT#<account>` | `PROJECT#<project>` |
//! | that an AWS account is registered | `AWSACCOUNT#<AWS account>` | `ACCOUNT` |
//!
//! | Index | Rows in it | Partition | Position |
//! |---|---|---|---|
//! | `list` | environments, not TERMINATED | `PROJECT#<project>#ENV` | created, id |
//! | `list` | configurations, AVAILABLE | `TYPE#<type>#CONFIG` | created, id |
//! | `all` | environments, not TERMINATED | `ENV#<shard>` | created, id |
//! | `all` | environment types | `TYPE#<shard>` | created, id |
//! | `all` | hosting accounts | `ACCOUNT#<shard>` | created, id |
//! | `all` | cost centres, AVAILABLE | `COSTCENTER#<shard>` | created, id |
//! | `inflight` | environments in flight | `INFLIGHT#<shard>` | when to ask AWS, id |
//!
//! A position is `<time>#<id>` with the time in UTC to the millisecond, all of one width, so that
//! positions are unique and their order is that of time.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use uuid::Uuid;
use workbench_core::id::{
    AccountId, AwsAccountId, CostCenterId, EnvTypeConfigId, EnvTypeId, EnvironmentId, ExecutionId,
    InstanceId, ProjectId, UserId,
};

use super::launch_facts::IdempotencyKey;
use super::row::Item;

/// The attribute with the partition key.
pub(super) const PK: &str = "pk";
/// The attribute with the sort key.
pub(super) const SK: &str = "sk";
/// The attribute with the second after which DynamoDB removes the row.
pub(super) const TTL: &str = "ttl";

/// Over how many partitions a list of everything is spread. A constant of the stored data: rows
/// keep the shard that they were written with.
pub(super) const SHARDS: u8 = 8;

/// How the partition of an environment begins.
const ENVIRONMENT: &str = "ENV#";
/// How the changes of an environment begin.
pub(super) const CHANGES: &str = "CHANGE#";
/// How the configurations of a type, within its partition, begin.
pub(super) const CONFIGS: &str = "CONFIG#";
/// How projects, within the partition of a user or a configuration, begin.
pub(super) const PROJECTS: &str = "PROJECT#";
/// How cost centres begin, within the partition of a hosting account.
pub(super) const COST_CENTERS: &str = "COSTCENTER#";

/// The primary key of one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

pub(super) fn change(id: EnvironmentId, rev: u64) -> Key {
    Key::new(format!("{ENVIRONMENT}{id}"), format!("{CHANGES}{rev:020}"))
}

pub(super) fn kept(id: EnvironmentId, rev: u64, event: &str) -> Key {
    Key::new(
        format!("{ENVIRONMENT}{id}"),
        format!("{CHANGES}{rev:020}#{event}"),
    )
}

pub(super) fn instance(account: &AwsAccountId, id: &InstanceId) -> Key {
    Key::new(format!("INSTANCE#{account}#{id}"), "OWNER")
}

pub(super) fn execution(account: &AwsAccountId, id: &ExecutionId) -> Key {
    Key::new(format!("EXECUTION#{account}#{id}"), "OWNER")
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

pub(super) fn project(id: ProjectId) -> Key {
    Key::new(format!("PROJECT#{id}"), "PROJECT")
}

pub(super) fn membership(user: UserId, project: ProjectId) -> Key {
    Key::new(format!("USER#{user}"), format!("{PROJECTS}{project}"))
}

pub(super) fn memberships(user: UserId) -> String {
    format!("USER#{user}")
}

pub(super) fn cost_center(id: CostCenterId) -> Key {
    Key::new(format!("COSTCENTER#{id}"), "COSTCENTER")
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

/// That a hosting account has a project.
pub(super) fn project_of_account(account: AccountId, project: ProjectId) -> Key {
    Key::new(self::account(account).pk, format!("{PROJECTS}{project}"))
}

/// That an AWS account is registered.
pub(super) fn registration(account: &AwsAccountId) -> Key {
    Key::new(format!("AWSACCOUNT#{account}"), "ACCOUNT")
}

/// A secondary index. Rows without its attributes are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// Lists with an owner: a project's environments, a type's configurations.
    List,
    /// Lists over everything, in shards.
    All,
    /// What repair looks after, in shards; keys only.
    InFlight,
}

impl Index {
    pub(super) const EVERY: [Self; 3] = [Self::List, Self::All, Self::InFlight];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::All => "all",
            Self::InFlight => "inflight",
        }
    }

    /// The attribute with the index's partition key.
    pub(super) const fn partition(self) -> &'static str {
        match self {
            Self::List => "listPk",
            Self::All => "allPk",
            Self::InFlight => "inflightPk",
        }
    }

    /// The attribute with the index's sort key.
    pub(super) const fn position(self) -> &'static str {
        match self {
            Self::List => "listSk",
            Self::All => "allSk",
            Self::InFlight => "inflightSk",
        }
    }

    /// Where in the index a row that was read from it stands.
    pub(super) fn position_of(self, item: &Item) -> String {
        text(item, self.position())
    }
}

/// A list that is read page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// The index that it is read from.
    pub(super) index: Index,
    /// Tells it from every other list of the table.
    pub(super) name: String,
}

impl List {
    /// The environments of a project.
    pub(super) fn project_environments(project: ProjectId) -> Self {
        Self {
            index: Index::List,
            name: format!("PROJECT#{project}#ENV"),
        }
    }

    /// The configurations of an environment type.
    pub(super) fn configs(ty: &EnvTypeId) -> Self {
        Self {
            index: Index::List,
            name: format!("TYPE#{ty}#CONFIG"),
        }
    }

    /// The environments of all projects.
    pub(super) fn environments() -> Self {
        Self {
            index: Index::All,
            name: "ENV".to_owned(),
        }
    }

    /// All environment types.
    pub(super) fn env_types() -> Self {
        Self {
            index: Index::All,
            name: "TYPE".to_owned(),
        }
    }

    /// All hosting accounts.
    pub(super) fn accounts() -> Self {
        Self {
            index: Index::All,
            name: "ACCOUNT".to_owned(),
        }
    }

    /// All cost centres.
    pub(super) fn cost_centers() -> Self {
        Self {
            index: Index::All,
            name: "COSTCENTER".to_owned(),
        }
    }

    /// The environments in flight.
    pub(super) fn in_flight() -> Self {
        Self {
            index: Index::InFlight,
            name: "INFLIGHT".to_owned(),
        }
    }

    /// The index partitions that the list is spread over.
    pub(super) fn partitions(&self) -> Vec<String> {
        match self.index {
            Index::List => vec![self.name.clone()],
            Index::All | Index::InFlight => (0..SHARDS)
                .map(|shard| format!("{}#{shard}", self.name))
                .collect(),
        }
    }

    /// The place of `id` in the list, at `time`.
    pub(super) fn place(&self, time: Timestamp, id: impl std::fmt::Display) -> Place {
        let id = id.to_string();
        let partition = match self.index {
            Index::List => self.name.clone(),
            Index::All | Index::InFlight => format!("{}#{}", self.name, shard(&id)),
        };
        Place {
            index: self.index,
            partition,
            position: format!("{}#{id}", sortable(time)),
        }
    }
}

/// The place of a row in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) index: Index,
    pub(super) partition: String,
    pub(super) position: String,
}

/// A time as it sorts in keys: `2026-11-24T10:00:00.123Z`.
pub(super) fn sortable(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// Whether a text has the form of a position.
pub(super) fn is_position(text: &str) -> bool {
    text.len() <= 200
        && text.split_once('#').is_some_and(|(time, id)| {
            !id.is_empty() && time.parse::<Timestamp>().is_ok_and(|at| sortable(at) == time)
        })
}

/// The shard of an id: the same for ever, and even over many ids.
fn shard(id: &str) -> u128 {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, id.as_bytes()).as_u128() % u128::from(SHARDS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    /// The years 1970 to 9999.
    const TIMES: std::ops::Range<i64> = 0..253_402_207_200_000;

    #[test]
    fn times_have_milliseconds_even_where_they_are_zero() {
        assert_eq!(sortable(at(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(sortable(at(1_100)), "1970-01-01T00:00:01.100Z");
    }

    #[test]
    fn ids_are_spread_evenly() {
        let mut shards = [0_u32; SHARDS as usize];
        for number in 0..8_000_u32 {
            shards[usize::try_from(shard(&format!("env-{number}"))).unwrap()] += 1;
        }
        assert!(
            shards.iter().all(|count| (850..1150).contains(count)),
            "{shards:?}"
        );
    }

    #[test]
    fn a_place_is_in_one_of_the_lists_partitions() {
        let list = List::environments();
        for number in 0..100 {
            assert!(list.partitions().contains(&list.place(at(0), number).partition));
        }
        assert_eq!(list.partitions().len(), usize::from(SHARDS));
    }

    #[test]
    fn only_positions_look_like_positions() {
        assert!(is_position("1970-01-01T00:00:00.000Z#env-1"));
        for wrong in [
            "",
            "#",
            "1970-01-01T00:00:00.000Z#",
            "1970-01-01T00:00:00Z#env-1",
            "env-1",
            "a#b",
        ] {
            assert!(!is_position(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn positions_sort_as_their_times(one in TIMES, other in TIMES) {
            let (one_text, other_text) = (sortable(at(one)), sortable(at(other)));
            prop_assert_eq!(one_text.len(), 24);
            prop_assert_eq!(one.cmp(&other), one_text.cmp(&other_text));
        }

        #[test]
        fn every_place_has_a_position(time in TIMES, bits in any::<u128>()) {
            let id = EnvironmentId::from_uuid(Uuid::from_u128(bits));
            prop_assert!(is_position(&List::environments().place(at(time), id).position));
            prop_assert_eq!(environment(id).environment_id(), Some(id));
        }
    }
}
