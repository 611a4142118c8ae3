//! The one DynamoDB table: typed rows, conditional writes, lists that cost the same at any size.
//!
//! What a row is called is in the table at the top of `key.rs`. Whatever changes carries a `rev`,
//! and every write says which `rev` it was decided by: the slower of two writers is told so and
//! decides again. A row that can not be read is an error when it is asked for, and left out of lists.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_smithy_async::rt::sleep::{AsyncSleep as _, SharedAsyncSleep};
use uuid::Uuid;

mod accounts;
mod associations;
mod configs;
mod cost_centers;
mod env_types;
mod environments;
mod expression;
mod in_account;
mod index;
mod key;
mod launch_facts;
mod list;
mod members;
mod outbox;
mod owner;
mod page;
mod projects;
mod queue;
mod read;
mod requests;
mod row;
mod schema;
mod stream;
mod timeline;
pub(crate) mod token;
mod write;

pub use accounts::{AccountCheck, Dependants};
pub use associations::Association;
pub use environments::{Created, Due, NewEnvironment, Updated};
pub use launch_facts::{IdempotencyKey, IdempotencyRecord, LaunchFacts};
pub use members::MOST_PROJECTS;
pub use outbox::Outbox;
pub use projects::Saved;
pub use queue::{Queue, Waiter};
pub use read::{BATCH, GET, QUERY};
pub use requests::{KeptAnswer, Keyed, KeyedRequest};
pub use stream::StreamRecord;
pub use workbench_core::timeline::{Entry, Reported};
pub use write::{CHECK, PUT, RAISE, REMOVE};

const SERVICE: &str = "dynamodb";

/// How often a request is sent that DynamoDB did not refuse but could not carry out. All launches of a project write to one
/// row, and of those that meet there all but one are cancelled: a class that begins together needs some tries. Their
/// pauses add up to less than five seconds.
const TRIES: u32 = 8;

/// The table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    sleep: Option<SharedAsyncSleep>,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            name: name.into(),
            sleep: config.sleep_impl(),
        }
    }

    /// Waits before a request is sent again: longer each time, and not as long as others do.
    async fn pause(&self, tries: u32) {
        let longest = 25_u64 << tries.min(6);
        let random = Uuid::new_v4().as_u64_pair().1 % longest;
        if let Some(sleep) = &self.sleep {
            sleep.sleep(Duration::from_millis(longest / 2 + random / 2)).await;
        }
    }
}
