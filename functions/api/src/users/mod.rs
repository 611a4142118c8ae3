//! Users, section 4.4 of the contract.

use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::{Cloud, Error};
use workbench_core::id::UserId;
use workbench_core::user::{User, UserRole, UserStatus};

use crate::schema;

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod purge;
pub(crate) mod read;
pub(crate) mod update;

/// A user as they are answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserAnswer {
    #[schema(value_type = schema::UserId)]
    id: UserId,
    /// Empty if somebody made the user past Workbench.
    #[schema(examples("Ada"))]
    first_name: String,
    /// Empty like the first name.
    #[schema(examples("Lovelace"))]
    last_name: String,
    #[schema(examples("ada@example.org"))]
    email: String,
    /// 1 for ACTIVE, 0 for INACTIVE.
    #[schema(value_type = schema::UserStatusNumber)]
    status: u8,
    /// What they are, here and in projects.
    #[schema(value_type = Vec<schema::UserRole>)]
    roles: Vec<UserRole>,
}

impl UserAnswer {
    pub(crate) fn of(user: User, roles: Vec<UserRole>) -> Self {
        let User {
            id,
            first_name,
            last_name,
            email,
            status,
        } = user;
        Self {
            id,
            first_name,
            last_name,
            email,
            status: number(status),
            roles,
        }
    }
}

/// A status as it is answered. It is asked for in words.
pub(crate) const fn number(status: UserStatus) -> u8 {
    match status {
        UserStatus::Inactive => 0,
        UserStatus::Active => 1,
    }
}

/// The user of the path.
async fn existing(cloud: &Cloud, id: UserId) -> Result<User, Error> {
    let found = cloud.users().user(id).await?;
    found.ok_or_else(|| missing(id).into())
}

/// The refusal of an id that no user has.
pub(crate) fn missing(id: UserId) -> workbench_core::Error {
    workbench_core::Error::not_found("user", id)
}
