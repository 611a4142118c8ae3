//! Hosting accounts besides the first: opened by their admins with the API's own links, and checked by the account
//! function.

use axum::http::Method;
use serde_json::{Value, json};
use workbench_account::Summary;
use workbench_aws::Error;
use workbench_aws::accounts::Patience;

use crate::cloudformation::hidden_parameters;
use crate::error::ApiError;
use crate::workbench::{Answer, Workbench};
use crate::world::{Principal, Service};

/// An account that is being opened to Workbench.
#[derive(Debug, Clone)]
pub struct OpenedAccount {
    /// AWS's number of it.
    pub aws_account_id: String,
    /// What its roles want to hear.
    pub external_id: String,
    /// Workbench's id of it.
    pub id: String,
}

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The API answered something else than success.
    #[error("the API answered {}: {}", .0.status, .0.body)]
    Api(Answer),
    /// The link is none of CloudFormation's console.
    #[error("the link `{0}` names no stack and template")]
    Link(String),
    /// The stack is refused.
    #[error("the stack is refused: {0}")]
    Stack(#[from] ApiError),
}

impl Workbench {
    /// Invokes the account function as its schedule does.
    ///
    /// # Errors
    /// The accounts can not be listed.
    pub async fn check_accounts(&self) -> Result<Summary, Error> {
        self.check_accounts_within(Patience::RUN).await
    }

    /// As [`Workbench::check_accounts`], with another patience than the schedule's.
    ///
    /// # Errors
    /// The accounts can not be listed.
    pub async fn check_accounts_within(&self, patience: Patience) -> Result<Summary, Error> {
        workbench_account::handle(&self.account, &json!({}), patience).await
    }

    /// Opens an AWS account to Workbench, as its admin and an IT admin do: the link, the stack, the registration. The
    /// stack is made while the time passes; the account function does the rest.
    ///
    /// # Errors
    /// The API's answer, or what the local AWS refuses.
    pub async fn open_account(&self, number: &str, name: &str) -> Result<OpenedAccount, OpenError> {
        let external_id = self.aws.world().new_hex_id("workbench-", 32);
        let link = self.onboarding_link(&external_id).await?;
        self.follow_link(number, &link, str::to_owned)?;
        self.register_account(number, name, external_id).await
    }

    /// Registers an AWS account whose stack has the names that Workbench gives.
    ///
    /// # Errors
    /// The API's answer.
    pub async fn register_account(
        &self,
        number: &str,
        name: &str,
        external_id: String,
    ) -> Result<OpenedAccount, OpenError> {
        let role = |role: &str| format!("arn:aws:iam::{number}:role/{}-{role}", self.main.namespace);
        let registration = json!({
            "name": name,
            "awsAccountId": number,
            "envMgmtRoleArn": role("env-mgmt"),
            "hostingAccountHandlerRoleArn": role("hosting-account-role"),
            "externalId": external_id,
        });
        let registered = self
            .as_it_admin(Method::POST, "/awsAccounts", Some(registration))
            .await?;
        Ok(OpenedAccount {
            aws_account_id: number.to_owned(),
            id: text(&registered["id"]),
            external_id,
        })
    }

    /// The link by which an account's admin makes its stack.
    ///
    /// # Errors
    /// The API's answer.
    pub async fn onboarding_link(&self, external_id: &str) -> Result<String, OpenError> {
        let wanted = json!({ "externalId": external_id });
        let links = self
            .as_it_admin(Method::POST, "/awsAccountTemplateUrls", Some(wanted))
            .await?;
        Ok(text(&links["onboard-account"]["createUrl"]))
    }

    /// Makes the stack that a link of CloudFormation's console offers, as the admin of the account, who may `change`
    /// the template on the way.
    ///
    /// # Errors
    /// The link is none, or the stack is refused.
    pub fn follow_link(
        &self,
        number: &str,
        link: &str,
        change: impl FnOnce(&str) -> String,
    ) -> Result<(), OpenError> {
        let wrong = || OpenError::Link(link.to_owned());
        let (_, query) = link.rsplit_once('?').ok_or_else(wrong)?;
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|_| wrong())?;
        let field = |name: &str| {
            fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let (url, stack) = field("templateURL").zip(field("stackName")).ok_or_else(wrong)?;
        let (url, _signature) = url.split_once('?').unwrap_or((url, ""));
        let mut world = self.aws.world();
        world.add_account(number);
        let template = crate::s3::object(&world, url).ok_or_else(wrong)?;
        let template = change(&template);
        // The console ignores what a link says of a parameter with `NoEcho`:
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
        let hidden =
            hidden_parameters(&template).map_err(|reason| ApiError::new("ValidationError", reason))?;
        let parameters: Vec<_> = fields
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("param_")?, value)))
            .filter(|(key, _)| !hidden.iter().any(|name| name == *key))
            .map(|(key, value)| json!({ "ParameterKey": key, "ParameterValue": value }))
            .collect();
        let create = json!({
            "StackName": stack,
            "TemplateBody": template,
            "Parameters": parameters,
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        });
        world.call(
            &Principal::root(number),
            Service::CloudFormation,
            "CreateStack",
            &create,
        )?;
        Ok(())
    }

    async fn as_it_admin(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, OpenError> {
        let answer = self
            .request(&self.people.it_admin.token, method, path, body)
            .await;
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(OpenError::Api(answer))
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
