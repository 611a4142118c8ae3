//! Lists: which runs of rows each is read from. Where rows stand in the indexes is in `index.rs`.

use aws_sdk_dynamodb::types::AttributeValue;
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, EnvironmentId, ProjectId};
use workbench_core::page::{Page, PageRequest, Selection, SortKey, position};
use workbench_core::project::ProjectRole;

use super::Table;
use super::index::{self, Index, Place, SHARDS, shard};
use super::key::{self, Key};
use super::row::{Item, Row};
use crate::error::Error;

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

    pub(super) fn of_table(partition: String, prefix: impl Into<String>) -> Self {
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
        Self::one(index::project_environments(project))
    }

    /// The configurations of an environment type.
    pub(super) fn configs(ty: &EnvTypeId) -> Self {
        Self::one(index::configs(ty))
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
    pub(super) fn members(project: ProjectId, role: ProjectRole) -> Self {
        Self {
            name: format!("PROJECT#{project}#{}", role.label()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f24_a_list_is_spread_over_all_shards_and_every_id_is_in_one() {
        let list = List::all("ENV", SortKey::Name);
        assert_eq!(list.sources.len(), usize::from(SHARDS));
        for number in 0..100 {
            let partition = format!("ENV#{}", shard(&number.to_string()));
            assert!(list.sources.contains(&Source::of_index(Index::Name, partition)));
        }
    }
}
