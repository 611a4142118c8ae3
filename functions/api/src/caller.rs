//! Who calls: the claims that API Gateway's Cognito authorizer has checked.
//!
//! They are taken from the request context alone, which no client can write. The token itself is
//! never read here.

use axum::extract::FromRequestParts;
use http::request::Parts;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequestContext;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use workbench_core::caller::Caller;
use workbench_core::id::UserId;

use crate::problem::Problem;

/// The group of IT admins.
pub use workbench_core::user::IT_ADMIN as IT_ADMIN_GROUP;

const GROUPS_CLAIM: &str = "cognito:groups";

/// A caller with a checked token; a request without one is 401.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) Caller);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<RequestContext>()
            .and_then(caller)
            .map(Self)
            .ok_or_else(Problem::unauthenticated)
    }
}

/// The request context of a signed-in user, as the authorizer makes it. For servers without an
/// API Gateway before them, which check tokens themselves: put it into the request's extensions.
#[must_use]
pub fn context(user_id: UserId, groups: &[&str]) -> RequestContext {
    let mut context = ApiGatewayProxyRequestContext::default();
    let claims = json!({ "sub": user_id, (GROUPS_CLAIM): groups.join(",") });
    context.authorizer.fields.insert("claims".to_owned(), claims);
    RequestContext::ApiGatewayV1(context)
}

/// Who calls, if the authorizer has checked a token.
pub(crate) fn caller(context: &RequestContext) -> Option<Caller> {
    let RequestContext::ApiGatewayV1(context) = context else {
        return None;
    };
    let claims = context.authorizer.fields.get("claims")?;
    let user_id = claims.get("sub")?.as_str()?.parse().ok()?;
    Some(Caller {
        user_id,
        it_admin: claims.get(GROUPS_CLAIM).is_some_and(names_it_admin),
    })
}

/// REST authorizers write the groups as one text, `a,b` or `[a b]`; other authorizers as a list.
fn names_it_admin(groups: &Value) -> bool {
    match groups {
        Value::Array(groups) => groups.iter().any(|group| group == IT_ADMIN_GROUP),
        Value::String(text) => text
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .split([',', ' '])
            .any(|group| group.trim_matches('"') == IT_ADMIN_GROUP),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "b590a734-5adc-4a43-a24b-edf3795b812d";

    async fn signed_in(context: Option<RequestContext>) -> Result<Caller, u16> {
        let mut request = http::Request::builder()
            .header("authorization", "Bearer forged")
            .body(())
            .unwrap();
        if let Some(context) = context {
            request.extensions_mut().insert(context);
        }
        let (mut parts, ()) = request.into_parts();
        match SignedIn::from_request_parts(&mut parts, &()).await {
            Ok(SignedIn(caller)) => Ok(caller),
            Err(problem) => Err(problem.status().as_u16()),
        }
    }

    fn with_claims(claims: Value) -> Option<RequestContext> {
        let mut context = ApiGatewayProxyRequestContext::default();
        context.authorizer.fields.insert("claims".into(), claims);
        Some(RequestContext::ApiGatewayV1(context))
    }

    #[tokio::test]
    async fn a_rest_proxy_event_names_the_caller() {
        let text = include_str!("../tests/events/rest-proxy.json");
        let request = lambda_http::request::from_str(text).unwrap();
        let caller = signed_in(request.extensions().get::<RequestContext>().cloned())
            .await
            .unwrap();
        assert_eq!(
            caller,
            Caller {
                user_id: USER.parse().unwrap(),
                it_admin: true
            }
        );
    }

    #[tokio::test]
    async fn groups_are_read_in_each_of_their_forms() {
        for (groups, it_admin) in [
            (json!("ITAdmin"), true),
            (json!("[auditors ITAdmin]"), true),
            (json!("auditors, ITAdmin"), true),
            (json!("[\"ITAdmin\"]"), true),
            (json!(["auditors", "ITAdmin"]), true),
            (json!("NotITAdmin"), false),
            (json!("ITAdmins itadmin"), false),
            (json!(["proj-x#ITAdmin"]), false),
            (json!({ "ITAdmin": true }), false),
            (Value::Null, false),
        ] {
            let caller = signed_in(with_claims(json!({ "sub": USER, "cognito:groups": groups })))
                .await
                .unwrap();
            assert_eq!(caller.it_admin, it_admin, "{groups}");
        }
        assert!(
            !signed_in(with_claims(json!({ "sub": USER })))
                .await
                .unwrap()
                .it_admin
        );
    }

    #[tokio::test]
    async fn without_checked_claims_nobody_is_signed_in() {
        assert_eq!(signed_in(None).await, Err(401));
        assert_eq!(
            signed_in(Some(RequestContext::ApiGatewayV1(Default::default()))).await,
            Err(401)
        );
        assert_eq!(
            signed_in(with_claims(json!({ "sub": "not-a-uuid" }))).await,
            Err(401)
        );
        assert_eq!(
            signed_in(with_claims(json!({ "cognito:groups": "ITAdmin" }))).await,
            Err(401)
        );
    }

    #[tokio::test]
    async fn a_made_context_is_read_back() {
        let user: UserId = USER.parse().unwrap();
        assert_eq!(
            signed_in(Some(context(user, &[IT_ADMIN_GROUP]))).await,
            Ok(Caller {
                user_id: user,
                it_admin: true
            })
        );
        assert_eq!(
            signed_in(Some(context(user, &[]))).await,
            Ok(Caller {
                user_id: user,
                it_admin: false
            })
        );
    }
}
