//! Packaging the shipped deployment, as `sam package` does: what a template names by a local path is uploaded, and
//! named by its address in S3.
//!
//! Facts are from the SAM developer guide under `sam package`: nested templates, files of `AWS::Include` and the code
//! of functions. Uploads lie under the hash of what they hold, so the same deployment is the same template.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::World;

/// The bucket of uploads.
const BUCKET: &str = "workbench-local-packages";

/// The shipped files by their paths in the repository.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/deployment.rs"));

/// The files of a deployment, by their paths.
#[derive(Debug, Clone)]
pub struct Deployment {
    files: BTreeMap<String, Cow<'static, str>>,
}

/// A template that can not be packaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// A file that a template names, or the template itself, is not there.
    #[error("there is no file `{0}`")]
    Missing(String),
    /// A template is no YAML.
    #[error("`{file}`: {reason}")]
    Malformed {
        /// The template.
        file: String,
        /// Why not.
        reason: String,
    },
}

impl Default for Deployment {
    fn default() -> Self {
        Self::shipped()
    }
}

impl Deployment {
    /// The deployment of this repository, as it was when this was built.
    pub fn shipped() -> Self {
        let files = SHIPPED.iter();
        Self {
            files: files
                .map(|(path, text)| ((*path).to_owned(), Cow::Borrowed(*text)))
                .collect(),
        }
    }

    /// The text of a file.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// The same with another text in one file.
    #[must_use]
    pub fn with(mut self, path: &str, text: String) -> Self {
        self.files.insert(path.to_owned(), Cow::Owned(text));
        self
    }

    /// Uploads a template and everything that it names; its address.
    pub(crate) fn upload(&self, world: &mut World, path: &str) -> Result<String, PackageError> {
        let text = self
            .file(path)
            .ok_or_else(|| PackageError::Missing(path.to_owned()))?;
        let malformed = |reason: String| PackageError::Malformed {
            file: path.to_owned(),
            reason,
        };
        let mut template =
            workbench_env_type::yaml::to_json(text).map_err(|error| malformed(error.to_string()))?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let global_code = template
            .pointer_mut("/Globals/Function")
            .and_then(Value::as_object_mut)
            .and_then(|function| function.remove("CodeUri"));
        let resources = template.get_mut("Resources").and_then(Value::as_object_mut);
        for (name, resource) in resources.into_iter().flatten() {
            match resource["Type"].as_str() {
                Some("AWS::Serverless::Function") => {
                    let binary = resource.pointer("/Metadata/BuildProperties/Binary");
                    let binary = binary.and_then(Value::as_str).unwrap_or(name);
                    if global_code.is_some() || resource.pointer("/Properties/CodeUri").is_some() {
                        resource["Properties"]["CodeUri"] = json!(format!("s3://{BUCKET}/{binary}"));
                    }
                }
                Some("AWS::CloudFormation::Stack") => {
                    let url = &mut resource["Properties"]["TemplateURL"];
                    if let Some(local) = url.as_str().filter(|url| !url.contains("://")) {
                        *url = json!(self.upload(world, &below(folder, local))?);
                    }
                }
                _ => {}
            }
        }
        self.upload_includes(world, folder, &mut template)?;
        Ok(put(world, &template.to_string(), "template"))
    }

    fn upload_includes(
        &self,
        world: &mut World,
        folder: &str,
        value: &mut Value,
    ) -> Result<(), PackageError> {
        match value {
            Value::Array(items) => items
                .iter_mut()
                .try_for_each(|item| self.upload_includes(world, folder, item)),
            Value::Object(members) => {
                if let Some(location) = members
                    .get_mut("Fn::Transform")
                    .and_then(|call| call.pointer_mut("/Parameters/Location"))
                    && let Some(local) = location.as_str().filter(|location| !location.contains("://"))
                {
                    let path = below(folder, local);
                    let text = self.file(&path).ok_or(PackageError::Missing(path))?;
                    *location = json!(put(world, text, "yaml"));
                }
                members
                    .values_mut()
                    .try_for_each(|member| self.upload_includes(world, folder, member))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
}

/// Which binary a function's `Code` is: its key is the binary's name.
pub(crate) fn binary(code: &Value) -> Option<&str> {
    (code["S3Bucket"] == BUCKET)
        .then(|| code["S3Key"].as_str())
        .flatten()
}

fn below(folder: &str, path: &str) -> String {
    match folder {
        "" => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}

fn put(world: &mut World, text: &str, extension: &str) -> String {
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).simple();
    world.put_object(BUCKET, &format!("{hash}.{extension}"), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uploaded(deployment: &Deployment) -> (String, Value) {
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        let url = deployment.upload(&mut world, "template.yaml").unwrap();
        let text = crate::s3::object(&world, &url).unwrap();
        (url, serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn what_is_named_by_a_path_is_named_by_its_address() {
        let (_, template) = uploaded(&Deployment::shipped());
        let nested = &template["Resources"]["EnvironmentTypes"]["Properties"]["TemplateURL"];
        assert!(nested.as_str().unwrap().starts_with("https://"), "{nested}");
        let code = &template["Resources"]["StatusFunction"]["Properties"]["CodeUri"];
        assert!(code.as_str().unwrap().ends_with("/workbench-status"), "{code}");
    }

    #[test]
    fn another_document_is_another_template() {
        let path = "templates/environments/sagemakerExample/sagemakerExampleLaunchSSM.yaml";
        let shipped = Deployment::shipped();
        let text = shipped
            .file(path)
            .unwrap()
            .replacen("description:", "description: New.", 1);
        assert_eq!(uploaded(&shipped).0, uploaded(&Deployment::shipped()).0);
        assert_ne!(
            uploaded(&shipped.clone().with(path, text)).0,
            uploaded(&shipped).0
        );
    }

    #[test]
    fn a_file_that_is_missing_is_named() {
        let mut deployment = Deployment::shipped();
        deployment.files.remove("templates/environment-types.cfn.yaml");
        let mut world = World::new("us-east-1", jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(
            deployment.upload(&mut world, "template.yaml"),
            Err(PackageError::Missing(
                "templates/environment-types.cfn.yaml".to_owned()
            ))
        );
    }
}
