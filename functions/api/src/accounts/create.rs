//! POST `/awsAccounts`

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::account::{ExternalId, HostingAccount, Registration};
use workbench_core::id::{AccountId, AwsAccountId};
use workbench_core::text::Name;

use super::AccountAnswer;
use crate::access::{self, Action};
use crate::body::Body;
use crate::caller::SignedIn;
use crate::idempotency::NewId;
use crate::made::Made;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// A new hosting account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewAccount {
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::AwsAccountId)]
    aws_account_id: AwsAccountId,
    env_mgmt_role_arn: String,
    hosting_account_handler_role_arn: String,
    #[schema(value_type = schema::ExternalId)]
    external_id: String,
}

/// Register a hosting account
///
/// IT admins may. Nothing is written but the registration: the account is looked after at the next check, within five
/// minutes, and is CURRENT once all is as it should be.
#[utoipa::path(post, path = "/awsAccounts", tag = "hosting accounts", request_body = NewAccount,
    responses((status = 201, description = "The account", body = AccountAnswer)))]
pub(crate) async fn create(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    NewId(new_id): NewId,
    query: Query,
    body: Body,
) -> Result<Made<AccountAnswer>, Problem> {
    access::authorize(&cloud, &caller, Action::WriteAccounts, None).await?;
    query.end()?;
    let registration = body.read::<NewAccount>()?.registration()?;
    let id = AccountId::from_uuid(new_id);
    let account = HostingAccount::register(id, registration, cloud.main(), cloud.now())?;
    cloud.table().create_account(&account).await?;
    Ok(Made::created(id, AccountAnswer::of(&cloud, account, None)))
}

impl NewAccount {
    pub(crate) fn registration(self) -> Result<Registration, Error> {
        let Self {
            name,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id,
        } = self;
        Ok(Registration {
            name,
            aws_account_id,
            env_mgmt_role_arn,
            hosting_account_handler_role_arn,
            external_id: ExternalId::parse(&external_id)
                .map_err(|rule| Error::invalid("externalId", rule))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(field: &str, value: Value) -> Result<Registration, String> {
        let mut body = json!({
            "name": "genomics",
            "awsAccountId": "111111111111",
            "envMgmtRoleArn": "arn:aws:iam::111111111111:role/workbench-env-mgmt",
            "hostingAccountHandlerRoleArn": "arn:aws:iam::111111111111:role/workbench-hosting-account-role",
            "externalId": "workbench-1",
        });
        body[field] = value;
        let new: NewAccount = Body::from(&body).read().map_err(|error| error.to_string())?;
        new.registration().map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(read("name", json!("genomics")).is_ok());
        for (field, value, message) in [
            ("name", json!("a b"), "name: must be 1 to 112 letters"),
            ("awsAccountId", json!("1"), "awsAccountId: Invalid ID: `1`"),
            ("externalId", json!("a b"), "externalId: must be 2 to 400 letters"),
            ("stackName", json!("a"), "stackName: Unrecognized key(s)"),
        ] {
            let found = read(field, value).unwrap_err();
            assert!(found.starts_with(message), "{found}");
        }
    }
}
