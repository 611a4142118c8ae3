//! The hosting account: automations, products and their instances, as far as Workbench can tell them apart.

use workbench_core::repair::Automation as Progress;
use workbench_core::repair::Product as Found;
use workbench_core::status::Status;
use workbench_core::status::transition::Operation;

use crate::row::{product_id, record_id};

/// How far an automation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// It waits for its turn.
    Queued,
    /// Its document waits for the product.
    Waiting(u8),
    /// It has ended.
    Over,
}

/// One automation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Automation {
    /// Launch or terminate.
    pub operation: Operation,
    /// The environment's generation: what its client token is derived from.
    pub token: u32,
    /// The product that is to be terminated.
    pub product: Option<u8>,
    /// How far it is.
    pub step: Step,
}

/// What a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Being provisioned.
    Creating,
    /// Provisioned.
    Available,
    /// Provisioning it, or removing it, has failed.
    Broken,
    /// Being removed.
    Deleting,
    /// Not there any more.
    Gone,
}

/// What an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instance {
    /// Not there yet, or not any more.
    None,
    /// Coming up.
    Pending,
    /// Running.
    InService,
    /// Going down.
    Stopping,
    /// Stopped.
    Stopped,
    /// It could not be started.
    Failed,
}

/// One provisioned product with its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Product {
    /// What it is.
    pub stage: Stage,
    /// What its instance is.
    pub instance: Instance,
    /// Whether what the instance does now is nobody's request.
    pub unasked: bool,
}

impl Product {
    /// Whether it is there, and costs money.
    pub(crate) const fn lives(self) -> bool {
        !matches!(self.stage, Stage::Gone)
    }
}

/// What is in the hosting account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Account {
    /// In the order of their start. Those that are over are kept: a client token is known for longer.
    pub automations: Vec<Automation>,
    /// In the order of their provisioning.
    pub products: Vec<Product>,
    /// Whether a launch document has said FAILED, or was cancelled, whatever became of its product.
    pub launch_failed: bool,
    /// Whether a terminate document has said TERMINATING_FAILED, or was cancelled, or somebody else has removed the
    /// product: what becomes of it afterwards is told by nobody.
    pub terminate_cut: bool,
}

/// An index as a small number; the model never has more than a few of a thing.
pub(crate) fn small(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

impl Account {
    /// StartAutomationExecution: with a token that is known, the automation that was started with it.
    pub(crate) fn start(
        &mut self,
        operation: Operation,
        token: u32,
        product: Option<u8>,
        tokens: bool,
    ) -> u8 {
        let known = self
            .automations
            .iter()
            .position(|known| known.operation == operation && known.token == token);
        if let Some(known) = known.filter(|_| tokens) {
            return small(known);
        }
        self.automations.push(Automation {
            operation,
            token,
            product,
            step: Step::Queued,
        });
        small(self.automations.len() - 1)
    }

    /// ProvisionProduct: with a token that is known, the product that was provisioned with it.
    pub(crate) fn provision(&mut self, tokens: bool) -> u8 {
        if self.products.is_empty() || !tokens {
            self.products.push(Product {
                stage: Stage::Creating,
                instance: Instance::None,
                unasked: false,
            });
        }
        small(self.products.len() - 1)
    }

    pub(crate) fn product(&self, id: u8) -> Option<&Product> {
        self.products.get(usize::from(id))
    }

    pub(crate) fn product_mut(&mut self, id: u8) -> Option<&mut Product> {
        self.products.get_mut(usize::from(id))
    }

    /// GetAutomationExecution.
    pub(crate) fn progress(&self, execution: u8) -> Progress {
        match self.automations.get(usize::from(execution)) {
            Some(automation) if automation.step != Step::Over => Progress::UnderWay,
            _ => Progress::Over,
        }
    }

    /// DescribeProvisionedProduct, by id.
    pub(crate) fn found(&self, id: u8) -> Found {
        let stage = self.product(id).map(|product| product.stage);
        let (id, record) = (product_id(id), Some(record_id()));
        match stage {
            None | Some(Stage::Gone) => Found::Absent,
            Some(Stage::Creating | Stage::Deleting) => Found::Changing(id),
            Some(Stage::Available) => Found::Available { id, record },
            Some(Stage::Broken) => Found::Broken { id, record },
        }
    }

    /// DescribeProvisionedProduct, by the name that is derived from the environment.
    pub(crate) fn found_by_name(&self) -> Found {
        let living = self.products.iter().position(|product| product.lives());
        living.map_or(Found::Absent, |index| self.found(small(index)))
    }

    /// The driver's describe: none for an instance that does not exist.
    pub(crate) fn described(&self) -> Option<Status> {
        let first = self.products.first()?;
        match (first.stage, first.instance) {
            (_, Instance::None) => None,
            (_, Instance::Pending) => Some(Status::Pending),
            (_, Instance::InService) => Some(Status::Completed),
            (_, Instance::Stopping) => Some(Status::Stopping),
            (_, Instance::Stopped) => Some(Status::Stopped),
            (_, Instance::Failed) => Some(Status::Failed),
        }
    }

    /// Whether nothing happens any more unless somebody asks.
    pub(crate) fn rests(&self) -> bool {
        let still = |product: &Product| {
            !matches!(product.stage, Stage::Creating | Stage::Deleting)
                && !matches!(product.instance, Instance::Pending | Instance::Stopping)
        };
        self.products.iter().all(still)
            && self
                .automations
                .iter()
                .all(|automation| automation.step == Step::Over)
    }
}
