//! All that a launch has to know, in one read; and what makes a repeated launch the same launch.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use workbench_core::env_type::{EnvType, EnvTypeConfig};
use workbench_core::id::{EnvTypeConfigId, EnvTypeId, EnvironmentId, ProjectId, UserId};
use workbench_core::project::{Membership, Project};

use super::Table;
use super::associations::Association;
use super::key::{self, Key};
use super::row::Row;
use crate::error::Error;

/// How long an Idempotency-Key is kept at least.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The value of an `Idempotency-Key` header: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = workbench_core::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            let rule = "must be 1 to 255 visible ASCII characters, such as a UUID";
            Err(workbench_core::Error::invalid("Idempotency-Key", rule))
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// That a user launched an environment with an Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotencyRecord {
    /// The key.
    pub key: IdempotencyKey,
    /// Who used it: another user's key of the same text is another key.
    pub user_id: UserId,
    /// SHA-256 of the request, to tell it from another one with the same key.
    pub request_hash: String,
    /// The environment that was launched; none if the key was used for something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<EnvironmentId>,
    /// When.
    pub created_at: Timestamp,
}

impl IdempotencyRecord {
    /// A record made at `now`. It is kept for 24 hours at least.
    #[must_use]
    pub const fn new(
        key: IdempotencyKey,
        user_id: UserId,
        request_hash: String,
        environment_id: EnvironmentId,
        now: Timestamp,
    ) -> Self {
        Self {
            key,
            user_id,
            request_hash,
            environment_id: Some(environment_id),
            created_at: now,
        }
    }
}

impl IdempotencyRecord {
    /// Whether the key may be used for another launch.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) >= KEPT
    }
}

impl Row for IdempotencyRecord {
    fn key(&self) -> Key {
        key::idempotency(self.user_id, &self.key)
    }

    fn expires(&self) -> Option<Timestamp> {
        self.created_at.checked_add(KEPT).ok()
    }
}

/// What a launch is decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchFacts {
    /// The project, with its account as it was when last read.
    pub project: Option<Project>,
    /// What the caller is in the project.
    pub membership: Option<Membership>,
    /// The configuration.
    pub config: Option<EnvTypeConfig>,
    /// The environment type.
    pub env_type: Option<EnvType>,
    /// The configuration's association with the project.
    pub association: Option<Association>,
    /// The launch that was made with the same key, if there was one.
    pub idempotency: Option<IdempotencyRecord>,
}

impl Table {
    /// Reads all that a launch is decided by, in one request.
    ///
    /// # Errors
    /// DynamoDB's, or a row can not be read.
    pub async fn launch_facts(
        &self,
        user: UserId,
        project: ProjectId,
        config: EnvTypeConfigId,
        env_type: &EnvTypeId,
        key: Option<&IdempotencyKey>,
    ) -> Result<LaunchFacts, Error> {
        let keys = [
            key::project(project),
            key::membership(user, project),
            key::config(config),
            key::env_type(env_type),
            key::association(project, config),
        ];
        let record = key.map(|key| key::idempotency(user, key));
        let mut rows = self
            .batch(keys.iter().cloned().chain(record.clone()).collect())
            .await?;
        let [project, membership, config, env_type, association] = keys;
        Ok(LaunchFacts {
            project: rows.take(&project)?,
            membership: rows.take(&membership)?,
            config: rows.take(&config)?,
            env_type: rows.take(&env_type)?,
            association: rows.take(&association)?,
            idempotency: record.map_or(Ok(None), |record| rows.take(&record))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_is_short_and_visible() {
        let longest = "k".repeat(255);
        for right in ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", "a#b/c", &longest] {
            assert_eq!(right.parse::<IdempotencyKey>().unwrap().to_string(), right);
        }
        for wrong in ["", "a b", "\n", "ä", &"k".repeat(256)] {
            let error = wrong.parse::<IdempotencyKey>().unwrap_err().to_string();
            assert!(error.starts_with("Idempotency-Key: must be 1 to 255"), "{error}");
        }
    }
}
