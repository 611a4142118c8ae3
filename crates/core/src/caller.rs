//! Who calls. What they may do is decided by the api function's policies.

use crate::id::UserId;

/// The caller, as the authorizer's claims describe him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Cognito's `sub`.
    pub user_id: UserId,
    /// Whether he is in the group `ITAdmin`.
    pub it_admin: bool,
}
