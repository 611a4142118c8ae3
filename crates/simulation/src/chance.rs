//! What happens in AWS that nobody has asked Workbench for.

use serde_json::json;
use workbench_local::{Principal, Service};

use crate::schedule::one_in;
use crate::stage::Stage;

impl Stage {
    /// Something is going to fail that nobody refuses.
    pub(crate) fn misfortune(&mut self) {
        if one_in(&mut self.dice, 2) {
            self.workbench.aws.world().faults.provisioning_failure = Some("no room".to_owned());
            self.note("the next product will fail");
        } else {
            self.workbench.aws.world().faults.notebook_failure = Some("no machine".to_owned());
            self.note("the next instance will fail");
        }
    }

    /// Systems Manager has room for some automations, or for as many as ever.
    pub(crate) fn change_room(&mut self) {
        let room = if one_in(&mut self.dice, 3) {
            None
        } else {
            Some(self.dice.u32(0..=2))
        };
        self.workbench.aws.world().faults.automations_left = room;
        self.note(match room {
            None => "there is room for automations".to_owned(),
            Some(room) => format!("there is room for {room} automations"),
        });
    }

    /// Somebody in a hosting account stops, starts or deletes an instance, or it does so by itself.
    pub(crate) fn meddle(&mut self) {
        let account = self.dice.choice(&self.homes).map(|home| home.account.clone());
        let account = account.unwrap_or_default();
        let instances: Vec<(String, &str)> = (self.workbench.aws.world().notebook_instances(&account))
            .map(|(name, status)| (name.to_owned(), status))
            .collect();
        let Some((instance, status)) = self.dice.choice(&instances) else {
            return;
        };
        let operation = match *status {
            "InService" => "StopNotebookInstance",
            "Stopped" if one_in(&mut self.dice, 3) => "DeleteNotebookInstance",
            "Stopped" => "StartNotebookInstance",
            "Failed" => "DeleteNotebookInstance",
            _ => return,
        };
        let root = Principal::root(&account);
        let named = json!({ "NotebookInstanceName": instance });
        let done = self
            .workbench
            .aws
            .world()
            .call(&root, Service::SageMaker, operation, &named);
        let refused = done
            .err()
            .map(|error| format!(" -> {}", error.code))
            .unwrap_or_default();
        self.note(format!("somebody: sagemaker:{operation}{refused}"));
    }
}
