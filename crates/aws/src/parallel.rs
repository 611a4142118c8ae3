//! Several calls at once, but not so many that the service refuses them.

use std::convert::Infallible;
use std::pin::Pin;

use tokio::task::{JoinError, JoinSet};

/// How many calls are under way at a time.
const AT_ONCE: usize = 10;

/// What all come to, in no order.
///
/// # Errors
/// The first; what is not done by then is left.
pub(crate) async fn all<T: Send + 'static, E: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = Result<T, E>> + Send + 'static>,
) -> Result<Vec<T>, E> {
    let mut done = Vec::new();
    run(AT_ONCE, tasks, |end| -> Result<(), E> {
        done.push(ended(end)?);
        Ok(())
    })
    .await?;
    Ok(done)
}

/// What those come to that do not panic, in no order, `at_once` at a time. Of those that do, `crashed` is told.
pub(crate) async fn survivors<T: Send + 'static>(
    at_once: usize,
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
    crashed: impl Fn(JoinError),
) -> Vec<T> {
    let mut done = Vec::new();
    let Ok(()) = run(at_once, tasks, |end| {
        match end {
            Ok(result) => done.push(result),
            Err(error) => crashed(error),
        }
        Ok::<(), Infallible>(())
    })
    .await;
    done
}

/// Runs all, `at_once` at a time, and hands on how each ends, until that is refused.
async fn run<T: Send + 'static, E>(
    at_once: usize,
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
    mut finish: impl FnMut(Result<T, JoinError>) -> Result<(), E>,
) -> Result<(), E> {
    let mut running = JoinSet::new();
    for task in tasks {
        if running.len() >= at_once
            && let Some(end) = running.join_next().await
        {
            finish(end)?;
        }
        // Boxed: the futures of an SDK call nest deeper than the compiler likes to look.
        let task: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(task);
        running.spawn(task);
    }
    while let Some(end) = running.join_next().await {
        finish(end)?;
    }
    Ok(())
}

/// A task's result. Nobody cancels tasks here; a panic goes on to whoever waits.
fn ended<T>(end: Result<T, JoinError>) -> T {
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

    #[tokio::test]
    async fn one_that_panics_does_not_keep_the_others_from_being_done() {
        let crashed = AtomicUsize::new(0);
        let tasks = (0..5).map(|number| async move {
            assert_ne!(number, 3);
            number
        });
        let count = |_: JoinError| {
            crashed.fetch_add(1, Ordering::SeqCst);
        };
        let mut done = survivors(2, tasks, count).await;
        done.sort_unstable();
        assert_eq!((done, crashed.into_inner()), (vec![0, 1, 2, 4], 1));
    }
}
