//! The documents of environment types in the main account: whom they are shared with.

use std::collections::HashSet;

use aws_config::SdkConfig;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::DocumentPermissionType;

use crate::error::Fault;

/// The IAM actions behind the calls.
pub const ACTIONS: &[&str] = &["ssm:DescribeDocumentPermission", "ssm:ModifyDocumentPermission"];

/// The most accounts that ModifyDocumentPermission takes.
pub(crate) const BATCH: usize = 20;

/// The most accounts on a page of DescribeDocumentPermission.
const ACCOUNTS_PER_PAGE: i32 = 200;

const SERVICE: &str = "ssm";

/// What is done to the list of accounts that a document is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ListChange {
    /// Accounts are put on it.
    Add,
    /// Accounts are taken off it.
    Remove,
}

/// The documents.
#[derive(Debug)]
pub struct Documents {
    client: Client,
}

impl Documents {
    /// Those of the account whose credentials `config` has.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
        }
    }

    /// The numbers of the accounts that a document is shared with.
    pub(crate) async fn shared_with(&self, document: &str) -> Result<HashSet<String>, Fault> {
        let describe = self
            .client
            .describe_document_permission()
            .name(document)
            .permission_type(DocumentPermissionType::Share)
            .max_results(ACCOUNTS_PER_PAGE);
        let mut accounts = HashSet::new();
        let mut token = None;
        loop {
            let page = describe.clone().set_next_token(token).send().await;
            let page = page.map_err(|error| Fault::of(SERVICE, "DescribeDocumentPermission", &error))?;
            accounts.extend(page.account_ids.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(accounts);
            }
        }
    }

    /// Puts up to [`BATCH`] accounts on the list of a document, or takes them off it.
    pub(crate) async fn list(
        &self,
        document: &str,
        change: ListChange,
        accounts: Vec<String>,
    ) -> Result<(), Fault> {
        let modify = self
            .client
            .modify_document_permission()
            .name(document)
            .permission_type(DocumentPermissionType::Share);
        let modify = match change {
            ListChange::Add => modify.set_account_ids_to_add(Some(accounts)),
            ListChange::Remove => modify.set_account_ids_to_remove(Some(accounts)),
        };
        match modify.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::of(SERVICE, "ModifyDocumentPermission", &error)),
        }
    }

    /// Takes a document back from every account; one that is not there is shared with none. Systems Manager deletes no
    /// document that is shared (API reference of DeleteDocument).
    ///
    /// # Errors
    /// Systems Manager's.
    pub async fn unshare(&self, document: &str) -> Result<(), Fault> {
        let accounts = match self.shared_with(document).await {
            Ok(accounts) => Vec::from_iter(accounts),
            Err(fault) if fault.code.as_deref() == Some("InvalidDocument") => return Ok(()),
            Err(fault) => return Err(fault),
        };
        for batch in accounts.chunks(BATCH) {
            self.list(document, ListChange::Remove, batch.to_vec()).await?;
        }
        Ok(())
    }
}
