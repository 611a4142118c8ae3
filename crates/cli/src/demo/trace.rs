//! What happens in the hosting account meanwhile, as its event bus tells it.

use jiff::Timestamp;
use serde_json::Value;
use workbench_local::Workbench;

use super::show::Show;

/// The events that are still to be shown.
pub(crate) struct Trace {
    shown: usize,
}

impl Trace {
    /// Shows only what happens from now on.
    pub(crate) fn from_now(workbench: &Workbench) -> Self {
        Self {
            shown: workbench.aws.world().events(&workbench.hosting.account).count(),
        }
    }

    /// Shows what is new.
    pub(crate) fn show_news(&mut self, workbench: &Workbench, began: Timestamp, show: &Show) {
        let news: Vec<_> = workbench
            .aws
            .world()
            .events(&workbench.hosting.account)
            .skip(self.shown)
            .map(|event| (event.at, event.event.clone()))
            .collect();
        self.shown += news.len();
        for (at, event) in &news {
            if let Some(text) = describe(event) {
                show.event(at.duration_since(began), &text);
            }
        }
    }
}

/// An event in a few words.
fn describe(event: &Value) -> Option<String> {
    let detail = &event["detail"];
    let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let status = word(&detail["Status"]);
    Some(match event["source"].as_str()? {
        "automation" => format!("event     {} {status}", word(&event["detail-type"])),
        "aws.ssm" if detail["StepName"].is_string() => {
            format!("step      {:32} {status}", word(&detail["StepName"]))
        }
        "aws.ssm" => format!("document  {:32} {status}", word(&detail["Definition"])),
        source => {
            let compute = source
                .strip_prefix("aws.")
                .and_then(workbench_core::registry::compute)?;
            format!(
                "event     {} {}",
                compute.name,
                word(&detail[compute.status_location])
            )
        }
    })
}
