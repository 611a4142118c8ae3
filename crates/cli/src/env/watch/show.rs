//! How watching looks: a table that is drawn anew on a terminal, else a line for each change.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::env::get::reason;
use crate::output::{self, text};

/// How often the terminal shows that the command is alive.
const TICK: Duration = Duration::from_millis(120);

/// Takes a line.
type Print = Box<dyn FnMut(&str)>;

/// Where environments are shown.
pub(super) enum Show {
    /// A terminal: the table stays in its place. What is left at the end goes to the printer.
    Live(ProgressBar, Print),
    /// A file or a pipe: a line for each change.
    Lines(Print),
    /// For programs: the environment as the API answers it, a line for each change.
    Json(Print),
}

impl Show {
    /// What people have asked for.
    pub(super) fn on_stdout() -> Self {
        let live = std::io::stdout().is_terminal();
        Self::new(live, ProgressDrawTarget::stdout(), Box::new(output::line))
    }

    /// Beside what the command prints.
    pub(super) fn on_stderr() -> Self {
        let live = std::io::stderr().is_terminal();
        Self::new(
            live,
            ProgressDrawTarget::stderr(),
            Box::new(|line| eprintln!("{line}")),
        )
    }

    /// For programs.
    pub(super) fn json() -> Self {
        Self::Json(Box::new(output::line))
    }

    fn new(live: bool, target: ProgressDrawTarget, print: Print) -> Self {
        if !live {
            return Self::Lines(print);
        }
        let style = ProgressStyle::with_template("{msg}\n{spinner:.cyan} {elapsed:.dim}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        bar.enable_steady_tick(TICK);
        Self::Live(bar, print)
    }

    /// Shows what was seen: the environments that changed, and all of them.
    pub(super) fn seen(&mut self, news: &[Value], all: &[Value]) {
        match self {
            Self::Live(bar, _) => bar.set_message(table(all)),
            Self::Lines(print) => news.iter().for_each(|row| print(&line(row))),
            Self::Json(print) => news.iter().for_each(|row| print(&row.to_string())),
        }
    }

    /// Shows that the API did not answer, and is asked again.
    pub(super) fn trouble(&self, error: &anyhow::Error) {
        let told = || eprintln!("workbench: {error:#}; asking again");
        match self {
            Self::Live(bar, _) => bar.suspend(told),
            Self::Lines(_) | Self::Json(_) => told(),
        }
    }

    /// Leaves the last table where it is.
    pub(super) fn end(&mut self, all: &[Value]) {
        if let Self::Live(bar, print) = self {
            bar.finish_and_clear();
            print(&table(all));
        }
    }
}

/// One change: what the environment is now, and when it was last written, by the API.
fn line(row: &Value) -> String {
    let at = output::time(row, "updatedAt");
    let (id, status, name) = (text(row, "id"), text(row, "status"), text(row, "name"));
    let line = format!("{at}  {id}  {status:18}  {name}  {}", reason(row));
    line.trim_end().to_owned()
}

fn table(rows: &[Value]) -> String {
    let row = |row: &Value| {
        [
            text(row, "id").to_owned(),
            text(row, "name").to_owned(),
            text(row, "status").to_owned(),
            output::time(row, "updatedAt"),
            reason(row),
        ]
    };
    output::table(["ID", "NAME", "STATUS", "SINCE", "REASON"], rows.iter().map(row))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row() -> Value {
        json!({ "id": "env-1", "name": "demo", "status": "FAILED", "updatedAt": "2026-11-24T10:00:00.000Z",
            "error": { "type": "LAUNCH", "value": "no capacity" } })
    }

    #[test]
    fn a_change_is_one_line() {
        insta::assert_snapshot!(line(&row()));
        let well = json!({ "id": "env-1", "name": "demo", "status": "TERMINATING_FAILED" });
        assert!(
            line(&well).ends_with("  TERMINATING_FAILED  demo"),
            "{}",
            line(&well)
        );
    }

    #[test]
    fn a_terminal_has_a_table() {
        insta::assert_snapshot!(table(&[row()]));
    }
}
