//! Why the domain refuses a request. Free of HTTP: the api function alone turns kinds into codes.

/// A request that the rules refuse. The message may be shown to the caller, but for [`Error::Misconfigured`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A field of the request is missing, malformed or contradicts another one.
    #[error("{field}: {problem}")]
    Invalid {
        /// Dotted path of the field, as the caller wrote it.
        field: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// What the request names does not exist, or the caller may not know that it does.
    #[error("{kind} `{id}` does not exist")]
    NotFound {
        /// What kind of thing was looked for, such as `environment`.
        kind: &'static str,
        /// The id as the caller gave it.
        id: String,
    },
    /// The request is well formed but what it names is in a state that forbids it.
    #[error("{0}")]
    Conflict(String),
    /// The request cannot be done in this state, and the contract answers that as a bad request.
    #[error("{0}")]
    WrongState(String),
    /// The caller has no role that allows the request. Says who may, or what to ask for instead; nothing about what is
    /// there.
    #[error("{0}")]
    NotAuthorized(&'static str),
    /// Workbench itself is set up wrong; nothing that the caller could mend. Not for the caller's eyes.
    #[error("the deployment is set up wrong: {0}")]
    Misconfigured(String),
    /// An Idempotency-Key came again with another request body.
    #[error("Idempotency-Key: `{0}` was used before with another request; use a new key")]
    KeyReused(String),
}

impl Error {
    /// A refusal that names one field.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            problem: problem.into(),
        }
    }

    /// A refusal because `id` does not exist.
    pub fn not_found(kind: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound {
            kind,
            id: id.to_string(),
        }
    }
}
