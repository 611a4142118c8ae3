//! Whether a status says what is so in the hosting account, where everything rests.

use workbench_core::environment::Environment;
use workbench_core::launch::Unique;
use workbench_core::status::Status;
use workbench_core::status::transition::Operation;
use workbench_local::Workbench;

/// What AWS has of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InAws {
    /// The product's status, as Service Catalog names it.
    product: Option<&'static str>,
    /// The instance's, as SageMaker names it.
    instance: Option<&'static str>,
}

impl InAws {
    pub(crate) fn of(environment: &Environment, workbench: &Workbench) -> Self {
        let world = workbench.aws.world();
        let account = environment.home.account.aws_account_id.as_str();
        let product = Unique(environment).product_name();
        let instance = environment
            .instance
            .as_ref()
            .map(|instance| instance.id.to_string());
        Self {
            product: (world.provisioned_products(account))
                .find(|(name, _)| *name == product)
                .map(|(_, status)| status),
            instance: (world.notebook_instances(account))
                .find(|(name, _)| Some(*name) == instance.as_deref())
                .map(|(_, status)| status),
        }
    }

    /// Whether the status of an environment says this.
    pub(crate) fn is_told_by(&self, environment: &Environment) -> bool {
        let operation = environment.lifecycle.operation;
        match (environment.status(), self.product) {
            (Status::Terminated, product) => product.is_none(),
            (Status::Failed, None) => operation == Operation::Launch,
            (_, None) => false,
            (Status::TerminatingFailed, Some(_)) => operation == Operation::Terminate,
            (Status::Failed, Some("AVAILABLE")) => {
                environment.instance.is_some() && matches!(self.instance, None | Some("Failed"))
            }
            (Status::Failed, Some(_)) => true,
            (Status::Completed, Some("AVAILABLE")) => self.instance == Some("InService"),
            (Status::Stopped, Some("AVAILABLE")) => self.instance == Some("Stopped"),
            _ => false,
        }
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.product.is_none()
    }
}

impl std::fmt::Display for InAws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (product, instance) = (self.product.unwrap_or("none"), self.instance.unwrap_or("none"));
        write!(f, "product {product}, instance {instance}")
    }
}
