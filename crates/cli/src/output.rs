//! Standard output.

use std::io::Write as _;

use comfy_table::{Cell, Table, presets};
use serde_json::Value;

/// Exit status of a program whose reader has left, as shells know it: 128 and the number of SIGPIPE.
const READER_LEFT: i32 = 141;

/// Prints a line. Where the reader has left, as `head` does, there is nothing more to do.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(READER_LEFT);
    }
}

/// Prints an answer of the API as it is.
pub(crate) fn json(answer: &Value) {
    line(&format!("{answer:#}"));
}

/// Prints rows: as JSON, or as `table` shows them to people.
pub(crate) fn rows(as_json: bool, rows: Vec<Value>, table: impl FnOnce(&[Value]) -> String) {
    if as_json {
        json(&Value::Array(rows));
    } else if rows.is_empty() {
        eprintln!("there are none");
    } else {
        line(&table(&rows));
    }
}

/// Prints one answer: as JSON, or as `details` shows it to people.
pub(crate) fn one(as_json: bool, answer: &Value, details: impl FnOnce(&Value) -> String) {
    if as_json {
        json(answer);
    } else {
        line(&details(answer));
    }
}

/// Prints what was made: as JSON, or its id alone.
pub(crate) fn made(as_json: bool, answer: &Value) {
    one(as_json, answer, |answer| text(answer, "id").to_owned());
}

/// Rows below each other, without lines between them, so that other programs can cut them.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = bare();
    table.set_header(header.map(Cell::new));
    for row in rows {
        table.add_row(row);
    }
    laid_out(table)
}

/// Names and values, one a line; what has no value is left out.
pub(crate) fn details(rows: &[(&str, String)]) -> String {
    let mut table = bare();
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        table.add_row([*name, value.as_str()]);
    }
    laid_out(table)
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}

fn laid_out(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// A field of an answer, empty if there is none.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// A field that is a time, to the second.
pub(crate) fn time(value: &Value, field: &str) -> String {
    let time = text(value, field);
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_stand_two_spaces_apart_and_no_line_ends_in_spaces() {
        let shown = table(
            ["ID", "NAME"],
            [["a".into(), "long name".into()], ["bcd".into(), String::new()]],
        );
        assert_eq!(shown, "ID   NAME\na    long name\nbcd");
    }

    #[test]
    fn details_leave_out_what_is_empty() {
        assert_eq!(
            details(&[("Name", "a".into()), ("Error", String::new())]),
            "Name  a"
        );
    }

    #[test]
    fn times_are_shown_to_the_second() {
        let row = json!({ "at": "2026-11-24T10:00:00.123Z" });
        assert_eq!(
            (time(&row, "at"), time(&row, "never")),
            ("2026-11-24T10:00:00Z".into(), String::new())
        );
    }
}
