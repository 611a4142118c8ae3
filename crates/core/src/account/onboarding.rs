//! The templates with which an AWS account is opened to Workbench, and the links that make a stack of one.

use std::fmt::Write as _;

use super::ExternalId;
use crate::main_account::MainAccount;

include!(concat!(env!("OUT_DIR"), "/onboarding.rs"));

/// Where the templates are in the artifact bucket: `<name>/<structure>.cfn.yaml` below it.
pub const PREFIX: &str = "onboarding";

/// An onboarding template.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name, as the API answers it.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// SHA-256 of what it makes, in hexadecimal digits; the stack's output `TemplateStructure`.
    pub structure: &'static str,
}

/// The templates: with a network of its own, and for one that is there.
#[must_use]
pub fn templates() -> &'static [Template] {
    &TEMPLATES
}

impl Template {
    /// Its key in the artifact bucket.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{PREFIX}/{}/{}.cfn.yaml", self.name, self.structure)
    }

    /// The link by which an admin of the account makes the stack, with every parameter that Workbench knows filled in:
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html>.
    /// `url` is where CloudFormation reads the template.
    #[must_use]
    pub fn create_link(&self, main: &MainAccount, url: &str, external_id: &ExternalId) -> String {
        let mut link = format!(
            "{}/create/review?templateURL={}&stackName={}",
            console(main),
            escaped(url),
            escaped(&main.onboarding_stack())
        );
        let MainAccount {
            account_id,
            namespace,
            artifact_bucket,
            artifact_key_arn,
            ..
        } = main;
        for (parameter, value) in [
            ("Namespace", namespace.as_str()),
            ("MainAccountId", account_id.as_str()),
            ("ExternalId", external_id.expose()),
            ("ApiHandlerRoleArn", &main.function_role_arn("api")),
            ("StatusHandlerRoleArn", &main.function_role_arn("status")),
            ("AccountHandlerRoleArn", &main.function_role_arn("account")),
            ("ArtifactBucketName", artifact_bucket),
            ("ArtifactKeyArn", artifact_key_arn),
            ("EnableFlowLogs", "true"),
        ] {
            let _ = write!(link, "&param_{parameter}={}", escaped(value));
        }
        link
    }

    /// The link by which an admin of the account updates the stack; its parameters keep their values.
    #[must_use]
    pub fn update_link(&self, main: &MainAccount, url: &str) -> String {
        format!(
            "{}/update/template?stackId={}&templateURL={}",
            console(main),
            escaped(&main.onboarding_stack()),
            escaped(url)
        )
    }
}

/// Where the CloudFormation console shows stacks in the main account's region.
fn console(main: &MainAccount) -> String {
    let host = match main.partition() {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    let region = &main.region;
    format!("https://{region}.{host}/cloudformation/home?region={region}#/stacks")
}

/// Text as a value in a link: everything but letters, digits and `-._~` is escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data;

    #[test]
    fn a_stack_tells_the_structure_of_its_template() {
        for template in templates() {
            let told = format!("Value: '{}'", template.structure);
            assert!(
                template.text.contains(&told),
                "{}: run `workbench env-type generate`",
                template.name
            );
        }
    }

    #[test]
    fn the_links_name_every_parameter_that_has_no_default_and_is_no_network() {
        let main = test_data::main_account();
        for template in templates() {
            let link = template.create_link(
                &main,
                "https://b/t?X-Amz-Expires=900&a=b",
                &ExternalId::new("a&b=c"),
            );
            assert!(link.starts_with("https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/create/review?templateURL=https%3A%2F%2Fb%2Ft%3FX-Amz-Expires%3D900%26a%3Db&stackName=workbench-dev-hosting-account&"), "{link}");
            assert!(link.contains("&param_ExternalId=a%26b%3Dc&"), "{link}");
            let parameters = template.text.split("\nParameters:\n").nth(1).unwrap();
            let parameters = parameters.split("\n\n").next().unwrap();
            let mut name = "";
            let mut given = Vec::new();
            for line in parameters.lines() {
                match line.strip_prefix("  ") {
                    Some(key) if !key.starts_with(' ') => {
                        name = key.trim_end_matches(':');
                        given.push((name, false));
                    }
                    Some(detail) if detail.starts_with("  Default:") => {
                        given.last_mut().unwrap().1 = true;
                    }
                    _ => {}
                }
            }
            assert!(!name.is_empty() && given.len() > 8);
            for (name, has_default) in given {
                let network = ["VpcId", "SubnetId"].contains(&name);
                assert!(
                    has_default || network || link.contains(&format!("&param_{name}=")),
                    "{name}"
                );
            }
            let update = template.update_link(&main, "https://b/t");
            assert!(update.ends_with("#/stacks/update/template?stackId=workbench-dev-hosting-account&templateURL=https%3A%2F%2Fb%2Ft"), "{update}");
        }
    }

    #[test]
    fn links_and_roles_are_of_the_partition_of_the_region() {
        for (region, host, partition) in [
            ("eu-west-1", "console.aws.amazon.com", "aws"),
            ("cn-north-1", "console.amazonaws.cn", "aws-cn"),
            ("us-gov-west-1", "console.amazonaws-us-gov.com", "aws-us-gov"),
        ] {
            let main = MainAccount {
                region: region.to_owned(),
                ..test_data::main_account()
            };
            let link = templates()[0].update_link(&main, "https://b/t");
            let start = format!("https://{region}.{host}/cloudformation/home?region={region}#");
            assert!(link.starts_with(&start), "{link}");
            let role = main.function_role_arn("api");
            assert!(role.starts_with(&format!("arn:{partition}:iam::")), "{role}");
        }
    }

    #[test]
    fn a_link_can_fill_in_every_parameter() {
        for template in templates() {
            let parameters = template.text.split("\nResources:\n").next().unwrap();
            assert!(!parameters.contains("    NoEcho:"), "{}", template.name);
        }
    }

    #[test]
    fn an_external_id_is_not_in_an_update_link() {
        let main = test_data::main_account();
        assert!(
            !templates()[0]
                .update_link(&main, "https://b/t")
                .contains("ExternalId")
        );
    }
}
