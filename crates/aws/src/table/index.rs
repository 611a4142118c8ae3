//! Where rows stand beside their keys: what each index is for, and how its partitions and positions are called.
//!
//! | Index | Rows in it | Partition | Position |
//! |---|---|---|---|
//! | `list` | environments, not TERMINATED | `PROJECT#<project>#ENV` | created, id |
//! | `list` | configurations, AVAILABLE | `TYPE#<type>#CONFIG` | created, id |
//! | `all` | environments, not TERMINATED | `ENV#<shard>` | created, id |
//! | `all` | environment types | `TYPE#<shard>` | created, id |
//! | `all` | projects, not DELETED | `PROJECT#<shard>` | created, id |
//! | `all` | hosting accounts | `ACCOUNT#<shard>` | created, id |
//! | `all` | cost centres, AVAILABLE | `COSTCENTER#<shard>` | created, id |
//! | `name`, `status`, `owner`, `parent` | those of `all` that have it | as in `all` | the value, id |
//! | `inflight` | environments in flight, queues | `INFLIGHT#<shard>` | when to ask AWS, id |
//!
//! A position is `<value><TAB><id>`: unique, and in the order of the values. Times are in UTC to the millisecond, all
//! of one width. `list` and `all` hold whole rows. The others hold keys, so that a change of status costs one write
//! in one small index; whoever lists by them reads the rows themselves.

use jiff::Timestamp;
use uuid::Uuid;
use workbench_core::id::{EnvTypeId, ProjectId};
use workbench_core::page::{SortKey, position};

/// Over how many partitions a list of everything is spread. A constant of the stored data: rows
/// keep the shard that they were written with.
pub(super) const SHARDS: u8 = 8;

/// A secondary index. Rows without its attributes are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Index {
    /// Lists with an owner: a project's environments, a type's configurations.
    List,
    /// Lists over everything, in shards, by the time that the row was made.
    All,
    /// The same by name.
    Name,
    /// The same by status.
    Status,
    /// The same by who launched it.
    Owner,
    /// The same by what it belongs to: an environment's project, a project's cost centre.
    Parent,
    /// What repair looks after, in shards.
    InFlight,
}

impl Index {
    pub(super) const EVERY: [Self; 7] = [
        Self::List,
        Self::All,
        Self::Name,
        Self::Status,
        Self::Owner,
        Self::Parent,
        Self::InFlight,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::All => "all",
            Self::Name => "name",
            Self::Status => "status",
            Self::Owner => "owner",
            Self::Parent => "parent",
            Self::InFlight => "inflight",
        }
    }

    /// The attribute with the index's partition key.
    pub(super) const fn partition(self) -> &'static str {
        match self {
            Self::List => "listPk",
            Self::All | Self::Name | Self::Status | Self::Owner | Self::Parent => "allPk",
            Self::InFlight => "inflightPk",
        }
    }

    /// The attribute with the index's sort key.
    pub(super) const fn position(self) -> &'static str {
        match self {
            Self::List => "listSk",
            Self::All => "allSk",
            Self::Name => "nameSk",
            Self::Status => "statusSk",
            Self::Owner => "ownerSk",
            Self::Parent => "parentSk",
            Self::InFlight => "inflightSk",
        }
    }

    /// Whether whole rows are in it, or only their keys.
    pub(super) const fn has_rows(self) -> bool {
        match self {
            Self::List | Self::All => true,
            Self::Name | Self::Status | Self::Owner | Self::Parent | Self::InFlight => false,
        }
    }

    pub(super) const fn of(key: SortKey) -> Self {
        match key {
            SortKey::CreatedAt => Self::All,
            SortKey::Name => Self::Name,
            SortKey::Status => Self::Status,
            SortKey::Owner => Self::Owner,
            SortKey::Project | SortKey::CostCenter => Self::Parent,
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

/// The partition of a project's environments.
pub(super) fn project_environments(project: ProjectId) -> String {
    format!("PROJECT#{project}#ENV")
}

/// The partition of a type's configurations.
pub(super) fn configs(ty: &EnvTypeId) -> String {
    format!("TYPE#{ty}#CONFIG")
}

impl Place {
    /// The place of an environment among its project's.
    pub(super) fn in_project(project: ProjectId, created: Timestamp, id: impl std::fmt::Display) -> Self {
        Self {
            index: Index::List,
            partition: project_environments(project),
            position: position(&sortable(created), id),
        }
    }

    /// The place of a configuration among its type's.
    pub(super) fn in_env_type(ty: &EnvTypeId, created: Timestamp, id: impl std::fmt::Display) -> Self {
        Self {
            index: Index::List,
            partition: configs(ty),
            position: position(&sortable(created), id),
        }
    }

    /// The place of an environment, or of a queue, among what is in flight.
    pub(super) fn in_flight(look_at: Timestamp, id: impl std::fmt::Display) -> Self {
        let id = id.to_string();
        Self {
            index: Index::InFlight,
            partition: format!("INFLIGHT#{}", shard(&id)),
            position: position(&sortable(look_at), id),
        }
    }
}

/// A time as it sorts in keys: `2026-11-24T10:00:00.123Z`.
pub(super) fn sortable(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// The shard of an id: the same for ever, and even over many ids.
pub(super) fn shard(id: &str) -> u128 {
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
    fn f24_ids_are_spread_evenly() {
        let mut shards = [0_u32; SHARDS as usize];
        for number in 0..8_000_u32 {
            shards[usize::try_from(shard(&format!("env-{number}"))).unwrap()] += 1;
        }
        assert!(
            shards.iter().all(|count| (850..1150).contains(count)),
            "{shards:?}"
        );
    }

    proptest! {
        #[test]
        fn positions_sort_as_their_times(one in TIMES, other in TIMES) {
            let (one_text, other_text) = (sortable(at(one)), sortable(at(other)));
            prop_assert_eq!(one_text.len(), 24);
            prop_assert_eq!(one.cmp(&other), one_text.cmp(&other_text));
        }
    }
}
