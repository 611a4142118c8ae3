//! Finding what somebody means by an id or a name.

use std::borrow::Borrow;

use serde_json::Value;

use crate::api::Error;
use crate::output::text;

/// The one row that has `wanted` in one of `fields`.
///
/// # Errors
/// None has, or several have.
pub(crate) fn the_one<T: Borrow<Value>>(
    kind: &str,
    mut rows: Vec<T>,
    wanted: &str,
    fields: &[&str],
) -> Result<T, Error> {
    rows.retain(|row| fields.iter().any(|field| row.borrow()[field] == wanted));
    let ids: Vec<_> = rows.iter().map(|row| text(row.borrow(), "id")).collect();
    let several = format!(
        "`{wanted}` is the name of {} {kind}s: give the id of one: {}",
        ids.len(),
        ids.join(", ")
    );
    match (rows.pop(), rows.len()) {
        (Some(row), 0) => Ok(row),
        (Some(_), _) => Err(Error::usage(several)),
        (None, _) => Err(Error::Unknown {
            kind: kind.to_owned(),
            wanted: wanted.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_found_by_each_of_its_names_unless_two_have_it() {
        let rows = [
            json!({ "id": "acc-1", "name": "a", "awsAccountId": "1" }),
            json!({ "id": "acc-2", "name": "a", "awsAccountId": "2" }),
        ];
        let found = |wanted| {
            the_one("account", rows.to_vec(), wanted, &["id", "name", "awsAccountId"])
                .map(|row| text(&row, "id").to_owned())
                .map_err(|error| error.to_string())
        };
        assert_eq!(found("acc-2"), Ok("acc-2".into()));
        assert_eq!(found("1"), Ok("acc-1".into()));
        assert_eq!(
            found("a").unwrap_err(),
            "`a` is the name of 2 accounts: give the id of one: acc-1, acc-2"
        );
        assert_eq!(found("b").unwrap_err(), "there is no account `b`");
    }
}
