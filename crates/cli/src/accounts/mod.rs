//! `workbench accounts`: the hosting accounts of any Workbench, for IT admins.

mod onboard;

use serde_json::Value;

use crate::api::{Client, Error, List, Options, given};
use crate::exit::Exit;
use crate::named;
use crate::output::{self, text};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show every hosting account, with what is wrong and the mend
    List,
    /// Check one account now, mend what can be mended, and show what is left
    Check {
        /// The account: its id, its name or its AWS number
        account: String,
    },
    /// Print the links by which an admin of an AWS account makes or updates its stack, within 15 minutes
    Links(onboard::Links),
    /// Register a hosting account, before or after its stack is made, and print its id
    Add(onboard::Add),
    /// Change an account's name, or tell its new external id
    Update {
        /// The account: its id, its name or its AWS number
        account: String,
        #[command(flatten)]
        change: Change,
    },
    /// Let an account go that has neither cost centres nor projects
    Remove {
        /// The account: its id, its name or its AWS number
        account: String,
    },
}

/// What changes.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// The external id that its stack has now
    #[arg(long, value_name = "SECRET")]
    external_id: Option<String>,
}

impl Change {
    fn body(&self) -> Value {
        given([("name", &self.name), ("externalId", &self.external_id)])
    }
}

/// For `list` and `check`, the end says whether every account that was shown is without findings.
pub(crate) async fn run(options: &Options, command: &Command) -> anyhow::Result<Exit> {
    let client = options.client()?;
    let shown = match command {
        Command::List => {
            let accounts = List::of("/awsAccounts").rows(&client).await?;
            let well = accounts.iter().all(is_well);
            output::rows(options.json, accounts, table);
            return Ok(Exit::if_so(well));
        }
        Command::Check { account } => {
            let path = format!("{}/check", path(&client, account).await?);
            let checked = client.send("POST", &path, None).await?;
            let well = is_well(&checked);
            output::one(options.json, &checked, table_of_one);
            return Ok(Exit::if_so(well));
        }
        Command::Links(links) => {
            links.run(&client, options.json).await?;
            return Ok(Exit::Done);
        }
        Command::Add(add) => {
            output::made(options.json, &add.send(&client).await?);
            return Ok(Exit::Done);
        }
        Command::Update { account, change } => {
            let path = path(&client, account).await?;
            client.send("PATCH", &path, Some(&change.body())).await?
        }
        Command::Remove { account } => {
            let path = path(&client, account).await?;
            client.send("DELETE", &path, None).await?
        }
    };
    output::one(options.json, &shown, table_of_one);
    Ok(Exit::Done)
}

fn is_well(account: &Value) -> bool {
    findings(account).is_empty()
}

/// The path of the account that somebody means.
async fn path(client: &Client, wanted: &str) -> Result<String, Error> {
    let account = find(client, wanted).await?;
    Ok(format!("/awsAccounts/{}", text(&account, "id")))
}

/// The account that somebody means.
///
/// # Errors
/// There is none or several, or the API refuses.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<Value, Error> {
    let mut all = List::of("/awsAccounts").rows(client).await?;
    // The name and the number of an account that was let go may be another's by now.
    all.retain(|account| account["status"] != "REMOVED" || account["id"] == wanted);
    named::the_one("account", all, wanted, &["id", "name", "awsAccountId"])
}

fn table_of_one(account: &Value) -> String {
    table(std::slice::from_ref(account))
}

fn table(accounts: &[Value]) -> String {
    let row = |account: &Value| {
        let findings: Vec<String> = findings(account)
            .iter()
            .map(|finding| format!("{}. To do: {}.", text(finding, "reason"), text(finding, "mend")))
            .collect();
        let checked = account["lastCheckedAt"].as_str();
        [
            text(account, "id").to_owned(),
            text(account, "name").to_owned(),
            text(account, "awsAccountId").to_owned(),
            text(account, "status").to_owned(),
            checked.map_or("never".to_owned(), |_| output::time(account, "lastCheckedAt")),
            findings.join("\n"),
        ]
    };
    let header = ["ID", "NAME", "AWS ACCOUNT", "STATUS", "CHECKED", "FINDINGS"];
    output::table(header, accounts.iter().map(row))
}

fn findings(account: &Value) -> &[Value] {
    account["findings"].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_says_what_is_wrong_and_what_to_do() {
        insta::assert_snapshot!(table(&[
            json!({ "id": "acc-1", "name": "a", "awsAccountId": "111111111111", "status": "CURRENT", "findings": [] }),
            json!({ "id": "acc-2", "name": "b", "awsAccountId": "222222222222", "status": "ERRORED",
                "lastCheckedAt": "2026-11-24T10:00:00.000Z",
                "findings": [{ "kind": "STACK_FAILED", "reason": "it failed", "mend": "make it again" },
                    { "kind": "ROLE", "reason": "it has no role", "mend": "make one" }] }),
        ]));
    }
}
