//! The edits and what they lead to, by what they break.

mod document;
mod event;
mod manifest;
mod names;
mod template;

use super::{Edit, Finding};

/// Edits that break one rule, and its findings.
pub(crate) type Case = (&'static [Edit], &'static [Finding]);

pub(crate) const CASES: [&[Case]; 5] = [
    manifest::CASES,
    names::CASES,
    template::CASES,
    document::CASES,
    event::CASES,
];
