//! `AWS::Cognito::*`: user pools, their clients, sign-in domains, groups and first users.

use serde_json::{Map, Value, json};

use super::one_call::{OneCall, Update};
use super::{New, Physical, answered};
use crate::cognito::{OF_CLIENTS, OF_POOLS};
use crate::world::Service::Cognito;

const GONE: [&str; 2] = ["ResourceNotFoundException", "UserNotFoundException"];

/// Properties of a pool: first those that take another pool to change.
const POOL: [&str; 15] = joined(
    &[
        "Schema",
        "UserPoolName",
        "UsernameAttributes",
        "UsernameConfiguration",
        // Software tokens are switched on by a call of their own, which makes no difference here.
        "EnabledMfas",
    ],
    &OF_POOLS,
);

/// Those that can be changed.
const CHANGES_OF_POOLS: &[&str] = POOL.split_at(4).1;

/// Properties of a client: first those that take another client to change.
const CLIENT: [&str; 19] = joined(&["GenerateSecret", "UserPoolId"], &OF_CLIENTS);

/// Two lists of names, the second after the first.
const fn joined<const ALL: usize>(first: &[&'static str], second: &[&'static str]) -> [&'static str; ALL] {
    let mut all = [""; ALL];
    let mut place = 0;
    while place < ALL {
        all[place] = if place < first.len() {
            first[place]
        } else {
            second[place - first.len()]
        };
        place += 1;
    }
    all
}

/// The request with the name or id of the pool and of what is in it.
fn of_pool(physical: &Physical, member: &str, value: &str) -> Value {
    json!({ "UserPoolId": physical.text("UserPoolId"), member: value })
}

fn with(mut request: Map<String, Value>, member: &str, value: String) -> Value {
    request.insert(member.to_owned(), Value::String(value));
    Value::Object(request)
}

fn named(new: &New, property: &str) -> String {
    new.text(property)
        .map_or_else(|| new.long_name(128), str::to_owned)
}

/// `Ref` is the id.
pub(super) const USER_POOL: OneCall = OneCall {
    name: "AWS::Cognito::UserPool",
    properties: &POOL,
    required: &[],
    attributes: &["Arn", "ProviderName", "ProviderURL", "UserPoolId"],
    service: Cognito,
    create: ("CreateUserPool", |new| {
        let mut request = new.request(&POOL);
        request.retain(|name, _| name != "EnabledMfas" && name != "UserPoolName");
        with(request, "PoolName", named(new, "UserPoolName"))
    }),
    made: |caller, new, answer| {
        let id = answered(answer, "/UserPool/Id");
        let provider = format!("cognito-idp.{}.amazonaws.com/{id}", caller.world.region);
        Physical::new(
            new,
            &*id,
            &[
                ("Arn", &answered(answer, "/UserPool/Arn")),
                ("ProviderName", &provider),
                ("ProviderURL", &format!("https://{provider}")),
                ("UserPoolId", &id),
            ],
        )
    },
    update: Some(Update {
        operation: "UpdateUserPool",
        request: |old, new| {
            let mut request = new.request(CHANGES_OF_POOLS);
            request.remove("EnabledMfas");
            with(request, "UserPoolId", old.id.clone())
        },
        properties: CHANGES_OF_POOLS,
    }),
    delete: ("DeleteUserPool", |pool| json!({ "UserPoolId": pool.id })),
    gone: &GONE,
};

/// `Ref` is the client's id.
pub(super) const USER_POOL_CLIENT: OneCall = OneCall {
    name: "AWS::Cognito::UserPoolClient",
    properties: &CLIENT,
    required: &["UserPoolId"],
    attributes: &["ClientId"],
    service: Cognito,
    create: ("CreateUserPoolClient", |new| {
        with(new.request(&CLIENT), "ClientName", named(new, "ClientName"))
    }),
    made: |_, new, answer| {
        let id = answered(answer, "/UserPoolClient/ClientId");
        Physical::new(new, &*id, &[("ClientId", &id)])
    },
    update: Some(Update {
        operation: "UpdateUserPoolClient",
        request: |old, new| {
            let mut request = new.request(&OF_CLIENTS);
            request.insert("UserPoolId".to_owned(), json!(old.text("UserPoolId")));
            with(request, "ClientId", old.id.clone())
        },
        properties: &OF_CLIENTS,
    }),
    delete: ("DeleteUserPoolClient", |client| {
        of_pool(client, "ClientId", &client.id)
    }),
    gone: &GONE,
};

/// `Ref` is the domain's prefix.
pub(super) const USER_POOL_DOMAIN: OneCall = OneCall {
    name: "AWS::Cognito::UserPoolDomain",
    properties: &["Domain", "UserPoolId"],
    required: &["Domain", "UserPoolId"],
    attributes: &[],
    service: Cognito,
    create: ("CreateUserPoolDomain", |new| {
        Value::Object(new.request(&["Domain", "UserPoolId"]))
    }),
    made: |_, new, _| Physical::new(new, new.text("Domain").unwrap_or_default(), &[]),
    update: None,
    delete: ("DeleteUserPoolDomain", |domain| {
        of_pool(domain, "Domain", &domain.id)
    }),
    // It answers so for a domain that is not there.
    gone: &["InvalidParameterException", "ResourceNotFoundException"],
};

/// `Ref` is the name.
pub(super) const USER_POOL_GROUP: OneCall = OneCall {
    name: "AWS::Cognito::UserPoolGroup",
    properties: &["Description", "GroupName", "Precedence", "RoleArn", "UserPoolId"],
    required: &["UserPoolId"],
    attributes: &[],
    service: Cognito,
    create: ("CreateGroup", |new| {
        let request = new.request(&["Description", "Precedence", "RoleArn", "UserPoolId"]);
        with(request, "GroupName", named(new, "GroupName"))
    }),
    made: |_, new, answer| Physical::new(new, answered(answer, "/Group/GroupName"), &[]),
    update: Some(Update {
        operation: "UpdateGroup",
        request: |old, new| {
            let request = new.request(&["Description", "Precedence", "RoleArn", "UserPoolId"]);
            with(request, "GroupName", old.id.clone())
        },
        properties: &["Description", "Precedence", "RoleArn"],
    }),
    delete: ("DeleteGroup", |group| of_pool(group, "GroupName", &group.id)),
    gone: &GONE,
};

/// `Ref` is the username, which the pool makes if its users sign in with email addresses.
pub(super) const USER_POOL_USER: OneCall = OneCall {
    name: "AWS::Cognito::UserPoolUser",
    properties: &[
        "DesiredDeliveryMediums",
        "MessageAction",
        "UserAttributes",
        "UserPoolId",
        "Username",
    ],
    required: &["UserPoolId"],
    attributes: &[],
    service: Cognito,
    create: ("AdminCreateUser", |new| {
        let request = new.request(&[
            "DesiredDeliveryMediums",
            "MessageAction",
            "UserAttributes",
            "UserPoolId",
        ]);
        with(request, "Username", named(new, "Username"))
    }),
    made: |_, new, answer| Physical::new(new, answered(answer, "/User/Username"), &[]),
    update: None,
    delete: ("AdminDeleteUser", |user| of_pool(user, "Username", &user.id)),
    gone: &GONE,
};

/// `Ref` is a name for it.
pub(super) const USER_TO_GROUP: OneCall = OneCall {
    name: "AWS::Cognito::UserPoolUserToGroupAttachment",
    properties: &["GroupName", "UserPoolId", "Username"],
    required: &["GroupName", "UserPoolId", "Username"],
    attributes: &[],
    service: Cognito,
    create: ("AdminAddUserToGroup", |new| {
        Value::Object(new.request(&["GroupName", "UserPoolId", "Username"]))
    }),
    made: |_, new, _| Physical::new(new, new.long_name(128), &[]),
    update: None,
    delete: ("AdminRemoveUserFromGroup", |attachment| {
        let mut request = of_pool(attachment, "GroupName", attachment.text("GroupName"));
        request["Username"] = json!(attachment.text("Username"));
        request
    }),
    gone: &GONE,
};
