//! Who documents are shared with: one list for each document, in the main account, changed for many accounts at a time.

use std::collections::BTreeMap;

use workbench_core::account::check::{Unseen, Write};

use super::cycle::InWork;
use super::patience::{Ends, in_time, late};
use super::unseen;
use crate::cloud::Cloud;
use crate::documents::{BATCH, ListChange};

impl Cloud {
    /// Puts accounts on the lists of documents, and takes them off, 20 at a time.
    pub(super) async fn list_documents(&self, in_work: &mut [InWork], ends: Ends) {
        let mut lists: BTreeMap<(String, ListChange), Vec<usize>> = BTreeMap::new();
        for (index, work) in in_work.iter_mut().enumerate() {
            for list in work.documents.drain(..) {
                lists.entry(list).or_default().push(index);
            }
        }
        for ((document, change), members) in lists {
            for batch in members.chunks(BATCH) {
                self.list_batch((&document, change), batch, in_work, ends).await;
            }
        }
    }

    async fn list_batch(
        &self,
        (document, change): (&str, ListChange),
        batch: &[usize],
        in_work: &mut [InWork],
        ends: Ends,
    ) {
        let write = match change {
            ListChange::Add => Write::ShareDocument(document.to_owned()),
            ListChange::Remove => Write::UnshareDocument(document.to_owned()),
        };
        let mut members = Vec::with_capacity(batch.len());
        for index in batch {
            if let Some(work) = in_work.get_mut(*index)
                && (change == ListChange::Add || self.may_take_back(work, &write).await)
            {
                members.push(*index);
            }
        }
        if members.is_empty() {
            return;
        }
        let numbers = |members: &[usize]| -> Vec<_> {
            let members = members.iter().filter_map(|index| in_work.get(*index));
            members
                .map(|work| work.account.aws_account_id.to_string())
                .collect()
        };
        let list = async |members: &[usize]| {
            let listed = self.shares().documents().list(document, change, numbers(members));
            match in_time(ends.all, listed).await {
                Some(listed) => listed.map_err(|fault| unseen(&fault)),
                None => Err(late()),
            }
        };
        let all = list(&members).await;
        // One account that AWS refuses must not keep the others off the list.
        let one_by_one = matches!(all, Err(Unseen::Refused(_))) && members.len() > 1;
        let mut results = Vec::with_capacity(members.len());
        for index in members {
            let result = if one_by_one {
                list(&[index]).await
            } else {
                all.clone()
            };
            results.push((index, result));
        }
        for (index, result) in results {
            if let Some(work) = in_work.get_mut(index) {
                match result {
                    Ok(()) => work.did(&write),
                    Err(unseen) => work.failures.push((write.clone(), unseen)),
                }
            }
        }
    }
}
