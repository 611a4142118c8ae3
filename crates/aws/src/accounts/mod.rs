//! Keeping hosting accounts right: look, compare, write the differences, record the outcome.
//!
//! What is decided is decided by [`workbench_core::account::check`]. Accounts are handled apart and in parallel, each
//! with an outcome of its own. The lists of whom the portfolio and the documents are shared with are the main
//! account's: they are read once for all accounts, and documents are shared with 20 accounts in one call.

mod cycle;
mod handler;
mod record;
mod shares;

pub use cycle::CheckedAccount;
pub(crate) use handler::Handler;
pub(crate) use shares::MainShares;

use workbench_core::account::check::Unseen;

use crate::error::{Fault, FaultKind};

/// The IAM actions of who checks, in the main account.
pub const ACTIONS: &[&str] = &[
    "servicecatalog:CreatePortfolioShare",
    "servicecatalog:DeletePortfolioShare",
    "servicecatalog:DescribePortfolioShares",
    "ssm:DescribeDocumentPermission",
    "ssm:ModifyDocumentPermission",
    "sts:AssumeRole",
];

/// The IAM actions of the account handler role. Service Catalog reads a principal's role in the name of who names it.
pub const ENTERED_ACTIONS: &[&str] = &[
    "cloudformation:DescribeStacks",
    "iam:GetRole",
    "servicecatalog:AcceptPortfolioShare",
    "servicecatalog:AssociatePrincipalWithPortfolio",
    "servicecatalog:ListPrincipalsForPortfolio",
];

/// Why something could not be looked at or done.
fn unseen(fault: &Fault) -> Unseen {
    match fault.kind {
        _ if fault.service == "sts" => Unseen::NotLetIn,
        FaultKind::Refused => Unseen::Refused(fault.reason()),
        FaultKind::Unclear => Unseen::Unclear(fault.reason()),
    }
}
