//! What is wrong with a hosting account, in words that say what to do.

use serde::{Deserialize, Serialize};

/// One thing that is not as Workbench wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// What is so, with AWS's own words where there are any.
    pub reason: String,
    /// What to do, or that Workbench does it.
    pub mend: String,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The account does not let Workbench in, and has not done so before.
    NotLetInYet,
    /// The account does not let Workbench in.
    NotLetIn,
    /// AWS did not answer or was busy, so that it is not known how things are.
    NotSeen,
    /// AWS refused to say how things are.
    MayNotSee,
    /// AWS refused the main account what is its own to see or to write. No hosting account is the worse for it.
    MainRefused,
    /// Bus, bucket and keys of the main account do not let the account in.
    NotNamed,
    /// There is no onboarding stack.
    StackMissing,
    /// The onboarding stack is being made.
    StackInTheMaking,
    /// The onboarding stack is being changed.
    StackChanging,
    /// The onboarding stack failed, was rolled back or is going.
    StackFailed,
    /// The last update of the onboarding stack was rolled back.
    UpdateRolledBack,
    /// The onboarding stack was made from another template than this release's.
    StackOutdated,
    /// The onboarding stack lacks an output that Workbench needs.
    StackIncomplete,
    /// The role of the stack is not the one that the account was registered with.
    RoleDiffers,
    /// The stack has no launch role of an environment type.
    LaunchRoleMissing,
    /// The portfolio is not shared with the account.
    PortfolioNotShared,
    /// The account has not accepted the portfolio.
    PortfolioNotAccepted,
    /// `EnvManagementRole` may not launch from the portfolio.
    PrincipalMissing,
    /// A document is not shared with the account.
    DocumentNotShared,
    /// Something is still shared with an account that was off-boarded.
    StillShared,
    /// AWS refused what Workbench wrote to mend the account.
    MendRefused,
    /// Something has the tag of an environment that does not live in the account.
    OrphanedResources,
    /// The product of an environment does not exist any more.
    ProductVanished,
    /// The account was not looked through for what is left over, or not for all of it.
    OrphansNotSeen,
}

/// What a finding does to the account's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It says nothing about whether the account works.
    Aside,
    /// The account works, but is behind.
    Outdated,
    /// Nothing is known that would change the status.
    Keeps,
    /// The account is not ready yet.
    Pending,
    /// The account does not work, and somebody has to do something.
    Errored,
}

impl Kind {
    /// What such a finding does to the account's status. A difference that Workbench mends by itself keeps it.
    #[must_use]
    pub const fn effect(self) -> Effect {
        match self {
            Self::OrphanedResources | Self::ProductVanished | Self::OrphansNotSeen => Effect::Aside,
            Self::UpdateRolledBack | Self::StackOutdated | Self::LaunchRoleMissing => Effect::Outdated,
            Self::NotSeen
            | Self::MainRefused
            | Self::StackChanging
            | Self::PortfolioNotShared
            | Self::PortfolioNotAccepted
            | Self::PrincipalMissing
            | Self::DocumentNotShared
            | Self::StillShared => Effect::Keeps,
            Self::NotLetInYet | Self::StackInTheMaking => Effect::Pending,
            Self::NotLetIn
            | Self::MayNotSee
            | Self::NotNamed
            | Self::StackMissing
            | Self::StackFailed
            | Self::StackIncomplete
            | Self::RoleDiffers
            | Self::MendRefused => Effect::Errored,
        }
    }
}

impl Kind {
    /// Whether it is a difference that Workbench mends by itself.
    pub(super) const fn is_mended_here(self) -> bool {
        matches!(
            self,
            Self::PortfolioNotShared
                | Self::PortfolioNotAccepted
                | Self::PrincipalMissing
                | Self::DocumentNotShared
                | Self::StillShared
        )
    }
}

impl Finding {
    pub(super) fn new(kind: Kind, reason: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            mend: mend.into(),
        }
    }
}
