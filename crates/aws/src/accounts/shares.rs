//! Whom the main account shares the portfolio and the documents with.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_config::SdkConfig;
use aws_sdk_servicecatalog::error::ProvideErrorMetadata as _;
use aws_sdk_servicecatalog::types::DescribePortfolioShareType;
use tokio::sync::Mutex;
use tokio::time::Instant;
use workbench_core::account::check::{Desired, Seen, Share};
use workbench_core::id::AwsAccountId;
use workbench_core::main_account::MainAccount;

use super::patience::{in_time, late};
use super::unseen;
use crate::documents::Documents;
use crate::error::Fault;

/// The most shares on a page of DescribePortfolioShares.
const SHARES_PER_PAGE: i32 = 100;

/// The portfolio and the documents as their owner sees them.
#[derive(Debug)]
pub(crate) struct MainShares {
    catalog: aws_sdk_servicecatalog::Client,
    documents: Documents,
    portfolio: String,
    /// Service Catalog takes one change of a portfolio's shares at a time.
    one_at_a_time: Mutex<()>,
}

/// Whom all of it is shared with.
#[derive(Debug)]
pub(super) struct SharedWith {
    portfolio: Seen<HashMap<String, Share>>,
    documents: BTreeMap<String, Seen<HashSet<String>>>,
}

impl SharedWith {
    /// How far the portfolio has come to `account`.
    pub(super) fn portfolio(&self, account: &AwsAccountId) -> Seen<Share> {
        let shares = self.portfolio.as_ref().map_err(Clone::clone)?;
        Ok(shares.get(account.as_str()).copied().unwrap_or(Share::Missing))
    }

    /// Whether each document is shared with `account`.
    pub(super) fn documents(&self, account: &AwsAccountId) -> BTreeMap<String, Seen<bool>> {
        let shared = |accounts: &Seen<HashSet<String>>| match accounts {
            Ok(accounts) => Ok(accounts.contains(account.as_str())),
            Err(unseen) => Err(unseen.clone()),
        };
        let documents = self.documents.iter();
        documents
            .map(|(document, accounts)| (document.clone(), shared(accounts)))
            .collect()
    }
}

impl MainShares {
    pub(crate) fn new(config: &SdkConfig, main: &MainAccount) -> Self {
        Self {
            catalog: aws_sdk_servicecatalog::Client::new(config),
            documents: Documents::new(config),
            portfolio: main.portfolio_id.clone(),
            one_at_a_time: Mutex::default(),
        }
    }

    /// The documents.
    pub(super) fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The portfolio's id.
    pub(super) fn portfolio(&self) -> &str {
        &self.portfolio
    }

    /// Reads whom everything is shared with: a call for each 100 accounts, and for each 200 of each document. Service
    /// Catalog, whose calls cost money, may be left out. What is not told by the end is not seen.
    pub(super) async fn shared_with(
        &self,
        desired: &Desired,
        asks_catalog: bool,
        end: Instant,
    ) -> SharedWith {
        let portfolio = if asks_catalog {
            seen(end, self.portfolio_shares()).await
        } else {
            Ok(HashMap::new())
        };
        let mut documents = BTreeMap::new();
        for document in &desired.documents {
            let accounts = seen(end, self.documents.shared_with(document)).await;
            documents.insert(document.clone(), accounts);
        }
        SharedWith { portfolio, documents }
    }

    async fn portfolio_shares(&self) -> Result<HashMap<String, Share>, Fault> {
        let describe = self
            .catalog
            .describe_portfolio_shares()
            .portfolio_id(&self.portfolio)
            .r#type(DescribePortfolioShareType::Account)
            .page_size(SHARES_PER_PAGE);
        let mut shares = HashMap::new();
        let mut token = None;
        loop {
            let page = describe.clone().set_page_token(token).send().await;
            let page =
                page.map_err(|error| Fault::of("servicecatalog", "DescribePortfolioShares", &error))?;
            for share in page.portfolio_share_details.unwrap_or_default() {
                let how = if share.accepted {
                    Share::Accepted
                } else {
                    Share::Offered
                };
                shares.extend(share.principal_id.map(|account| (account, how)));
            }
            token = page.next_page_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(shares);
            }
        }
    }

    /// Shares the portfolio with an account.
    pub(super) async fn share(&self, account: &AwsAccountId) -> Result<(), Fault> {
        let _turn = self.one_at_a_time.lock().await;
        let share = self
            .catalog
            .create_portfolio_share()
            .portfolio_id(&self.portfolio)
            .account_id(account.as_str());
        match share.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::of("servicecatalog", "CreatePortfolioShare", &error)),
        }
    }

    /// Takes the portfolio back from an account.
    pub(super) async fn unshare(&self, account: &AwsAccountId) -> Result<(), Fault> {
        let _turn = self.one_at_a_time.lock().await;
        let unshare = self
            .catalog
            .delete_portfolio_share()
            .portfolio_id(&self.portfolio)
            .account_id(account.as_str());
        match unshare.send().await {
            Ok(_) => Ok(()),
            // Somebody was faster.
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(()),
            Err(error) => Err(Fault::of("servicecatalog", "DeletePortfolioShare", &error)),
        }
    }
}

async fn seen<T>(end: Instant, asked: impl Future<Output = Result<T, Fault>>) -> Seen<T> {
    match in_time(end, asked).await {
        Some(answer) => answer.map_err(|fault| unseen(&fault)),
        None => Err(late()),
    }
}
