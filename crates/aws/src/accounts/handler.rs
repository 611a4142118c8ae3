//! One hosting account, entered as its account handler role.

use std::collections::BTreeSet;

use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_servicecatalog::types::PrincipalType;
use workbench_core::account::stack::Stack;
use workbench_core::compute::COMPUTES;

use crate::catalog::Catalog;
use crate::driver::Driver;
use crate::error::Fault;
use crate::session::{Entered, client};

/// The clients of the account handler role.
#[derive(Debug)]
pub(crate) struct Handler {
    stacks: aws_sdk_cloudformation::Client,
    pub(super) catalog: aws_sdk_servicecatalog::Client,
    /// The same, for one product at a time.
    pub(super) products: Catalog,
    pub(super) tags: aws_sdk_resourcegroupstagging::Client,
    /// The drivers, to list instances, with the names of their computes.
    pub(super) drivers: Vec<(&'static str, Driver)>,
}

impl Handler {
    pub(crate) fn new(role: &Entered) -> Self {
        Self {
            stacks: client!(aws_sdk_cloudformation, role),
            catalog: client!(aws_sdk_servicecatalog, role),
            products: Catalog::new(role),
            drivers: (COMPUTES.iter())
                .filter_map(|compute| Some((compute.name, Driver::of(compute.name, role)?)))
                .collect(),
            tags: client!(aws_sdk_resourcegroupstagging, role),
        }
    }

    /// The stack of this name, if there is one.
    pub(super) async fn stack(&self, name: &str) -> Result<Option<Stack>, Fault> {
        let answer = match self.stacks.describe_stacks().stack_name(name).send().await {
            Ok(answer) => answer,
            // CloudFormation has no code of its own for that.
            Err(error)
                if error.code() == Some("ValidationError")
                    && error
                        .message()
                        .is_some_and(|text| text.contains("does not exist")) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(Fault::of("cloudformation", "DescribeStacks", &error)),
        };
        let stack = answer.stacks.unwrap_or_default().into_iter().next();
        Ok(stack.map(|stack| Stack {
            status: stack
                .stack_status
                .map(|status| status.to_string())
                .unwrap_or_default(),
            reason: stack.stack_status_reason,
            outputs: stack
                .outputs
                .unwrap_or_default()
                .into_iter()
                .filter_map(|output| Some((output.output_key?, output.output_value?)))
                .collect(),
        }))
    }

    /// Who may launch from the portfolio in this account.
    pub(super) async fn principals(&self, portfolio: &str) -> Result<BTreeSet<String>, Fault> {
        let list = self
            .catalog
            .list_principals_for_portfolio()
            .portfolio_id(portfolio);
        let mut principals = BTreeSet::new();
        let mut token = None;
        loop {
            let page = list.clone().set_page_token(token).send().await;
            let page =
                page.map_err(|error| Fault::of("servicecatalog", "ListPrincipalsForPortfolio", &error))?;
            let arns = page.principals.unwrap_or_default();
            principals.extend(arns.into_iter().filter_map(|principal| principal.principal_arn));
            token = page.next_page_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(principals);
            }
        }
    }

    /// Accepts the portfolio that the main account shares.
    pub(super) async fn accept(&self, portfolio: &str) -> Result<(), Fault> {
        let accept = self.catalog.accept_portfolio_share().portfolio_id(portfolio);
        match accept.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::of("servicecatalog", "AcceptPortfolioShare", &error)),
        }
    }

    /// Lets a role of the account launch from the portfolio.
    pub(super) async fn associate(&self, portfolio: &str, role_arn: &str) -> Result<(), Fault> {
        let associate = self
            .catalog
            .associate_principal_with_portfolio()
            .portfolio_id(portfolio)
            .principal_arn(role_arn)
            .principal_type(PrincipalType::Iam);
        match associate.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::of(
                "servicecatalog",
                "AssociatePrincipalWithPortfolio",
                &error,
            )),
        }
    }
}
