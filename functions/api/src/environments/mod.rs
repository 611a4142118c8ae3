//! Environments, section 4.8 of the contract: the seed guide's routes and those below a project.

use workbench_core::id::ProjectId;

use crate::access::Target;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

pub(crate) mod act;
mod answer;
pub(crate) mod connect;
pub(crate) mod events;
mod item;
pub(crate) mod launch;
pub(crate) mod list;
mod mask;
pub(crate) mod read;

/// The project of the path, where the route has one.
fn scope(path: &PathIds) -> Result<Option<ProjectId>, workbench_core::Error> {
    path.find("projectId")
}

/// The environment that the path names. The path alone decides: a `projectId` beside it must be
/// the same.
fn target(path: &PathIds, mut query: Query) -> Result<Target, Problem> {
    let target = Target {
        environment: path.get("id")?,
        project: scope(path)?,
    };
    query.same_project(target.project)?;
    query.end()?;
    Ok(target)
}
