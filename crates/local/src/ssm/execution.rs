//! An execution of a document, as far as it has come.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::document::Document;
use crate::world::Principal;

/// Status of an execution or a step, as AWS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Waiting,
    Success,
    Failed,
    TimedOut,
    Cancelling,
    Cancelled,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Waiting => "Waiting",
            Self::Success => "Success",
            Self::Failed => "Failed",
            Self::TimedOut => "TimedOut",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
        }
    }

    pub(super) fn is_final(self) -> bool {
        matches!(
            self,
            Self::Success | Self::Failed | Self::TimedOut | Self::Cancelled
        )
    }
}

/// What an execution is started with.
pub(super) struct Start {
    pub(super) principal: Principal,
    pub(super) executed_by: String,
    pub(super) requested_document: String,
    pub(super) document_name: String,
    pub(super) document_version: u32,
    pub(super) document: Arc<Document>,
    pub(super) given: BTreeMap<String, Vec<String>>,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) client_token: Option<String>,
}

/// One execution of a document.
#[derive(Clone)]
pub(super) struct Execution {
    pub(super) id: String,
    /// Who every call is made as.
    pub(super) principal: Principal,
    pub(super) executed_by: String,
    pub(super) requested_document: String,
    pub(super) document_name: String,
    pub(super) document_version: u32,
    pub(super) document: Arc<Document>,
    /// Parameters as the request had them.
    pub(super) given: BTreeMap<String, Vec<String>>,
    /// Parameters as values, defaults included.
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) client_token: Option<String>,
    pub(super) status: Status,
    pub(super) failure: Option<String>,
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// The steps taken so far, in order; the last is the current one.
    pub(super) steps: Vec<StepRun>,
    /// Outputs of the steps, by step and name.
    pub(super) outputs: BTreeMap<(String, String), Value>,
    /// Failure of a critical step from which the flow went on.
    pub(super) blemish: Option<Status>,
    /// Raised by whatever moves the execution on.
    pub(super) turn: u64,
}

/// One step as it was taken.
#[derive(Clone)]
pub(super) struct StepRun {
    pub(super) id: String,
    /// Place in the document.
    pub(super) index: usize,
    pub(super) status: Status,
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) inputs: Map<String, Value>,
    pub(super) outputs: BTreeMap<String, Value>,
    pub(super) failure: Option<String>,
    pub(super) attempt: u32,
    pub(super) attempt_started: Timestamp,
}

impl Execution {
    pub(super) fn account(&self) -> &str {
        &self.principal.account
    }

    /// The current step, with the document it is in.
    pub(super) fn current(&mut self) -> Option<(&mut StepRun, Arc<Document>)> {
        let document = Arc::clone(&self.document);
        self.steps.last_mut().map(|run| (run, document))
    }
}
