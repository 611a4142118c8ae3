//! Documents: created, versioned, described, deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::Document;
use super::store::{StoredDocument, Version, invalid_document, own, owner_and_name};
use crate::error::ApiError;
use crate::request::{epoch_seconds, parse};
use crate::world::{Principal, World};

/// Largest content of a document, in bytes (Systems Manager quotas).
const MAX_CONTENT: usize = 64 * 1024;

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
