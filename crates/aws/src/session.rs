//! Who one is in a hosting account, for as long as AWS knows it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;
use serde_json::Value;

/// The codes with which AWS says that it does not know who calls. Credentials outlive a role that was deleted and made
/// anew under its name, as with an onboarding stack.
const UNKNOWN: [&str; 4] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
];

/// A role that was entered.
#[derive(Debug, Clone)]
pub(crate) struct Entered {
    /// What clients are built of.
    pub(crate) config: SdkConfig,
    /// Their retry classifier.
    pub(crate) session: Session,
}

/// A client of an SDK crate for a role that was entered, as `client!(aws_sdk_ssm, role)`. It has the role's retry
/// classifier: without that, it would go on with credentials that AWS does not know any more.
macro_rules! client {
    ($sdk:ident, $role:expr) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from(&$role.config)
                .retry_classifier($role.session.clone())
                .build(),
        )
    };
}

pub(crate) use client;

/// The credentials of a role: the SDK's cache, which is emptied when AWS does not know them any more. The call is then
/// made again, with others.
#[derive(Debug, Clone)]
pub(crate) struct Session(Arc<Mutex<SharedIdentityCache>>);

impl Session {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(IdentityCache::lazy().build())))
    }

    fn forget(&self) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *cache = IdentityCache::lazy().build();
    }
}

impl ResolveCachedIdentity for Session {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        IdentityFuture::new(async move {
            cache
                .resolve_cached_identity(resolver, runtime_components, config_bag)
                .await
        })
    }
}

impl ClassifyRetry for Session {
    fn classify_retry(&self, ctx: &InterceptorContext) -> RetryAction {
        let unknown = ctx.response().is_some_and(|response| {
            let body = response.body().bytes().unwrap_or_default();
            matches!(response.status().as_u16(), 400 | 403) && is_unknown(&String::from_utf8_lossy(body))
        });
        if !unknown {
            return RetryAction::NoActionIndicated;
        }
        self.forget();
        RetryAction::retryable_error_with_explicit_delay(ErrorKind::TransientError, Duration::ZERO)
    }

    fn name(&self) -> &'static str {
        "a session that AWS does not know"
    }
}

/// Whether an answer's code is one of [`UNKNOWN`]: as JSON has it, or XML.
fn is_unknown(body: &str) -> bool {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let of_json = json["__type"].as_str().and_then(|code| code.rsplit('#').next());
    let of_xml = || Some(body.split_once("<Code>")?.1.split_once("</Code>")?.0);
    of_json
        .or_else(of_xml)
        .is_some_and(|code| UNKNOWN.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_aws_does_not_know_is_told_from_other_refusals() {
        for body in [
            r#"{"__type":"UnrecognizedClientException","message":"the security token is invalid"}"#,
            r#"{"__type":"com.amazon.coral.service#ExpiredTokenException"}"#,
            "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>",
        ] {
            assert!(is_unknown(body), "{body}");
        }
        for body in [
            r#"{"__type":"AccessDeniedException","message":"no ExpiredToken"}"#,
            "<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>",
            "",
        ] {
            assert!(!is_unknown(body), "{body}");
        }
    }
}
