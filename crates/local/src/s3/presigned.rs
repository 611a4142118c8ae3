//! Presigned URLs: requests that carry who signed them, and until when they are good, in the query.

use http::Method;
use jiff::{SignedDuration, Timestamp};

use crate::error::ApiError;
use crate::sts;
use crate::world::{Principal, World};

/// What a URL that was made here is good for.
#[derive(Clone)]
pub(super) struct Grant {
    method: Method,
    bucket: String,
    key: String,
}

impl World {
    /// A URL with which anybody can read (GET) or write (PUT) an object in the principal's name, until it expires.
    /// The key must need no escaping.
    pub fn presigned_url(
        &mut self,
        principal: &Principal,
        method: &Method,
        bucket: &str,
        key: &str,
        expires_in: SignedDuration,
    ) -> String {
        let (id, _) = sts::issue_key(self, principal);
        let signature = self.new_hex_id("", 64);
        let region = &self.region;
        let now = self.now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let date = now.get(..8).unwrap_or_default();
        let url = format!(
            "https://{bucket}.s3.{region}.amazonaws.com/{key}?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential={id}%2F{date}%2F{region}%2Fs3%2Faws4_request&X-Amz-Date={now}\
             &X-Amz-Expires={}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}",
            expires_in.as_secs()
        );
        let grant = Grant {
            method: method.clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        };
        self.s3.presigned.insert(signature, grant);
        url
    }
}

/// Whether a query's parameters are those of a presigned URL.
pub(crate) fn is_presigned(parameters: &[(String, String)]) -> bool {
    parameters.iter().any(|(name, _)| name == "X-Amz-Signature")
}

/// Refuses a presigned request that comes too late, or that was signed here for something else.
///
/// # Errors
/// `AccessDenied` after the expiry, `SignatureDoesNotMatch` for another method or object,
/// `AuthorizationQueryParametersError` without a time of signing or expiry.
pub(crate) fn check(
    world: &World,
    parameters: &[(String, String)],
    method: &Method,
    bucket: &str,
    key: &str,
) -> Result<(), ApiError> {
    let refused = |code: &str, message: &str| ApiError {
        status: 403,
        ..ApiError::new(code, message)
    };
    let value = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let signed = value("X-Amz-Date").and_then(time);
    let seconds: Option<i64> = value("X-Amz-Expires").and_then(|text| text.parse().ok());
    let (Some(signed), Some(seconds)) = (signed, seconds.filter(|seconds| (1..=604_800).contains(seconds)))
    else {
        let message = "X-Amz-Date and X-Amz-Expires (1 to 604800) are required";
        return Err(ApiError::new("AuthorizationQueryParametersError", message));
    };
    let until = signed.saturating_add(SignedDuration::from_secs(seconds));
    if until.is_ok_and(|until| world.now >= until) {
        return Err(refused("AccessDenied", "Request has expired"));
    }
    let grant = value("X-Amz-Signature").and_then(|signature| world.s3.presigned.get(signature));
    let fits = |grant: &Grant| grant.method == *method && grant.bucket == bucket && grant.key == key;
    if grant.is_none_or(fits) {
        Ok(())
    } else {
        Err(refused(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        ))
    }
}

/// `20260131T235959Z`, as signatures have it.
fn time(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}
