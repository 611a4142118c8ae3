//! `workbench projects`: projects and who is in them.

mod members;

use serde_json::{Value, json};
use workbench_core::id::ProjectId;
use workbench_core::project::ProjectStatus;

use crate::api::{Client, Error, List, Options, given};
use crate::exit::Exit;
use crate::output::{self, text};
use crate::selection;
use crate::{cost_centers, named};

/// What the API filters and sorts projects by.
const KEYS: [&str; 4] = ["name", "status", "createdAt", "dependency"];

/// The statuses of projects in a list: DELETED ones are in none.
const STATUSES: [&str; 2] = [ProjectStatus::Available.label(), ProjectStatus::Suspended.label()];

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show the projects that you may see
    List {
        /// Only those of this status
        #[arg(long, ignore_case = true, value_parser = selection::status(&STATUSES), help_heading = selection::HEADING)]
        status: Option<String>,
        #[command(flatten)]
        selection: selection::Options,
        /// Only those of a cost centre: its id or its name
        #[arg(long)]
        cost_center: Option<String>,
    },
    /// Show one project
    Get {
        /// The project: its id or its name
        project: String,
    },
    /// Make a project, and print its id
    Create {
        /// Letters, digits, `-`, `_` and `.`
        #[arg(long)]
        name: String,
        /// What it is for; else its name
        #[arg(long)]
        description: Option<String>,
        /// The cost centre, which has the hosting account: its id or its name
        #[arg(long)]
        cost_center: String,
    },
    /// Change a project's name or description
    Update {
        /// The project: its id or its name
        project: String,
        #[command(flatten)]
        change: Change,
    },
    /// Delete a project that has no environments and no configurations
    Delete {
        /// The project: its id or its name
        project: String,
    },
    /// Show who is in a project
    Users(members::Users),
    /// Give somebody a role in a project
    Add(members::Add),
    /// Take somebody out of a project
    Remove(members::Remove),
}

/// What changes.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// The new description
    #[arg(long)]
    description: Option<String>,
}

impl Change {
    /// The body of the request.
    pub(crate) fn body(&self) -> Value {
        given([("name", &self.name), ("description", &self.description)])
    }
}

pub(crate) async fn run(options: &Options, command: &Command) -> anyhow::Result<Exit> {
    let client = options.client()?;
    match command {
        Command::List {
            status,
            selection,
            cost_center,
        } => {
            let cost_center = match cost_center {
                Some(wanted) => Some(cost_centers::find(&client, wanted).await?),
                None => None,
            };
            let selection = selection.selection();
            let selection = selection.and("status", "status", status.as_deref()).and(
                "dependency",
                "costCenterId",
                cost_center.as_deref(),
            );
            let rows = List::of("/projects")
                .selected(&selection, &KEYS)
                .rows(&client)
                .await?;
            output::rows(options.json, rows, table);
        }
        Command::Get { project } => {
            let id = find(&client, project).await?;
            let project = client.get(&format!("/projects/{id}")).await?;
            output::one(options.json, &project, details);
        }
        Command::Create {
            name,
            description,
            cost_center,
        } => {
            let cost_center = cost_centers::find(&client, cost_center).await?;
            let description = description.as_ref().unwrap_or(name);
            let body = json!({ "name": name, "description": description, "costCenterId": cost_center });
            let made = client.send("POST", "/projects", Some(&body)).await?;
            output::made(options.json, &made);
        }
        Command::Update { project, change } => {
            let id = find(&client, project).await?;
            let path = format!("/projects/{id}");
            let project = client.send("PATCH", &path, Some(&change.body())).await?;
            output::one(options.json, &project, details);
        }
        Command::Delete { project } => {
            let id = find(&client, project).await?;
            client.send("DELETE", &format!("/projects/{id}"), None).await?;
            eprintln!("deleted project {id}");
        }
        Command::Users(users) => members::list(&client, options.json, users).await?,
        Command::Add(add) => members::add(&client, add).await?,
        Command::Remove(remove) => members::remove(&client, remove).await?,
    }
    Ok(Exit::Done)
}

/// The id of the project that somebody means.
///
/// # Errors
/// The caller sees none of that name, or the API refuses.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<String, Error> {
    if wanted.parse::<ProjectId>().is_ok() {
        return Ok(wanted.to_owned());
    }
    let selection = selection::Selection::named(wanted);
    let found = List::of("/projects")
        .selected(&selection, &KEYS)
        .rows(client)
        .await?;
    let project = named::the_one("project", found, wanted, &["name"])?;
    Ok(text(&project, "id").to_owned())
}

/// The id of the project that somebody means; where they name none, of the only one that they see.
///
/// # Errors
/// As [`find`], or there are several.
pub(crate) async fn find_or_only(client: &Client, wanted: Option<&str>) -> Result<String, Error> {
    if let Some(wanted) = wanted {
        return find(client, wanted).await;
    }
    match own(client).await?.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::usage("you are in no project yet")),
        several => Err(Error::usage(format!(
            "there are {} projects: name one with --project",
            several.len()
        ))),
    }
}

/// The ids of all projects that the caller sees.
///
/// # Errors
/// The API refuses, or can not be reached.
pub(crate) async fn own(client: &Client) -> Result<Vec<String>, Error> {
    let rows = List::of("/projects").rows(client).await?;
    Ok(rows.iter().map(|row| text(row, "id").to_owned()).collect())
}

/// Projects below each other.
pub(crate) fn table(projects: &[Value]) -> String {
    let row = |project: &Value| {
        [
            text(project, "id").to_owned(),
            text(project, "name").to_owned(),
            text(project, "status").to_owned(),
            text(project, "awsAccountId").to_owned(),
            output::time(project, "createdAt"),
        ]
    };
    output::table(
        ["ID", "NAME", "STATUS", "AWS ACCOUNT", "CREATED"],
        projects.iter().map(row),
    )
}

fn details(project: &Value) -> String {
    let field = |name: &str| text(project, name).to_owned();
    output::details(&[
        ("Id", field("id")),
        ("Name", field("name")),
        ("Description", field("description")),
        ("Status", field("status")),
        ("Cost centre", field("costCenterId")),
        ("AWS account", field("awsAccountId")),
        ("Created", output::time(project, "createdAt")),
        ("Updated", output::time(project, "updatedAt")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Value {
        json!({ "id": "proj-b590a734-5adc-4a43-a24b-edf3795b812d", "name": "genomics", "description": "Genomics",
            "costCenterId": "cc-b590a734-5adc-4a43-a24b-edf3795b812d", "status": "AVAILABLE",
            "awsAccountId": "444455556666", "createdAt": "2026-11-24T10:00:00.000Z",
            "updatedAt": "2026-11-24T11:00:00.000Z" })
    }

    #[test]
    fn projects_are_a_table() {
        insta::assert_snapshot!(table(&[project()]));
    }

    #[test]
    fn a_project_has_details() {
        insta::assert_snapshot!(details(&project()));
    }

    #[test]
    fn a_change_has_what_was_given_only() {
        let change = Change {
            name: None,
            description: Some("new".into()),
        };
        assert_eq!(change.body(), json!({ "description": "new" }));
    }
}
