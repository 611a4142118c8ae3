//! The people of the local Workbench, and the authorizer that knows their tokens.
//!
//! In AWS, API Gateway's Cognito authorizer checks the access token and puts its claims into the request context;
//! here a layer in front of the same router does.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use lambda_http::request::RequestContext;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use workbench_api::caller;
use workbench_core::id::UserId;

use crate::{ApiError, LocalAws, Principal, Service};

/// One person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Cognito's `sub`.
    pub user_id: UserId,
    /// What goes into `Authorization`.
    pub token: String,
    /// Whether the person is in the group `ITAdmin`.
    it_admin: bool,
}

/// The people who can sign in.
#[derive(Debug, Clone)]
pub struct People {
    /// Offers environment types.
    pub it_admin: Person,
    /// Leads the project.
    pub project_admin: Person,
    /// Works in the project.
    pub researcher: Person,
    /// Is in no project.
    pub outsider: Person,
}

/// The tokens of all, by role.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// The IT admin's.
    pub it_admin: String,
    /// The project admin's.
    pub project_admin: String,
    /// The researcher's.
    pub researcher: String,
}

impl Person {
    fn with_id(user_id: UserId, it_admin: bool) -> Self {
        Self {
            user_id,
            token: Uuid::new_v4().simple().to_string(),
            it_admin,
        }
    }

    /// The request context that API Gateway would make of the token.
    fn context(&self) -> RequestContext {
        let groups: &[&str] = if self.it_admin {
            &[caller::IT_ADMIN_GROUP]
        } else {
            &[]
        };
        caller::context(self.user_id, groups)
    }
}

impl People {
    /// Makes them users of a pool, with new tokens.
    ///
    /// # Errors
    /// The pool takes no users.
    pub(crate) fn in_pool(aws: &LocalAws, account: &str, pool: &str) -> Result<Self, ApiError> {
        let make = |first: &str, last: &str| make_user(aws, account, pool, first, last);
        let people = Self {
            it_admin: Person::with_id(make("Ida", "Admin")?, true),
            project_admin: Person::with_id(make("Petra", "Lead")?, false),
            researcher: Person::with_id(make("Rosa", "Search")?, false),
            outsider: Person::with_id(make("Otto", "Side")?, false),
        };
        let membership = json!({
            "UserPoolId": pool,
            "GroupName": caller::IT_ADMIN_GROUP,
            "Username": people.it_admin.user_id,
        });
        call(aws, account, "AdminAddUserToGroup", &membership)?;
        Ok(people)
    }

    /// Their tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens {
            it_admin: self.it_admin.token.clone(),
            project_admin: self.project_admin.token.clone(),
            researcher: self.researcher.token.clone(),
        }
    }

    /// Who sends these headers: the token is bare or follows `Bearer `.
    fn of(&self, headers: &HeaderMap) -> Option<&Person> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let token = header.strip_prefix("Bearer ").unwrap_or(header).trim();
        [
            &self.it_admin,
            &self.project_admin,
            &self.researcher,
            &self.outsider,
        ]
        .into_iter()
        .find(|person| person.token == token)
    }
}

/// Makes a user without inviting them; the id.
fn make_user(aws: &LocalAws, account: &str, pool: &str, first: &str, last: &str) -> Result<UserId, ApiError> {
    let email = format!("{first}.{last}@example.org").to_lowercase();
    let request = json!({
        "UserPoolId": pool,
        "Username": email,
        "MessageAction": "SUPPRESS",
        "UserAttributes": [
            { "Name": "email", "Value": email },
            { "Name": "email_verified", "Value": "true" },
            { "Name": "given_name", "Value": first },
            { "Name": "family_name", "Value": last },
        ],
    });
    let made = call(aws, account, "AdminCreateUser", &request)?;
    let username = made["User"]["Username"].as_str().unwrap_or_default();
    username
        .parse()
        .map_err(|_| ApiError::internal(format!("the pool made the username `{username}`")))
}

fn call(aws: &LocalAws, account: &str, operation: &str, input: &Value) -> Result<Value, ApiError> {
    let root = Principal::root(account);
    aws.world().call(&root, Service::Cognito, operation, input)
}

/// Tells the API who has a token; it answers 401 to everybody else.
pub(crate) async fn authorize(
    State(people): State<Arc<People>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(person) = people.of(request.headers()) {
        request.extensions_mut().insert(person.context());
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_stand_alone_or_after_bearer() {
        let person = |it_admin| Person::with_id(UserId::from_uuid(Uuid::new_v4()), it_admin);
        let people = People {
            it_admin: person(true),
            project_admin: person(false),
            researcher: person(false),
            outsider: person(false),
        };
        let who = |header: String| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, header.parse().unwrap())]);
            people.of(&headers).map(|person| person.user_id)
        };
        let token = &people.researcher.token;
        assert_eq!(who(token.clone()), Some(people.researcher.user_id));
        assert_eq!(who(format!("Bearer {token}")), Some(people.researcher.user_id));
        assert_eq!(who("Bearer nobody".into()), None);
        assert!(people.of(&HeaderMap::new()).is_none());
    }
}
