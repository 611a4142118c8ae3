//! `workbench env explain`

use serde_json::json;
use workbench_core::story::{Shown, Story};
use workbench_core::timeline::Entry;

use super::{find, read};
use crate::api::{Client, List};
use crate::exit::Exit;
use crate::output;
use crate::time::Time;

#[derive(clap::Args)]
pub(crate) struct Explain {
    /// The environment: its id or its name
    environment: String,
}

impl Explain {
    pub(super) async fn run(&self, client: &Client, json: bool, time: &Time) -> anyhow::Result<Exit> {
        let id = find(client, &self.environment).await?;
        let environment = read(client, &id).await?;
        let events = List::of(format!("/environments/{id}/events"))
            .with("sort[createdAt]", "asc")
            .rows(client)
            .await?;
        if json {
            output::json(&json!({ "environment": environment, "events": events }));
            return Ok(Exit::Done);
        }
        let shown: Shown = serde_json::from_value(environment)?;
        let timeline = events
            .into_iter()
            .map(serde_json::from_value)
            .collect::<Result<Vec<Entry>, _>>()?;
        output::line(&Story::of(&shown, &timeline, time.now()).to_string());
        Ok(Exit::Done)
    }
}
