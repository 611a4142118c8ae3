//! Keeping hosting accounts right: look, compare, write the differences, record the outcome.
//!
//! What is decided is decided by [`workbench_core::account::check`]. Accounts are handled apart and in parallel, each
//! with an outcome of its own. The lists of whom the portfolio and the documents are shared with are the main
//! account's: they are read once for all accounts, and documents are shared with 20 accounts in one call.
//!
//! Once an hour each account is looked through for what is left over in it, as [`workbench_core::account::orphans`] says,
//! and for instances that are not what their environments say, as [`workbench_core::account::drift`] says.

mod cycle;
mod documents;
mod drift;
mod handler;
mod inventory;
mod orphans;
mod patience;
mod record;
mod shares;

pub use cycle::{CheckedAccount, CheckedAccounts};
pub(crate) use handler::Handler;
pub use patience::Patience;
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

/// The IAM actions of the account handler role, beside the `list_calls` of the computes. Service Catalog reads a principal's role in the name of who names it.
pub const ENTERED_ACTIONS: &[&str] = &[
    "cloudformation:DescribeStacks",
    "iam:GetRole",
    "servicecatalog:AcceptPortfolioShare",
    "servicecatalog:AssociatePrincipalWithPortfolio",
    "servicecatalog:DescribeProvisionedProduct",
    "servicecatalog:ListPrincipalsForPortfolio",
    "servicecatalog:SearchProvisionedProducts",
    "tag:GetResources",
];

/// The codes of lists and quotas that are full.
const FULL: [&str; 2] = ["DocumentPermissionLimit", "LimitExceededException"];

/// The codes of calls that the caller's policies do not allow.
const DENIED: [&str; 2] = ["AccessDenied", "AccessDeniedException"];

/// Why something could not be looked at or done.
fn unseen(fault: &Fault) -> Unseen {
    match fault.kind {
        _ if fault.service == "sts" => Unseen::NotLetIn,
        FaultKind::Refused if passes(fault) => Unseen::Unclear(fault.reason()),
        FaultKind::Refused if fault.code.as_deref().is_some_and(|code| DENIED.contains(&code)) => {
            Unseen::Denied(fault.reason())
        }
        FaultKind::Refused if fault.code.as_deref().is_some_and(|code| FULL.contains(&code)) => {
            Unseen::Full(fault.reason())
        }
        FaultKind::Refused => Unseen::Refused(fault.reason()),
        FaultKind::Unclear | FaultKind::Busy => Unseen::Unclear(fault.reason()),
    }
}

/// Whether a refusal passes by itself, though it is none of AWS's busy ones: what it needs is in the making.
fn passes(fault: &Fault) -> bool {
    matches!(
        (fault.operation, fault.code.as_deref()),
        // The portfolio's shares are being changed already.
        ("CreatePortfolioShare" | "DeletePortfolioShare", Some("InvalidStateException"))
            // The share has not come to the account yet.
            | (
                "AcceptPortfolioShare" | "AssociatePrincipalWithPortfolio" | "ListPrincipalsForPortfolio",
                Some("ResourceNotFoundException")
            )
            // The pages took too long.
            | ("GetResources", Some("PaginationTokenExpiredException"))
            // The document is not deployed yet.
            | ("DescribeDocumentPermission" | "ModifyDocumentPermission", Some("InvalidDocument"))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(operation: &'static str, code: &str) -> Unseen {
        unseen(&Fault {
            service: "servicecatalog",
            operation,
            code: Some(code.to_owned()),
            message: "so it is".to_owned(),
            request_id: None,
            kind: FaultKind::Refused,
        })
    }

    #[test]
    fn what_is_in_the_making_passes_and_other_refusals_do_not() {
        for (operation, code) in [
            ("CreatePortfolioShare", "InvalidStateException"),
            ("DeletePortfolioShare", "InvalidStateException"),
            ("AcceptPortfolioShare", "ResourceNotFoundException"),
            ("AssociatePrincipalWithPortfolio", "ResourceNotFoundException"),
            ("DescribeDocumentPermission", "InvalidDocument"),
            ("GetResources", "PaginationTokenExpiredException"),
        ] {
            assert_eq!(
                of(operation, code),
                Unseen::Unclear(format!("{operation}: {code}: so it is"))
            );
        }
        for (operation, code) in [
            ("CreatePortfolioShare", "ResourceNotFoundException"),
            ("AcceptPortfolioShare", "InvalidStateException"),
            ("DescribeDocumentPermission", "InvalidNextToken"),
        ] {
            assert_eq!(
                of(operation, code),
                Unseen::Refused(format!("{operation}: {code}: so it is"))
            );
        }
        assert!(matches!(
            of("CreatePortfolioShare", "AccessDeniedException"),
            Unseen::Denied(_)
        ));
        assert!(matches!(
            of("CreatePortfolioShare", "LimitExceededException"),
            Unseen::Full(_)
        ));
        assert!(matches!(
            of("ModifyDocumentPermission", "DocumentPermissionLimit"),
            Unseen::Full(_)
        ));
    }
}
