//! Tokens of pages: where the page before ended, in the list that it was made for.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::invalid;
use crate::error::ApiError;

/// The rows after a token, at most `limit` of them, and the token of those that follow. Rows are sorted by their keys.
pub(super) fn page<'a, T>(
    list: &str,
    rows: impl Iterator<Item = (&'a String, T)>,
    limit: usize,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match token {
        Some(token) => Bound::Excluded(read(list, token)?),
        None => Bound::Unbounded,
    };
    let mut rows = rows.skip_while(|(key, _)| match &start {
        Bound::Excluded(before) => *key <= before,
        _ => false,
    });
    let mut last = None;
    let mut page = Vec::new();
    for (key, row) in rows.by_ref().take(limit) {
        last = Some(key);
        page.push(row);
    }
    let next = rows
        .next()
        .and(last)
        .map(|key| STANDARD.encode(format!("{list}\n{key}")));
    Ok((page, next))
}

fn read(list: &str, token: &str) -> Result<String, ApiError> {
    let bytes = STANDARD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = text
        .as_deref()
        .and_then(|text| text.strip_prefix(list)?.strip_prefix('\n'));
    key.map(str::to_owned)
        .ok_or_else(|| invalid("Invalid pagination token."))
}
