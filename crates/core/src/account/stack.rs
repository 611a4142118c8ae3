//! The onboarding stack of a hosting account, as CloudFormation shows it.

use std::collections::BTreeMap;

/// A stack as DescribeStacks shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// CloudFormation's word for how it is, such as `ROLLBACK_COMPLETE`.
    pub status: String,
    /// Why it is so, where CloudFormation says.
    pub reason: Option<String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
}

/// What a stack's status means for those who want to use what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is made for the first time.
    Making,
    /// All that its template names is there.
    Settled,
    /// An update failed, and all is as it was before.
    RolledBack,
    /// It is being changed: what was there before is usable.
    Changing,
    /// It is being removed.
    Removing,
    /// It failed, and stays so until somebody does something.
    Failed,
}

/// The words of CloudFormation's `StackStatus`:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html>.
pub const STATUSES: [(&str, Phase); 23] = [
    ("CREATE_IN_PROGRESS", Phase::Making),
    ("CREATE_FAILED", Phase::Failed),
    ("CREATE_COMPLETE", Phase::Settled),
    ("ROLLBACK_IN_PROGRESS", Phase::Failed),
    ("ROLLBACK_FAILED", Phase::Failed),
    ("ROLLBACK_COMPLETE", Phase::Failed),
    ("DELETE_IN_PROGRESS", Phase::Removing),
    ("DELETE_FAILED", Phase::Failed),
    ("DELETE_COMPLETE", Phase::Removing),
    ("UPDATE_IN_PROGRESS", Phase::Changing),
    ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Phase::Settled),
    ("UPDATE_COMPLETE", Phase::Settled),
    ("UPDATE_FAILED", Phase::Failed),
    ("UPDATE_ROLLBACK_IN_PROGRESS", Phase::Changing),
    ("UPDATE_ROLLBACK_FAILED", Phase::Failed),
    ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Phase::RolledBack),
    ("UPDATE_ROLLBACK_COMPLETE", Phase::RolledBack),
    ("REVIEW_IN_PROGRESS", Phase::Making),
    ("IMPORT_IN_PROGRESS", Phase::Changing),
    ("IMPORT_COMPLETE", Phase::Settled),
    ("IMPORT_ROLLBACK_IN_PROGRESS", Phase::Changing),
    ("IMPORT_ROLLBACK_FAILED", Phase::Failed),
    ("IMPORT_ROLLBACK_COMPLETE", Phase::RolledBack),
];

impl Stack {
    /// What its status means; none for a word that CloudFormation does not have.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        STATUSES
            .iter()
            .find(|(word, _)| *word == self.status)
            .map(|(_, phase)| *phase)
    }

    /// An output that is not empty.
    #[must_use]
    pub fn output(&self, key: &str) -> Option<&str> {
        self.outputs
            .get(key)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Status and reason, for people.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.status),
            None => self.status.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(status: &str) -> Option<Phase> {
        let stack = Stack {
            status: status.into(),
            reason: None,
            outputs: BTreeMap::new(),
        };
        stack.phase()
    }

    #[test]
    fn f15_every_status_of_cloudformation_has_a_meaning_and_nothing_else_has() {
        for (status, meaning) in STATUSES {
            assert_eq!(phase(status), Some(meaning));
            // Whatever has failed or was rolled back while being made is no stack to work with.
            let failed = status.ends_with("_FAILED") || status.starts_with("ROLLBACK_");
            assert_eq!(meaning == Phase::Failed, failed, "{status}");
        }
        for word in ["FAILED", "create_complete", "", "CURRENT"] {
            assert_eq!(phase(word), None, "{word}");
        }
    }
}
