//! Whether AWS may have heard a call that the SDK has made more than once: an attempt that was not answered, before one
//! that was refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Looks at every attempt of one call. Clones look at the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts(Arc<AtomicBool>);

impl Attempts {
    /// Whether an attempt went out and was not answered, or with a fault of AWS's.
    pub(crate) fn may_be_heard(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "whether an attempt may be heard"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _runtime_components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Err(error)) = context.output_or_error() else {
            return Ok(());
        };
        let of_aws = context
            .response()
            .is_some_and(|response| response.status().is_server_error());
        let unanswered = error.is_timeout_error() || error.is_connector_error() || error.is_response_error();
        if of_aws || unanswered {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
