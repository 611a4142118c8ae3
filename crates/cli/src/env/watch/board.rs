//! What is known of the environments that are watched.

use serde_json::Value;
use workbench_core::status::Status;

use super::goal::{Goal, Verdict};
use crate::env::status;
use crate::exit::Exit;
use crate::output::text;

/// The environments, in the order in which they were first seen.
#[derive(Default)]
pub(super) struct Board {
    rows: Vec<(Status, Value)>,
}

impl Board {
    /// Takes in what the API answers; the environments that are new or have another status.
    ///
    /// # Errors
    /// A status is none of the eleven.
    pub(super) fn take(&mut self, rows: Vec<Value>) -> anyhow::Result<Vec<Value>> {
        let mut news = Vec::new();
        for row in rows {
            let status = status(&row)?;
            let known = self
                .rows
                .iter_mut()
                .find(|(_, known)| text(known, "id") == text(&row, "id"));
            let before = known.as_ref().map(|(before, _)| *before);
            if before != Some(status) {
                news.push(row.clone());
            }
            match known {
                Some(known) => *known = (status, row),
                None => self.rows.push((status, row)),
            }
        }
        Ok(news)
    }

    /// The ids of those that still exist.
    pub(super) fn living(&self) -> impl Iterator<Item = &str> {
        let living = self
            .rows
            .iter()
            .filter(|(status, _)| *status != Status::Terminated);
        living.map(|(_, row)| text(row, "id"))
    }

    /// How it ends, once `goal` is decided for each of them.
    pub(super) fn end(&self, goal: Goal) -> Option<Exit> {
        let verdicts = || self.rows.iter().map(|(status, _)| goal.verdict(*status));
        let decided = goal != Goal::Never && verdicts().all(|verdict| verdict != Verdict::Wait);
        decided.then(|| Exit::if_so(verdicts().all(|verdict| verdict == Verdict::Good)))
    }

    /// The environments as the API answered them last.
    pub(super) fn rows(&self) -> Vec<Value> {
        self.rows.iter().map(|(_, row)| row.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(id: &str, status: &str) -> Value {
        json!({ "id": id, "status": status })
    }

    #[test]
    fn only_what_changed_is_news() {
        let mut board = Board::default();
        assert_eq!(
            board
                .take(vec![row("a", "PENDING"), row("b", "STOPPED")])
                .unwrap()
                .len(),
            2
        );
        let news = board
            .take(vec![row("a", "COMPLETED"), row("b", "STOPPED")])
            .unwrap();
        assert_eq!(news, [row("a", "COMPLETED")]);
        assert_eq!(board.rows(), [row("a", "COMPLETED"), row("b", "STOPPED")]);
        assert!(board.take(vec![row("a", "UPDATING")]).is_err());
    }

    #[test]
    fn it_ends_when_all_are_decided_and_well_if_all_are_good() {
        let mut board = Board::default();
        board.take(vec![row("a", "FAILED"), row("b", "PENDING")]).unwrap();
        assert_eq!(board.end(Goal::Ends), None);
        board.take(vec![row("b", "COMPLETED")]).unwrap();
        assert_eq!(board.end(Goal::Ends), Some(Exit::Refused));
        assert_eq!(board.end(Goal::Never), None);
        board.take(vec![row("a", "TERMINATED")]).unwrap();
        assert_eq!(board.end(Goal::Ends), Some(Exit::Done));
        assert_eq!(board.living().collect::<Vec<_>>(), ["b"]);
    }
}
