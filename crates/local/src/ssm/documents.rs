//! Documents: created, versioned, shared with other accounts, deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::Document;
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// Largest content of a document, in bytes (Systems Manager quotas).
const MAX_CONTENT: usize = 64 * 1024;

/// Most account ids in one ModifyDocumentPermission.
const MAX_ACCOUNTS: usize = 20;

/// A document with its versions and the accounts it is shared with.
pub(super) struct StoredDocument {
    /// By version number, from 1.
    versions: BTreeMap<u32, Version>,
    default_version: u32,
    shared_with: BTreeSet<String>,
}

struct Version {
    content: String,
    format: String,
    created: Timestamp,
    document: Arc<Document>,
}

impl StoredDocument {
    fn latest(&self) -> u32 {
        self.versions.keys().next_back().copied().unwrap_or(1)
    }

    fn version(&self, wanted: Option<&str>) -> Option<(u32, &Version)> {
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

fn owner_and_name(account: &str, name_or_arn: &str) -> (String, String) {
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

fn invalid_document(name: &str) -> ApiError {
    ApiError::new(
        "InvalidDocument",
        format!("document `{name}` does not exist or is not shared with this account"),
    )
}

fn read(content: &str) -> Result<Arc<Document>, ApiError> {
    if content.len() > MAX_CONTENT {
        return Err(ApiError::new(
            "MaxDocumentSizeExceeded",
            format!(
                "the content has {} bytes; at most {MAX_CONTENT} are allowed",
                content.len()
            ),
        ));
    }
    Document::read(content)
        .map(Arc::new)
        .map_err(|reason| ApiError::new("InvalidDocumentContent", reason))
}

fn own<'a>(
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateDocument {
    content: String,
    name: String,
    document_type: Option<String>,
    document_format: Option<String>,
    #[serde(rename = "TargetType")]
    _target_type: Option<String>,
    #[serde(rename = "DisplayName")]
    _display_name: Option<String>,
    #[serde(rename = "VersionName")]
    _version_name: Option<String>,
    #[serde(rename = "Tags")]
    _tags: Option<Value>,
}

pub(super) fn create(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: CreateDocument = parse("CreateDocument", input)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
    if !(3..=128).contains(&request.name.len()) || !request.name.chars().all(valid) {
        return Err(ApiError::validation(format!(
            "Name `{}` must be 3 to 128 letters, digits, `_`, `-` and `.`",
            request.name
        )));
    }
    if request.document_type.as_deref() != Some("Automation") {
        return Err(ApiError::validation(
            "DocumentType must be `Automation`; the local ssm knows no other",
        ));
    }
    let document = read(&request.content)?;
    let key = (principal.account.clone(), request.name.clone());
    if world.ssm.documents.contains_key(&key) {
        return Err(ApiError::new(
            "DocumentAlreadyExists",
            format!("document `{}` already exists", request.name),
        ));
    }
    let version = Version {
        content: request.content,
        format: request.document_format.unwrap_or_else(|| "JSON".to_owned()),
        created: world.now,
        document,
    };
    let stored = StoredDocument {
        versions: BTreeMap::from([(1, version)]),
        default_version: 1,
        shared_with: BTreeSet::new(),
    };
    let answer = description(&request.name, &principal.account, &stored, 1);
    world.ssm.documents.insert(key, stored);
    Ok(json!({ "DocumentDescription": answer }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateDocument {
    content: String,
    name: String,
    document_version: Option<String>,
    document_format: Option<String>,
    #[serde(rename = "VersionName")]
    _version_name: Option<String>,
}

/// Adds a version; the default version stays until UpdateDocumentDefaultVersion.
pub(super) fn update(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: UpdateDocument = parse("UpdateDocument", input)?;
    let (now, account) = (world.now, principal.account.clone());
    let stored = own(world, principal, &request.name)?;
    let latest = stored.latest();
    if request
        .document_version
        .as_deref()
        .is_some_and(|wanted| wanted != "$LATEST" && wanted != latest.to_string())
    {
        return Err(ApiError::new(
            "InvalidDocumentVersion",
            format!("DocumentVersion must be `$LATEST` or `{latest}`, the latest version"),
        ));
    }
    if stored
        .versions
        .get(&latest)
        .is_some_and(|version| version.content == request.content)
    {
        return Err(ApiError::new(
            "DuplicateDocumentContent",
            format!(
                "the content of document `{}` is that of its latest version",
                request.name
            ),
        ));
    }
    let document = read(&request.content)?;
    let format = request.document_format.unwrap_or_else(|| "JSON".to_owned());
    stored.versions.insert(
        latest + 1,
        Version {
            content: request.content,
            format,
            created: now,
            document,
        },
    );
    Ok(json!({ "DocumentDescription": description(&request.name, &account, stored, latest + 1) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct UpdateDocumentDefaultVersion {
    name: String,
    document_version: String,
}

pub(super) fn set_default_version(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: UpdateDocumentDefaultVersion = parse("UpdateDocumentDefaultVersion", input)?;
    let stored = own(world, principal, &request.name)?;
    let number = request
        .document_version
        .parse()
        .ok()
        .filter(|number| stored.versions.contains_key(number));
    let Some(number) = number else {
        return Err(ApiError::new(
            "InvalidDocumentVersion",
            format!(
                "document `{}` has no version `{}`",
                request.name, request.document_version
            ),
        ));
    };
    stored.default_version = number;
    Ok(json!({ "Description": { "Name": request.name, "DefaultVersion": number.to_string() } }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NamedVersion {
    name: String,
    document_version: Option<String>,
    #[serde(rename = "DocumentFormat")]
    _document_format: Option<String>,
}

fn readable<'a>(
    world: &'a World,
    principal: &Principal,
    request: &NamedVersion,
) -> Result<(String, String, &'a StoredDocument, u32, &'a Version), ApiError> {
    let (owner, name) = owner_and_name(&principal.account, &request.name);
    let stored = world
        .ssm
        .documents
        .get(&(owner.clone(), name.clone()))
        .filter(|stored| owner == principal.account || stored.shared_with.contains(&principal.account))
        .ok_or_else(|| invalid_document(&request.name))?;
    let (number, version) = stored
        .version(request.document_version.as_deref())
        .ok_or_else(|| {
            ApiError::new(
                "InvalidDocumentVersion",
                format!("document `{}` has no such version", request.name),
            )
        })?;
    Ok((owner, name, stored, number, version))
}

pub(super) fn describe(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: NamedVersion = parse("DescribeDocument", input)?;
    let (owner, name, stored, number, _) = readable(world, principal, &request)?;
    Ok(json!({ "Document": description(&name, &owner, stored, number) }))
}

pub(super) fn get(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: NamedVersion = parse("GetDocument", input)?;
    let (_, _, _, number, version) = readable(world, principal, &request)?;
    Ok(json!({
        "Name": request.name,
        "DocumentVersion": number.to_string(),
        "Status": "Active",
        "Content": version.content,
        "DocumentType": "Automation",
        "DocumentFormat": version.format,
        "CreatedDate": epoch_seconds(version.created),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    name: String,
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

/// Deletes all versions. A document that is shared must be unshared first.
pub(super) fn delete(world: &mut World, principal: &Principal, input: &Value) -> Result<Value, ApiError> {
    let request: Named = parse("DeleteDocument", input)?;
    if !own(world, principal, &request.name)?.shared_with.is_empty() {
        return Err(ApiError::new(
            "InvalidDocumentOperation",
            format!(
                "document `{}` is shared with other accounts; stop sharing it first",
                request.name
            ),
        ));
    }
    world
        .ssm
        .documents
        .remove(&owner_and_name(&principal.account, &request.name));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ModifyDocumentPermission {
    name: String,
    permission_type: String,
    #[serde(default)]
    account_ids_to_add: Vec<String>,
    #[serde(default)]
    account_ids_to_remove: Vec<String>,
}

pub(super) fn modify_permission(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: ModifyDocumentPermission = parse("ModifyDocumentPermission", input)?;
    check_permission_type(&request.permission_type)?;
    for (member, accounts) in [
        ("AccountIdsToAdd", &request.account_ids_to_add),
        ("AccountIdsToRemove", &request.account_ids_to_remove),
    ] {
        if accounts.len() > MAX_ACCOUNTS {
            return Err(ApiError::validation(format!(
                "{member} has {} ids; at most {MAX_ACCOUNTS} are allowed",
                accounts.len()
            )));
        }
        let valid = |account: &String| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if let Some(account) = accounts.iter().find(|account| !valid(account)) {
            return Err(ApiError::validation(format!(
                "{member}: `{account}` must be an account id of 12 digits"
            )));
        }
    }
    let stored = own(world, principal, &request.name)?;
    stored.shared_with.extend(request.account_ids_to_add);
    for account in request.account_ids_to_remove {
        stored.shared_with.remove(&account);
    }
    Ok(json!({}))
}

fn check_permission_type(kind: &str) -> Result<(), ApiError> {
    if kind == "Share" {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidPermissionType",
        format!("PermissionType `{kind}` must be `Share`"),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeDocumentPermission {
    name: String,
    permission_type: String,
}

pub(super) fn describe_permission(
    world: &mut World,
    principal: &Principal,
    input: &Value,
) -> Result<Value, ApiError> {
    let request: DescribeDocumentPermission = parse("DescribeDocumentPermission", input)?;
    check_permission_type(&request.permission_type)?;
    let stored = own(world, principal, &request.name)?;
    let sharing: Vec<_> = stored
        .shared_with
        .iter()
        .map(|account| json!({ "AccountId": account, "SharedDocumentVersion": "$DEFAULT" }))
        .collect();
    Ok(json!({ "AccountIds": stored.shared_with, "AccountSharingInfoList": sharing }))
}

fn description(name: &str, owner: &str, stored: &StoredDocument, number: u32) -> Value {
    let Some(version) = stored.versions.get(&number) else {
        return Value::Null;
    };
    let parameters: Vec<_> = version
        .document
        .parameters
        .iter()
        .map(|(name, parameter)| {
            let mut shown = json!({ "Name": name, "Type": parameter.kind_name });
            if let Some(description) = &parameter.description {
                shown["Description"] = json!(description);
            }
            if let Some(default) = &parameter.default {
                let text = default
                    .as_str()
                    .map_or_else(|| default.to_string(), str::to_owned);
                shown["DefaultValue"] = json!(text);
            }
            shown
        })
        .collect();
    let mut shown = json!({
        "Name": name,
        "Owner": owner,
        "CreatedDate": epoch_seconds(version.created),
        "Status": "Active",
        "DocumentVersion": number.to_string(),
        "LatestVersion": stored.latest().to_string(),
        "DefaultVersion": stored.default_version.to_string(),
        "DocumentType": "Automation",
        "DocumentFormat": version.format,
        "SchemaVersion": "0.3",
        "Parameters": parameters,
    });
    if let Some(description) = &version.document.description {
        shown["Description"] = json!(description);
    }
    shown
}
