//! `workbench openapi`: the description of the API.

use std::process::ExitCode;

use crate::output;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    output::line(&serde_json::to_string_pretty(workbench_api::document())?);
    Ok(ExitCode::SUCCESS)
}
