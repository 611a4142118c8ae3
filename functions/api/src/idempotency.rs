//! Idempotency-Key: a request that is made again with the same key is done once, and answered as it was the first time.
//!
//! A key is its user's own and is kept for 24 hours. Only what was done is kept: a refusal changed nothing, and the request
//! may be made again. Ids of what a request makes are derived from the key's row, so that a request which was cut off
//! after its write makes the same again. Launches keep their key in the transaction that writes the environment.

use std::convert::Infallible;

use axum::Extension;
use axum::body::{self, Body};
use axum::extract::{FromRequestParts, OriginalUri, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};
use lambda_http::request::RequestContext;
use sha2::{Digest as _, Sha256};
use utoipa::PartialSchema as _;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa_axum::router::UtoipaMethodRouter;
use uuid::Uuid;
use workbench_aws::Cloud;
use workbench_aws::table::{IdempotencyKey, KeptAnswer, Keyed, KeyedRequest};
use workbench_core::Error;

use crate::body::LIMIT;
use crate::caller;
use crate::problem::Problem;
use crate::schema;

/// The header with the key.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The id of what a request makes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewId(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for NewId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let keyed = parts.extensions.get::<Self>().copied();
        Ok(keyed.unwrap_or_else(|| Self(Uuid::new_v4())))
    }
}

/// The key of a request, if it has one.
///
/// # Errors
/// It is given twice, or no key.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Error> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::invalid(IDEMPOTENCY_KEY, "is given twice"));
    }
    let text = value
        .to_str()
        .map_err(|_| Error::invalid(IDEMPOTENCY_KEY, "must be printable ASCII"))?;
    text.parse().map(Some)
}

/// Routes whose POST or PUT is done once with a key. Links and checks are none of them: they make nothing, and are of
/// use only while they are new.
pub(crate) fn keyed(routes: UtoipaMethodRouter<Cloud>) -> UtoipaMethodRouter<Cloud> {
    let (schemas, paths, router) = with_key(routes);
    // Around each method that there is: another one is none of the route's, whatever key it has.
    (schemas, paths, router.route_layer(middleware::from_fn(once)))
}

/// Routes whose POST or PUT may have a key, which it keeps itself.
pub(crate) fn with_key(routes: UtoipaMethodRouter<Cloud>) -> UtoipaMethodRouter<Cloud> {
    let (schemas, mut paths, router) = routes;
    let items = paths.paths.values_mut();
    for operation in items.flat_map(|item| [&mut item.post, &mut item.put]).flatten() {
        operation
            .parameters
            .get_or_insert_default()
            .push(parameter().into());
    }
    (schemas, paths, router)
}

fn parameter() -> Parameter {
    Parameter::builder()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "With the same key within 24 hours, the same request is done once and answered alike",
        ))
        .schema(Some(schema::IdempotencyKey::schema()))
        .build()
}

/// Does a request with a key once.
async fn once(
    Extension(cloud): Extension<Cloud>,
    // Below a project, the request's own has lost its beginning.
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    if ![Method::POST, Method::PUT].contains(request.method()) {
        return next.run(request).await;
    }
    let key = match key(request.headers()) {
        Ok(None) => return next.run(request).await,
        Ok(Some(key)) => key,
        Err(error) => return Problem::from(error).into_response(),
    };
    let caller = request
        .extensions()
        .get::<RequestContext>()
        .and_then(caller::caller);
    let Some(caller) = caller else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(bytes) = body::to_bytes(body, LIMIT).await else {
        return Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    // Who has become something else since asks something else: what was answered then may not be for them now.
    let role: &[u8] = if caller.it_admin { b"admin" } else { b"user" };
    let (method, uri) = (parts.method.as_str(), uri.to_string());
    let hash = hash(&[method.as_bytes(), uri.as_bytes(), role, &bytes]);
    let keyed = cloud.table().begin(caller.user_id, key, hash, cloud.now()).await;
    match keyed {
        Ok(Keyed::Done(answer)) => again(answer),
        Ok(Keyed::ToDo(keyed)) => {
            let mut request = Request::from_parts(parts, Body::from(bytes));
            request.extensions_mut().insert(NewId(keyed.new_id()));
            let response = next.run(request).await;
            kept(&cloud, &keyed, response).await
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

/// SHA-256 in hex. Each part of a request goes in with its length before it, so that no two requests look alike.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps what was answered. Where that fails, the request may be done a second time, and makes the same again.
async fn kept(cloud: &Cloud, keyed: &KeyedRequest, response: Response) -> Response {
    let status = response.status();
    if !status.is_success() {
        let told = cloud.table().not_done(keyed, status.is_client_error()).await;
        log(told);
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = body::to_bytes(body, usize::MAX).await else {
        return Problem::failure(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the answer can not be read".to_owned(),
        )
        .into_response();
    };
    let answer = KeptAnswer {
        status: status.as_u16(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    log(cloud.table().answered(keyed, answer).await);
    Response::from_parts(parts, Body::from(bytes))
}

fn log(told: Result<(), workbench_aws::Error>) {
    if let Err(error) = told {
        tracing::warn!(%error, "what became of a request with an Idempotency-Key is not kept");
    }
}

fn again(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    if status == StatusCode::NO_CONTENT {
        response.headers_mut().remove(CONTENT_TYPE);
    } else {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parts_are_another_request() {
        let one = hash(&[b"POST", b"/projects", b"admin", b"{}"]);
        assert_eq!(one.len(), 64);
        assert_eq!(one, hash(&[b"POST", b"/projects", b"admin", b"{}"]));
        let others: [&[&[u8]]; 4] = [
            &[b"PUT", b"/projects", b"admin", b"{}"],
            &[b"POST", b"/projects", b"admin", b"{ }"],
            &[b"POST", b"/projects", b"user", b"{}"],
            &[b"POST", b"/project", b"sadmin", b"{}"],
        ];
        for other in others {
            assert_ne!(one, hash(other), "{other:?}");
        }
    }

    #[test]
    fn an_idempotency_key_is_one_printable_text() {
        let read = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
            }
            key(&headers)
                .map(|key| key.is_some())
                .map_err(|error| error.to_string())
        };
        assert_eq!(read(&[]), Ok(false));
        assert_eq!(read(&[b"8e03978e-40d5-43e8-bc93-6894a57f9324"]), Ok(true));
        assert_eq!(
            read(&[b"a", b"b"]).unwrap_err(),
            "Idempotency-Key: is given twice"
        );
        assert_eq!(
            read(&[b"\xc3\xa4"]).unwrap_err(),
            "Idempotency-Key: must be printable ASCII"
        );
        for wrong in ["".to_owned(), "a".repeat(256)] {
            let error = read(&[wrong.as_bytes()]).unwrap_err();
            assert!(error.starts_with("Idempotency-Key: "), "{error}");
        }
    }
}
