//! Who is in a project.

use std::collections::BTreeSet;

use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};
use workbench_core::project::ProjectRole;

use super::find;
use crate::api::{Client, List};
use crate::output::{self, text};
use crate::users;

/// The most rows that a page of members has.
const PAGE: usize = 60;

#[derive(clap::Args)]
pub(crate) struct Users {
    /// The project: its id or its name
    project: String,
    /// Only those with a role
    #[arg(long, value_parser = roles())]
    role: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Add {
    /// The project: its id or its name
    project: String,
    /// The user: their id or their e-mail address
    user: String,
    /// What they become
    #[arg(long, value_parser = roles())]
    role: String,
}

#[derive(clap::Args)]
pub(crate) struct Remove {
    /// The project: its id or its name
    project: String,
    /// The user: their id or their e-mail address
    user: String,
}

fn roles() -> PossibleValuesParser {
    PossibleValuesParser::new(ProjectRole::ALL.map(ProjectRole::label))
}

pub(super) async fn list(client: &Client, json: bool, users: &Users) -> anyhow::Result<()> {
    let id = find(client, &users.project).await?;
    let mut rows = Vec::new();
    for role in ProjectRole::ALL.map(ProjectRole::label) {
        if users.role.as_deref().is_some_and(|wanted| wanted != role) {
            continue;
        }
        // The API has a list for each role.
        let list = List::of(format!("/projects/{id}/users")).with("role", role);
        rows.extend(list.of_pages(PAGE).rows(client).await?);
    }
    output::rows(json, once(rows), table);
    Ok(())
}

/// Each person once: who has two roles is in two lists, with both roles in each.
fn once(mut rows: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert(text(row, "id").to_owned()));
    rows
}

pub(super) async fn add(client: &Client, add: &Add) -> anyhow::Result<()> {
    let Add { project, user, role } = add;
    let id = find(client, project).await?;
    let user = users::find(client, user).await?;
    let body = json!({ "role": role });
    client
        .send("POST", &relationships(&id, &user), Some(&body))
        .await?;
    eprintln!("{user} is {role} of project {id}");
    Ok(())
}

pub(super) async fn remove(client: &Client, remove: &Remove) -> anyhow::Result<()> {
    let Remove { project, user } = remove;
    let id = find(client, project).await?;
    let user = users::find(client, user).await?;
    client.send("DELETE", &relationships(&id, &user), None).await?;
    eprintln!("{user} is not in project {id} any more");
    Ok(())
}

fn relationships(project: &str, user: &str) -> String {
    format!("/projects/{project}/users/{user}/relationships")
}

/// A row for each person, with all their roles.
fn table(rows: &[Value]) -> String {
    let rows = rows.iter().map(|row| {
        let roles = row["roles"].as_array().map_or(&[][..], Vec::as_slice);
        let roles = roles.iter().filter_map(Value::as_str);
        // `<project>#<role>`
        let roles: Vec<_> = roles.map(|id| id.rsplit('#').next().unwrap_or(id)).collect();
        [
            text(row, "id").to_owned(),
            users::name(row),
            text(row, "email").to_owned(),
            roles.join(", "),
        ]
    });
    output::table(["USER", "NAME", "EMAIL", "ROLES"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_with_two_roles_is_one_row() {
        let row = |id: &str, roles: &[&str]| {
            let roles: Vec<_> = roles.iter().map(|role| format!("proj-1#{role}")).collect();
            json!({ "id": id, "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.org", "roles": roles })
        };
        // As the API answers: first its project admins, then its researchers.
        let both = row("b590a734", &["ProjectAdmin", "Researcher"]);
        let one = row("a0000000", &["Researcher"]);
        let rows = once(vec![both.clone(), both.clone(), one.clone()]);
        assert_eq!(rows, [both, one]);
        insta::assert_snapshot!(table(&rows));
    }
}
