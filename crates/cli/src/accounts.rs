//! `workbench accounts`: the hosting accounts of any Workbench, for IT admins.

use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use crate::api::Api;
use crate::output;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show every hosting account, with what is wrong and the mend
    List(List),
    /// Check one account now, mend what can be mended, and show what is left
    Check(Check),
}

#[derive(clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    api: Api,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// The account: its id, its name or its AWS number
    account: String,
    #[command(flatten)]
    api: Api,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// The exit code says whether every account that was shown is without findings.
pub(crate) async fn run(command: &Command) -> anyhow::Result<ExitCode> {
    let (accounts, json) = match command {
        Command::List(List { api, json }) => (all(api).await?, *json),
        Command::Check(Check { account, api, json }) => {
            let id = find(&all(api).await?, account)?;
            let checked = api.ask("POST", &format!("/awsAccounts/{id}/check")).await?;
            (vec![checked], *json)
        }
    };
    let shown = if json {
        serde_json::to_string_pretty(&accounts)?
    } else {
        table(&accounts)
    };
    output::line(&shown);
    let well = accounts.iter().all(|account| findings(account).is_empty());
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn all(api: &Api) -> anyhow::Result<Vec<Value>> {
    let mut accounts = Vec::new();
    let mut path = "/awsAccounts?pageSize=100".to_owned();
    loop {
        let mut page = api.ask("GET", &path).await?;
        if let Value::Array(rows) = page["data"].take() {
            accounts.extend(rows);
        }
        match page["paginationToken"].as_str() {
            Some(token) => path = format!("/awsAccounts?pageSize=100&paginationToken={token}"),
            None => return Ok(accounts),
        }
    }
}

/// The id of the account that somebody means.
fn find(accounts: &[Value], wanted: &str) -> anyhow::Result<String> {
    let means = |account: &&Value| {
        ["id", "name", "awsAccountId"]
            .iter()
            .any(|field| account[field] == wanted)
    };
    let found: Vec<_> = accounts.iter().filter(means).collect();
    match found.as_slice() {
        [account] => Ok(text(account, "id").to_owned()),
        [] => anyhow::bail!("no account has the id, name or number `{wanted}`"),
        _ => anyhow::bail!("several accounts are called `{wanted}`; give the id"),
    }
}

fn table(accounts: &[Value]) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["NAME", "AWS ACCOUNT", "STATUS", "CHECKED", "FINDINGS"]);
    for account in accounts {
        let findings: Vec<String> = findings(account)
            .iter()
            .map(|finding| format!("{}. To do: {}.", text(finding, "reason"), text(finding, "mend")))
            .collect();
        table.add_row([
            text(account, "name"),
            text(account, "awsAccountId"),
            text(account, "status"),
            account["lastCheckedAt"].as_str().unwrap_or("never"),
            &findings.join("\n"),
        ]);
    }
    table.to_string()
}

fn findings(account: &Value) -> &[Value] {
    account["findings"].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accounts() -> Vec<Value> {
        vec![
            json!({ "id": "acc-1", "name": "a", "awsAccountId": "111111111111", "status": "CURRENT", "findings": [] }),
            json!({ "id": "acc-2", "name": "a", "awsAccountId": "222222222222", "status": "ERRORED",
                "lastCheckedAt": "2026-11-24T10:00:00.000Z",
                "findings": [{ "kind": "STACK_FAILED", "reason": "it failed", "mend": "make it again" }] }),
        ]
    }

    #[test]
    fn an_account_is_found_by_each_of_its_names_unless_two_have_it() {
        assert_eq!(find(&accounts(), "acc-2").unwrap(), "acc-2");
        assert_eq!(find(&accounts(), "111111111111").unwrap(), "acc-1");
        assert!(
            find(&accounts(), "a")
                .unwrap_err()
                .to_string()
                .contains("give the id")
        );
        assert!(find(&accounts(), "b").is_err());
    }

    #[test]
    fn a_row_says_what_is_wrong_and_what_to_do() {
        let shown = table(&accounts());
        for part in ["CURRENT", "never", "it failed. To do: make it again."] {
            assert!(shown.contains(part), "{shown}");
        }
    }
}
