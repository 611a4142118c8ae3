//! `workbench env list`

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde_json::Value;
use workbench_core::status::Status;

use crate::api::{self, Client, Error};
use crate::exit::Exit;
use crate::output::{self, text};
use crate::selection::{self, Selection};
use crate::{projects, users};

/// What the API filters and sorts the list of all environments by. That of one project it does not.
const KEYS: [&str; 4] = ["name", "status", "createdAt", "owner"];

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only those of a project: its id or its name
    #[arg(long)]
    project: Option<String>,
    /// Only those that a user launched: their id or their e-mail address
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Only those of this status. TERMINATED ones are in no list
    #[arg(long, ignore_case = true, value_parser = statuses(), help_heading = selection::HEADING)]
    status: Option<Status>,
    #[command(flatten)]
    selection: selection::Options,
}

impl List {
    pub(super) async fn run(&self, client: &Client, json: bool) -> anyhow::Result<Exit> {
        let owner = match &self.owner {
            Some(wanted) => Some(users::find(client, wanted).await?),
            None => None,
        };
        let selection = self
            .selection
            .selection()
            .and("status", "status", self.status.map(Status::label))
            .and("owner", "owner", owner.as_deref());
        let rows = rows(client, self.project.as_deref(), &selection).await?;
        output::rows(json, rows, table);
        Ok(Exit::Done)
    }
}

/// The environments of a project, or all that the caller may see: of every project for IT admins, of their own projects
/// for others.
///
/// # Errors
/// The API refuses, or can not be reached.
pub(super) async fn rows(
    client: &Client,
    project: Option<&str>,
    selection: &Selection,
) -> Result<Vec<Value>, Error> {
    if let Some(project) = project {
        return of_project(client, &projects::find(client, project).await?, selection).await;
    }
    let all = api::List::of("/environments").selected(selection, &KEYS);
    match all.rows(client).await {
        Err(error) if error.is_forbidden() => {}
        answered => return answered,
    }
    let mut rows = Vec::new();
    for project in projects::own(client).await? {
        rows.extend(of_project(client, &project, selection).await?);
    }
    selection.finish(&mut rows);
    Ok(rows)
}

async fn of_project(client: &Client, id: &str, selection: &Selection) -> Result<Vec<Value>, Error> {
    let list = api::List::of(format!("/projects/{id}/environments"));
    list.selected(selection, &[]).rows(client).await
}

/// Reads a status that environments in a list have.
fn statuses() -> impl TypedValueParser<Value = Status> {
    let value = |status: Status| PossibleValue::new(status.label()).hide(status == Status::Terminated);
    PossibleValuesParser::new(Status::ALL.map(value)).try_map(|label| match label.parse::<Status>() {
        Ok(Status::Terminated) => {
            Err("TERMINATED environments are in no list; `workbench env get ID` shows one".to_owned())
        }
        Ok(status) => Ok(status),
        Err(error) => Err(error.to_string()),
    })
}

/// Environments below each other.
pub(super) fn table(environments: &[Value]) -> String {
    let row = |environment: &Value| {
        [
            text(environment, "id").to_owned(),
            text(environment, "name").to_owned(),
            text(environment, "status").to_owned(),
            output::time(environment, "createdAt"),
        ]
    };
    output::table(["ID", "NAME", "STATUS", "CREATED"], environments.iter().map(row))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn environments_are_a_table() {
        let row = |id: &str, name: &str, status: &str| {
            json!({ "id": format!("env-{id}-5adc-4a43-a24b-edf3795b812d"), "name": name, "status": status,
                "createdAt": "2026-11-24T10:00:00.000Z" })
        };
        insta::assert_snapshot!(table(&[
            row("b590a734", "demo", "COMPLETED"),
            row("c590a734", "a-longer-name", "TERMINATING_FAILED"),
        ]));
    }
}
