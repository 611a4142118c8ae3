//! Several calls at once, but not so many that the service refuses them.

use std::pin::Pin;

use tokio::task::JoinSet;

/// How many calls are under way at a time.
const AT_ONCE: usize = 10;

/// What all come to, in no order.
///
/// # Errors
/// The first; what is not done by then is left.
pub(crate) async fn all<T: Send + 'static, E: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = Result<T, E>> + Send + 'static>,
) -> Result<Vec<T>, E> {
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    for task in tasks {
        if running.len() >= AT_ONCE
            && let Some(end) = running.join_next().await
        {
            done.push(ended(end)?);
        }
        // Boxed: the futures of an SDK call nest deeper than the compiler likes to look.
        let task: Pin<Box<dyn Future<Output = Result<T, E>> + Send>> = Box::pin(task);
        running.spawn(task);
    }
    while let Some(end) = running.join_next().await {
        done.push(ended(end)?);
    }
    Ok(done)
}

/// A task's result. Nobody cancels tasks here; a panic goes on to whoever waits.
fn ended<T>(end: Result<T, tokio::task::JoinError>) -> T {
    match end {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn all_are_done_and_never_more_than_some_at_a_time() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks = (0..3 * AT_ONCE).map(|number| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, ()>(number)
            }
        });
        let mut done = all(tasks).await.unwrap();
        done.sort_unstable();
        assert_eq!(done, (0..3 * AT_ONCE).collect::<Vec<_>>());
        assert!(most.load(Ordering::SeqCst) <= AT_ONCE);
    }

    #[tokio::test]
    async fn the_first_error_ends_it() {
        let tasks = (0..5).map(|number| async move { if number == 3 { Err(number) } else { Ok(()) } });
        assert_eq!(all(tasks).await, Err(3));
    }
}
