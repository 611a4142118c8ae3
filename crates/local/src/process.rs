//! The processes in which functions run. One may die after any of its calls of AWS: what it was doing ends there, as
//! when Lambda ends a sandbox.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

/// A function's process. Copies are the same one.
#[derive(Clone)]
pub struct Process(Arc<Inner>);

struct Inner {
    number: u32,
    gate: Option<Gate>,
    deaths: watch::Sender<u32>,
}

/// The process died before its work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the process died")]
pub struct Died;

impl fmt::Debug for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Process({})", self.0.number)
    }
}

impl Default for Process {
    fn default() -> Self {
        Self::with(0, None)
    }
}

impl Process {
    /// A process whose calls wait at `gate` until they are let through.
    pub fn behind(gate: &Gate, number: u32) -> Self {
        Self::with(number, Some(gate.clone()))
    }

    fn with(number: u32, gate: Option<Gate>) -> Self {
        Self(Arc::new(Inner {
            number,
            gate,
            deaths: watch::Sender::new(0),
        }))
    }

    /// Does some work, unless the process dies first: then it stops where it is, and nothing of it goes on.
    ///
    /// # Errors
    /// The process died.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Died> {
        let mut deaths = self.0.deaths.subscribe();
        tokio::select! {
            biased;
            _ = deaths.changed() => Err(Died),
            done = work => Ok(done),
        }
    }

    /// Ends whatever the process does. It is a new one then.
    pub fn die(&self) {
        self.0.deaths.send_modify(|deaths| *deaths += 1);
    }

    /// How often it has died.
    pub fn deaths(&self) -> u32 {
        *self.0.deaths.borrow()
    }

    /// Waits until a call may go out.
    pub(crate) async fn turn(&self) {
        if let Some(gate) = &self.0.gate {
            gate.pass(self.0.number).await;
        }
    }
}

/// Holds back the calls of processes, so that somebody else says which one is next. Copies are the same one.
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    arrivals: u64,
    calls: BTreeMap<u64, (u32, oneshot::Sender<()>)>,
}

/// A call that waits at a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldCall {
    /// Which call it is. Calls are numbered as they arrive.
    pub id: u64,
    /// The number of the process that makes it.
    pub process: u32,
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Gate").field(&self.waiting()).finish()
    }
}

impl Gate {
    /// The calls that wait, in the order in which they arrived.
    pub fn waiting(&self) -> Vec<HeldCall> {
        let waiting = self.lock();
        let held = waiting.calls.iter();
        held.map(|(&id, &(process, _))| HeldCall { id, process })
            .collect()
    }

    /// How many calls have arrived so far.
    pub fn arrivals(&self) -> u64 {
        self.lock().arrivals
    }

    /// Lets a call through, if it still waits.
    pub fn let_through(&self, id: u64) {
        let held = self.lock().calls.remove(&id);
        if let Some((_, go)) = held {
            // Nobody listens where the process died a moment ago.
            let _: Result<(), ()> = go.send(());
        }
    }

    async fn pass(&self, process: u32) {
        let (go, gone) = oneshot::channel();
        let id = {
            let mut waiting = self.lock();
            waiting.arrivals += 1;
            let id = waiting.arrivals;
            waiting.calls.insert(id, (process, go));
            id
        };
        let _leave = Leave { gate: self, id };
        // The sender is dropped only together with this future.
        let _: Result<(), oneshot::error::RecvError> = gone.await;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a call away from the gate when whoever made it is gone.
struct Leave<'a> {
    gate: &'a Gate,
    id: u64,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.gate.lock().calls.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn work_is_done_unless_the_process_dies() {
        let process = Process::default();
        assert_eq!(process.run(ready(1)).await, Ok(1));
        let dying = process.run(async {
            process.die();
            pending::<()>().await;
        });
        assert_eq!((dying.await, process.deaths()), (Err(Died), 1));
        assert_eq!(process.run(ready(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_call_waits_at_the_gate_until_it_is_let_through() {
        let gate = Gate::default();
        let (one, two) = (Process::behind(&gate, 1), Process::behind(&gate, 2));
        let calls = async { tokio::join!(one.turn(), two.turn()) };
        let opens = async {
            let held = gate.waiting();
            assert_eq!(held.iter().map(|call| call.process).collect::<Vec<_>>(), [1, 2]);
            for call in held.iter().rev() {
                gate.let_through(call.id);
            }
        };
        tokio::join!(calls, opens);
        assert_eq!((gate.waiting(), gate.arrivals()), (Vec::new(), 2));
    }

    #[tokio::test]
    async fn a_process_that_dies_leaves_the_gate() {
        let gate = Gate::default();
        let process = Process::behind(&gate, 1);
        let dies = async {
            assert_eq!(gate.waiting().len(), 1);
            process.die();
        };
        let (done, ()) = tokio::join!(process.run(process.turn()), dies);
        assert_eq!((done, gate.waiting()), (Err(Died), Vec::new()));
    }
}
