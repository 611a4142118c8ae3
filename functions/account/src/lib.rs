//! Hosting accounts: every five minutes each is compared with what Workbench wants of it, and what differs is mended.
//!
//! The work is done by [`Cloud::check_accounts`], which the api function uses for one account as well. Here is what
//! the schedule adds: a summary for whoever invokes the function, a line in the log for each account that changed,
//! and a count of accounts by status for the alarms.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use workbench_aws::accounts::{self, CheckedAccounts, Patience};
use workbench_aws::{CheckedAccount, Cloud, Error, table};
use workbench_core::account::AccountStatus;
use workbench_core::account::finding::Finding;
use workbench_core::id::{AccountId, AwsAccountId, InvalidId};

mod metric;

pub use metric::metrics;

/// The IAM actions that the function needs, beside those of the account handler role.
pub const ACTIONS: &[&[&str]] = &[
    table::BATCH,
    table::CHECK,
    table::GET,
    table::PUT,
    table::QUERY,
    accounts::ACTIONS,
];

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Whether all accounts were checked, or only the one that the event named.
    pub all: bool,
    /// How many accounts have each status.
    pub statuses: BTreeMap<&'static str, u32>,
    /// How many differences were written.
    pub written: usize,
    /// How many rows of accounts can not be read; the log names them.
    pub unreadable: usize,
    /// How many things in the accounts have the tag of an environment that does not live there.
    pub orphaned: usize,
    /// How many environments have no product any more.
    pub vanished: usize,
    /// The accounts with findings.
    pub troubled: Vec<Troubled>,
}

/// An account with which something is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Troubled {
    /// The account.
    pub id: AccountId,
    /// AWS's number of it.
    pub aws_account_id: AwsAccountId,
    /// Its status.
    pub status: AccountStatus,
    /// What is so, and what to do.
    pub findings: Vec<Finding>,
}

/// Checks every account, or the one that the event names: `{ "accountId": "acc-..." }`. What is known once the
/// patience is at an end is recorded.
///
/// # Errors
/// The accounts can not be listed, or the named one does not exist.
pub async fn handle(cloud: &Cloud, event: &Value, patience: Patience) -> Result<Summary, Error> {
    let Some(id) = event.get("accountId").and_then(Value::as_str) else {
        // Boxed: the futures of an SDK call nest deeper than the compiler likes to look.
        return Ok(summary(Box::pin(cloud.check_accounts(patience)).await?, true));
    };
    let id = id
        .parse()
        .map_err(|error: InvalidId| workbench_core::Error::invalid("accountId", error.to_string()))?;
    let accounts = vec![Box::pin(cloud.check_account(id, patience)).await?];
    let checked = CheckedAccounts {
        accounts,
        unreadable: 0,
    };
    Ok(summary(checked, false))
}

fn summary(checked: CheckedAccounts, all: bool) -> Summary {
    let mut summary = Summary {
        all,
        unreadable: checked.unreadable,
        ..Summary::default()
    };
    for CheckedAccount {
        account,
        before,
        mut findings,
        look,
        written,
        checked_at: _,
    } in checked.accounts
    {
        let status = account.status;
        *summary.statuses.entry(status.label()).or_default() += 1;
        summary.written += written;
        if status != before || written > 0 {
            let (before, status, aws_account) = (before.label(), status.label(), &account.aws_account_id);
            tracing::info!(account.id = %account.id, %aws_account, before, status, written, "a hosting account changed");
        }
        if let Some(look) = look {
            summary.orphaned += look.orphaned;
            summary.vanished += look.vanished.len();
            findings.extend(look.findings);
        }
        if !findings.is_empty() {
            summary.troubled.push(Troubled {
                id: account.id,
                aws_account_id: account.aws_account_id,
                status,
                findings,
            });
        }
    }
    tracing::info!(statuses = ?summary.statuses, written = summary.written, "hosting accounts checked");
    summary
}
