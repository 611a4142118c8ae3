//! DELETE `/awsAccounts/:id`

use axum::Json;
use axum::extract::State;
use workbench_aws::Cloud;
use workbench_aws::accounts::Patience;
use workbench_aws::table::{Dependants, Updated};
use workbench_core::Error;
use workbench_core::account::{AccountStatus, HostingAccount};
use workbench_core::id::AccountId;

use super::{AccountAnswer, existing};
use crate::access::{self, Action};
use crate::caller::SignedIn;
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;

/// Let a hosting account go
///
/// IT admins may, once it has neither cost centres nor projects. It is REMOVED, and what is shared with it is taken back.
/// What AWS does not do now is tried again at the next check; the findings say what that is.
#[utoipa::path(delete, path = "/awsAccounts/{accountId}", tag = "hosting accounts",
    responses((status = 200, description = "The account, REMOVED", body = AccountAnswer)))]
pub(crate) async fn delete(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    query: Query,
) -> Result<Json<AccountAnswer>, Problem> {
    let id: AccountId = path.get("accountId")?;
    access::authorize(&cloud, &caller, Action::WriteAccounts, None).await?;
    query.end()?;
    for _ in 0..crate::TRIES {
        let before = existing(&cloud, id).await?;
        if before.status != AccountStatus::Removed {
            refuse_dependants(&cloud.table().account_dependants(id).await?)?;
            let after = HostingAccount {
                status: AccountStatus::Removed,
                rev: before.rev + 1,
                updated_at: cloud.now(),
                ..before.clone()
            };
            if cloud.table().remove_account(&before, &after).await? == Updated::Stale {
                continue;
            }
        }
        let checked = cloud.check_account(id, Patience::REQUEST).await?;
        return Ok(Json(AccountAnswer::checked(&cloud, checked)));
    }
    Err(crate::busy("account", id).into())
}

fn refuse_dependants(dependants: &Dependants) -> Result<(), Error> {
    if dependants.is_empty() {
        return Ok(());
    }
    let named = [
        named("cost centres", &dependants.cost_centers),
        named("projects", &dependants.projects),
    ];
    let named: Vec<String> = named.into_iter().flatten().collect();
    Err(Error::Conflict(format!(
        "id: the account still has {}; delete them first",
        named.join(" and ")
    )))
}

/// The things of a kind, if there are any.
fn named(what: &str, ids: &[impl ToString]) -> Option<String> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    (!ids.is_empty()).then(|| format!("{what} {}", ids.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_an_account_is_named() {
        let mut dependants = Dependants::default();
        assert_eq!(refuse_dependants(&dependants), Ok(()));
        let uuid = |number| format!("00000000-0000-4000-8000-00000000000{number}");
        let center = |number| format!("cc-{}", uuid(number));
        dependants.cost_centers = [1, 2].map(|number| center(number).parse().unwrap()).into();
        let told = |dependants: &Dependants| refuse_dependants(dependants).unwrap_err().to_string();
        assert_eq!(
            told(&dependants),
            format!(
                "id: the account still has cost centres {}, {}; delete them first",
                center(1),
                center(2)
            )
        );
        dependants.cost_centers.truncate(1);
        dependants.projects = vec![format!("proj-{}", uuid(3)).parse().unwrap()];
        assert_eq!(
            told(&dependants),
            format!(
                "id: the account still has cost centres {} and projects proj-{}; delete them first",
                center(1),
                uuid(3)
            )
        );
    }
}
