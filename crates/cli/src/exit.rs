//! How commands end, for scripts.

use std::process::ExitCode;

use crate::api;

/// What `--help` says about the ends.
pub(crate) const HELP: &str = "\
Exit codes:
  0  Done
  1  The API refused or failed, or what was waited for did not come about
  2  The command is wrong, or no API is named
  3  Not signed in, or not allowed
  4  The API can not be reached
  5  The time that --timeout gives was over first";

/// The end of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// The API refused or failed, or what was waited for did not come about.
    Refused,
    /// The command is wrong. What clap finds ends with this code, too.
    Usage,
    /// Not signed in, or not allowed.
    NotAllowed,
    /// The API can not be reached.
    Unreachable,
    /// Time was over first.
    TimedOut,
}

impl Exit {
    const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::NotAllowed => 3,
            Self::Unreachable => 4,
            Self::TimedOut => 5,
        }
    }

    /// The end that an error is.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        match error.downcast_ref() {
            Some(api::Error::Usage(_)) => Self::Usage,
            Some(
                api::Error::NoToken
                | api::Error::Refused {
                    status: 401 | 403, ..
                },
            ) => Self::NotAllowed,
            Some(api::Error::Unreachable { .. }) => Self::Unreachable,
            Some(
                api::Error::Refused { .. } | api::Error::Unknown { .. } | api::Error::NoWorkbench { .. },
            )
            | None => Self::Refused,
        }
    }

    /// Tells people of an error; the end that it is.
    pub(crate) fn told(error: &anyhow::Error) -> Self {
        eprintln!("workbench: {error:#}");
        Self::of(error)
    }

    /// This end, or the other one if this one is good.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::Done { other } else { self }
    }

    /// Done if `so`, else refused.
    pub(crate) const fn if_so(so: bool) -> Self {
        if so { Self::Done } else { Self::Refused }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_first_bad_end_counts() {
        assert_eq!(Exit::Done.or(Exit::Refused), Exit::Refused);
        assert_eq!(Exit::NotAllowed.or(Exit::Refused), Exit::NotAllowed);
        assert_eq!(Exit::Refused.or(Exit::Done), Exit::Refused);
    }

    fn refused(status: u16) -> api::Error {
        api::Error::Refused {
            status,
            message: "no".into(),
        }
    }

    #[test]
    fn errors_end_as_the_help_says_even_with_context_around_them() {
        for (error, code) in [
            (refused(400), 1),
            (refused(503), 1),
            (refused(401), 3),
            (refused(403), 3),
            (api::Error::NoToken, 3),
            (api::Error::usage("which one?"), 2),
            (api::Error::NoWorkbench { url: "u".into() }, 1),
        ] {
            let error = Err::<(), _>(error).context("launching").unwrap_err();
            assert_eq!(Exit::of(&error).code(), code, "{error:#}");
            assert!(HELP.contains(&format!("\n  {code}  ")), "{code}");
        }
        assert_eq!(Exit::of(&anyhow::anyhow!("a file is missing")), Exit::Refused);
    }
}
