//! A function's process that dies at a chosen call.

use std::future::pending;

use workbench_local::{Gate, Process};

/// A process that dies before it makes one call more than it may.
pub struct Mortal {
    /// The process, for which a function's side of AWS is made.
    pub process: Process,
    gate: Gate,
    calls: usize,
}

impl Mortal {
    /// A process that may make so many calls.
    #[must_use]
    pub fn after(calls: usize) -> Self {
        let gate = Gate::default();
        Self {
            process: Process::behind(&gate, 1),
            gate,
            calls,
        }
    }

    /// What the work comes to, if the process lives so long.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let dies = async {
            for _ in 0..self.calls {
                self.gate.let_through(self.next_call().await);
            }
            self.next_call().await;
            self.process.die();
            pending::<()>().await;
        };
        tokio::select! {
            biased;
            done = self.process.run(work) => done.ok(),
            () = dies => None,
        }
    }

    async fn next_call(&self) -> u64 {
        loop {
            if let Some(call) = self.gate.waiting().first() {
                return call.id;
            }
            tokio::task::yield_now().await;
        }
    }
}
