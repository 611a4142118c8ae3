//! The deployment's user pool: who may sign in, and who is an IT admin.
//!
//! Usernames are those that Cognito makes of a pool whose users sign in with email addresses: their `sub`.

use std::collections::{HashMap, HashSet};

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, DeliveryMediumType, UserType};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use workbench_core::id::UserId;
use workbench_core::page::{Page, PageRequest, invalid_token};
use workbench_core::user::{Email, IT_ADMIN, NewUser, PersonName, User, UserChange, UserStatus};

use crate::error::{Error, Fault};
use crate::parallel;
use crate::table::token;

/// The IAM actions behind all of this.
pub const ACTIONS: &[&str] = &[
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminDeleteUser",
    "cognito-idp:AdminDisableUser",
    "cognito-idp:AdminEnableUser",
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminListGroupsForUser",
    "cognito-idp:AdminUpdateUserAttributes",
    "cognito-idp:ListUsers",
    "cognito-idp:ListUsersInGroup",
];

const SERVICE: &str = "cognito-idp";

/// The list of users, in tokens.
const LIST: &str = "USERS";

/// The most users that one answer of Cognito's has.
const MOST_ROWS: usize = 60;

/// How often Cognito is asked for one page at most. Its answers may have fewer users than were asked for.
const MOST_CALLS: usize = 4;

/// The user pool.
#[derive(Debug, Clone)]
pub struct Users {
    client: Client,
    pool: String,
}

impl Users {
    /// The pool with this id.
    #[must_use]
    pub fn new(config: &SdkConfig, pool: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            pool: pool.into(),
        }
    }

    /// Makes a user. Cognito sends an invitation with a first password.
    ///
    /// # Errors
    /// The address is another user's, or Cognito refuses a value; or Cognito's.
    pub async fn create(&self, new: &NewUser) -> Result<User, Error> {
        let NewUser {
            first_name,
            last_name,
            email,
        } = new;
        let create = self.client.admin_create_user().user_pool_id(&self.pool);
        let output = create
            .username(email.as_str())
            .desired_delivery_mediums(DeliveryMediumType::Email)
            .set_user_attributes(Some(attributes(Some(first_name), Some(last_name), Some(email))))
            .send()
            .await;
        let output = output.map_err(|error| match error.code() {
            Some("UsernameExistsException") => taken(email),
            _ => refused("AdminCreateUser", &error),
        })?;
        let made = output.user.as_ref().and_then(listed);
        made.ok_or_else(|| unreadable("AdminCreateUser"))
    }

    /// A user, if there is one. Cognito counts whoever is asked for as active in the month, so the list of all does
    /// without.
    ///
    /// # Errors
    /// Cognito's.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        let get = self.client.admin_get_user().user_pool_id(&self.pool);
        match get.username(id.to_string()).send().await {
            Ok(output) => read(output.user_attributes(), output.enabled)
                .map(Some)
                .ok_or_else(|| unreadable("AdminGetUser")),
            Err(error) if is_unknown(&error) => Ok(None),
            Err(error) => Err(Fault::of(SERVICE, "AdminGetUser", &error).into()),
        }
    }

    /// The users with these ids, one call each; those that there are not are left out.
    ///
    /// # Errors
    /// Cognito's.
    pub async fn by_id(&self, ids: Vec<UserId>) -> Result<HashMap<UserId, User>, Error> {
        let found = ids.into_iter().map(|id| {
            let users = self.clone();
            async move { users.user(id).await }
        });
        let found = parallel::all(found).await?;
        Ok(found.into_iter().flatten().map(|user| (user.id, user)).collect())
    }

    /// A page of all users, in Cognito's order.
    ///
    /// # Errors
    /// The token is none of this list; or Cognito's.
    pub async fn page(&self, request: &PageRequest) -> Result<Page<User>, Error> {
        let size = usize::from(request.size.get());
        // A token is for requests that are otherwise the same: all calls for a page ask for as many, and the token is of
        // a list of such calls. A page of more than one call may be a row short.
        let calls = size.div_ceil(MOST_ROWS);
        let limit = size / calls.max(1);
        let list_of_calls = format!("{LIST}#{limit}");
        let start = request.token.as_deref();
        let start = start.map(|token| token::start(&list_of_calls, &request.selection, token));
        let mut next = start.transpose()?;
        let mut data = Vec::with_capacity(size);
        for _ in 0..MOST_CALLS {
            let list = self.client.list_users().user_pool_id(&self.pool);
            let asked_on = next.is_some();
            let output = list
                .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                .set_pagination_token(next)
                .send()
                .await;
            let output = output.map_err(|error| match error.code() {
                // It is whole, but too old.
                Some("InvalidParameterException") if asked_on => invalid_token().into(),
                _ => Error::Aws(Fault::of(SERVICE, "ListUsers", &error)),
            })?;
            data.extend(output.users().iter().filter_map(listed));
            next = output.pagination_token;
            if next.is_none() || data.len() + limit > size {
                break;
            }
        }
        Ok(Page {
            data,
            pagination_token: next.map(|next| token::token(&list_of_calls, &request.selection, &next)),
        })
    }

    /// All IT admins: one call for 60 of them.
    ///
    /// # Errors
    /// Cognito's.
    pub async fn it_admins(&self) -> Result<HashSet<UserId>, Error> {
        let list = self.client.list_users_in_group().user_pool_id(&self.pool);
        let list = list
            .group_name(IT_ADMIN)
            .limit(i32::try_from(MOST_ROWS).unwrap_or(i32::MAX));
        let mut pages = list.into_paginator().send();
        let mut found = HashSet::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Fault::of(SERVICE, "ListUsersInGroup", &error))?;
            found.extend(page.users().iter().filter_map(listed).map(|user| user.id));
        }
        Ok(found)
    }

    /// Whether a user is an IT admin; nothing if there is no such user.
    ///
    /// # Errors
    /// Cognito's.
    pub async fn is_it_admin(&self, id: UserId) -> Result<Option<bool>, Error> {
        let list = self.client.admin_list_groups_for_user().user_pool_id(&self.pool);
        let mut pages = list.username(id.to_string()).into_paginator().send();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => {
                    let mut groups = page.groups().iter();
                    if groups.any(|group| group.group_name() == Some(IT_ADMIN)) {
                        return Ok(Some(true));
                    }
                }
                Err(error) if is_unknown(&error) => return Ok(None),
                Err(error) => return Err(Fault::of(SERVICE, "AdminListGroupsForUser", &error).into()),
            }
        }
        Ok(Some(false))
    }

    /// Changes a user. Names and address come first: if they are refused, nothing is changed. Who can not sign in any
    /// more gets no new tokens either.
    ///
    /// # Errors
    /// There is no such user, the address is another user's, or Cognito refuses a value; or Cognito's.
    pub async fn update(&self, id: UserId, change: &UserChange) -> Result<(), Error> {
        let UserChange {
            first_name,
            last_name,
            email,
            status,
        } = change;
        let changed = attributes(first_name.as_ref(), last_name.as_ref(), email.as_ref());
        if !changed.is_empty() {
            let update = self
                .client
                .admin_update_user_attributes()
                .user_pool_id(&self.pool);
            let update = update.username(id.to_string()).set_user_attributes(Some(changed));
            update.send().await.map_err(|error| match (error.code(), email) {
                (Some("AliasExistsException"), Some(email)) => taken(email),
                _ if is_unknown(&error) => missing(id),
                _ => refused("AdminUpdateUserAttributes", &error),
            })?;
        }
        match status {
            None => Ok(()),
            Some(UserStatus::Active) => {
                let enable = self.client.admin_enable_user().user_pool_id(&self.pool);
                let enabled = enable.username(id.to_string()).send().await;
                enabled
                    .map(drop)
                    .map_err(|error| of_user(id, "AdminEnableUser", &error))
            }
            Some(UserStatus::Inactive) => {
                let disable = self.client.admin_disable_user().user_pool_id(&self.pool);
                let disabled = disable.username(id.to_string()).send().await;
                disabled
                    .map(drop)
                    .map_err(|error| of_user(id, "AdminDisableUser", &error))
            }
        }
    }

    /// Deletes a user for good.
    ///
    /// # Errors
    /// There is no such user; or Cognito's.
    pub async fn delete(&self, id: UserId) -> Result<(), Error> {
        let delete = self.client.admin_delete_user().user_pool_id(&self.pool);
        let deleted = delete.username(id.to_string()).send().await;
        deleted
            .map(drop)
            .map_err(|error| of_user(id, "AdminDeleteUser", &error))
    }
}

/// The attributes of what is given. An address that an IT admin gives counts as proven: else nobody could sign in with
/// it before it is.
fn attributes(
    first_name: Option<&PersonName>,
    last_name: Option<&PersonName>,
    email: Option<&Email>,
) -> Vec<AttributeType> {
    [
        ("given_name", first_name.map(PersonName::as_str)),
        ("family_name", last_name.map(PersonName::as_str)),
        ("email", email.map(Email::as_str)),
        ("email_verified", email.map(|_| "true")),
    ]
    .into_iter()
    .filter_map(|(name, value)| AttributeType::builder().name(name).value(value?).build().ok())
    .collect()
}

/// The user of a list.
fn listed(user: &UserType) -> Option<User> {
    let read = read(user.attributes(), user.enabled);
    if read.is_none() {
        tracing::warn!("a user of the pool has no `sub` and is left out");
    }
    read
}

fn read(attributes: &[AttributeType], enabled: bool) -> Option<User> {
    let value = |name: &str| {
        let found = attributes.iter().find(|attribute| attribute.name() == name);
        found.and_then(AttributeType::value).unwrap_or_default()
    };
    Some(User {
        id: value("sub").parse().ok()?,
        first_name: value("given_name").to_owned(),
        last_name: value("family_name").to_owned(),
        email: value("email").to_owned(),
        status: if enabled {
            UserStatus::Active
        } else {
            UserStatus::Inactive
        },
    })
}

fn is_unknown<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    error.code() == Some("UserNotFoundException")
}

fn missing(id: UserId) -> Error {
    workbench_core::Error::not_found("user", id).into()
}

fn taken(email: &Email) -> Error {
    workbench_core::Error::Conflict(format!("email: `{email}` is the address of another user")).into()
}

fn unreadable(operation: &'static str) -> Error {
    Error::Row {
        key: operation.to_owned(),
        problem: "a user of the pool has no `sub`".to_owned(),
    }
}

/// The error of a call about one user.
fn of_user<E>(id: UserId, operation: &'static str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if is_unknown(error) {
        missing(id)
    } else {
        Fault::of(SERVICE, operation, error).into()
    }
}

/// The error of a call with values that somebody gave. Cognito's rules may be stricter than ours.
fn refused<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.code() {
        Some("InvalidParameterException") => {
            let problem = error.message().unwrap_or("a value is refused");
            workbench_core::Error::invalid("body", problem).into()
        }
        _ => Fault::of(SERVICE, operation, error).into(),
    }
}
