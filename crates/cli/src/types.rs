//! `workbench types`: environment types, and which of them can be used.

use serde_json::{Value, json};
use workbench_core::env_type::EnvTypeStatus;

use crate::api::{Client, Error, List, Options};
use crate::exit::Exit;
use crate::named;
use crate::output::{self, text};
use crate::projects::Change;
use crate::selection;

/// What the API filters and sorts environment types by.
const KEYS: [&str; 2] = ["name", "status"];

/// The statuses of environment types.
const STATUSES: [&str; 2] = [
    EnvTypeStatus::Approved.label(),
    EnvTypeStatus::NotApproved.label(),
];

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show the environment types
    List {
        /// Only those of this status
        #[arg(long, ignore_case = true, value_parser = selection::status(&STATUSES), help_heading = selection::HEADING)]
        status: Option<String>,
        #[command(flatten)]
        selection: selection::Options,
    },
    /// Show one, with the parameters of its template. Configurations set some of them, under the names that the launch
    /// document has for them
    Get {
        /// The environment type: its id, its name or its type
        env_type: String,
    },
    /// Let configurations be made of it
    Approve {
        /// The environment type: its id, its name or its type
        env_type: String,
    },
    /// Let no more configurations be made of it; those that are there must be deleted first
    Revoke {
        /// The environment type: its id, its name or its type
        env_type: String,
    },
    /// Change the name or description
    Update {
        /// The environment type: its id, its name or its type
        env_type: String,
        #[command(flatten)]
        change: Change,
    },
}

pub(crate) async fn run(options: &Options, command: &Command) -> anyhow::Result<Exit> {
    let client = options.client()?;
    let (env_type, change) = match command {
        Command::List { status, selection } => {
            let selection = selection.selection().and("status", "status", status.as_deref());
            let list = List::of("/environmentTypes").selected(&selection, &KEYS);
            output::rows(options.json, list.rows(&client).await?, table);
            return Ok(Exit::Done);
        }
        Command::Get { env_type } => {
            let found = find(&client, env_type).await?;
            output::one(options.json, &found, details);
            return Ok(Exit::Done);
        }
        Command::Approve { env_type } => (env_type, json!({ "status": EnvTypeStatus::Approved })),
        Command::Revoke { env_type } => (env_type, json!({ "status": EnvTypeStatus::NotApproved })),
        Command::Update { env_type, change } => (env_type, change.body()),
    };
    let found = find(&client, env_type).await?;
    let path = format!("/environmentTypes/{}", text(&found, "id"));
    let changed = client.send("PATCH", &path, Some(&change)).await?;
    output::one(options.json, &changed, details);
    Ok(Exit::Done)
}

/// The environment type that somebody means.
///
/// # Errors
/// There is none or several, or the API refuses.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<Value, Error> {
    named::the_one(
        "environment type",
        all(client).await?,
        wanted,
        &["id", "name", "type"],
    )
}

/// All of them: there are a few.
///
/// # Errors
/// The API refuses, or can not be reached.
pub(crate) async fn all(client: &Client) -> Result<Vec<Value>, Error> {
    List::of("/environmentTypes").rows(client).await
}

fn table(types: &[Value]) -> String {
    let row = |ty: &Value| {
        [
            text(ty, "id").to_owned(),
            text(ty, "name").to_owned(),
            text(ty, "type").to_owned(),
            text(ty, "status").to_owned(),
            output::time(ty, "createdAt"),
        ]
    };
    output::table(["ID", "NAME", "TYPE", "STATUS", "CREATED"], types.iter().map(row))
}

fn details(ty: &Value) -> String {
    let field = |name: &str| text(ty, name).to_owned();
    output::details(&[
        ("Id", field("id")),
        ("Name", field("name")),
        ("Description", field("description")),
        ("Type", field("type")),
        ("Status", field("status")),
        ("Created", output::time(ty, "createdAt")),
        ("Updated", output::time(ty, "updatedAt")),
        ("Parameters", parameters(ty)),
    ])
}

/// One line for each parameter: what it is, and what it is without being told.
fn parameters(ty: &Value) -> String {
    let line = |(name, parameter): (&String, &Value)| {
        let kind = text(parameter, "Type");
        match parameter["Default"].as_str() {
            Some(default) => format!("{name} ({kind}, else `{default}`)"),
            None => format!("{name} ({kind})"),
        }
    };
    let mut lines: Vec<_> = ty["params"].as_object().into_iter().flatten().map(line).collect();
    lines.sort();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env_type() -> Value {
        json!({ "id": "et-prod-hxwmltpkg2edy,pa-fh6spfcycydtq", "name": "Notebook", "description": "A notebook",
            "type": "sagemakerNotebook", "status": "APPROVED", "createdAt": "2026-11-24T10:00:00.000Z",
            "updatedAt": "2026-11-24T10:00:00.000Z",
            "params": { "InstanceType": { "Type": "String", "Default": "ml.t3.medium" }, "CIDR": { "Type": "String" } } })
    }

    #[test]
    fn types_are_a_table() {
        insta::assert_snapshot!(table(&[env_type()]));
    }

    #[test]
    fn a_type_has_details_and_parameters() {
        insta::assert_snapshot!(details(&env_type()));
    }
}
