//! What goes into one request to the bus.

use std::iter::Peekable;

use workbench_aws::bus;
use workbench_core::id::EnvironmentId;

/// The next ones that can be published together. The bus keeps no order within a request: an environment has one event
/// in it at most.
pub(super) fn together<T>(
    rest: &mut Peekable<impl Iterator<Item = T>>,
    environment: impl Fn(&T) -> EnvironmentId,
) -> Vec<T> {
    let mut some: Vec<T> = Vec::new();
    while let Some(next) = rest.next_if(|next| {
        some.len() < bus::MOST && some.iter().all(|other| environment(other) != environment(next))
    }) {
        some.push(next);
    }
    some
}
