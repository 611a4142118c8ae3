//! Tokens that name the next page of a list.
//!
//! A token is the position after which the next page starts, behind a digest of it and of the query that it belongs
//! to: a changed token, or one of another list, filter, order or version, is refused. The digest needs no key. Who may
//! read a list is decided on every request, whatever its token, so whoever forges one gains a start at another row of a
//! list that they may read anyway. A secret would have to be kept, rotated and read for nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use workbench_core::page::{Direction, Filter, Selection, invalid_token};

/// Raised when positions or lists get another form: tokens of before are then refused.
const VERSION: u8 = 2;
/// How much of the digest a token carries, in bytes.
const DIGEST: usize = 16;

/// The token of the page after `position`.
pub(crate) fn token(list: &str, selection: &Selection, position: &str) -> String {
    let mut bytes = digest(list, selection, position).to_vec();
    bytes.extend_from_slice(position.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The position after which a page starts.
///
/// # Errors
/// The token was not made by [`token`] for this list and selection.
pub(crate) fn start(list: &str, selection: &Selection, token: &str) -> Result<String, workbench_core::Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid_token())?;
    let (found, position) = bytes.split_at_checked(DIGEST).ok_or_else(invalid_token)?;
    let position = std::str::from_utf8(position).map_err(|_| invalid_token())?;
    if found == digest(list, selection, position) {
        Ok(position.to_owned())
    } else {
        Err(invalid_token())
    }
}

fn digest(list: &str, selection: &Selection, position: &str) -> [u8; DIGEST] {
    let Selection {
        by,
        direction,
        filter,
    } = selection;
    let direction = match direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    let (operator, value, other) = match filter {
        None => ("", "", ""),
        Some(Filter::Eq(value)) => ("eq", value.as_str(), ""),
        Some(Filter::Lt(value)) => ("lt", value.as_str(), ""),
        Some(Filter::Lte(value)) => ("lte", value.as_str(), ""),
        Some(Filter::Gt(value)) => ("gt", value.as_str(), ""),
        Some(Filter::Gte(value)) => ("gte", value.as_str(), ""),
        Some(Filter::Begins(value)) => ("begins", value.as_str(), ""),
        Some(Filter::Between(value, other)) => ("between", value.as_str(), other.as_str()),
    };
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    for part in [list, by.label(), direction, operator, value, other, position] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut digest = [0; DIGEST];
    for (to, from) in digest.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    digest
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use workbench_core::page::SortKey;

    use super::*;

    const POSITION: &str = "2026-11-24T10:00:00.123Z\tenv-b590a734-5adc-4a43-a24b-edf3795b812d";

    fn by_name(filter: Filter) -> Selection {
        Selection {
            by: SortKey::Name,
            direction: Direction::Ascending,
            filter: Some(filter),
        }
    }

    #[test]
    fn a_token_says_where_to_go_on_in_its_own_query() {
        let selection = by_name(Filter::Eq("a".into()));
        let text = token("ENV", &selection, POSITION);
        assert_eq!(start("ENV", &selection, &text).unwrap(), POSITION);
        let descending = Selection {
            direction: Direction::Descending,
            ..selection.clone()
        };
        for (list, other) in [
            ("TYPE", selection.clone()),
            ("ENV", Selection::default()),
            ("ENV", by_name(Filter::Eq("b".into()))),
            ("ENV", by_name(Filter::Begins("a".into()))),
            ("ENV", descending),
        ] {
            assert_eq!(
                start(list, &other, &text),
                Err(invalid_token()),
                "{list} {other:?}"
            );
        }
    }
}
