//! Which rows of a list are wanted, in what order, and how many.

use std::cmp::Ordering;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::Value;

/// Above the options that select rows, in `--help`.
pub(crate) const HEADING: &str = "Which rows";

/// The options of every list.
#[derive(Default, clap::Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Options {
    /// Only those of this name; `demo*` are all whose names begin so
    #[arg(long)]
    name: Option<String>,
    /// Only those made at or after a time, such as 2026-11-24 or 2026-11-24T10:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only those made before a time
    #[arg(long, value_name = "TIME", value_parser = time)]
    before: Option<Timestamp>,
    /// By what to sort
    #[arg(long, value_name = "BY")]
    sort: Option<By>,
    /// The last first
    #[arg(long)]
    reverse: bool,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// What lists are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Name,
    Status,
    Created,
}

impl By {
    const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Status => "status",
            Self::Created => "createdAt",
        }
    }
}

/// A wanted part of a list.
pub(crate) struct Selection {
    filters: Vec<Filter>,
    /// By what, and whether the last comes first.
    sort: Option<(&'static str, bool)>,
    /// How many rows at most.
    pub(crate) limit: usize,
}

/// What a row must be.
struct Filter {
    /// The API's word in queries.
    key: &'static str,
    /// The row's field.
    field: &'static str,
    test: Test,
}

enum Test {
    Is(String),
    Begins(String),
    From(String),
    Before(String),
}

impl Options {
    /// What they select.
    pub(crate) fn selection(&self) -> Selection {
        let mut filters = Vec::new();
        let mut add = |key, test: Option<Test>| {
            filters.extend(test.map(|test| Filter {
                key,
                field: key,
                test,
            }));
        };
        add("name", self.name.as_deref().map(Test::named));
        add("createdAt", self.since.map(|time| Test::From(written(time))));
        add("createdAt", self.before.map(|time| Test::Before(written(time))));
        let by = self.sort.map(By::key).or(self.reverse.then_some("createdAt"));
        Selection {
            filters,
            sort: by.map(|key| (key, self.reverse)),
            limit: self.limit.unwrap_or(usize::MAX),
        }
    }
}

impl Selection {
    /// All rows, as they come.
    pub(crate) const fn all() -> Self {
        Self {
            filters: Vec::new(),
            sort: None,
            limit: usize::MAX,
        }
    }

    /// All rows of a name.
    pub(crate) fn named(name: &str) -> Self {
        let test = Test::Is(name.to_owned());
        Self {
            filters: vec![Filter {
                key: "name",
                field: "name",
                test,
            }],
            ..Self::all()
        }
    }

    /// In the order of a field.
    #[cfg(test)]
    pub(crate) fn sorted(mut self, by: &'static str) -> Self {
        self.sort = Some((by, false));
        self
    }

    /// Narrows it to rows whose `field`, which queries call `key`, is `value`.
    pub(crate) fn and(mut self, key: &'static str, field: &'static str, value: Option<&str>) -> Self {
        let test = value.map(|value| Test::Is(value.to_owned()));
        self.filters.extend(test.map(|test| Filter { key, field, test }));
        self
    }

    /// What the API can do of it: one filter on one of `keys`, and the order if it is by the same key.
    pub(crate) fn query(&self, keys: &[&str]) -> Vec<(String, String)> {
        let mut query = Vec::new();
        if let Some(filter) = self.sent(keys) {
            let (operator, value) = filter.test.operator();
            query.push((format!("filter[{}][{operator}]", filter.key), value.to_owned()));
        }
        if let Some((key, reverse)) = self.sort.filter(|_| !self.is_sorted_here(keys)) {
            let direction = if reverse { "desc" } else { "asc" };
            query.push((format!("sort[{key}]"), direction.to_owned()));
        }
        query
    }

    /// Whether the order is beyond the API.
    pub(crate) fn is_sorted_here(&self, keys: &[&str]) -> bool {
        self.sort.is_some_and(|(by, _)| {
            !keys.contains(&by) || self.sent(keys).is_some_and(|filter| filter.key != by)
        })
    }

    /// Whether the API leaves out all that is not wanted.
    pub(crate) fn is_filtered_there(&self, keys: &[&str]) -> bool {
        self.filters.len() == usize::from(self.sent(keys).is_some())
    }

    /// The filter that the API is asked for. It takes one only.
    fn sent(&self, keys: &[&str]) -> Option<&Filter> {
        self.filters.iter().find(|filter| keys.contains(&filter.key))
    }

    /// Whether a row is wanted.
    pub(crate) fn fits(&self, row: &Value) -> bool {
        self.filters
            .iter()
            .all(|filter| filter.test.holds(row[filter.field].as_str().unwrap_or_default()))
    }

    /// Brings rows of several lists into one order, and leaves as many as are wanted.
    pub(crate) fn finish(&self, rows: &mut Vec<Value>) {
        if self.sort.is_some() {
            self.sort(rows);
        }
        rows.truncate(self.limit);
    }

    /// Brings rows into the wanted order, as the API would: texts, upper case before lower case.
    pub(crate) fn sort(&self, rows: &mut [Value]) {
        let (by, reverse) = self.sort.unwrap_or(("createdAt", false));
        let order = |a: &Value, b: &Value| -> Ordering { a[by].as_str().cmp(&b[by].as_str()) };
        rows.sort_by(|a, b| if reverse { order(b, a) } else { order(a, b) });
    }
}

impl Test {
    fn named(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(begin) => Self::Begins(begin.to_owned()),
            None => Self::Is(text.to_owned()),
        }
    }

    fn operator(&self) -> (&'static str, &str) {
        match self {
            Self::Is(value) => ("eq", value),
            Self::Begins(value) => ("begins", value),
            Self::From(value) => ("gte", value),
            Self::Before(value) => ("lt", value),
        }
    }

    fn holds(&self, found: &str) -> bool {
        match self {
            Self::Is(value) => found == value,
            Self::Begins(value) => found.starts_with(value.as_str()),
            Self::From(value) => found >= value.as_str(),
            Self::Before(value) => found < value.as_str(),
        }
    }
}

/// Reads one of the statuses that the rows of a list have.
pub(crate) fn status(labels: &[&'static str]) -> impl TypedValueParser<Value = String> + use<> {
    PossibleValuesParser::new(labels.iter().copied()).map(|label| label.to_uppercase())
}

/// A time, or the beginning of a day, UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let day: Date = text
        .parse()
        .map_err(|_| "give a day such as 2026-11-24, or a time such as 2026-11-24T10:00Z".to_owned())?;
    let begin = TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight()));
    begin.map_err(|error| error.to_string())
}

/// As the API writes times, so that texts compare as times do.
fn written(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEYS: [&str; 3] = ["name", "status", "createdAt"];

    fn options() -> Options {
        Options::default()
    }

    fn rows() -> Vec<Value> {
        vec![
            json!({ "name": "b", "status": "STOPPED", "createdAt": "2026-11-24T10:00:00.000Z" }),
            json!({ "name": "a", "status": "STOPPED", "createdAt": "2026-11-25T10:00:00.000Z" }),
            json!({ "name": "ab", "status": "FAILED", "createdAt": "2026-11-26T10:00:00.000Z" }),
        ]
    }

    fn names(selection: &Selection) -> Vec<String> {
        let mut rows: Vec<Value> = rows().into_iter().filter(|row| selection.fits(row)).collect();
        selection.sort(&mut rows);
        rows.iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_api_is_asked_for_one_filter_and_an_order_by_the_same_key() {
        let selection = Options {
            name: Some("a*".into()),
            sort: Some(By::Name),
            reverse: true,
            ..options()
        };
        let selection = selection.selection();
        let wanted = [("filter[name][begins]", "a"), ("sort[name]", "desc")];
        assert_eq!(
            selection.query(&KEYS),
            wanted.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
        assert!(!selection.is_sorted_here(&KEYS));
        assert_eq!(names(&selection), ["ab", "a"]);
    }

    #[test]
    fn what_the_api_can_not_do_is_done_here() {
        let selection = Options {
            name: Some("a*".into()),
            sort: Some(By::Created),
            ..options()
        };
        let selection = selection.selection().and("status", "status", Some("STOPPED"));
        assert_eq!(selection.query(&KEYS).len(), 1);
        assert!(selection.is_sorted_here(&KEYS));
        assert_eq!(selection.query(&[]), []);
        assert_eq!(names(&selection), ["a"]);
    }

    #[test]
    fn days_and_times_bound_what_is_shown() {
        let selection = Options {
            since: Some(time("2026-11-25").unwrap()),
            before: Some(time("2026-11-26T10:00Z").unwrap()),
            ..options()
        };
        let selection = selection.selection();
        assert_eq!(names(&selection), ["a"]);
        let sent = (
            "filter[createdAt][gte]".to_owned(),
            "2026-11-25T00:00:00.000Z".to_owned(),
        );
        assert_eq!(selection.query(&KEYS), [sent]);
        assert!(time("yesterday").unwrap_err().contains("2026-11-24"));
    }

    #[test]
    fn a_row_must_have_what_is_added_under_its_own_name_of_the_field() {
        let selection = options()
            .selection()
            .and("dependency", "costCenterId", Some("cc-1"));
        assert!(selection.fits(&json!({ "costCenterId": "cc-1" })));
        assert!(!selection.fits(&json!({ "costCenterId": "cc-2" })));
        let sent = ("filter[dependency][eq]".to_owned(), "cc-1".to_owned());
        assert_eq!(selection.query(&["dependency"]), [sent]);
    }
}
