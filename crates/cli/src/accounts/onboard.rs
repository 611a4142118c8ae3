//! Opening an AWS account to Workbench: the links for its admin, and its registration.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::api::{Client, Error};
use crate::output::{self, text};

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Links {
    /// Links to make the stack of an account that is new, with an external id that you keep as a secret
    #[arg(long, value_name = "SECRET")]
    external_id: Option<String>,
    /// Links to update the stack of an account: its id, its name or its AWS number
    #[arg(long)]
    account: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Add {
    /// Letters, digits, `-`, `_` and `.`
    #[arg(long)]
    name: String,
    /// Its AWS number
    #[arg(long, value_name = "NUMBER")]
    aws_account: String,
    /// The external id that its stack is made with
    #[arg(long, value_name = "SECRET")]
    external_id: String,
}

impl Links {
    /// Prints the links, which are good for 15 minutes.
    pub(super) async fn run(&self, client: &Client, json: bool) -> anyhow::Result<()> {
        // The links to update are the same for every account; it has to be one.
        if let Some(wanted) = &self.account {
            super::find(client, wanted).await?;
        }
        let link = match self.external_id {
            Some(_) => "createUrl",
            None => "updateUrl",
        };
        let links = links(client, self.external_id.as_deref()).await?;
        output::one(json, &links, |links| table(links, link));
        Ok(())
    }
}

impl Add {
    /// Registers the account; it as the API answers it.
    pub(super) async fn send(&self, client: &Client) -> anyhow::Result<Value> {
        let links = links(client, Some(&self.external_id)).await?;
        let link = text(&links["onboard-account"], "createUrl");
        let roles = Roles::made_by(link).context("the link to make the stack does not say what it makes")?;
        let body = json!({
            "name": self.name,
            "awsAccountId": self.aws_account,
            "envMgmtRoleArn": roles.arn(&self.aws_account, "env-mgmt"),
            "hostingAccountHandlerRoleArn": roles.arn(&self.aws_account, "hosting-account-role"),
            "externalId": self.external_id,
        });
        Ok(client.send("POST", "/awsAccounts", Some(&body)).await?)
    }
}

/// The links of each template, by its name; those to make a stack only with an external id.
async fn links(client: &Client, external_id: Option<&str>) -> Result<Value, Error> {
    let body = match external_id {
        Some(external_id) => json!({ "externalId": external_id }),
        None => json!({}),
    };
    client.send("POST", "/awsAccountTemplateUrls", Some(&body)).await
}

fn table(links: &Value, link: &str) -> String {
    let row = |(template, links): (&String, &Value)| [template.clone(), text(links, link).to_owned()];
    let mut rows: Vec<_> = links.as_object().into_iter().flatten().map(row).collect();
    rows.sort();
    output::table(["TEMPLATE", "LINK"], rows)
}

/// How the roles are called that the stack makes.
#[derive(Debug, PartialEq, Eq)]
struct Roles {
    partition: String,
    namespace: String,
}

impl Roles {
    /// As the parameters in the link to make the stack say: nobody has to be asked for the namespace.
    fn made_by(link: &str) -> Option<Self> {
        let (_, query) = link.rsplit_once('?')?;
        let query: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
        let parameter = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let (_, partition) = parameter("param_ApiHandlerRoleArn")?.split_once("arn:")?;
        Some(Self {
            partition: partition.split(':').next()?.to_owned(),
            namespace: parameter("param_Namespace")?.clone(),
        })
    }

    fn arn(&self, account: &str, role: &str) -> String {
        let Self { partition, namespace } = self;
        format!("arn:{partition}:iam::{account}:role/{namespace}-{role}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://cn-north-1.console.amazonaws.cn/cloudformation/home?region=cn-north-1#/stacks/create/review\
        ?templateURL=https%3A%2F%2Fb%2Ft%3Fx%3D1&param_Namespace=workbench-prod\
        &param_ApiHandlerRoleArn=arn%3Aaws-cn%3Aiam%3A%3A111122223333%3Arole%2Fworkbench-prod-api";

    #[test]
    fn the_roles_are_called_as_the_stack_calls_them() {
        let roles = Roles::made_by(LINK).unwrap();
        assert_eq!(
            roles.arn("444455556666", "env-mgmt"),
            "arn:aws-cn:iam::444455556666:role/workbench-prod-env-mgmt"
        );
        assert_eq!(Roles::made_by("https://example.org/?region=us-east-1"), None);
    }

    #[test]
    fn each_template_has_its_link() {
        let links = json!({
            "onboard-account": { "createUrl": "https://make", "updateUrl": "https://update" },
            "onboard-account-byon": { "createUrl": "https://make-byon", "updateUrl": "https://update-byon" },
        });
        insta::assert_snapshot!(table(&links, "updateUrl"));
    }
}
