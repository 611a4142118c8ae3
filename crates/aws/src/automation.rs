//! Launch and terminate: Systems Manager automations of the shared documents, run in the hosting
//! account.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_automation_execution::GetAutomationExecutionError;
use aws_sdk_ssm::types::AutomationExecutionStatus;
use workbench_core::id::ExecutionId;
use workbench_core::main_account::MainAccount;
use workbench_core::registry::DocumentKind;
use workbench_core::repair::Automation as State;

use crate::attempts::Attempts;
use crate::error::{Error, Fault, FaultKind};
use crate::session::{Entered, client};

/// The IAM actions behind these calls.
pub const ACTIONS: &[&str] = &["ssm:GetAutomationExecution", "ssm:StartAutomationExecution"];

/// Automations of one hosting account.
#[derive(Debug, Clone)]
pub struct Automation {
    client: Client,
    main: MainAccount,
}

impl Automation {
    pub(crate) fn new(role: &Entered, main: &MainAccount) -> Self {
        Self {
            client: client!(aws_sdk_ssm, role),
            main: main.clone(),
        }
    }

    /// Starts a document of `type_name`. With the same token AWS answers with the execution that runs already.
    ///
    /// # Errors
    /// StartAutomationExecution's. Without room it is busy only if no attempt can have been heard.
    pub async fn start(
        &self,
        type_name: &str,
        kind: DocumentKind,
        parameters: BTreeMap<String, String>,
        token: &str,
    ) -> Result<ExecutionId, Fault> {
        let parameters: HashMap<_, _> = parameters
            .into_iter()
            .map(|(name, value)| (name, vec![value]))
            .collect();
        let attempts = Attempts::default();
        let started = self
            .client
            .start_automation_execution()
            .document_name(self.main.document_arn(type_name, kind))
            .set_parameters(Some(parameters))
            .client_token(token)
            .customize()
            .interceptor(attempts.clone())
            .send()
            .await
            .map_err(|error| Fault::of("ssm", "StartAutomationExecution", &error))
            .map_err(|fault| match fault.kind {
                FaultKind::Busy if attempts.may_be_heard() => Fault {
                    kind: FaultKind::Unclear,
                    ..fault
                },
                FaultKind::Busy | FaultKind::Refused | FaultKind::Unclear => fault,
            })?;
        let id = started.automation_execution_id().unwrap_or_default();
        id.parse().map_err(|_| {
            let problem = format!("answered without an execution id: `{id}`");
            Fault::noticed("ssm", "StartAutomationExecution", FaultKind::Unclear, problem)
        })
    }

    /// How far an execution is. Systems Manager forgets executions after 30 days.
    ///
    /// # Errors
    /// GetAutomationExecution's.
    pub async fn state(&self, execution: &ExecutionId) -> Result<State, Fault> {
        let answer = self
            .client
            .get_automation_execution()
            .automation_execution_id(execution.as_str())
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error)
                if error.as_service_error().is_some_and(
                    GetAutomationExecutionError::is_automation_execution_not_found_exception,
                ) =>
            {
                return Ok(State::Over);
            }
            Err(error) => return Err(Fault::of("ssm", "GetAutomationExecution", &error)),
        };
        let status = answer
            .automation_execution()
            .and_then(|execution| execution.automation_execution_status());
        Ok(match status {
            Some(
                AutomationExecutionStatus::Success
                | AutomationExecutionStatus::CompletedWithSuccess
                | AutomationExecutionStatus::CompletedWithFailure
                | AutomationExecutionStatus::Failed
                | AutomationExecutionStatus::Timedout
                | AutomationExecutionStatus::Cancelled
                | AutomationExecutionStatus::Exited
                | AutomationExecutionStatus::Rejected,
            ) => State::Over,
            _ => State::UnderWay,
        })
    }

    /// Why an execution failed, in the words of the step that did, and else of the execution.
    ///
    /// # Errors
    /// GetAutomationExecution's.
    pub async fn failure(&self, execution: &ExecutionId) -> Result<Option<String>, Error> {
        let answer = self
            .client
            .get_automation_execution()
            .automation_execution_id(execution.as_str())
            .send()
            .await
            .map_err(|error| Fault::of("ssm", "GetAutomationExecution", &error))?;
        let Some(execution) = answer.automation_execution() else {
            return Ok(None);
        };
        let step = execution.step_executions().iter().find_map(|step| {
            let message = step.failure_message().filter(|message| !message.is_empty())?;
            Some(format!("{}: {message}", step.step_name().unwrap_or("step")))
        });
        let whole = || execution.failure_message().map(str::to_owned);
        let status = || {
            Some(format!(
                "the automation is {}",
                execution.automation_execution_status()?.as_str()
            ))
        };
        Ok(step.or_else(whole).or_else(status))
    }
}
