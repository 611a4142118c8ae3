//! After the disturbance: AWS comes to rest, sweeps ask, and every status becomes true; then all is terminated.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use workbench_core::environment::Environment;
use workbench_core::id::EnvironmentId;
use workbench_core::status::Status;

use crate::clients::{Ask, What};
use crate::promise::Promise;
use crate::published::Published;
use crate::schedule::one_in;
use crate::stage::Stage;
use crate::truth::InAws;
use crate::{Error, Recovery};

/// How many sweeps may ask about an environment before its status is true.
const SWEEPS: u32 = 2;

/// How long it may take until every status is true: two sweeps ask, at most an hour apart, and find room meanwhile.
const WITHIN: SignedDuration = SignedDuration::from_mins(130);

/// How long it takes at most until accounts are looked through, for what has rested for a while.
const LOOKED_THROUGH: SignedDuration = SignedDuration::from_mins(75);

/// One schedule in how many ends with a look at the hosting accounts.
const CHECKED_AT_THE_END: u32 = 4;

impl Stage {
    /// Everything that must hold once the disturbance is over.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        self.rest().await?;
        if self.schedule.unasked {
            self.look_through_accounts().await?;
        }
        self.become_true().await?;
        self.keep_their_word();
        self.terminate_all().await?;
        self.read_timelines().await?;
        // As many calls as a whole life: they are better spent on other schedules.
        if one_in(&mut self.dice, CHECKED_AT_THE_END) {
            self.check_accounts().await?;
            self.rest().await?;
        }
        Ok(())
    }

    /// What nobody has asked for nobody asks about, where its event is lost, but the account function, once an hour.
    async fn look_through_accounts(&mut self) -> Result<(), Error> {
        self.pass(self.now() + LOOKED_THROUGH).await?;
        self.check_accounts().await?;
        self.rest().await
    }

    /// Sweeps until every status is true, or until sweeps do not help.
    async fn become_true(&mut self) -> Result<(), Error> {
        let began = self.now();
        let mut looks: BTreeMap<EnvironmentId, u32> = BTreeMap::new();
        let mut given_up: Vec<EnvironmentId> = Vec::new();
        loop {
            let mut untrue = BTreeMap::new();
            for (id, environment) in self.environments().await? {
                let in_aws = InAws::of(&environment, &self.workbench);
                if !in_aws.is_told_by(&environment) && !given_up.contains(&id) {
                    untrue.insert(id, (environment, in_aws));
                }
            }
            let mut asked_at: Option<Timestamp> = None;
            for (id, (environment, in_aws)) in &untrue {
                let asked = looks.get(id).copied().unwrap_or_default();
                match environment.look_at() {
                    Some(at) if asked < SWEEPS && self.schedule.sweeps => {
                        asked_at = Some(asked_at.map_or(at, |earlier| earlier.min(at)));
                    }
                    _ => {
                        given_up.push(*id);
                        let name = self.observed.name(*id);
                        let status = environment.status();
                        self.broken(
                            Promise::Settles,
                            format!("{name} is {status} after {asked} sweeps, with {in_aws}"),
                        );
                    }
                }
            }
            let Some(asked_at) = asked_at else { return Ok(()) };
            // What is due at this very moment is asked about by the next sweep.
            let at = next_minute(asked_at.max(self.now()) + SignedDuration::from_millis(1));
            for (id, (environment, _)) in &untrue {
                // Whoever is given a turn is not asked about.
                if environment.look_at().is_some_and(|due| due < at) && !environment.is_in_queue(at) {
                    *looks.entry(*id).or_default() += 1;
                }
            }
            self.sweep_at(at).await?;
            if at.duration_since(began) > WITHIN {
                let found = format!("{} statuses are not true after {WITHIN:#}", untrue.len());
                self.broken(Promise::Settles, found);
                return Ok(());
            }
            let recovery = Recovery {
                time: at.duration_since(began),
                sweeps: looks.values().copied().max().unwrap_or_default(),
            };
            self.recovery = Recovery {
                time: self.recovery.time.max(recovery.time),
                sweeps: self.recovery.sweeps.max(recovery.sweeps),
            };
        }
    }

    /// What the API has accepted to terminate is terminated, or has failed to be.
    fn keep_their_word(&mut self) {
        let ids: Vec<EnvironmentId> = (self.clients.all.iter())
            .filter(|client| client.terminated)
            .filter_map(|client| client.id.as_deref()?.parse().ok())
            .collect();
        for id in ids {
            match self.observed.status(id) {
                Some(Status::Terminated | Status::TerminatingFailed) => {}
                Some(status) => {
                    let name = self.observed.name(id);
                    self.broken(Promise::Accepted, format!("{name} is {status}"));
                }
                None => {}
            }
        }
    }

    /// Whatever there is can be terminated, and leaves nothing behind.
    async fn terminate_all(&mut self) -> Result<(), Error> {
        let ids: Vec<EnvironmentId> = self.observed.environments();
        for id in &ids {
            if self.observed.status(*id) == Some(Status::Terminated) {
                continue;
            }
            // The launch's answer may have been lost: whoever wanted it finds it in the list.
            let text = id.to_string();
            let known = |client: &crate::clients::Client| client.id.as_ref() == Some(&text);
            let client = match self.clients.all.iter().position(known) {
                Some(client) => client,
                None => {
                    if let Some(client) = self.clients.all.first_mut() {
                        client.id = Some(text);
                    }
                    0
                }
            };
            let what = What::Terminate;
            self.ask(Ask { client, what }).await?;
            self.rest().await?;
        }
        self.become_true().await?;
        for (id, environment) in self.environments().await? {
            let in_aws = InAws::of(&environment, &self.workbench);
            if environment.status() != Status::Terminated || !in_aws.is_gone() {
                let (name, status) = (self.observed.name(id), environment.status());
                self.broken(Promise::Terminable, format!("{name} is {status}, with {in_aws}"));
            }
        }
        let left = {
            let world = self.workbench.aws.world();
            let accounts = self.homes.iter().map(|home| home.account.as_str());
            let left: Vec<String> = accounts
                .flat_map(|account| {
                    let products = world.provisioned_products(account);
                    products.chain(world.notebook_instances(account))
                })
                .map(|(name, status)| format!("{name} ({status})"))
                .collect();
            left.join(", ")
        };
        if !left.is_empty() {
            self.broken(Promise::Terminable, format!("there is left: {left}"));
        }
        Ok(())
    }

    async fn read_timelines(&mut self) -> Result<(), Error> {
        let published = Published::by(&self.workbench);
        for (id, environment) in self.environments().await? {
            let entries = self.onlooker.table().timeline(id).await?;
            if let Some(found) = inconsistent(&entries, &environment) {
                let name = self.observed.name(id);
                self.broken(Promise::Timeline, format!("{name}: {found}"));
            }
            let told = published.get(&id);
            if let Some(found) =
                told.map_or(Some("nothing was told".to_owned()), |told| told.differs(&entries))
            {
                let name = self.observed.name(id);
                self.broken(Promise::Published, format!("{name}: {found}"));
            }
        }
        Ok(())
    }
}

/// What is wrong with a timeline, the first entry first. Reports that changed nothing met the status of another moment.
fn inconsistent(entries: &[workbench_aws::table::Entry], environment: &Environment) -> Option<String> {
    let mut status = Status::Pending;
    for entry in entries {
        let kept = entry
            .reported
            .as_ref()
            .is_some_and(|reported| reported.kept.is_some());
        if kept {
            if entry.from != entry.to {
                return Some(format!(
                    "a report that changed nothing says {} -> {}",
                    entry.from, entry.to
                ));
            }
            continue;
        }
        if entry.from != status {
            return Some(format!(
                "after {status} comes {} -> {} ({})",
                entry.from, entry.to, entry.cause
            ));
        }
        status = entry.to;
    }
    let last = environment.status();
    (status != last).then(|| format!("it ends in {status}, but the status is {last}"))
}

/// The schedule comes on the minute.
fn next_minute(at: Timestamp) -> Timestamp {
    let minutes = (at.as_millisecond() + 59_999).div_euclid(60_000);
    Timestamp::from_second(minutes * 60).unwrap_or(at)
}
