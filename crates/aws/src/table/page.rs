//! Pages of lists, and the tokens that name the next one.
//!
//! A list is spread over one index partition or several shards. Each is read in order of position,
//! all at once, and they are merged; the token says after which position to go on. So a page costs
//! the same however many rows there are.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use workbench_core::page::{Page, PageSize, invalid_token};

use super::Table;
use super::key::{self, List};
use super::read::Range;
use super::row::{self, Item};
use crate::error::Error;

const VERSION: u8 = 1;

/// What is inside a token.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    /// The form of the token.
    v: u8,
    /// The list that it belongs to.
    list: String,
    /// The position of the last row of the page before.
    key: String,
}

/// The token of the page after `position`.
fn token(list: &List, position: String) -> Option<String> {
    let token = Token {
        v: VERSION,
        list: list.name.clone(),
        key: position,
    };
    serde_json::to_vec(&token)
        .ok()
        .map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// Where a page starts.
fn start(list: &List, token: &str) -> Result<String, workbench_core::Error> {
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid_token())?;
    let token: Token = serde_json::from_slice(&json).map_err(|_| invalid_token())?;
    if token.v == VERSION && token.list == list.name && key::is_position(&token.key) {
        Ok(token.key)
    } else {
        Err(invalid_token())
    }
}

/// What was read of one partition and not yet merged.
struct Partition {
    name: String,
    rest: Option<Range>,
    rows: VecDeque<(String, Item)>,
}

impl Table {
    /// One page of a list. Rows that can not be read are left out, so it may be shorter than asked for.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        list: &List,
        size: PageSize,
        after: Option<&str>,
    ) -> Result<Page<T>, Error> {
        let page = self.items(list, size, after).await?;
        Ok(Page {
            data: row::read_all(page.data),
            pagination_token: page.pagination_token,
        })
    }

    /// One page of a list, with those that can not be read.
    pub(super) async fn items(
        &self,
        list: &List,
        size: PageSize,
        after: Option<&str>,
    ) -> Result<Page<Item>, Error> {
        let range = match after {
            Some(token) => Range::After(start(list, token)?),
            None => Range::All,
        };
        let mut partitions: Vec<_> = list
            .partitions()
            .into_iter()
            .map(|name| Partition {
                name,
                rest: Some(range.clone()),
                rows: VecDeque::new(),
            })
            .collect();
        // One row more than wanted tells whether there is a next page.
        let wanted = usize::from(size.get()) + 1;
        let mut rows: Vec<(String, Item)> = Vec::with_capacity(wanted);
        while rows.len() < wanted {
            self.refill(list, &mut partitions, wanted - rows.len()).await?;
            let first = partitions
                .iter_mut()
                .filter(|partition| !partition.rows.is_empty());
            let first = first.min_by(|one, other| {
                one.rows
                    .front()
                    .map(position)
                    .cmp(&other.rows.front().map(position))
            });
            match first.and_then(|partition| partition.rows.pop_front()) {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        let more = rows.len() == wanted;
        rows.truncate(usize::from(size.get()));
        let pagination_token = match rows.last() {
            Some((position, _)) if more => token(list, position.clone()),
            _ => None,
        };
        Ok(Page {
            data: rows.into_iter().map(|(_, item)| item).collect(),
            pagination_token,
        })
    }

    /// Reads on, all at once, in the partitions of which nothing is left over but more may come.
    async fn refill(&self, list: &List, partitions: &mut [Partition], wanted: usize) -> Result<(), Error> {
        // Ids are spread evenly, so a share and a little is what a page needs of each partition.
        let share = match partitions.len() {
            1 => wanted,
            count => wanted.div_ceil(count) + 2,
        };
        let limit = u16::try_from(share).unwrap_or(PageSize::MAX);
        let index = list.index;
        let mut reads = JoinSet::new();
        for (number, partition) in partitions.iter_mut().enumerate() {
            if partition.rows.is_empty()
                && let Some(range) = partition.rest.take()
            {
                let (table, name) = (self.clone(), partition.name.clone());
                reads.spawn(async move { (number, table.indexed(index, name, range, limit).await) });
            }
        }
        for (number, read) in reads.join_all().await {
            let (items, more) = read?;
            if let Some(partition) = partitions.get_mut(number) {
                partition
                    .rows
                    .extend(items.into_iter().map(|item| (index.position_of(&item), item)));
                let last = partition.rows.back().map(|row| row.0.clone());
                partition.rest = last.filter(|_| more).map(Range::After);
            }
        }
        Ok(())
    }
}

fn position(row: &(String, Item)) -> &str {
    &row.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POSITION: &str = "2026-11-24T10:00:00.123Z#env-b590a734-5adc-4a43-a24b-edf3795b812d";

    #[test]
    fn a_token_says_where_to_go_on_in_its_own_list() {
        let list = List::environments();
        let text = token(&list, POSITION.to_owned()).unwrap();
        assert_eq!(start(&list, &text).unwrap(), POSITION);
        assert_eq!(start(&List::env_types(), &text), Err(invalid_token()));
    }

    #[test]
    fn a_token_of_another_form_is_refused() {
        let list = List::environments();
        let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for wrong in [
            String::new(),
            "?".to_owned(),
            encode("{}"),
            encode(&format!(r#"{{"v":2,"list":"ENV","key":"{POSITION}"}}"#)),
            encode(&format!(r#"{{"v":1,"list":"ENV","key":"{POSITION}","more":1}}"#)),
            encode(r#"{"v":1,"list":"ENV","key":""}"#),
            encode(r#"{"v":1,"list":"ENV","key":"zzz"}"#),
        ] {
            assert_eq!(start(&list, &wrong), Err(invalid_token()), "{wrong}");
        }
        assert!(
            start(
                &list,
                &encode(&format!(r#"{{"v":1,"list":"ENV","key":"{POSITION}"}}"#))
            )
            .is_ok()
        );
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_token(text in ".{0,200}") {
            prop_assert!(start(&List::environments(), &text).is_err());
        }

        #[test]
        fn no_bytes_inside_a_token_make_reading_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(start(&List::environments(), &URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }
    }
}
