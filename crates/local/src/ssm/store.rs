//! The documents of all accounts, and which of them an account can use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::document::Document;
use crate::error::ApiError;
use crate::world::{Principal, World};

/// A document with its versions and the accounts it is shared with.
#[derive(Clone)]
pub(super) struct StoredDocument {
    /// By version number, from 1.
    pub(super) versions: BTreeMap<u32, Version>,
    pub(super) default_version: u32,
    pub(super) shared_with: BTreeSet<String>,
}

/// One version.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) content: String,
    pub(super) format: String,
    pub(super) created: Timestamp,
    pub(super) document: Arc<Document>,
}

impl StoredDocument {
    pub(super) fn latest(&self) -> u32 {
        self.versions.keys().next_back().copied().unwrap_or(1)
    }

    /// The version that a request asks for: a number, `$LATEST` or, by default, `$DEFAULT`.
    pub(super) fn version(&self, wanted: Option<&str>) -> Option<(u32, &Version)> {
        let number = match wanted {
            None | Some("$DEFAULT") => self.default_version,
            Some("$LATEST") => self.latest(),
            Some(number) => number.parse().ok()?,
        };
        Some((number, self.versions.get(&number)?))
    }
}

/// A document that an account may use.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) document: Arc<Document>,
}

/// The document by name (own account) or ARN (any account that shares it with this one).
///
/// # Errors
/// Whether the document or only its version is missing.
pub(super) fn find(
    world: &World,
    account: &str,
    name_or_arn: &str,
    version: Option<&str>,
) -> Result<Found, Missing> {
    let (owner, name) = owner_and_name(account, name_or_arn);
    let stored = world
        .ssm
        .documents
        .get(&(owner.clone(), name.clone()))
        .ok_or(Missing::Document)?;
    if owner != account && !stored.shared_with.contains(account) {
        return Err(Missing::Document);
    }
    let (number, version) = stored.version(version).ok_or(Missing::Version)?;
    Ok(Found {
        name: if owner == account {
            name
        } else {
            name_or_arn.to_owned()
        },
        version: number,
        document: Arc::clone(&version.document),
    })
}

/// What [`find`] did not find. A document that is not shared looks like one that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Document,
    Version,
}

/// The owning account and the name of a document that is named by name or ARN.
pub(super) fn owner_and_name(account: &str, name_or_arn: &str) -> (String, String) {
    match name_or_arn
        .strip_prefix("arn:aws:ssm:")
        .map(|rest| rest.splitn(3, ':').collect::<Vec<_>>())
    {
        Some(parts) => match parts.as_slice() {
            [_, owner, resource] if resource.starts_with("document/") => (
                (*owner).to_owned(),
                resource.trim_start_matches("document/").to_owned(),
            ),
            _ => (account.to_owned(), name_or_arn.to_owned()),
        },
        None => (account.to_owned(), name_or_arn.to_owned()),
    }
}

/// The ARN of a document that is named by name or ARN.
pub(super) fn arn_of(world: &World, account: &str, name_or_arn: &str) -> String {
    let (owner, name) = owner_and_name(account, name_or_arn);
    format!("arn:aws:ssm:{}:{owner}:document/{name}", world.region)
}

/// `InvalidDocument`: there is none, or none for this account.
pub(super) fn invalid_document(name: &str) -> ApiError {
    ApiError::new(
        "InvalidDocument",
        format!("document `{name}` does not exist or is not shared with this account"),
    )
}

/// The document, if the caller's account owns it.
pub(super) fn own<'a>(
    world: &'a mut World,
    principal: &Principal,
    name: &str,
) -> Result<&'a mut StoredDocument, ApiError> {
    let key = owner_and_name(&principal.account, name);
    if key.0 != principal.account {
        return Err(invalid_document(name));
    }
    world
        .ssm
        .documents
        .get_mut(&key)
        .ok_or_else(|| invalid_document(name))
}
