//! Users: made, found, changed, kept from signing in, deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pools::Pool;
use super::{invalid, limit, pool, token};
use crate::error::ApiError;
use crate::input::Input;
use crate::request::epoch_seconds;
use crate::world::World;

/// The standard attributes that can be written.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
const ATTRIBUTES: [&str; 19] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

const EXISTS: &str = "An account with the given email already exists.";

/// A user.
#[derive(Clone)]
pub(super) struct User {
    pub(super) username: String,
    attributes: BTreeMap<String, String>,
    enabled: bool,
    status: &'static str,
    created: Timestamp,
    modified: Timestamp,
}

impl User {
    /// As lists have it: `attributes` is what they call the attributes.
    pub(super) fn describe(&self, attributes: &str) -> Value {
        let pairs = self.attributes.iter();
        let pairs: Vec<Value> = pairs
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect();
        json!({
            "Username": self.username,
            attributes: pairs,
            "Enabled": self.enabled,
            "UserStatus": self.status,
            "UserCreateDate": epoch_seconds(self.created),
            "UserLastModifiedDate": epoch_seconds(self.modified),
        })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

pub(super) fn handle(
    world: &mut World,
    account: &str,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    let read = |known: &[&str]| Input::read(operation, input, known);
    let now = world.now;
    match operation {
        "AdminCreateUser" => create(
            world,
            account,
            &read(&[
                "DesiredDeliveryMediums",
                "MessageAction",
                "TemporaryPassword",
                "UserAttributes",
                "UserPoolId",
                "Username",
            ])?,
        ),
        "AdminGetUser" => {
            let input = read(&["UserPoolId", "Username"])?;
            Ok(user(pool(world, account, &input)?, &input)?.describe("UserAttributes"))
        }
        "AdminUpdateUserAttributes" => {
            let input = read(&["UserAttributes", "UserPoolId", "Username"])?;
            let pool = pool(world, account, &input)?;
            let username = user(pool, &input)?.username.clone();
            let changed = attributes(&input)?;
            if let Some(email) = changed.get("email")
                && holder(pool, email).is_some_and(|holder| holder != username)
            {
                return Err(ApiError::new("AliasExistsException", EXISTS));
            }
            let user = user(pool, &input)?;
            // Who is given an address has yet to prove that it is theirs, unless the request says that they have.
            if changed.contains_key("email") {
                user.attributes
                    .insert("email_verified".to_owned(), "false".to_owned());
            }
            user.attributes.extend(changed);
            user.modified = now;
            Ok(json!({}))
        }
        "AdminEnableUser" | "AdminDisableUser" => {
            let input = read(&["UserPoolId", "Username"])?;
            let user = user(pool(world, account, &input)?, &input)?;
            user.enabled = operation == "AdminEnableUser";
            user.modified = now;
            Ok(json!({}))
        }
        "AdminDeleteUser" => {
            let input = read(&["UserPoolId", "Username"])?;
            let pool = pool(world, account, &input)?;
            let username = user(pool, &input)?.username.clone();
            pool.users.remove(&username);
            for group in pool.groups.values_mut() {
                group.members.remove(&username);
            }
            Ok(json!({}))
        }
        _ => {
            let input = read(&["Limit", "PaginationToken", "UserPoolId"])?;
            let (limit, token) = (limit(&input)?, input.optional_text("PaginationToken")?);
            let pool = pool(world, account, &input)?;
            let (users, next) = token::page(&pool.id, pool.users.iter(), limit, token)?;
            let users: Vec<Value> = users.iter().map(|user| user.describe("Attributes")).collect();
            let mut answer = json!({ "Users": users });
            if let Some(next) = next {
                answer["PaginationToken"] = json!(next);
            }
            Ok(answer)
        }
    }
}

fn create(world: &mut World, account: &str, input: &Input<'_>) -> Result<Value, ApiError> {
    let (now, id) = (world.now, world.new_uuid());
    let name = input.text("Username")?;
    let pool = pool(world, account, input)?;
    match input.optional_text("MessageAction")? {
        Some("RESEND") => return resend(pool, input),
        None | Some("SUPPRESS") => {}
        Some(other) => return Err(invalid(format!("`{other}` is no message action"))),
    }
    let mut attributes = attributes(input)?;
    let username = if pool.names_are_emails() {
        check_email(name, "Username should be an email.")?;
        attributes
            .entry("email".to_owned())
            .or_insert_with(|| name.to_owned());
        id.clone()
    } else {
        pool.folded(name)
    };
    let email = attributes.get("email").filter(|_| pool.names_are_emails());
    if pool.users.contains_key(&username) || email.is_some_and(|email| holder(pool, email).is_some()) {
        return Err(ApiError::new("UsernameExistsException", EXISTS));
    }
    attributes.insert("sub".to_owned(), id);
    let user = User {
        username: username.clone(),
        attributes,
        enabled: true,
        status: "FORCE_CHANGE_PASSWORD",
        created: now,
        modified: now,
    };
    let described = user.describe("Attributes");
    pool.users.insert(username, user);
    Ok(json!({ "User": described }))
}

/// Invites once more somebody who has not signed in yet. Nobody signs in here.
fn resend(pool: &mut Pool, input: &Input<'_>) -> Result<Value, ApiError> {
    Ok(json!({ "User": user(pool, input)?.describe("Attributes") }))
}

/// The user whom a request names: by their username, by `sub`, or by the address with which they sign in.
pub(super) fn user<'a>(pool: &'a mut Pool, input: &Input<'_>) -> Result<&'a mut User, ApiError> {
    let name = input.text("Username")?;
    let folded = pool.folded(name);
    let found = if pool.users.contains_key(&folded) {
        Some(folded)
    } else if pool.names_are_emails() && name.contains('@') {
        holder(pool, name).map(str::to_owned)
    } else {
        let mut users = pool.users.values();
        let found = users.find(|user| user.attribute("sub") == Some(name));
        found.map(|user| user.username.clone())
    };
    found
        .and_then(|username| pool.users.get_mut(&username))
        .ok_or_else(|| ApiError::new("UserNotFoundException", "User does not exist."))
}

/// The username of whoever has an email address.
fn holder<'a>(pool: &'a Pool, email: &str) -> Option<&'a str> {
    let email = pool.folded(email);
    let has = |user: &&User| {
        user.attribute("email")
            .is_some_and(|own| pool.folded(own) == email)
    };
    pool.users.values().find(has).map(|user| user.username.as_str())
}

fn attributes(input: &Input<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut attributes = BTreeMap::new();
    for given in input.list("UserAttributes")? {
        let given = Input::read("UserAttributes", given, &["Name", "Value"])?;
        let (name, value) = (
            given.text("Name")?,
            given.optional_text("Value")?.unwrap_or_default(),
        );
        if name == "sub" {
            return Err(invalid("user.sub: Attribute cannot be updated."));
        }
        if !ATTRIBUTES.contains(&name) {
            return Err(invalid(format!(
                "Attributes did not conform to the schema: {name}: Attribute does not exist in the schema."
            )));
        }
        if name == "email" {
            check_email(value, "Invalid email address format.")?;
        }
        if value.chars().count() > 2048 {
            return Err(invalid(format!(
                "Attributes did not conform to the schema: {name}: too long."
            )));
        }
        attributes.insert(name.to_owned(), value.to_owned());
    }
    Ok(attributes)
}

fn check_email(text: &str, refusal: &str) -> Result<(), ApiError> {
    match text.split_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() && !domain.contains('@') => Ok(()),
        _ => Err(invalid(refusal)),
    }
}
