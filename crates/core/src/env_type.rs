//! Environment types and their configurations, as IT admins offer them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::{EnvTypeConfigId, EnvTypeId, ProjectId};
use crate::launch;
use crate::project::{Membership, RoleId};
use crate::registry;
use crate::text::{Description, Title, shortened};

/// Whether an environment type may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EnvTypeStatus {
    /// Configurations and launches are allowed.
    Approved,
    /// Not yet, or no more.
    NotApproved,
}

impl EnvTypeStatus {
    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::NotApproved => "NOT_APPROVED",
        }
    }
}

/// A template parameter as CloudFormation describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TypeParameter {
    /// `String`, `Number`, ...
    #[serde(rename = "Type")]
    pub kind: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What holds when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether consoles hide its value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_echo: bool,
    /// The only values that are allowed, if any are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_values: Vec<String>,
}

/// One version of one product of the catalog, with what the IT admin says about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvType {
    /// Product and version.
    pub id: EnvTypeId,
    /// The registered type: the package's folder name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The name that people see.
    pub name: Title,
    /// What it is.
    pub description: Description,
    /// Whether it may be used.
    pub status: EnvTypeStatus,
    /// The template's parameters.
    pub params: BTreeMap<String, TypeParameter>,
    /// Raised by every write.
    pub rev: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl EnvType {
    /// Checks the parameters of a configuration against those that the type was registered with.
    ///
    /// # Errors
    /// A value is not of its parameter's type, or not among the allowed ones. Names the parameter.
    pub fn check_params(&self, params: &[ConfigParam]) -> Result<(), Error> {
        for (index, param) in params.iter().enumerate() {
            let Some(registered) = self.params.get(&param.key) else {
                continue;
            };
            let field = format!("params.{index}.value");
            launch::check_number(&registered.kind, &param.value)
                .map_err(|problem| Error::invalid(&field, format!("{}: {problem}", param.key)))?;
            let allowed = &registered.allowed_values;
            if !allowed.is_empty() && !allowed.contains(&param.value) {
                let problem = format!("{}: must be one of {}", param.key, allowed.join(", "));
                return Err(Error::invalid(&field, problem));
            }
        }
        Ok(())
    }
}

/// Whether a configuration may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConfigStatus {
    /// In use.
    Available,
    /// Gone; kept as a record.
    Deleted,
}

impl ConfigStatus {
    /// The spelling on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Deleted => "DELETED",
        }
    }
}

/// One fixed parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigParam {
    /// The parameter.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A configuration: an environment type with its parameters fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvTypeConfig {
    /// Its id.
    pub id: EnvTypeConfigId,
    /// The type that it fixes.
    pub env_type_id: EnvTypeId,
    /// The registered type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The name that people see.
    pub name: Title,
    /// What it is for.
    pub description: Description,
    /// What an hour or a month of it costs, in the IT admin's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_cost: Option<String>,
    /// The fixed parameters.
    pub params: Vec<ConfigParam>,
    /// Who may launch it.
    pub offer: Offer,
    /// Whether it may be used.
    pub status: ConfigStatus,
    /// Raised by every write.
    pub rev: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// To whom a configuration is offered.
///
/// The seed guide sends `allowedRoleIds`, and launches without a further step; v2's own bodies
/// leave it out and associate the configuration with projects. Both mean what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Offer {
    /// To the projects that it is associated with.
    AssociatedProjects,
    /// To every project: `allowedRoleIds` was given and is empty.
    EveryProject,
    /// To those who have one of these roles: `allowedRoleIds` names them.
    Roles(Vec<RoleId>),
}

impl Offer {
    /// The offer that a request's `allowedRoleIds` makes.
    #[must_use]
    pub fn from_allowed_roles(roles: Option<Vec<RoleId>>) -> Self {
        match roles {
            None => Self::AssociatedProjects,
            Some(roles) if roles.is_empty() => Self::EveryProject,
            Some(roles) => Self::Roles(roles),
        }
    }

    /// Whether a member may launch the configuration for `project`.
    #[must_use]
    pub fn covers(&self, project: ProjectId, associated: bool, membership: Option<&Membership>) -> bool {
        match self {
            Self::AssociatedProjects => associated,
            Self::EveryProject => true,
            Self::Roles(roles) => {
                associated
                    || roles.iter().any(|allowed| {
                        allowed.project_id == project
                            && membership.is_some_and(|member| member.roles.contains(&allowed.role))
                    })
            }
        }
    }
}

/// The registered type of this name.
///
/// # Errors
/// No package of that name is installed; `field` is blamed.
pub fn registered(field: &str, name: &str) -> Result<&'static registry::EnvironmentType, Error> {
    registry::environment_type(name).ok_or_else(|| {
        let known: Vec<&str> = registry::environment_types().iter().map(|ty| ty.name).collect();
        let shown = shortened(name);
        Error::invalid(
            field,
            format!(
                "`{shown}` is no installed environment type; must be one of {}",
                known.join(", ")
            ),
        )
    })
}

/// Checks the parameters that a configuration of `ty` fixes.
///
/// # Errors
/// A key that the type does not take from a configuration, a key given twice, a missing key, or a
/// value that the launch document refuses. Names the parameter.
pub fn check_params(ty: &registry::EnvironmentType, params: &[ConfigParam]) -> Result<(), Error> {
    for (index, param) in params.iter().enumerate() {
        let field = format!("params.{index}");
        if params[..index].iter().any(|earlier| earlier.key == param.key) {
            return Err(Error::invalid(
                format!("{field}.key"),
                format!("`{}` is given twice", param.key),
            ));
        }
        launch::check_config_param(ty, &field, param)?;
    }
    launch::check_complete(ty, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ProjectRole;

    fn project() -> ProjectId {
        "proj-b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap()
    }

    #[test]
    fn a_configuration_is_held_to_what_its_type_was_registered_with() {
        let parameter = |kind: &str, allowed: &[&str]| TypeParameter {
            kind: kind.into(),
            description: None,
            default: None,
            no_echo: false,
            allowed_values: allowed.iter().copied().map(str::to_owned).collect(),
        };
        let now = crate::test_data::now();
        let ty = EnvType {
            id: crate::test_data::config().env_type_id,
            type_name: "sagemakerNotebook".into(),
            name: Title::new("notebook").unwrap(),
            description: Description::new("a notebook").unwrap(),
            status: EnvTypeStatus::Approved,
            params: BTreeMap::from([
                (
                    "InstanceType".to_owned(),
                    parameter("String", &["ml.t3.medium", "ml.t3.large"]),
                ),
                ("AutoStopIdleTimeInMinutes".to_owned(), parameter("Number", &[])),
            ]),
            rev: 1,
            created_at: now,
            updated_at: now,
        };
        let with = |key: &str, value: &str| {
            let param = ConfigParam {
                key: key.into(),
                value: value.into(),
            };
            ty.check_params(&[param]).map_err(|error| error.to_string())
        };
        assert_eq!(ty.check_params(&crate::test_data::params()), Ok(()));
        assert_eq!(with("Other", "anything"), Ok(()));
        assert_eq!(
            with("InstanceType", "ml.p4d.24xlarge").unwrap_err(),
            "params.0.value: InstanceType: must be one of ml.t3.medium, ml.t3.large"
        );
        assert_eq!(
            with("AutoStopIdleTimeInMinutes", "soon").unwrap_err(),
            "params.0.value: AutoStopIdleTimeInMinutes: `soon` must be a number"
        );
    }

    #[test]
    fn allowed_roles_decide_who_may_launch() {
        let researcher = Membership {
            user_id: "b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap(),
            project_id: project(),
            roles: vec![ProjectRole::Researcher],
        };
        let role = |role| RoleId {
            project_id: project(),
            role,
        };
        let member = Some(&researcher);
        assert!(!Offer::from_allowed_roles(None).covers(project(), false, member));
        assert!(Offer::from_allowed_roles(None).covers(project(), true, member));
        assert!(Offer::from_allowed_roles(Some(vec![])).covers(project(), false, member));
        let to_admins = Offer::from_allowed_roles(Some(vec![role(ProjectRole::ProjectAdmin)]));
        assert!(!to_admins.covers(project(), false, member));
        let to_researchers = Offer::from_allowed_roles(Some(vec![role(ProjectRole::Researcher)]));
        assert!(to_researchers.covers(project(), false, member));
    }

    #[test]
    fn an_unknown_type_is_refused_with_the_known_ones() {
        let error = registered("type", "nope").unwrap_err().to_string();
        assert!(
            error.starts_with("type: `nope` is no installed environment type"),
            "{error}"
        );
        assert!(error.contains("sagemakerNotebook"), "{error}");
    }
}
