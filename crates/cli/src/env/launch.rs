//! `workbench env launch`

use serde_json::{Value, json};
use workbench_core::status::Status;

use super::watch::{Goal, Patience};
use crate::api::Client;
use crate::configs::{Found, Scope};
use crate::exit::Exit;
use crate::output::{self, text};
use crate::projects;
use crate::time::Time;

#[derive(clap::Args)]
pub(crate) struct Launch {
    /// Letters, digits, `-`, `_` and `.`
    #[arg(long)]
    name: String,
    /// What it is for; else its name
    #[arg(long)]
    description: Option<String>,
    /// The project: its id or its name; may be left out by who is in one only
    #[arg(long)]
    project: Option<String>,
    /// The configuration: its id or its name. `workbench configs list` shows which there are
    #[arg(long)]
    config: String,
    /// Its environment type, if there are several of that name: its id, its name or its type
    #[arg(long, value_name = "TYPE")]
    r#type: Option<String>,
    /// A dataset to mount; more than one may be given
    #[arg(long = "dataset", value_name = "ID")]
    datasets: Vec<String>,
    /// Launch once, however often the command is repeated with the same key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait until it runs or has failed, as --timeout does, too
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
}

impl Launch {
    pub(super) async fn run(&self, client: &Client, json: bool, time: &Time) -> anyhow::Result<Exit> {
        let project = projects::find_or_only(client, self.project.as_deref()).await?;
        let scope = Scope::of_project(project.clone(), self.r#type.clone());
        let found = scope.find(client, &self.config).await?;
        let key = self.idempotency_key.clone().map(|key| ("idempotency-key", key));
        let path = format!("/projects/{project}/environments");
        let body = self.body(&found);
        let made = client
            .send_with("POST", &path, Some(&body), key.into_iter().collect())
            .await?;
        if !self.patience.waits(self.wait) {
            output::made(json, &made);
            return Ok(Exit::Done);
        }
        let id = text(&made, "id").to_owned();
        // Known at once, whatever becomes of waiting.
        if !json {
            output::line(&id);
        }
        let goal = Goal::EndsAs(Status::Completed);
        let watched = self.patience.wait(client, vec![id], goal, time).await?;
        if json {
            watched.rows.iter().for_each(output::json);
        }
        Ok(watched.exit)
    }

    fn body(&self, Found { type_id, config }: &Found) -> Value {
        json!({
            "name": self.name,
            "description": self.description.as_ref().unwrap_or(&self.name),
            "envTypeId": type_id,
            "envTypeConfigId": text(config, "id"),
            "envType": text(config, "type"),
            "datasetIds": self.datasets,
        })
    }
}
