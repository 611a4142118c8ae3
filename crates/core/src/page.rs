//! Pages of lists: how many rows one may ask for, which, in what order, and how the next page is named.

use serde::{Deserialize, Serialize};

use crate::error::Error;

mod filter;

pub use filter::{Bounds, Filter, position};

/// How many rows a page has: 1 to 100, 50 if nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The most rows that a page can have.
    pub const MAX: u16 = 100;

    /// As many rows as a page can have.
    pub const LARGEST: Self = Self(Self::MAX);

    /// Reads the query's `pageSize`, of which a list allows at most `max`.
    ///
    /// # Errors
    /// It is no number, or out of range.
    pub fn parse(text: &str, max: u16) -> Result<Self, Error> {
        let number: i64 = text
            .parse()
            .map_err(|_| Error::invalid("pageSize", "Must be a number"))?;
        match u16::try_from(number) {
            Ok(size) if (1..=max).contains(&size) => Ok(Self(size)),
            _ => Err(Error::invalid("pageSize", format!("Must be Between 1 and {max}"))),
        }
    }

    /// The number of rows.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(50)
    }
}

/// What lists can be sorted and filtered by. Each list names those that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// When the row was made.
    #[default]
    CreatedAt,
    /// Its name.
    Name,
    /// Its status.
    Status,
    /// Who launched the environment.
    Owner,
    /// The environment's project.
    Project,
    /// The project's cost centre.
    CostCenter,
}

impl SortKey {
    /// The word in queries.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CreatedAt => "createdAt",
            Self::Name => "name",
            Self::Status => "status",
            Self::Owner => "owner",
            Self::Project => "projectId",
            Self::CostCenter => "dependency",
        }
    }
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// The smallest first.
    #[default]
    Ascending,
    /// The largest first.
    Descending,
}

/// Which rows of a list, in what order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// What they are sorted by, and what the filter is about.
    pub by: SortKey,
    /// In which order.
    pub direction: Direction,
    /// Which ones; all if there is none.
    pub filter: Option<Filter>,
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRequest {
    /// How many rows.
    pub size: PageSize,
    /// Where the page before ended.
    pub token: Option<String>,
    /// Which rows.
    pub selection: Selection,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// How to ask for the next page; absent on the last one.
    #[serde(rename = "paginationToken", default, skip_serializing_if = "Option::is_none")]
    pub pagination_token: Option<String>,
}

impl<T> Page<T> {
    /// The same page with each row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(turn).collect(),
            pagination_token: self.pagination_token,
        }
    }
}

/// The refusal of a token that was not made here, or not for this list.
#[must_use]
pub fn invalid_token() -> Error {
    Error::invalid(
        "paginationToken",
        "Invalid Pagination Token; use the one of the page before, unchanged and with the same query",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_has_1_to_100_rows() {
        let parse = |text: &str| PageSize::parse(text, PageSize::MAX);
        assert_eq!(PageSize::default().get(), 50);
        assert_eq!(parse("100").unwrap().get(), 100);
        for wrong in ["0", "101", "-1", "99999999999"] {
            assert_eq!(
                parse(wrong).unwrap_err().to_string(),
                "pageSize: Must be Between 1 and 100"
            );
        }
        assert_eq!(
            parse("ten").unwrap_err().to_string(),
            "pageSize: Must be a number"
        );
        assert_eq!(
            PageSize::parse("61", 60).unwrap_err().to_string(),
            "pageSize: Must be Between 1 and 60"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_a_page_size_panic(text in ".{0,40}") {
            let _ = PageSize::parse(&text, PageSize::MAX);
        }
    }
}
