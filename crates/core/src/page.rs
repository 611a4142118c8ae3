//! Pages of lists: how many rows one may ask for, and how the next page is named.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How many rows a page has: 1 to 100, 50 if nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The most rows that a page can have.
    pub const MAX: u16 = 100;

    /// As many rows as a page can have.
    pub const LARGEST: Self = Self(Self::MAX);

    /// Reads the query's `pageSize`.
    ///
    /// # Errors
    /// It is no number, or out of range.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let number: i64 = text
            .parse()
            .map_err(|_| Error::invalid("pageSize", "Must be a number"))?;
        match u16::try_from(number) {
            Ok(size @ 1..=Self::MAX) => Ok(Self(size)),
            _ => Err(Error::invalid(
                "pageSize",
                format!("Must be Between 1 and {}", Self::MAX),
            )),
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
        "Invalid Pagination Token; use the one of the page before, unchanged",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_has_1_to_100_rows() {
        assert_eq!(PageSize::default().get(), 50);
        assert_eq!(PageSize::parse("100").unwrap().get(), 100);
        for wrong in ["0", "101", "-1", "99999999999"] {
            assert_eq!(
                PageSize::parse(wrong).unwrap_err().to_string(),
                "pageSize: Must be Between 1 and 100"
            );
        }
        assert_eq!(
            PageSize::parse("ten").unwrap_err().to_string(),
            "pageSize: Must be a number"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_a_page_size_panic(text in ".{0,40}") {
            let _ = PageSize::parse(&text);
        }
    }
}
