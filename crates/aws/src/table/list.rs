//! Lists and where their rows stand: what each index is for, and which partitions a list is read from.
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

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use uuid::Uuid;
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, EnvironmentId, ProjectId};
use workbench_core::page::{Page, PageRequest, Selection, SortKey, position};

use super::Table;
use super::key::{self, Key};
use super::row::{Item, Row};
use crate::error::Error;

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

    const fn of(key: SortKey) -> Self {
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

/// One sorted run of rows: a partition of an index, or the rows of a partition of the table whose
/// sort keys begin with `prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) index: Option<Index>,
    pub(super) partition: String,
    pub(super) prefix: String,
}

impl Source {
    fn of_index(index: Index, partition: String) -> Self {
        Self {
            index: Some(index),
            partition,
            prefix: String::new(),
        }
    }

    fn of_table(partition: String, prefix: impl Into<String>) -> Self {
        Self {
            index: None,
            partition,
            prefix: prefix.into(),
        }
    }

    /// The attributes with the partition and with the sort key.
    pub(super) const fn attributes(&self) -> (&'static str, &'static str) {
        match self.index {
            Some(index) => (index.partition(), index.position()),
            None => (key::PK, key::SK),
        }
    }

    /// Where a row that was read from it stands.
    pub(super) fn position_of(&self, item: &Item) -> String {
        let (_, attribute) = self.attributes();
        let text = item.get(attribute).and_then(|value| value.as_s().ok());
        let text = text.map(String::as_str).unwrap_or_default();
        text.strip_prefix(&self.prefix).unwrap_or(text).to_owned()
    }

    /// A position as the sort key that it is.
    pub(super) fn sort_key(&self, position: &str) -> AttributeValue {
        AttributeValue::S(format!("{}{position}", self.prefix))
    }
}

/// What a list's sources hold.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    /// The rows themselves.
    Rows,
    /// The keys of the rows.
    Keys,
    /// Marks, whose positions name the rows.
    Marks(fn(&str) -> Option<Key>),
}

/// A list that is read page by page.
#[derive(Clone)]
pub(super) struct List {
    /// Tells it from every other list of the table: tokens are bound to it.
    pub(super) name: String,
    /// What is merged.
    pub(super) sources: Vec<Source>,
    /// What is in them.
    pub(super) holds: Holds,
}

impl List {
    fn one(partition: String) -> Self {
        Self {
            name: partition.clone(),
            sources: vec![Source::of_index(Index::List, partition)],
            holds: Holds::Rows,
        }
    }

    fn shards(kind: &str, index: Index) -> Self {
        let source = |shard| Source::of_index(index, format!("{kind}#{shard}"));
        Self {
            name: format!("{kind}#{}", index.name()),
            sources: (0..SHARDS).map(source).collect(),
            holds: if index.has_rows() {
                Holds::Rows
            } else {
                Holds::Keys
            },
        }
    }

    /// The environments of a project.
    pub(super) fn project_environments(project: ProjectId) -> Self {
        Self::one(project_environments(project))
    }

    /// The configurations of an environment type.
    pub(super) fn configs(ty: &EnvTypeId) -> Self {
        Self::one(configs(ty))
    }

    /// All rows of a kind by one of its sort keys.
    pub(super) fn all(kind: &str, by: SortKey) -> Self {
        Self::shards(kind, Index::of(by))
    }

    /// The environments in flight.
    pub(super) fn in_flight() -> Self {
        Self::shards("INFLIGHT", Index::InFlight)
    }

    /// The configurations of a type that a project may use: those that it is associated with, those that are offered
    /// to roles of it, and those that are offered to every project.
    pub(super) fn project_configs(project: ProjectId, ty: &EnvTypeId) -> Self {
        Self {
            name: format!("PROJECT#{project}#{ty}"),
            sources: vec![
                Source::of_table(key::project(project).pk, key::associated_configs(ty)),
                Source::of_table(key::project(project).pk, key::configs_for_roles(ty)),
                Source::of_table(key::env_type(ty).pk, key::OPEN_CONFIGS),
            ],
            holds: Holds::Marks(|id| Some(key::config(id.parse().ok()?))),
        }
    }

    /// The projects that are associated with a configuration.
    pub(super) fn associated_projects(config: EnvTypeConfigId) -> Self {
        Self {
            name: format!("CONFIG#{config}#PROJECT"),
            sources: vec![Source::of_table(key::config(config).pk, key::PROJECTS)],
            holds: Holds::Marks(|id| Some(key::project(id.parse().ok()?))),
        }
    }

    /// The timeline of an environment.
    pub(super) fn changes(environment: EnvironmentId) -> Self {
        let partition = key::environment(environment).pk;
        Self {
            name: format!("{partition}#CHANGE"),
            sources: vec![Source::of_table(partition, key::CHANGES)],
            holds: Holds::Rows,
        }
    }

    /// The members of a project who have a role.
    pub(super) fn members(project: ProjectId, role: &str) -> Self {
        Self {
            name: format!("PROJECT#{project}#{role}"),
            sources: vec![Source::of_table(key::project(project).pk, key::members(role))],
            holds: Holds::Rows,
        }
    }
}

/// A kind of row of which everything is listed, by each of its sort keys.
pub(super) trait Listed: Row {
    /// How the partitions of its lists begin.
    const KIND: &'static str;
    /// What it can be sorted and filtered by beside the time that it was made.
    const KEYS: &'static [SortKey];

    /// Its id.
    fn id(&self) -> String;

    /// Whether it is in lists at all.
    fn is_listed(&self) -> bool;

    /// Its value of a sort key.
    fn value(&self, key: SortKey) -> String;

    /// Where it stands in the lists.
    fn listed_places(&self) -> Vec<Place> {
        let id = self.id();
        let place = |key: &SortKey| Place {
            index: Index::of(*key),
            partition: format!("{}#{}", Self::KIND, shard(&id)),
            position: position(&self.value(*key), &id),
        };
        let keys = [SortKey::CreatedAt];
        let keys = keys.iter().chain(Self::KEYS).filter(|_| self.is_listed());
        keys.map(place).collect()
    }

    /// Whether it is among what was selected.
    fn is_selected(&self, selection: &Selection) -> bool {
        let position = || position(&self.value(selection.by), self.id());
        let filter = selection.filter.as_ref();
        self.is_listed() && filter.is_none_or(|filter| filter.bounds().contain(&position()))
    }
}

impl Table {
    /// One page of all rows of a kind.
    pub(super) async fn all<T: Listed>(&self, request: &PageRequest) -> Result<Page<T>, Error> {
        let selection = &request.selection;
        let list = List::all(T::KIND, selection.by);
        self.page(&list, request, |row: &T| row.is_selected(selection))
            .await
    }
}

fn project_environments(project: ProjectId) -> String {
    format!("PROJECT#{project}#ENV")
}

fn configs(ty: &EnvTypeId) -> String {
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
    fn a_list_is_spread_over_all_shards_and_every_id_is_in_one() {
        let list = List::all("ENV", SortKey::Name);
        assert_eq!(list.sources.len(), usize::from(SHARDS));
        for number in 0..100 {
            let partition = format!("ENV#{}", shard(&number.to_string()));
            assert!(list.sources.contains(&Source::of_index(Index::Name, partition)));
        }
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
