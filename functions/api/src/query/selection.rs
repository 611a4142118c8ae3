//! `filter[name][eq]=x` and `sort[name]=asc`, section 2.4 of the contract.

use jiff::Timestamp;
use workbench_core::Error;
use workbench_core::page::{Direction, Filter, Selection, SortKey};
use workbench_core::text::shortened;

use super::Query;

impl Query {
    /// Reads `filter` and `sort`, each on one of `keys`, and both on the same.
    ///
    /// # Errors
    /// A key, operator or value is none that the list has.
    pub(super) fn selection(&mut self, keys: &[SortKey]) -> Result<Selection, Error> {
        let filter = self.filter(keys)?;
        let sort = self.sort(keys)?;
        if let (Some((by, _)), Some((other, _))) = (&filter, &sort)
            && by != other
        {
            let (by, other) = (by.label(), other.label());
            let problem = format!("must be on the property of filter, `{by}`, not on `{other}`");
            return Err(Error::invalid("sort", problem));
        }
        let by = filter.as_ref().map(|(by, _)| *by);
        Ok(Selection {
            by: by.or(sort.map(|(by, _)| by)).unwrap_or_default(),
            direction: sort.map(|(_, direction)| direction).unwrap_or_default(),
            filter: filter.map(|(_, filter)| filter),
        })
    }

    fn filter(&mut self, keys: &[SortKey]) -> Result<Option<(SortKey, Filter)>, Error> {
        let mut given = self.take_nested("filter")?;
        let Some((path, _)) = given.first() else {
            return Ok(None);
        };
        let name = path.first().cloned().unwrap_or_default();
        if given.iter().any(|(path, _)| path.first() != Some(&name)) {
            return Err(Error::invalid("filter", "must be on one property"));
        }
        let by = key("filter", &name, keys)?;
        if by == SortKey::CreatedAt {
            for (path, value) in &mut given {
                if path.get(1).is_some_and(|operator| operator != "begins") {
                    with_milliseconds(value);
                }
            }
        }
        let field = format!("filter.{name}");
        let filter = match given.as_slice() {
            [(path, value)] if path.len() == 2 => {
                let operator = path.get(1).map(String::as_str).unwrap_or_default();
                Filter::new(&field, operator, value.clone())
            }
            [_, ..] => between(&field, &given),
            [] => return Ok(None),
        }?;
        Ok(Some((by, filter)))
    }

    pub(super) fn sort(&mut self, keys: &[SortKey]) -> Result<Option<(SortKey, Direction)>, Error> {
        let given = self.take_nested("sort")?;
        let (path, value) = match given.as_slice() {
            [] => return Ok(None),
            [one] => one,
            _ => return Err(Error::invalid("sort", "must be on one property")),
        };
        let name = match path.as_slice() {
            [name] => name,
            _ => return Err(Error::invalid("sort", "must be `sort[<property>]=asc` or `desc`")),
        };
        let by = key("sort", name, keys)?;
        let direction = match value.as_str() {
            "asc" => Direction::Ascending,
            "desc" => Direction::Descending,
            other => {
                let problem = format!("Invalid value `{}`, expected 'asc' or 'desc'", shortened(other));
                return Err(Error::invalid(format!("sort.{name}"), problem));
            }
        };
        Ok(Some((by, direction)))
    }

    /// Takes what begins with `name[`, each as the words in its brackets and its value.
    fn take_nested(&mut self, name: &str) -> Result<Vec<(Vec<String>, String)>, Error> {
        let prefix = format!("{name}[");
        let given: Vec<_> = self
            .0
            .extract_if(.., |(key, _)| key.starts_with(&prefix) || key == name)
            .collect();
        given
            .into_iter()
            .map(
                |(key, value)| match words(key.strip_prefix(name).unwrap_or_default()) {
                    Some(words) if words.len() <= 3 => Ok((words, value)),
                    _ => {
                        let problem =
                            format!("`{}` is not of the form `{name}[<property>]...`", shortened(&key));
                        Err(Error::invalid(name, problem))
                    }
                },
            )
            .collect()
    }
}

/// The words of `[one][two]`.
fn words(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let words: Vec<_> = inner.split("][").map(str::to_owned).collect();
    words
        .iter()
        .all(|word| !word.is_empty() && !word.contains(['[', ']']))
        .then_some(words)
}

fn key(field: &str, name: &str, keys: &[SortKey]) -> Result<SortKey, Error> {
    let found = keys.iter().copied().find(|key| key.label() == name);
    found.ok_or_else(|| {
        let known: Vec<_> = keys.iter().map(|key| format!("'{}'", key.label())).collect();
        let known = match known.as_slice() {
            [] => "this list has none".to_owned(),
            _ => format!("must be one of {}", known.join(", ")),
        };
        let problem = format!("Unrecognized key(s): '{}'; {known}", shortened(name));
        Error::invalid(field, problem)
    })
}

fn between(field: &str, given: &[(Vec<String>, String)]) -> Result<Filter, Error> {
    let value = |name: &str| {
        let mut found = given.iter().filter(|(path, _)| {
            path.get(1).map(String::as_str) == Some("between")
                && path.get(2).map(String::as_str) == Some(name)
        });
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value.clone()),
            _ => None,
        }
    };
    match (value("value1"), value("value2")) {
        (Some(value1), Some(value2)) if given.len() == 2 => {
            Filter::between(&format!("{field}.between"), value1, value2)
        }
        _ => Err(Error::invalid(
            field,
            "must have one operator and its value, or `[between][value1]` and `[between][value2]`",
        )),
    }
}

/// Turns a time into what lists have, with milliseconds in UTC. What is no time, such as a date, is compared as it stands.
fn with_milliseconds(text: &mut String) {
    if let Ok(time) = text.parse::<Timestamp>() {
        *text = format!("{time:.3}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYS: [SortKey; 2] = [SortKey::Name, SortKey::CreatedAt];

    fn selection(text: &str) -> Result<Selection, String> {
        let read = || {
            let mut query = Query::parse(text)?;
            let selection = query.selection(&KEYS)?;
            query.end()?;
            Ok(selection)
        };
        read().map_err(|error: Error| error.to_string())
    }

    #[test]
    fn filter_and_sort_are_read() {
        assert_eq!(selection(""), Ok(Selection::default()));
        let read = selection("filter%5Bname%5D%5Beq%5D=a%20b&sort[name]=desc").unwrap();
        let expected = Selection {
            by: SortKey::Name,
            direction: Direction::Descending,
            filter: Some(Filter::Eq("a b".into())),
        };
        assert_eq!(read, expected);
        let read = selection(
            "filter[createdAt][between][value2]=2026-12&filter[createdAt][between][value1]=2026-11-24T10:00:00Z",
        );
        let between = Filter::Between("2026-11-24T10:00:00.000Z".into(), "2026-12".into());
        assert_eq!(read.unwrap().filter, Some(between));
        let of_times = |one: &str, other: &str| {
            let between = "filter[createdAt][between]";
            selection(&format!("{between}[value1]={one}&{between}[value2]={other}"))
        };
        // Times are in the order of the clock, however they are written.
        for (one, other) in [
            ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00.500Z"),
            ("2026-11-24T10:00:00%2B02:00", "2026-11-24T09:00:00Z"),
        ] {
            assert!(of_times(one, other).is_ok(), "{one} {other}");
            let turned = of_times(other, one).unwrap_err();
            assert!(
                turned.ends_with("value1 must not be larger than value2"),
                "{turned}"
            );
        }
        assert_eq!(selection("sort[createdAt]=asc"), Ok(Selection::default()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, message) in [
            (
                "filter[colour][eq]=a",
                "filter: Unrecognized key(s): 'colour'; must be one of 'name', 'createdAt'",
            ),
            ("filter[name][eq]=", "filter.name: Required"),
            ("filter[name][like]=a", "filter.name: Unrecognized operator"),
            ("filter[name]=a", "filter.name: must have one operator"),
            ("filter=a", "filter: `filter` is not of the form"),
            (
                "filter[name][eq]=a&filter[name][lt]=b",
                "filter.name: must have one operator",
            ),
            (
                "filter[name][eq]=a&filter[createdAt][eq]=b",
                "filter: must be on one property",
            ),
            (
                "filter[name][between][value1]=a",
                "filter.name: must have one operator",
            ),
            (
                "filter[name][between][value1]=b&filter[name][between][value2]=a",
                "filter.name.between: value1 must not be larger",
            ),
            (
                "sort[name]=up",
                "sort.name: Invalid value `up`, expected 'asc' or 'desc'",
            ),
            (
                "sort[name]=asc&sort[createdAt]=asc",
                "sort: must be on one property",
            ),
            ("sort[name][x]=asc", "sort: must be `sort[<property>]=asc`"),
            ("sort[owner]=asc", "sort: Unrecognized key(s): 'owner'"),
            (
                "filter[name][eq]=a&sort[createdAt]=asc",
                "sort: must be on the property of filter, `name`",
            ),
        ] {
            let error = selection(text).unwrap_err();
            assert!(error.starts_with(message), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_reading_panic(text in ".{0,80}", word in "[a-z\\[\\]=&]{0,30}") {
            let _ = selection(&text);
            let _ = selection(&format!("filter[{word}"));
            let _ = selection(&format!("sort{word}={text}"));
        }
    }
}
