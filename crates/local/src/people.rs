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
use uuid::Uuid;
use workbench_api::caller;
use workbench_core::id::UserId;

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
    fn new(it_admin: bool) -> Self {
        Self {
            user_id: UserId::from_uuid(Uuid::new_v4()),
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
    /// New people with new tokens.
    pub fn new() -> Self {
        Self {
            it_admin: Person::new(true),
            project_admin: Person::new(false),
            researcher: Person::new(false),
            outsider: Person::new(false),
        }
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

impl Default for People {
    fn default() -> Self {
        Self::new()
    }
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
        let people = People::new();
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
