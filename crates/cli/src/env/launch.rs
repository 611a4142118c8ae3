//! `workbench env launch`

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use workbench_core::status::Status;

use super::status;
use super::watch::{Goal, Patience};
use crate::api::{Client, Error};
use crate::configs::{Found, Scope};
use crate::exit::Exit;
use crate::output::{self, text};
use crate::projects;
use crate::time::Time;

/// How long to wait before a launch is asked for again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

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
    /// A dataset to mount; more than one may be given. Hidden while the API takes none
    #[arg(long = "dataset", value_name = "ID", hide = true)]
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
        let path = format!("/projects/{project}/environments");
        let made = self.ask(client, &path, &self.body(&found), time).await?;
        if !self.patience.waits(self.wait) {
            output::made(json, &made);
            return end_of(&made);
        }
        let id = text(&made, "id").to_owned();
        // Known at once, whatever becomes of waiting.
        if json {
            eprintln!("launch {id}: accepted");
        } else {
            output::line(&id);
        }
        let goal = Goal::EndsAs(Status::Completed);
        let watched = self.patience.wait(client, vec![id], goal, time).await?;
        if json {
            watched.rows.iter().for_each(output::json);
        }
        Ok(watched.exit)
    }

    /// Asks once more, and again, if it is not known what became of it: with one key it launches once.
    async fn ask(&self, client: &Client, path: &str, body: &Value, time: &Time) -> Result<Value, Error> {
        let key = self.idempotency_key.clone();
        let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
        let ask = || client.send_with("POST", path, Some(body), vec![("idempotency-key", key.clone())]);
        for pause in PAUSES {
            match ask().await {
                Err(error) if error.is_passing() => {
                    eprintln!("workbench: {error}; asking again");
                    time.pass(pause).await;
                }
                answered => return answered,
            }
        }
        ask().await
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

/// How the command ends that does not wait. What AWS has refused at once was made all the same, and has failed.
fn end_of(made: &Value) -> anyhow::Result<Exit> {
    let failed = status(made)? == Status::Failed;
    if failed {
        eprintln!("workbench: {}", text(&made["error"], "value"));
    }
    Ok(Exit::if_so(!failed))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::http::{HeaderMap, StatusCode};
    use axum::{Json, Router, routing};
    use clap::Parser;

    use super::*;
    use crate::time::turned;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        launch: Launch,
    }

    /// What a launch comes to where the API answers these, one after the other, and the keys that it was given.
    async fn asked(arguments: &[&str], answers: &'static [u16]) -> (Result<Value, Error>, Vec<String>) {
        let keys = Arc::new(Mutex::new(Vec::new()));
        let given = keys.clone();
        let answer = move |headers: HeaderMap| {
            let mut keys = given.lock().unwrap();
            let code = StatusCode::from_u16(answers[keys.len()]).unwrap();
            keys.push(headers["idempotency-key"].to_str().unwrap().to_owned());
            async move { (code, Json(json!({ "id": "env-1" }))) }
        };
        let router = Router::new().route("/environments", routing::post(answer));
        let client = Client::of(router, "t").await;
        let arguments = [&["launch", "--name", "demo", "--config", "c"], arguments].concat();
        let launch = Arguments::parse_from(arguments).launch;
        let answer = launch
            .ask(&client, "/environments", &json!({}), &turned::time())
            .await;
        let keys = keys.lock().unwrap().clone();
        (answer, keys)
    }

    #[tokio::test]
    async fn a_launch_whose_end_is_unknown_is_asked_for_again_with_the_same_key() {
        let (made, keys) = asked(&[], &[503, 504, 201]).await;
        assert_eq!(made.unwrap()["id"], "env-1");
        assert!(
            keys.len() == 3 && keys.iter().all(|key| *key == keys[0]),
            "{keys:?}"
        );
        let (_, others) = asked(&[], &[201]).await;
        assert_ne!(others[0], keys[0]);
        let (_, given) = asked(&["--idempotency-key", "mine"], &[201]).await;
        assert_eq!(given, ["mine"]);
    }

    #[test]
    fn a_launch_that_aws_has_refused_at_once_ends_as_refused() {
        let end = |status| end_of(&json!({ "status": status, "error": { "value": "no room" } })).unwrap();
        assert_eq!(["PENDING", "FAILED"].map(end), [Exit::Done, Exit::Refused]);
    }

    #[tokio::test]
    async fn a_launch_that_is_refused_or_fails_for_long_is_given_up() {
        let (refused, keys) = asked(&[], &[400]).await;
        assert!(refused.is_err() && keys.len() == 1);
        let (failed, keys) = asked(&[], &[503, 503, 503]).await;
        assert!(failed.is_err() && keys.len() == 3);
    }
}
