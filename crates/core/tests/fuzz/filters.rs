//! Filters: each operator means what it says, whatever the texts.

use bolero::{check, generator};
use workbench_core::page::{Filter, position};
use workbench_fuzz::Edited;

const VALUES: [&str; 6] = ["test", "tes", "test-2", "Test", "2026-11-24T10:00:00.000Z", "é"];
const OPERATORS: [&str; 7] = ["eq", "lt", "lte", "gt", "gte", "begins", "between"];
const IDS: [&str; 2] = ["env-b590a734-5adc-4a43-a24b-edf3795b812d", "a"];

/// What the operators of the contract's section 2.4 mean.
fn means(filter: &Filter, value: &str) -> bool {
    match filter {
        Filter::Eq(other) => value == other,
        Filter::Lt(other) => value < other.as_str(),
        Filter::Lte(other) => value <= other.as_str(),
        Filter::Gt(other) => value > other.as_str(),
        Filter::Gte(other) => value >= other.as_str(),
        Filter::Begins(prefix) => value.starts_with(prefix.as_str()),
        Filter::Between(one, other) => one.as_str() <= value && value <= other.as_str(),
    }
}

#[test]
fn a_filter_finds_what_it_means_or_is_refused() {
    let texts = || Edited::of(&VALUES);
    let input = (
        Edited::of(&OPERATORS),
        texts(),
        texts(),
        texts(),
        generator::one_value_of(IDS),
    );
    check!()
        .with_generator(input)
        .for_each(|(operator, one, other, value, id)| {
            let made = match operator.as_str() {
                "between" => Filter::between("filter.name", one.clone(), other.clone()),
                operator => Filter::new("filter.name", operator, one.clone()),
            };
            match made {
                // No row has a value with control characters.
                Ok(filter) if !value.chars().any(char::is_control) && !value.contains(char::MAX) => {
                    let found = filter.bounds().contain(&position(value, id));
                    assert_eq!(found, means(&filter, value), "{filter:?} {value}");
                }
                Ok(_) => {}
                Err(refusal) => assert!(refusal.to_string().starts_with("filter.name"), "{refusal}"),
            }
        });
}
