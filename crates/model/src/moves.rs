//! What AWS does by itself: automations run, products and instances change, and tell so.

use workbench_core::status::Status;
use workbench_core::status::transition::{Operation, Source};

use crate::aws::{Instance, Stage, Step, small};
use crate::message::Message;
use crate::setup::{Setup, Start, Switch};
use crate::state::State;

/// What happens next in the hosting account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// An automation makes its next step.
    Run(u8),
    /// What an automation asks for is refused.
    Refuse(u8),
    /// An automation is cancelled, or can not send its event: only Systems Manager tells.
    Cancel(u8),
    /// An automation's wait takes too long.
    TimeOut(u8),
    /// A product, or its instance, gets where it is going.
    Settle(u8),
    /// It does not.
    Fail(u8),
    /// An instance stops or starts, and nobody of Workbench's has asked for it.
    Wander(u8),
    /// Somebody removes a product with its instance.
    Remove(u8),
    /// Somebody deletes an instance from under its product.
    Delete(u8),
}

impl What {
    /// Everything that could ever happen to what is there.
    pub(crate) fn all(state: &State) -> impl Iterator<Item = Self> + use<> {
        let automations = 0..small(state.account.automations.len());
        let products = 0..small(state.account.products.len());
        automations
            .flat_map(|id| {
                [
                    Self::Run(id),
                    Self::Refuse(id),
                    Self::Cancel(id),
                    Self::TimeOut(id),
                ]
            })
            .chain(products.flat_map(|id| {
                [
                    Self::Settle(id),
                    Self::Fail(id),
                    Self::Wander(id),
                    Self::Remove(id),
                    Self::Delete(id),
                ]
            }))
    }

    /// Lets it happen. Whether it could; and if so, whether an event tells of it that may get lost.
    pub(crate) fn happen(self, setup: &Setup, state: &mut State, heard: bool) -> Option<Lossy> {
        match self {
            // Who removes what is being launched is left out.
            Self::Remove(_) | Self::Delete(_) if setup.start == Start::Nothing => return None,
            Self::Refuse(_) | Self::Cancel(_) | Self::TimeOut(_) | Self::Fail(_) => {
                state.left.faults = state.left.faults.checked_sub(1)?;
            }
            Self::Wander(_) | Self::Remove(_) | Self::Delete(_) => {
                state.left.wanders = state.left.wanders.checked_sub(1)?;
            }
            Self::Run(_) | Self::Settle(_) => {}
        }
        let said = match self {
            Self::Run(id) => run(setup, state, id)?,
            Self::Refuse(id) => refuse(setup, state, id)?,
            Self::Cancel(id) => cancel(setup, state, id)?,
            Self::TimeOut(id) => time_out(setup, state, id)?,
            Self::Settle(id) => settle(state, id)?,
            Self::Fail(id) => fail(state, id)?,
            Self::Wander(id) => wander(state, id)?,
            Self::Remove(id) => remove(state, id)?,
            Self::Delete(id) => delete(state, id)?,
        };
        let Some(mut message) = said else {
            return heard.then_some(Lossy(false));
        };
        message.at = state.stamp(setup);
        if message.source != Source::Instance {
            message.at = message.at.cut();
        }
        if heard {
            if state.queue.len() >= setup.queue {
                return None;
            }
            state.queue.push(message);
        } else if message.sure {
            return None;
        }
        Some(Lossy(!message.sure))
    }
}

/// Whether what happened was told by an event that may get lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lossy(pub(crate) bool);

/// Whether a move is possible, and within, whether an event tells of it.
type Said = Option<Option<Message>>;

fn message(state: &State, source: Source, status: Status) -> Message {
    Message {
        source,
        status,
        at: state.now,
        product: None,
        execution: None,
        sure: false,
    }
}

fn instance_says(state: &State, instance: Instance, sure: bool) -> Message {
    let status = match instance {
        Instance::None => Status::Terminated,
        Instance::Pending => Status::Pending,
        Instance::InService => Status::Completed,
        Instance::Stopping => Status::Stopping,
        Instance::Stopped => Status::Stopped,
        Instance::Failed => Status::Failed,
    };
    Message {
        sure,
        ..message(state, Source::Instance, status)
    }
}

/// Tells of what a driver's call has made of the instance, unless it is lost.
pub(crate) fn say(setup: &Setup, state: &mut State, instance: Instance, sure: bool) {
    let at = state.stamp(setup);
    let said = Message {
        at,
        ..instance_says(state, instance, sure)
    };
    if state.queue.len() < setup.queue {
        state.queue.push(said);
    }
}

/// Ends an automation with its document's event.
fn end(state: &mut State, id: u8, status: Status, product: Option<u8>) -> Said {
    let automation = state.account.automations.get_mut(usize::from(id))?;
    automation.step = Step::Over;
    let source = match automation.operation {
        Operation::Terminate => Source::Terminate,
        Operation::Launch | Operation::Start | Operation::Stop => Source::Launch,
    };
    if status == Status::Failed {
        state.account.launch_failed = true;
    }
    Some(Some(Message {
        product,
        ..message(state, source, status)
    }))
}

const fn failed(operation: Operation) -> Status {
    match operation {
        Operation::Terminate => Status::TerminatingFailed,
        Operation::Launch | Operation::Start | Operation::Stop => Status::Failed,
    }
}

fn run(setup: &Setup, state: &mut State, id: u8) -> Said {
    let automation = *state.account.automations.get(usize::from(id))?;
    let wait = |state: &mut State, product| {
        let automation = state.account.automations.get_mut(usize::from(id))?;
        automation.step = Step::Waiting(product);
        Some(None)
    };
    match (automation.step, automation.operation) {
        (Step::Over, _) => None,
        (Step::Queued, Operation::Terminate) => {
            let product = automation.product?;
            match state.account.product(product)?.stage {
                Stage::Available | Stage::Broken => {
                    state.account.product_mut(product)?.stage = Stage::Deleting;
                    wait(state, product)
                }
                Stage::Creating | Stage::Deleting | Stage::Gone => {
                    cut_terminate(state, Operation::Terminate);
                    end(state, id, Status::TerminatingFailed, None)
                }
            }
        }
        (Step::Queued, _) => {
            let product = state.account.provision(!setup.has(Switch::NoTokens));
            wait(state, product)
        }
        (Step::Waiting(product), operation) => match (state.account.product(product)?.stage, operation) {
            (Stage::Creating | Stage::Deleting, _) => None,
            (Stage::Gone, Operation::Terminate) => end(state, id, Status::Terminated, Some(product)),
            (Stage::Available, Operation::Launch) => end(state, id, Status::Completed, Some(product)),
            (_, operation) => end(state, id, failed(operation), Some(product)),
        },
    }
}

fn refuse(setup: &Setup, state: &mut State, id: u8) -> Said {
    let automation = *state.account.automations.get(usize::from(id))?;
    if automation.step != Step::Queued {
        return None;
    }
    let said = end(state, id, failed(automation.operation), None)?;
    let silent = setup.has(Switch::RefusalEndsSilently) && automation.operation == Operation::Launch;
    Some(said.filter(|_| !silent))
}

fn time_out(setup: &Setup, state: &mut State, id: u8) -> Said {
    let automation = *state.account.automations.get(usize::from(id))?;
    let Step::Waiting(product) = automation.step else {
        return None;
    };
    if state.account.product(product)?.stage == Stage::Available {
        return None;
    }
    let said = end(state, id, failed(automation.operation), Some(product))?;
    cut_terminate(state, automation.operation);
    let silent = setup.has(Switch::WaitEndsSilently) && automation.operation == Operation::Launch;
    Some(said.filter(|_| !silent))
}

fn cancel(setup: &Setup, state: &mut State, id: u8) -> Said {
    let automation = *state.account.automations.get(usize::from(id))?;
    if automation.step == Step::Over {
        return None;
    }
    let said = end(state, id, failed(automation.operation), None)?;
    if matches!(automation.step, Step::Waiting(_)) {
        cut_terminate(state, automation.operation);
    }
    Some(
        said.filter(|_| !setup.has(Switch::NoNotices))
            .map(|message| Message {
                execution: Some(id),
                ..message
            }),
    )
}

/// A terminate that is still going on is said to have failed.
fn cut_terminate(state: &mut State, operation: Operation) {
    state.account.terminate_cut |= operation == Operation::Terminate;
}

fn settle(state: &mut State, id: u8) -> Said {
    let product = state.account.product_mut(id)?;
    let unasked = product.unasked;
    let next = match (product.stage, product.instance) {
        (Stage::Gone, _) => return None,
        (Stage::Creating, _) => {
            product.stage = Stage::Available;
            Instance::InService
        }
        (_, Instance::Pending) => Instance::InService,
        (_, Instance::Stopping) => Instance::Stopped,
        (Stage::Deleting, Instance::InService) => {
            product.unasked = false;
            Instance::Stopping
        }
        (Stage::Deleting, Instance::None) => {
            product.stage = Stage::Gone;
            return Some(None);
        }
        (Stage::Deleting, Instance::Stopped | Instance::Failed) => {
            product.stage = Stage::Gone;
            Instance::None
        }
        (Stage::Available | Stage::Broken, _) => return None,
    };
    product.instance = next;
    if !matches!(next, Instance::Pending | Instance::Stopping) {
        product.unasked = false;
    }
    Some(Some(instance_says(state, next, unasked)))
}

fn fail(state: &mut State, id: u8) -> Said {
    let product = state.account.product_mut(id)?;
    match (product.stage, product.instance) {
        (Stage::Creating | Stage::Deleting, _) => {
            product.stage = Stage::Broken;
            Some(None)
        }
        (Stage::Available | Stage::Broken, Instance::Pending) => {
            let unasked = product.unasked;
            product.instance = Instance::Failed;
            product.unasked = false;
            Some(Some(instance_says(state, Instance::Failed, unasked)))
        }
        (Stage::Available | Stage::Broken | Stage::Gone, _) => None,
    }
}

fn wander(state: &mut State, id: u8) -> Said {
    let product = state.account.product_mut(id)?;
    let next = match (product.stage, product.instance) {
        (Stage::Available, Instance::InService) => Instance::Stopping,
        (Stage::Available, Instance::Stopped) => Instance::Pending,
        _ => return None,
    };
    product.instance = next;
    product.unasked = true;
    Some(Some(instance_says(state, next, true)))
}

fn remove(state: &mut State, id: u8) -> Said {
    let product = state.account.product_mut(id)?;
    if product.stage != Stage::Available || matches!(product.instance, Instance::Pending | Instance::Stopping)
    {
        return None;
    }
    product.stage = Stage::Gone;
    product.instance = Instance::None;
    state.account.terminate_cut = true;
    Some(Some(instance_says(state, Instance::None, true)))
}

fn delete(state: &mut State, id: u8) -> Said {
    let product = state.account.product_mut(id)?;
    if product.stage != Stage::Available
        || !matches!(
            product.instance,
            Instance::InService | Instance::Stopped | Instance::Failed
        )
    {
        return None;
    }
    product.instance = Instance::None;
    Some(Some(instance_says(state, Instance::None, true)))
}
