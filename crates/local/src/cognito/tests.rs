use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::world::{Principal, Service, World};

const MAIN: &str = "111122223333";

fn world() -> World {
    let mut world = World::new("us-east-1", Timestamp::from_second(1_700_000_000).unwrap());
    world.add_account(MAIN);
    world
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    world.call(&Principal::root(MAIN), Service::Cognito, operation, &input)
}

fn refused(world: &mut World, operation: &str, input: Value) -> String {
    call(world, operation, input).unwrap_err().code
}

/// A world with a pool whose users sign in with addresses, in whatever case.
fn pool() -> (World, String) {
    let mut world = world();
    let request = json!({
        "PoolName": "workbench",
        "UsernameAttributes": ["email"],
        "UsernameConfiguration": { "CaseSensitive": false },
    });
    let made = call(&mut world, "CreateUserPool", request).unwrap();
    let id = made["UserPool"]["Id"].as_str().unwrap().to_owned();
    (world, id)
}

fn create(world: &mut World, pool: &str, email: &str) -> String {
    let request = json!({ "UserPoolId": pool, "Username": email });
    let made = call(world, "AdminCreateUser", request).unwrap();
    made["User"]["Username"].as_str().unwrap().to_owned()
}

fn attribute<'a>(user: &'a Value, name: &str) -> &'a Value {
    let attributes = user["UserAttributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["Name"] == name);
    found.map_or(&Value::Null, |attribute| &attribute["Value"])
}

#[test]
fn a_user_is_found_by_name_and_by_address_in_any_case() {
    let (mut world, pool) = pool();
    let username = create(&mut world, &pool, "Ada@example.com");
    for name in [username.as_str(), "ada@EXAMPLE.com"] {
        let found = call(
            &mut world,
            "AdminGetUser",
            json!({ "UserPoolId": pool, "Username": name }),
        );
        let found = found.unwrap();
        assert_eq!(found["Username"], *username);
        assert_eq!(attribute(&found, "sub"), &username);
        assert_eq!(attribute(&found, "email"), "Ada@example.com");
        assert_eq!(
            (&found["Enabled"], &found["UserStatus"]),
            (&true.into(), &"FORCE_CHANGE_PASSWORD".into())
        );
    }
    let of_nobody = json!({ "UserPoolId": pool, "Username": "b@example.com" });
    for operation in [
        "AdminGetUser",
        "AdminDeleteUser",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminListGroupsForUser",
        "AdminUpdateUserAttributes",
    ] {
        assert_eq!(
            refused(&mut world, operation, of_nobody.clone()),
            "UserNotFoundException",
            "{operation}"
        );
    }
}

#[test]
fn an_address_is_one_users() {
    let (mut world, pool) = pool();
    create(&mut world, &pool, "ada@example.com");
    let other = create(&mut world, &pool, "other@example.com");
    let again = json!({ "UserPoolId": pool, "Username": "ADA@example.com" });
    assert_eq!(
        refused(&mut world, "AdminCreateUser", again.clone()),
        "UsernameExistsException"
    );
    let update = |email: &str| {
        json!({
            "UserPoolId": pool,
            "Username": other,
            "UserAttributes": [{ "Name": "email", "Value": email }],
        })
    };
    assert_eq!(
        refused(&mut world, "AdminUpdateUserAttributes", update("ada@example.com")),
        "AliasExistsException"
    );
    call(&mut world, "AdminUpdateUserAttributes", update("new@example.com")).unwrap();
    let of_other = json!({ "UserPoolId": pool, "Username": other });
    let changed = call(&mut world, "AdminGetUser", of_other).unwrap();
    assert_eq!(attribute(&changed, "email_verified"), "false");
    let mut resent = again;
    resent["MessageAction"] = json!("RESEND");
    call(&mut world, "AdminCreateUser", resent).unwrap();
}

#[test]
fn what_a_pool_does_not_take_is_an_invalid_parameter() {
    let (mut world, pool) = pool();
    let user = create(&mut world, &pool, "ada@example.com");
    let of_user = |name: &str, value: &str| {
        json!({
            "UserPoolId": pool,
            "Username": user,
            "UserAttributes": [{ "Name": name, "Value": value }],
        })
    };
    for (operation, input) in [
        (
            "AdminCreateUser",
            json!({ "UserPoolId": pool, "Username": "no-address" }),
        ),
        ("AdminCreateUser", json!({ "UserPoolId": pool })),
        ("AdminUpdateUserAttributes", of_user("email", "no-address")),
        ("AdminUpdateUserAttributes", of_user("sub", "a")),
        ("AdminUpdateUserAttributes", of_user("colour", "red")),
        ("ListUsers", json!({ "UserPoolId": pool, "Limit": 61 })),
        (
            "ListUsers",
            json!({ "UserPoolId": pool, "PaginationToken": "bm9uZQ==" }),
        ),
        ("ListUsers", json!({ "UserPoolId": pool, "Colour": "red" })),
    ] {
        assert_eq!(
            refused(&mut world, operation, input.clone()),
            "InvalidParameterException",
            "{operation} {input}"
        );
    }
    let elsewhere = json!({ "UserPoolId": "us-east-1_nowhere00" });
    assert_eq!(
        refused(&mut world, "ListUsers", elsewhere),
        "ResourceNotFoundException"
    );
}

#[test]
fn lists_come_in_pages_of_60_at_most() {
    let (mut world, pool) = pool();
    for number in 0..70 {
        create(&mut world, &pool, &format!("user{number}@example.com"));
    }
    let first = call(&mut world, "ListUsers", json!({ "UserPoolId": pool })).unwrap();
    assert_eq!(first["Users"].as_array().unwrap().len(), 60);
    let rest = json!({ "UserPoolId": pool, "PaginationToken": first["PaginationToken"] });
    let rest = call(&mut world, "ListUsers", rest).unwrap();
    assert_eq!(rest["Users"].as_array().unwrap().len(), 10);
    assert!(rest.get("PaginationToken").is_none(), "{rest}");
}

#[test]
fn a_group_has_members_until_they_leave_or_are_deleted() {
    let (mut world, pool) = pool();
    let (ada, bob) = (
        create(&mut world, &pool, "ada@example.com"),
        create(&mut world, &pool, "bob@example.com"),
    );
    let group = json!({ "UserPoolId": pool, "GroupName": "ITAdmin" });
    call(&mut world, "CreateGroup", group.clone()).unwrap();
    assert_eq!(
        refused(&mut world, "CreateGroup", group.clone()),
        "GroupExistsException"
    );
    let of = |user: &str| json!({ "UserPoolId": pool, "GroupName": "ITAdmin", "Username": user });
    for user in [&ada, &bob] {
        call(&mut world, "AdminAddUserToGroup", of(user)).unwrap();
    }
    let names = |world: &mut World| {
        let listed = call(world, "ListUsersInGroup", group.clone()).unwrap();
        listed["Users"].as_array().unwrap().len()
    };
    assert_eq!(names(&mut world), 2);
    let of_ada = json!({ "UserPoolId": pool, "Username": ada });
    let groups = call(&mut world, "AdminListGroupsForUser", of_ada.clone()).unwrap();
    assert_eq!(groups["Groups"][0]["GroupName"], "ITAdmin");
    call(&mut world, "AdminRemoveUserFromGroup", of(&ada)).unwrap();
    let groups = call(&mut world, "AdminListGroupsForUser", of_ada).unwrap();
    assert_eq!(groups["Groups"], json!([]));
    let of_bob = json!({ "UserPoolId": pool, "Username": bob });
    call(&mut world, "AdminDeleteUser", of_bob).unwrap();
    assert_eq!(names(&mut world), 0);
    let nowhere = json!({ "UserPoolId": pool, "GroupName": "Nowhere" });
    assert_eq!(
        refused(&mut world, "ListUsersInGroup", nowhere),
        "ResourceNotFoundException"
    );
}

#[test]
fn a_pool_that_is_protected_or_has_a_domain_is_not_deleted() {
    let (mut world, pool) = pool();
    let named = json!({ "UserPoolId": pool });
    let protect = |state: &str| json!({ "UserPoolId": pool, "DeletionProtection": state });
    let domain = json!({ "UserPoolId": pool, "Domain": "workbench-1" });
    call(&mut world, "UpdateUserPool", protect("ACTIVE")).unwrap();
    call(&mut world, "CreateUserPoolDomain", domain.clone()).unwrap();
    let reserved = json!({ "UserPoolId": pool, "Domain": "my-cognito" });
    assert_eq!(
        refused(&mut world, "CreateUserPoolDomain", reserved),
        "InvalidParameterException"
    );
    assert_eq!(
        refused(&mut world, "DeleteUserPool", named.clone()),
        "InvalidParameterException"
    );
    call(&mut world, "UpdateUserPool", protect("INACTIVE")).unwrap();
    assert_eq!(
        refused(&mut world, "DeleteUserPool", named.clone()),
        "InvalidParameterException"
    );
    call(&mut world, "DeleteUserPoolDomain", domain).unwrap();
    call(&mut world, "DeleteUserPool", named.clone()).unwrap();
    assert_eq!(
        refused(&mut world, "DescribeUserPool", named),
        "ResourceNotFoundException"
    );
}

#[test]
fn a_role_may_do_with_its_pool_what_its_policy_says() {
    let (mut world, pool) = pool();
    let other = call(&mut world, "CreateUserPool", json!({ "PoolName": "other" })).unwrap();
    let root = Principal::root(MAIN);
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    }]});
    let role = json!({ "RoleName": "api", "AssumeRolePolicyDocument": trust.to_string() });
    world.call(&root, Service::Iam, "CreateRole", &role).unwrap();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "cognito-idp:ListUsers",
        "Resource": format!("arn:aws:cognito-idp:us-east-1:{MAIN}:userpool/{pool}"),
    }]});
    let policy = json!({ "RoleName": "api", "PolicyName": "p", "PolicyDocument": policy.to_string() });
    world.call(&root, Service::Iam, "PutRolePolicy", &policy).unwrap();
    let session = world
        .role_session(&format!("arn:aws:iam::{MAIN}:role/api"), "s")
        .unwrap();
    let mut ask = |operation: &str, pool: &Value| {
        let input = json!({ "UserPoolId": pool });
        world.call(&session, Service::Cognito, operation, &input)
    };
    assert!(ask("ListUsers", &json!(pool)).is_ok());
    for refused in [
        ask("ListUsers", &other["UserPool"]["Id"]),
        ask("DeleteUserPool", &json!(pool)),
    ] {
        assert_eq!(refused.unwrap_err().code, "AccessDeniedException");
    }
}
