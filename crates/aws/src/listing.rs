//! What AWS lists in pages, of which no more than a bound is fetched.

/// What was listed.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    pub(crate) found: T,
    /// Whether there is no more of it.
    pub(crate) whole: bool,
}
