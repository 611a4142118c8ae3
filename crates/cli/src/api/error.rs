//! Why the API did not do what was asked.

use std::error::Error as StdError;

/// What went wrong between the command and the API.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command does not say what it needs to.
    #[error("{0}")]
    Usage(String),
    /// There is no token.
    #[error(
        "not signed in: give --token, set WORKBENCH_TOKEN, or give the profile `token` or `token_command`"
    )]
    NoToken,
    /// The API says no, or could not do it.
    #[error("the API answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// In the API's words.
        message: String,
    },
    /// Nothing of the name is to be seen by whoever asks.
    #[error("there is no {kind} `{wanted}`")]
    Unknown {
        /// The word for what was looked for.
        kind: String,
        /// The id or name that was given.
        wanted: String,
    },
    /// Something else than Workbench answers there.
    #[error("{url} does not answer as a Workbench does; is the URL right?")]
    NoWorkbench {
        /// The URL as it was given.
        url: String,
    },
    /// Nothing answers there.
    #[error("{url} can not be reached")]
    Unreachable {
        /// The URL as it was given.
        url: String,
        /// Why not.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl Error {
    /// The command does not say what it needs to.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Whether the caller's role is what stands against it.
    pub(crate) const fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused { status: 403, .. })
    }

    /// Whether it may well be over when one asks again.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::Usage(_) | Self::NoToken | Self::Unknown { .. } | Self::NoWorkbench { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        let refused = |status| Error::Refused {
            status,
            message: String::new(),
        };
        for (status, passing) in [(400, false), (404, false), (429, true), (500, true), (503, true)] {
            assert_eq!(refused(status).is_passing(), passing, "{status}");
        }
        let gone = Error::Unreachable {
            url: "u".into(),
            source: "refused".into(),
        };
        assert!(gone.is_passing() && !Error::NoToken.is_passing());
    }
}
