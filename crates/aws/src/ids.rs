//! New ids, as an argument.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// Makes ids: random ones, or those of a simulation, which are the same in every run.
#[derive(Clone)]
pub struct Ids(Arc<dyn Fn() -> Uuid + Send + Sync>);

impl Ids {
    /// Random ids.
    #[must_use]
    pub fn random() -> Self {
        Self::new(Uuid::new_v4)
    }

    /// Ids that `next` makes. No two may be the same.
    pub fn new(next: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        Self(Arc::new(next))
    }

    /// A new id.
    #[must_use]
    pub fn next(&self) -> Uuid {
        (self.0)()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}
