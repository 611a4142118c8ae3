//! What functions do: handlers that an embedding program gives them.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::local_aws::LocalAws;

type Answer = Pin<Box<dyn Future<Output = Result<Value, String>> + Send>>;
type Handler = Arc<dyn Fn(Value) -> Answer + Send + Sync>;

/// Handlers by the names of their functions. Copies are the same.
#[derive(Clone, Default)]
pub(crate) struct Handlers(Arc<Mutex<BTreeMap<String, Handler>>>);

impl Handlers {
    fn get(&self, function: &str) -> Option<Handler> {
        let name = function.rsplit(':').next()?;
        let handlers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handlers.get(name).map(Arc::clone)
    }
}

impl LocalAws {
    /// Gives the function of this name its handler, in the place of an earlier one. A handler takes an event and
    /// answers, or fails with a text.
    pub fn handle_function<Work>(&self, name: &str, handler: impl Fn(Value) -> Work + Send + Sync + 'static)
    where
        Work: Future<Output = Result<Value, String>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |event| Box::pin(handler(event)));
        let mut handlers = self.handlers.0.lock().unwrap_or_else(PoisonError::into_inner);
        handlers.insert(name.to_owned(), handler);
    }

    /// Lets functions do what waits for them until nothing does; how many invocations there were. A function
    /// without a handler fails.
    pub async fn run_functions(&self) -> usize {
        let mut count = 0;
        loop {
            let taken = self.world().take_invocations();
            if taken.is_empty() {
                return count;
            }
            for invocation in taken {
                count += 1;
                let answer = match self.handlers.get(&invocation.function) {
                    Some(handler) => handler(invocation.payload.clone()).await,
                    None => Err(format!("the function `{}` has no handler", invocation.function)),
                };
                self.world().end_invocation(invocation, answer);
            }
        }
    }
}
