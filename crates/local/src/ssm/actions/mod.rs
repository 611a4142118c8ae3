//! The actions that a step can take. An action not listed here is refused when the document is created.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::world::{Principal, World};

mod aws_api;
mod branch;
mod sleep;

pub(super) use branch::Branch;

/// An action, its inputs checked as far as they are literal.
#[derive(Debug)]
pub(super) enum Action {
    ExecuteAwsApi,
    WaitForAwsResourceProperty,
    AssertAwsResourceProperty,
    Branch(Branch),
    Sleep,
    Pause,
}

/// How far an action has come.
#[derive(Debug, PartialEq)]
pub(super) enum Progress {
    /// Done, with the answer that outputs select from, and the step it leads to if it chooses one.
    Done { answer: Value, next: Option<String> },
    /// To be looked at again.
    Again(SignedDuration),
    /// Waiting for a signal.
    Paused,
    /// Failed, and why.
    Failed(String),
}

impl Action {
    /// Reads an action by its name and checks its inputs.
    ///
    /// # Errors
    /// An action that is not known, an input that is missing or not known.
    pub(super) fn read(name: &str, inputs: &Map<String, Value>) -> Result<Self, String> {
        match name {
            "aws:executeAwsApi" => aws_api::check(name, inputs, false).map(|()| Self::ExecuteAwsApi),
            "aws:waitForAwsResourceProperty" => {
                aws_api::check(name, inputs, true).map(|()| Self::WaitForAwsResourceProperty)
            }
            "aws:assertAwsResourceProperty" => {
                aws_api::check(name, inputs, true).map(|()| Self::AssertAwsResourceProperty)
            }
            "aws:branch" => Branch::read(inputs).map(Self::Branch),
            "aws:sleep" => sleep::check(inputs).map(|()| Self::Sleep),
            "aws:pause" => match inputs.keys().next() {
                None => Ok(Self::Pause),
                Some(input) => Err(format!("aws:pause has no input `{input}`")),
            },
            other => Err(format!(
                "unknown action `{other}`; known are aws:executeAwsApi, aws:waitForAwsResourceProperty, \
                 aws:assertAwsResourceProperty, aws:branch, aws:sleep and aws:pause"
            )),
        }
    }

    /// The action's name in a document.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::ExecuteAwsApi => "aws:executeAwsApi",
            Self::WaitForAwsResourceProperty => "aws:waitForAwsResourceProperty",
            Self::AssertAwsResourceProperty => "aws:assertAwsResourceProperty",
            Self::Branch(_) => "aws:branch",
            Self::Sleep => "aws:sleep",
            Self::Pause => "aws:pause",
        }
    }

    /// Whether `onCancel` cannot lead to it (Automation user guide, "Properties shared by all actions"). AWS does not
    /// say what becomes of a document that tries; here it is refused.
    pub(super) fn is_barred_from_cancellation(&self) -> bool {
        matches!(self, Self::Pause | Self::Sleep)
    }

    /// How long a step may take that says nothing about it; none for actions that end by themselves.
    pub(super) fn default_timeout(&self) -> Option<SignedDuration> {
        match self {
            Self::WaitForAwsResourceProperty => Some(SignedDuration::from_hours(1)),
            Self::Pause => Some(SignedDuration::from_hours(7 * 24)),
            Self::ExecuteAwsApi | Self::AssertAwsResourceProperty | Self::Branch(_) | Self::Sleep => None,
        }
    }

    /// Takes the action, or looks how it is going. `elapsed` is the time since this attempt began.
    pub(super) fn perform(
        &self,
        world: &mut World,
        principal: &Principal,
        inputs: &Map<String, Value>,
        elapsed: SignedDuration,
    ) -> Progress {
        match self {
            Self::ExecuteAwsApi => aws_api::execute(world, principal, inputs),
            Self::WaitForAwsResourceProperty => aws_api::wait(world, principal, inputs),
            Self::AssertAwsResourceProperty => aws_api::assert(world, principal, inputs),
            Self::Branch(_) => branch::choose(inputs),
            Self::Sleep => sleep::sleep(world.now, inputs, elapsed),
            Self::Pause => Progress::Paused,
        }
    }
}
