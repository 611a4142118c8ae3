//! `workbench cost-centers`: which hosting account projects are charged to.

use serde_json::{Value, json};

use crate::api::{Client, Error, List, Options};
use crate::exit::Exit;
use crate::output::{self, text};
use crate::selection;
use crate::{accounts, named};

/// What the API filters and sorts cost centres by.
const KEYS: [&str; 2] = ["createdAt", "name"];

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show the cost centres
    List(selection::Options),
    /// Make a cost centre of a hosting account, and print its id
    Create {
        /// Letters, digits, `-`, `_` and `.`
        #[arg(long)]
        name: String,
        /// What it is for; else its name
        #[arg(long)]
        description: Option<String>,
        /// The hosting account: its id, its name or its AWS number
        #[arg(long)]
        account: String,
    },
    /// Delete a cost centre that has no projects
    Delete {
        /// The cost centre: its id or its name
        cost_center: String,
    },
}

pub(crate) async fn run(options: &Options, command: &Command) -> anyhow::Result<Exit> {
    let client = options.client()?;
    match command {
        Command::List(selection) => {
            let selection = selection.selection();
            let list = List::of("/costCenters").selected(&selection, &KEYS);
            output::rows(options.json, list.rows(&client).await?, table);
        }
        Command::Create {
            name,
            description,
            account,
        } => {
            let account = accounts::find(&client, account).await?;
            let description = description.as_ref().unwrap_or(name);
            let body = json!({ "name": name, "description": description, "accountId": text(&account, "id") });
            let made = client.send("POST", "/costCenters", Some(&body)).await?;
            output::made(options.json, &made);
        }
        Command::Delete { cost_center } => {
            let id = find(&client, cost_center).await?;
            client.send("DELETE", &format!("/costCenters/{id}"), None).await?;
            eprintln!("deleted cost centre {id}");
        }
    }
    Ok(Exit::Done)
}

/// The id of the cost centre that somebody means.
///
/// # Errors
/// There is none or several, or the API refuses.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<String, Error> {
    let all = List::of("/costCenters").rows(client).await?;
    let found = named::the_one("cost centre", all, wanted, &["id", "name"])?;
    Ok(text(&found, "id").to_owned())
}

fn table(cost_centers: &[Value]) -> String {
    let row = |cost_center: &Value| {
        [
            text(cost_center, "id").to_owned(),
            text(cost_center, "name").to_owned(),
            text(cost_center, "awsAccountId").to_owned(),
            text(cost_center, "description").to_owned(),
        ]
    };
    output::table(
        ["ID", "NAME", "AWS ACCOUNT", "DESCRIPTION"],
        cost_centers.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_centres_are_a_table() {
        insta::assert_snapshot!(table(&[json!({
            "id": "cc-b590a734-5adc-4a43-a24b-edf3795b812d", "name": "genomics", "description": "All genes",
            "awsAccountId": "444455556666" })]));
    }
}
