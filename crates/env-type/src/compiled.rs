//! Renders packages as the Rust source of the registry: static data of the types in `workbench_core::registry`.

use std::fmt::Write as _;

use crate::document::Document;
use crate::manifest::SourceOf;
use crate::package::{File, InstanceFile, Package};
use crate::source::Source;
use crate::template::TemplateParameter;

/// The source text of `static ENVIRONMENT_TYPES`, for checked packages. `computes` are the names in
/// `workbench_core::compute::COMPUTES`, in their order; a package of another compute is left out.
#[must_use]
pub fn render(packages: &[Package], computes: &[&str]) -> String {
    let mut source = String::from("static ENVIRONMENT_TYPES: &[EnvironmentType] = &[\n");
    for package in packages {
        if let Some(compute) = computes
            .iter()
            .position(|name| *name == package.manifest.content.compute.text)
        {
            source.push_str(&environment_type(package, compute));
        }
    }
    source.push_str("];\n");
    source
}

fn environment_type(package: &Package, compute: usize) -> String {
    let manifest = &package.manifest.content;
    let template = &package.template;
    format!(
        "EnvironmentType {{ name: {:?}, description: {:?}, compute: &crate::compute::COMPUTES[{compute}],\n\
         record_outputs: RecordOutputs {{ instance_name: {:?}, instance_arn: {:?}, instance_role: {:?} }},\n\
         launch: {},\nterminate: {},\n\
         connection: Connection {{ instruction: {:?} }},\n\
         template: {:?},\ntemplate_parameters: &[{}],\n\
         files: &[{}],\nfiles_hash: {:?}, template_hash: {:?}, content_hash: {:?} }},\n",
        package.name,
        manifest.description,
        manifest.instance_name.text,
        manifest.instance_arn.text,
        manifest.instance_role.text,
        document(&package.launch, &manifest.launch),
        document(&package.terminate, &manifest.terminate),
        manifest.instruction.text,
        template.text,
        template
            .content
            .parameters
            .iter()
            .map(template_parameter)
            .collect::<String>(),
        package.files.iter().map(instance_file).collect::<String>(),
        package.files_hash().unwrap_or_default(),
        package.template_hash(),
        package.content_hash(),
    )
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.fold(String::new(), |mut list, text| {
        let _ = write!(list, "{text:?}, ");
        list
    })
}

fn document(file: &File<Document>, sources: &[SourceOf]) -> String {
    let mut parameters = String::new();
    for parameter in &file.content.parameters {
        let fed = sources.iter().find(|fed| fed.parameter == parameter.name);
        let _ = write!(
            parameters,
            "DocumentParameter {{ name: {:?}, default: {:?}, allowed_pattern: {:?}, allowed_values: &[{}], source: {} }}, ",
            parameter.name,
            parameter.default,
            parameter.allowed_pattern.as_ref().map(|(pattern, _)| pattern),
            texts(parameter.allowed_values.iter().map(String::as_str)),
            fed.map_or_else(
                || "None".to_owned(),
                |fed| format!("Some({})", source(&fed.source))
            ),
        );
    }
    format!(
        "Document {{ parameters: &[{parameters}], content: {:?} }}",
        file.text
    )
}

fn template_parameter(parameter: &TemplateParameter) -> String {
    format!(
        "TemplateParameter {{ name: {:?}, parameter_type: {:?}, description: {:?}, default: {:?}, \
         allowed_pattern: {:?}, allowed_values: &[{}] }}, ",
        parameter.name,
        parameter.parameter_type,
        parameter.description,
        parameter.default,
        parameter.allowed_pattern.as_ref().map(|(pattern, _)| pattern),
        texts(parameter.allowed_values.iter().map(String::as_str)),
    )
}

fn instance_file(file: &InstanceFile) -> String {
    format!(
        "File {{ name: {:?}, content: b\"{}\" }}, ",
        file.name,
        file.content.escape_ascii()
    )
}

/// `account.vpcId` as `Source::Account(AccountField::VpcId)`.
fn source(source: &Source) -> String {
    match source {
        Source::Config(key) => format!("Source::Config({key:?})"),
        Source::Literal(text) => format!("Source::Literal({text:?})"),
        Source::Field(group, field) => {
            let group = capitalised(group.name);
            format!("Source::{group}({group}Field::{})", capitalised(field))
        }
    }
}

/// With a capital first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}
