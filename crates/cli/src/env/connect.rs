//! `workbench env connect`

use super::find;
use crate::api::Client;
use crate::connection;
use crate::exit::Exit;
use crate::output;

#[derive(clap::Args)]
pub(crate) struct Connect {
    /// The environment: its id or its name
    environment: String,
}

impl Connect {
    pub(super) async fn run(&self, client: &Client, json: bool) -> anyhow::Result<Exit> {
        let id = find(client, &self.environment).await?;
        let connection = client.get(&format!("/environments/{id}/connections")).await?;
        if json {
            output::json(&connection);
        } else {
            output::line(&connection::instruction(&connection)?);
        }
        Ok(Exit::Done)
    }
}
