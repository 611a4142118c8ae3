//! How the demo looks: lines for people, with a spinner on a terminal, or JSON lines for programs.

use std::io::IsTerminal as _;
use std::time::Duration;

use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use serde_json::{Value, json};
use workbench_core::status::Status;

use super::life::Life;
use crate::{connection, output};

/// On a terminal, each moment stays this long, so that one can see it pass.
const MOMENT: Duration = Duration::from_millis(40);

/// Where the demo is shown.
pub(crate) enum Show {
    /// A terminal: a spinner shows the simulated time.
    Terminal(ProgressBar),
    /// A file or a pipe: plain lines.
    Lines,
    /// JSON lines.
    Json,
}

impl Show {
    pub(crate) fn new(json: bool) -> Self {
        if json {
            Self::Json
        } else if std::io::stdout().is_terminal() {
            let style = ProgressStyle::with_template("{spinner:.cyan} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            Self::Terminal(ProgressBar::new_spinner().with_style(style))
        } else {
            Self::Lines
        }
    }

    fn line(&self, text: &str) {
        match self {
            Self::Terminal(bar) => bar.suspend(|| output::line(text)),
            Self::Lines => output::line(text),
            Self::Json => {}
        }
    }

    /// Announces an environment.
    pub(crate) fn title(&self, type_name: &str, environment_id: &str) {
        self.line(&format!("\n{type_name}  {environment_id}"));
    }

    /// Shows a status that was reached.
    pub(crate) fn status(&self, life: &Life, status: Status, at: SignedDuration) {
        if matches!(self, Self::Json) {
            let line = json!({
                "type": life.type_name,
                "environmentId": life.environment_id,
                "status": status,
                "simulatedSeconds": at.as_secs(),
            });
            output::line(&line.to_string());
        }
        self.line(&format!("  {}  {status}", clock(at)));
    }

    /// Shows what happened in the hosting account.
    pub(crate) fn event(&self, at: SignedDuration, text: &str) {
        self.line(&format!("  {}      {text}", clock(at)));
    }

    /// Shows the connection instruction, with the links in place of the placeholders.
    pub(crate) fn connection(&self, connection: &Value) -> anyhow::Result<()> {
        self.line(&format!("           {}", connection::instruction(connection)?));
        Ok(())
    }

    /// Shows that time passes.
    pub(crate) async fn pass(&self, at: SignedDuration) {
        if let Self::Terminal(bar) = self {
            bar.set_message(format!("{} simulated", clock(at)));
            bar.tick();
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Shows what the lives came to.
    pub(crate) fn summary(&self, lives: &[Life]) {
        if let Self::Terminal(bar) = self {
            bar.finish_and_clear();
        }
        let mut table = Table::new();
        table.load_preset(presets::ASCII_MARKDOWN);
        table.set_header([
            "type",
            "ends",
            "simulated",
            "AWS calls by request",
            "status events",
            "AWS calls for them",
        ]);
        for life in lives {
            let calls: Vec<String> = life
                .calls
                .iter()
                .map(|(what, count)| format!("{what} {count}"))
                .collect();
            table.add_row([
                life.type_name.to_owned(),
                life.reached.last().map(ToString::to_string).unwrap_or_default(),
                clock(life.took),
                calls.join(", "),
                life.events.0.to_string(),
                life.events.1.to_string(),
            ]);
        }
        self.line(&format!("\n{table}"));
    }
}

/// Minutes and seconds.
fn clock(duration: SignedDuration) -> String {
    format!("{:02}:{:02}", duration.as_mins(), duration.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!(clock(SignedDuration::from_secs(605)), "10:05");
    }
}
