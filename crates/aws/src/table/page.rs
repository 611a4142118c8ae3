//! Pages of lists.
//!
//! A list is spread over one run of rows or several: the shards of an index, or marks in the table. Each is read in
//! order of position, all at once, and they are merged; the token says after which position to go on. Rows that are
//! not there any more, or not as wanted, are made up for by the next ones, so pages are full. So a page costs the same
//! however many rows there are.

use std::collections::{HashSet, VecDeque};

use serde::de::DeserializeOwned;
use tokio::task::JoinSet;
use workbench_core::page::{
    Bounds, Direction, Filter, Page, PageRequest, PageSize, Selection, invalid_token,
};

use super::Table;
use super::key::Key;
use super::list::{Holds, List, Source};
use super::row::{self, Item};
use super::token;
use crate::error::Error;

/// The most bytes of a position: DynamoDB takes 1,024 as a sort key, prefixes included, and no row's has half of that.
const LONGEST: usize = 512;

/// A row, or a mark of one, and where it stands.
type Placed = (String, Item);

/// What was read of one source and not yet merged.
struct Run {
    source: Source,
    rest: Option<Bounds>,
    rows: VecDeque<Placed>,
}

/// The sources of a list, merged.
struct Merge<'a> {
    table: &'a Table,
    direction: Direction,
    runs: Vec<Run>,
    /// The last position that was taken.
    last: Option<String>,
}

impl Table {
    /// One page of a list. `wanted` is asked about each row that was read by way of keys or marks: it may have changed
    /// since they were written.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        list: &List,
        request: &PageRequest,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, Error> {
        let PageRequest {
            size,
            token,
            selection,
        } = request;
        let bounds = bounds(selection);
        let last = start(&list.name, selection, &bounds, token.as_deref())?;
        let mut merge = Merge::new(self, list, selection.direction, bounds, last);
        let size = usize::from(size.get());
        let mut rows = Vec::with_capacity(size);
        let mut seen = HashSet::new();
        while rows.len() < size {
            let taken = merge.take(size - rows.len()).await?;
            if taken.is_empty() {
                break;
            }
            rows.extend(self.rows(list.holds, taken, &mut seen, &wanted).await?);
        }
        let pagination_token = match merge.last.clone() {
            Some(last) if merge.fill(1).await? => Some(token::token(&list.name, selection, &last)),
            _ => None,
        };
        Ok(Page {
            data: rows,
            pagination_token,
        })
    }

    /// The rows that were taken from a list, but for those that were seen: one that moves while the list is read stands
    /// at two positions.
    async fn rows<T: DeserializeOwned>(
        &self,
        holds: Holds,
        taken: Vec<Placed>,
        seen: &mut HashSet<Key>,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<T>, Error> {
        let mut keys: Vec<Key> = match holds {
            Holds::Rows => return Ok(row::read_all(taken.into_iter().map(|(_, item)| item))),
            Holds::Keys => taken.iter().map(|(_, item)| Key::of(item)).collect(),
            Holds::Marks(key) => taken.iter().filter_map(|(position, _)| key(position)).collect(),
        };
        keys.retain(|key| seen.insert(key.clone()));
        let rows = row::read_all(self.in_order(keys).await?);
        Ok(rows.into_iter().filter(wanted).collect())
    }
}

/// One page of a list that was read whole: rows with their positions.
pub(super) fn page_of<T>(
    name: &str,
    request: &PageRequest,
    mut rows: Vec<(String, T)>,
) -> Result<Page<T>, workbench_core::Error> {
    let PageRequest {
        size,
        token,
        selection,
    } = request;
    let bounds = bounds(selection);
    let after = start(name, selection, &bounds, token.as_deref())?;
    rows.retain(|(position, _)| {
        let beyond = after.as_ref().is_none_or(|after| match selection.direction {
            Direction::Ascending => position > after,
            Direction::Descending => position < after,
        });
        beyond && bounds.contain(position)
    });
    rows.sort_by(|one, other| in_direction(selection.direction, &one.0, &other.0));
    let more = rows.len() > usize::from(size.get());
    rows.truncate(usize::from(size.get()));
    let last = rows.last().filter(|_| more);
    let pagination_token = last.map(|(position, _)| token::token(name, selection, position));
    Ok(Page {
        data: rows.into_iter().map(|(_, row)| row).collect(),
        pagination_token,
    })
}

/// Where the rows stand that are selected.
fn bounds(selection: &Selection) -> Bounds {
    selection.filter.as_ref().map(Filter::bounds).unwrap_or_default()
}

/// The position after which a page starts, if there is a token. Anybody can make one, so it may name what is no position.
fn start(
    list: &str,
    selection: &Selection,
    bounds: &Bounds,
    token: Option<&str>,
) -> Result<Option<String>, workbench_core::Error> {
    let Some(token) = token else { return Ok(None) };
    let position = token::start(list, selection, token)?;
    if (1..=LONGEST).contains(&position.len()) && bounds.contain(&position) {
        Ok(Some(position))
    } else {
        Err(invalid_token())
    }
}

fn in_direction(direction: Direction, one: &str, other: &str) -> std::cmp::Ordering {
    match direction {
        Direction::Ascending => one.cmp(other),
        Direction::Descending => other.cmp(one),
    }
}

impl<'a> Merge<'a> {
    /// Begins after `last`, or at the beginning of what is selected.
    fn new(
        table: &'a Table,
        list: &List,
        direction: Direction,
        bounds: Bounds,
        last: Option<String>,
    ) -> Self {
        let rest = match &last {
            Some(last) => beyond(bounds, direction, last.clone()),
            None => bounds,
        };
        let run = |source: &Source| Run {
            source: source.clone(),
            rest: Some(rest.clone()),
            rows: VecDeque::new(),
        };
        Self {
            table,
            direction,
            runs: list.sources.iter().map(run).collect(),
            last,
        }
    }

    /// The next rows, `wanted` of them unless there are fewer.
    async fn take(&mut self, wanted: usize) -> Result<Vec<Placed>, Error> {
        let mut taken = Vec::with_capacity(wanted);
        while taken.len() < wanted && self.fill(wanted - taken.len() + 1).await? {
            let direction = self.direction;
            let first = self.runs.iter_mut().filter(|run| !run.rows.is_empty());
            let first = first.min_by(|one, other| in_direction(direction, one.front(), other.front()));
            if let Some(row) = first.and_then(|run| run.rows.pop_front()) {
                // Two marks of one row stand at the same position: it is one row.
                if self.last.as_ref() != Some(&row.0) {
                    self.last = Some(row.0.clone());
                    taken.push(row);
                }
            }
        }
        Ok(taken)
    }

    /// Reads on, all at once, in the runs of which nothing is left over but more may come, until each has a row or has
    /// ended; whether there is a row. `wanted` is how many will be.
    async fn fill(&mut self, wanted: usize) -> Result<bool, Error> {
        // Ids are spread evenly, so a share and a little is what a page needs of each run. The row of the token, which
        // is left out, may come on top.
        let share = wanted.div_ceil(self.runs.len().max(1)) + 2;
        let limit = u16::try_from(share).unwrap_or(PageSize::MAX);
        let direction = self.direction;
        loop {
            let mut reads = JoinSet::new();
            for (number, run) in self.runs.iter_mut().enumerate() {
                if run.rows.is_empty()
                    && let Some(range) = run.rest.take()
                {
                    let (table, source) = (self.table.clone(), run.source.clone());
                    reads.spawn(async move {
                        let read = table.run(&source, &range, direction, limit).await;
                        (number, range, read)
                    });
                }
            }
            if reads.is_empty() {
                return Ok(self.runs.iter().any(|run| !run.rows.is_empty()));
            }
            for (number, range, read) in reads.join_all().await {
                let (items, more) = read?;
                if let Some(run) = self.runs.get_mut(number) {
                    let source = &run.source;
                    run.rows
                        .extend(items.into_iter().map(|item| (source.position_of(&item), item)));
                    let last = run.rows.back().map(|row| row.0.clone());
                    run.rest = last.filter(|_| more).map(|last| beyond(range, direction, last));
                    // A range includes its ends: the row that was taken last came again.
                    if let Some(last) = &self.last {
                        run.rows
                            .retain(|(position, _)| in_direction(direction, position, last).is_gt());
                    }
                }
            }
        }
    }
}

impl Run {
    fn front(&self) -> &str {
        self.rows.front().map(|row| row.0.as_str()).unwrap_or_default()
    }
}

/// What of a range lies beyond a position, and the position itself: a range includes its ends.
fn beyond(range: Bounds, direction: Direction, position: String) -> Bounds {
    match direction {
        Direction::Ascending => Bounds {
            from: Some(position),
            ..range
        },
        Direction::Descending => Bounds {
            to: Some(position),
            ..range
        },
    }
}

#[cfg(test)]
mod tests {
    use workbench_core::page::SortKey;

    use super::*;

    #[test]
    fn a_token_that_names_no_position_of_its_list_is_refused() {
        let selection = Selection {
            by: SortKey::Name,
            direction: Direction::Ascending,
            filter: Some(Filter::Eq("b".into())),
        };
        let begin = |position: &str| {
            let token = token::token("ENV", &selection, position);
            start("ENV", &selection, &bounds(&selection), Some(&token))
        };
        assert_eq!(begin("b\tenv-1"), Ok(Some("b\tenv-1".to_owned())));
        let long = format!("b\t{}", "x".repeat(LONGEST));
        for position in ["", "a\tenv-1", "c\tenv-1", &long] {
            assert_eq!(begin(position), Err(invalid_token()), "{position}");
        }
    }
}
