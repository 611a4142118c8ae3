//! Why something failed: AWS's words, and what they mean where they are known.

use crate::environment::Failure;

/// Why an environment is not as somebody wanted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What failed, in words.
    pub what: String,
    /// The reason in the words of whoever refused.
    pub reason: String,
    /// What that means, and who can mend it how; nothing if the words are not known.
    pub meaning: Vec<&'static str>,
}

/// What reasons contain, what they mean, and the mend. The first that is found counts: words of one's own come before
/// AWS's general ones.
const MEANINGS: [(&[&str], [&str; 2]); 11] = [
    (
        &["called off before it began"],
        [
            "Somebody has terminated it while it waited for its turn: nothing was made.",
            "Launch a new one, if it is wanted after all.",
        ],
    ),
    (
        &["does not let Workbench in", "AssumeRole"],
        [
            "Workbench is locked out of the hosting account: its role is gone, or its external id was changed.",
            "An IT admin checks the account (`workbench accounts check`), and does what its findings say.",
        ],
    ),
    (
        &["could not be started in time"],
        [
            "Nothing was launched: AWS did not take the request before the limit was over.",
            "Terminate it and launch a new one. If that fails too, an IT admin checks the hosting account.",
        ],
    ),
    (
        &["is not installed in this version"],
        [
            "Its environment type is not part of this version of Workbench.",
            "An IT admin installs a version that has the type.",
        ],
    ),
    (
        &["the reason can not be read"],
        [
            "AWS knows the reason but does not let Workbench read it.",
            "An IT admin checks the hosting account (`workbench accounts check`).",
        ],
    ),
    (
        &[
            "InsufficientCapacity",
            "InsufficientInstanceCapacity",
            "Insufficient capacity",
        ],
        [
            "AWS has no machine of this kind to give at the moment.",
            "Try again later, or choose a configuration with another kind of machine.",
        ],
    ),
    (
        &[
            "ResourceLimitExceeded",
            "LimitExceeded",
            "ServiceQuotaExceeded",
            "quota",
        ],
        [
            "A quota of the hosting account is used up.",
            "Terminate what is not needed any more, or an IT admin has the quota raised; then try again.",
        ],
    ),
    (
        &[
            "Throttl",
            "Rate exceeded",
            "TooManyRequests",
            "RequestLimitExceeded",
        ],
        [
            "AWS was asked for too much at once.",
            "Try again in some minutes; nothing has to be changed.",
        ],
    ),
    (
        &[
            "AccessDenied",
            "not authorized",
            "UnauthorizedOperation",
            "explicit deny",
        ],
        [
            "A role lacks a permission, or a policy of the organization forbids it.",
            "An IT admin brings the hosting account's stack up to date, and looks for a policy that forbids the call.",
        ],
    ),
    (
        &["TimedOut", "timed out", "Timed out", "time-out"],
        [
            "It took longer than it may take.",
            "Try again; if it takes as long again, an IT admin looks at the automation in the hosting account.",
        ],
    ),
    (
        &[
            "ValidationException",
            "ValidationError",
            "Validation error",
            "InvalidParameter",
            "invalid value",
        ],
        [
            "AWS does not accept a parameter.",
            "An IT admin compares the configuration with what the product's template allows.",
        ],
    ),
];

/// What a failure means.
#[must_use]
pub fn cause(failure: &Failure) -> Cause {
    let Failure { kind, value } = failure;
    let found = MEANINGS
        .iter()
        .find(|(words, _)| words.iter().any(|word| value.contains(word)));
    Cause {
        what: what(kind),
        reason: value.clone(),
        meaning: found.map(|(_, meaning)| meaning.to_vec()).unwrap_or_default(),
    }
}

/// What failed, by the kind of the failure: an operation, or the status that the instance reported.
fn what(kind: &str) -> String {
    match kind {
        "LAUNCH" => "the launch failed".to_owned(),
        "START" => "the start was refused".to_owned(),
        "STOP" => "the stop was refused".to_owned(),
        "TERMINATE" => "the terminate failed".to_owned(),
        status => format!("the instance is {status}"),
    }
}
