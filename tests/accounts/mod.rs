//! Hosting accounts: opened by links, kept right, let go.

mod check;
mod drift;
mod fleet;
mod off_boarding;
mod onboarding;
mod orphans;
mod rotation;

use std::time::Duration;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_aws::accounts::Patience;
use workbench_local::{Answer, OpenedAccount, Principal, Service, Summary, Workbench};
use workbench_tests::Stage;

/// What changes something that accounts share, or an account itself.
const WRITES: [&str; 6] = [
    "AcceptPortfolioShare",
    "AssociatePrincipalWithPortfolio",
    "CreatePortfolioShare",
    "DeletePortfolioShare",
    "ModifyDocumentPermission",
    "PutObject",
];

/// Workbench with some hosting accounts whose stacks are complete.
struct Accounts {
    workbench: Workbench,
    opened: Vec<OpenedAccount>,
}

/// The number of the account at `index`.
fn number(index: usize) -> String {
    format!("7{index:011}")
}

impl Accounts {
    /// `count` accounts that were opened by links and not checked yet.
    async fn open(count: usize) -> Self {
        let mut accounts = Self {
            workbench: Stage::empty().await,
            opened: Vec::new(),
        };
        let numbers: Vec<_> = (0..count.max(1)).map(number).collect();
        accounts.workbench.allow_hosts(&numbers).await.unwrap();
        for index in 0..count {
            accounts.add(index).await;
        }
        accounts.settle();
        accounts
    }

    async fn add(&mut self, index: usize) {
        let opened = self
            .workbench
            .open_account(&number(index), &format!("host-{index}"))
            .await;
        self.opened.push(opened.unwrap());
    }

    /// Lets the stacks be completed.
    fn settle(&self) {
        self.workbench.aws.advance(SignedDuration::from_mins(30));
    }

    /// A run of the account function; the calls that were made before are forgotten.
    async fn cycle(&self) -> Summary {
        self.workbench.aws.world().forget_calls();
        self.workbench.check_accounts().await.unwrap()
    }

    /// A run of the account function that has no time left.
    async fn late_cycle(&self) -> Summary {
        self.workbench.aws.world().forget_calls();
        let none = Patience {
            looks: Duration::ZERO,
            account: Duration::ZERO,
            all: Duration::ZERO,
        };
        self.workbench.check_accounts_within(none).await.unwrap()
    }

    /// A request by the IT admin.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let token = &self.workbench.people.it_admin.token;
        self.workbench.request(token, method, path, body).await
    }

    /// The account at `index` as the API shows it.
    async fn shown(&self, index: usize) -> Value {
        let path = format!("/awsAccounts/{}", self.opened[index].id);
        let answer = self.ask(Method::GET, &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The status of the account at `index`, and the kinds of its findings.
    async fn state(&self, index: usize) -> (String, Vec<String>) {
        let shown = self.shown(index).await;
        let findings = shown["findings"].as_array().unwrap().iter();
        let kinds = findings.map(|finding| {
            assert!(!finding["mend"].as_str().unwrap().is_empty());
            finding["kind"].as_str().unwrap().to_owned()
        });
        (shown["status"].as_str().unwrap().to_owned(), kinds.collect())
    }

    /// A call that the admin of the account at `index` makes, past Workbench.
    fn in_console(&self, index: usize, service: Service, operation: &str, input: &Value) {
        let root = Principal::root(&number(index));
        let answer = self.workbench.aws.world().call(&root, service, operation, input);
        answer.unwrap();
    }

    /// What the account at `index` names the stack's role.
    fn role(&self, role: &str) -> String {
        format!("{}-{role}", self.workbench.main.namespace)
    }

    /// The operations that the functions called since the last run began, but for those that were refused.
    fn called(&self) -> Vec<String> {
        let world = self.workbench.aws.world();
        let calls = world
            .calls()
            .iter()
            .filter(|call| call.external && call.error.is_none());
        calls.map(|call| call.operation.clone()).collect()
    }

    /// Those of them that write something that accounts share.
    fn written(&self) -> Vec<String> {
        let mut called = self.called();
        called.retain(|operation| WRITES.contains(&operation.as_str()));
        called
    }

    /// Makes the policy of a role allow nothing.
    fn disarm(&self, index: usize, role: &str, policy: &str) {
        let arn = format!("arn:aws:iam::{}:policy/{}", number(index), self.role(policy));
        let detach = json!({ "RoleName": self.role(role), "PolicyArn": arn });
        self.in_console(index, Service::Iam, "DetachRolePolicy", &detach);
    }
}

fn current() -> (String, Vec<String>) {
    ("CURRENT".to_owned(), Vec::new())
}

fn state(status: &str, kinds: &[&str]) -> (String, Vec<String>) {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned());
    (status.to_owned(), kinds.collect())
}
