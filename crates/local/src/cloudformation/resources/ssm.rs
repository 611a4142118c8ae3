//! `AWS::SSM::Document`. `Ref` is the name.

use serde_json::{Value, json};

use super::{Caller, Change, New, Physical, ResourceType, answered, reason};
use crate::world::Service::Ssm;

pub(super) struct Document;

/// The content as text; templates write it as a map, or as text.
fn content(new: &New) -> String {
    let content = &new.properties["Content"];
    content
        .as_str()
        .map_or_else(|| content.to_string(), str::to_owned)
}

impl ResourceType for Document {
    fn name(&self) -> &'static str {
        "AWS::SSM::Document"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "Content",
            "DocumentFormat",
            "DocumentType",
            "Name",
            "Tags",
            "TargetType",
            "UpdateMethod",
        ]
    }

    fn required(&self) -> &'static [&'static str] {
        &["Content"]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create(&self, caller: &mut Caller<'_>, new: &New) -> Result<Physical, String> {
        let name = new.text("Name").map_or_else(|| new.long_name(128), str::to_owned);
        let mut request = new.request(&["DocumentFormat", "DocumentType", "TargetType"]);
        request.insert("Name".to_owned(), json!(name));
        request.insert("Content".to_owned(), json!(content(new)));
        request.insert("Tags".to_owned(), new.tags());
        caller.call(Ssm, "CreateDocument", &Value::Object(request))?;
        Ok(Physical::new(new, name, &[]))
    }

    /// With `UpdateMethod: NewVersion`, other content is a new version, which becomes the default one.
    fn update(&self, caller: &mut Caller<'_>, old: &Physical, new: &New) -> Result<Change, String> {
        let versioned = new.text("UpdateMethod") == Some("NewVersion");
        if !versioned || new.differs(old, &["Name", "DocumentType"]) {
            return Ok(Change::Replace);
        }
        let mut request = new.request(&["DocumentFormat"]);
        request.insert("Name".to_owned(), json!(old.id));
        request.insert("DocumentVersion".to_owned(), json!("$LATEST"));
        request.insert("Content".to_owned(), json!(content(new)));
        match caller.try_call(Ssm, "UpdateDocument", &Value::Object(request)) {
            Ok(answer) => {
                let version = answered(&answer, "/DocumentDescription/DocumentVersion");
                let request = json!({ "Name": old.id, "DocumentVersion": version });
                caller.call(Ssm, "UpdateDocumentDefaultVersion", &request)?;
            }
            Err(error) if error.code == "DuplicateDocumentContent" => {}
            Err(error) => return Err(reason(Ssm, &error)),
        }
        Ok(old.changed(new))
    }

    fn delete(&self, caller: &mut Caller<'_>, physical: &mut Physical) -> Result<bool, String> {
        let request = json!({ "Name": physical.id });
        caller.call_unless_gone(Ssm, "DeleteDocument", &request, &["InvalidDocument"])?;
        Ok(true)
    }
}
