//! What fuzz targets are fed with: values that are nearly right, since random bytes never get past the first check.
//!
//! A target is a test in a folder `fuzz` of the crate that it tests. `cargo test` runs it for a while on random inputs;
//! `cargo bolero test` runs it as long as one likes, led by coverage. `docs/fuzzing.md` lists them.

mod described;
mod edited;

pub use described::Described;
pub use edited::Edited;

use std::ops::Bound;

use bolero::Driver;

/// A number below `end`.
fn below<D: Driver>(driver: &mut D, end: usize) -> Option<usize> {
    driver.gen_usize(Bound::Included(&0), Bound::Excluded(&end.max(1)))
}

/// One of several.
fn one_of<'a, D: Driver, T>(driver: &mut D, all: &'a [T]) -> Option<&'a T> {
    all.get(below(driver, all.len())?)
}

/// True once in `of` times.
fn once_in<D: Driver>(driver: &mut D, of: usize) -> Option<bool> {
    Some(below(driver, of)? == 0)
}
