//! What is written down about each request once it is done: who asked for what, about which ids, from where, and what
//! became of it. One line, without bodies, queries and headers. But the reason of a refusal is what the caller was told,
//! and that quotes, shortened, the value or the key that is wrong: a secret that is sent in the wrong place can be in it.

use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request};
use axum::http::StatusCode;
use http::Method;
use jiff::Timestamp;
use lambda_http::request::RequestContext;

use crate::caller;
use crate::made::MadeId;
use crate::problem::Problem;

/// The longest part of a path that is written down, in characters: longer than every id.
const LONGEST: usize = 80;

/// A request, before it is handled.
#[derive(Debug)]
pub(crate) struct Asked {
    request_id: String,
    caller: Option<String>,
    it_admin: bool,
    source_ip: Option<String>,
    method: Method,
    route: Option<String>,
    ids: String,
    at: Timestamp,
}

impl Asked {
    /// What is to be written down about a request that came at `now`.
    pub(crate) async fn of(request: Request, request_id: &str, now: Timestamp) -> (Self, Request) {
        let (mut parts, body) = request.into_parts();
        let ids = match RawPathParams::from_request_parts(&mut parts, &()).await {
            Ok(params) => params
                .iter()
                .map(|(name, value)| id(name, value))
                .collect::<Vec<_>>(),
            // No route has such a path.
            Err(_) => Vec::new(),
        };
        let context = parts.extensions.get::<RequestContext>();
        let known = context.and_then(caller::caller);
        let source_ip = match context {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.clone(),
            _ => None,
        };
        let asked = Self {
            request_id: request_id.to_owned(),
            caller: known.as_ref().map(|caller| caller.user_id.to_string()),
            it_admin: known.is_some_and(|caller| caller.it_admin),
            source_ip,
            method: parts.method.clone(),
            route: parts
                .extensions
                .get::<MatchedPath>()
                .map(|path| path.as_str().to_owned()),
            ids: ids.join(" "),
            at: now,
        };
        (asked, Request::from_parts(parts, body))
    }

    /// Writes the line, at `now`: with the id of what was made, or with the problem.
    pub(crate) fn done(
        &self,
        status: StatusCode,
        outcome: Result<Option<&MadeId>, &Problem>,
        now: Timestamp,
    ) {
        let Self {
            request_id,
            caller,
            it_admin,
            source_ip,
            method,
            route,
            ids,
            at,
        } = self;
        let milliseconds = now.as_millisecond() - at.as_millisecond();
        let (caller, source_ip) = (caller.as_deref(), source_ip.as_deref());
        let (route, status) = (route.as_deref(), status.as_u16());
        let ids = match outcome {
            Ok(Some(MadeId(made))) => format!("{ids} {}", id("made", made)).trim_start().to_owned(),
            _ => ids.clone(),
        };
        macro_rules! line {
            ($level:ident, $outcome:literal $(, $field:ident = $value:expr)*) => {
                tracing::$level!(
                    request_id, caller, it_admin, source_ip, %method, route, ids, status, milliseconds,
                    $($field = $value,)* $outcome
                )
            };
        }
        match outcome {
            Ok(_) => line!(info, "answered"),
            Err(problem) => match problem.cause() {
                Some(cause) => line!(error, "failed", cause = cause),
                None => line!(info, "refused", reason = problem.message()),
            },
        }
    }
}

fn id(name: &str, value: &str) -> String {
    let shown: String = value.chars().take(LONGEST).collect();
    format!("{name}={}", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::routing::{MethodRouter, get, post};
    use serde_json::Value;
    use tower::ServiceExt as _;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::made::Made;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Log {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// The lines of one request to `/things/t-1`, which this route answers.
    async fn lines(method: &str, route: MethodRouter) -> String {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(log.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        let routes = Router::new().route("/things/{id}", route);
        let event = include_str!("../tests/events/rest-proxy.json")
            .replace("/environments", "/things/t-1")
            .replace("\"GET\"", &format!("\"{method}\""));
        let request = lambda_http::request::from_str(&event).unwrap();
        let app = crate::behind_gateway(crate::layer::around(routes, workbench_aws::Clock::system()));
        app.oneshot(request).await.unwrap();
        drop(guard);
        let lines = log.0.lock().unwrap().clone();
        String::from_utf8(lines).unwrap()
    }

    #[tokio::test]
    async fn what_a_request_made_is_in_its_line() {
        let text = lines("POST", post(async || Made::created("t-2", "made"))).await;
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&line["ids"], &line["status"]),
            (&"id=t-1 made=t-2".into(), &201.into())
        );
    }

    #[tokio::test]
    async fn a_request_leaves_one_line_without_its_token_and_query() {
        let refused = get(async || Problem::refusal(StatusCode::CONFLICT, "status: busy"));
        let text = lines("GET", refused).await;
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        for (field, value) in [
            ("message", "refused"),
            ("method", "GET"),
            ("route", "/things/{id}"),
            ("ids", "id=t-1"),
            ("reason", "status: busy"),
            ("caller", "b590a734-5adc-4a43-a24b-edf3795b812d"),
        ] {
            assert_eq!(line[field], value, "{field}: {text}");
        }
        assert_eq!(
            (line["status"].as_u64(), line["it_admin"].as_bool()),
            (Some(409), Some(true))
        );
        assert!(
            line["source_ip"].is_string() && line["milliseconds"].is_i64(),
            "{text}"
        );
        for secret in ["eyJ", "Bearer", "pageSize"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
