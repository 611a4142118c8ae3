//! Fuzz targets: a token leads to where it was made, in the query that it was made for, and nothing else is a token.

use bolero::{Driver, ValueGenerator, check};
use workbench_core::page::{Direction, Filter, Selection, SortKey};
use workbench_fuzz::Edited;

use super::*;

/// A list with what is selected of it.
struct Queries;

const KEYS: [SortKey; 4] = [
    SortKey::CreatedAt,
    SortKey::Name,
    SortKey::Status,
    SortKey::Project,
];
const LISTS: [&str; 3] = [
    "ENV#all",
    "ENV#name",
    "PROJECT#proj-b590a734-5adc-4a43-a24b-edf3795b812d#ENV",
];
const VALUES: [&str; 3] = ["test", "tes", "2026-11-24T10:00:00.123Z"];
const POSITIONS: [&str; 2] = [
    "2026-11-24T10:00:00.123Z\tenv-b590a734-5adc-4a43-a24b-edf3795b812d",
    "test\tenv-b590a734-5adc-4a43-a24b-edf3795b812d",
];

impl ValueGenerator for Queries {
    type Output = (String, Selection);

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Self::Output> {
        let value = |driver: &mut D| Edited::of(&VALUES).generate(driver);
        let filter = match driver.gen_variant(8, 0)? {
            0 => None,
            1 => Some(Filter::Eq(value(driver)?)),
            2 => Some(Filter::Lt(value(driver)?)),
            3 => Some(Filter::Lte(value(driver)?)),
            4 => Some(Filter::Gt(value(driver)?)),
            5 => Some(Filter::Gte(value(driver)?)),
            6 => Some(Filter::Begins(value(driver)?)),
            _ => Some(Filter::Between(value(driver)?, value(driver)?)),
        };
        let selection = Selection {
            by: *KEYS.get(driver.gen_variant(KEYS.len(), 0)?)?,
            direction: if driver.gen_bool(None)? {
                Direction::Ascending
            } else {
                Direction::Descending
            },
            filter,
        };
        Some((Edited::of(&LISTS).generate(driver)?, selection))
    }
}

#[test]
fn a_token_decodes_to_what_made_it_in_its_own_query_only() {
    let input = (Queries, Queries, Edited::of(&POSITIONS));
    check!().with_generator(input).for_each(|(one, other, position)| {
        let text = token(&one.0, &one.1, position);
        assert_eq!(start(&one.0, &one.1, &text).as_ref(), Ok(position));
        if one != other {
            assert_eq!(start(&other.0, &other.1, &text), Err(invalid_token()));
        }
    });
}

#[test]
fn a_changed_token_is_none() {
    let selection = Selection::default();
    let made = POSITIONS.map(|position| token("ENV#all", &selection, position));
    let examples = [made[0].as_str(), made[1].as_str()];
    check!().with_generator(Edited::of(&examples)).for_each(|text| {
        let read = start("ENV#all", &selection, text);
        let place = examples.iter().position(|example| example == text);
        assert_eq!(
            read,
            place
                .map(|place| POSITIONS[place].to_owned())
                .ok_or_else(invalid_token),
            "{text}"
        );
    });
}

#[test]
fn bytes_are_no_token() {
    check!().for_each(|bytes: &[u8]| {
        let text = URL_SAFE_NO_PAD.encode(bytes);
        assert_eq!(
            start("ENV#all", &Selection::default(), &text),
            Err(invalid_token())
        );
    });
}
