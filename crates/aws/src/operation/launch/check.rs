//! Whether an environment may be launched as it is asked for.

use workbench_core::Error;
use workbench_core::account::HostingAccount;
use workbench_core::env_type::{self, ConfigStatus, EnvTypeConfig, EnvTypeStatus};
use workbench_core::launch;
use workbench_core::project::{Project, ProjectStatus};
use workbench_core::registry::EnvironmentType;

use super::LaunchRequest;
use crate::table::{Association, LaunchFacts};

/// A launch that may be written.
pub(super) struct Checked {
    pub(super) ty: &'static EnvironmentType,
    pub(super) config: EnvTypeConfig,
    pub(super) association: Option<Association>,
    pub(super) project: Project,
}

/// Promise W3: everything is checked before anything is written.
pub(super) fn check(request: &LaunchRequest, facts: LaunchFacts) -> Result<Checked, Error> {
    let LaunchFacts {
        project,
        membership,
        config,
        env_type,
        association,
        idempotency: _,
    } = facts;
    let project = project.ok_or_else(|| Error::not_found("project", request.project_id))?;
    if project.status != ProjectStatus::Available {
        return Err(Error::invalid(
            "projectId",
            "the project is not available any more",
        ));
    }
    let ty = env_type::registered("envType", &request.env_type)?;
    let env_type = env_type.ok_or_else(|| {
        Error::invalid(
            "envTypeId",
            format!("environment type `{}` does not exist", request.env_type_id),
        )
    })?;
    if env_type.type_name != request.env_type {
        return Err(Error::invalid(
            "envType",
            format!(
                "`{}` is not the type of envTypeId; that is `{}`",
                request.env_type, env_type.type_name
            ),
        ));
    }
    if env_type.status != EnvTypeStatus::Approved {
        return Err(Error::invalid(
            "envTypeId",
            "the environment type is not APPROVED",
        ));
    }
    let config = config
        .filter(|config| config.status == ConfigStatus::Available)
        .ok_or_else(|| {
            Error::invalid(
                "envTypeConfigId",
                format!("configuration `{}` does not exist", request.config_id),
            )
        })?;
    if config.env_type_id != request.env_type_id {
        return Err(Error::invalid(
            "envTypeConfigId",
            "the configuration belongs to another envTypeId",
        ));
    }
    if !config
        .offer
        .covers(project.id, association.is_some(), membership.as_ref())
    {
        return Err(Error::invalid(
            "envTypeConfigId",
            "the configuration is not associated with the project",
        ));
    }
    launch::check_complete(ty, &config.params)
        .map_err(|error| Error::invalid("envTypeConfigId", format!("of the configuration, {error}")))?;
    Ok(Checked {
        ty,
        config,
        association,
        project,
    })
}

pub(super) fn check_account(account: &HostingAccount) -> Result<(), Error> {
    if account.status.takes_launches() {
        return Ok(());
    }
    Err(Error::invalid(
        "projectId",
        format!(
            "the project's hosting account is {}; it must be CURRENT or NEEDS_UPDATE",
            account.status.label()
        ),
    ))
}
