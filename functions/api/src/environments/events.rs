//! GET `/environments/:id/events` and `/projects/:projectId/environments/:id/events`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::caller::Caller;
use workbench_core::status::Status;
use workbench_core::status::transition::Source;
use workbench_core::timeline::{Entry, Reported};

use super::mask::for_caller;
use super::scope;
use crate::access::{self, Action, Target};
use crate::caller::SignedIn;
use crate::page::{PageAnswer, PageParams};
use crate::path::PathIds;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;
use crate::time::IsoTime;

/// A change of an environment, or a report that changed nothing: then `from` and `to` are the same.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventAnswer {
    /// Its id within the environment, also in the event that is published of a change. Ids sort as things came.
    #[schema(examples("00000000000000000003"))]
    id: String,
    #[schema(value_type = schema::Status)]
    from: Status,
    #[schema(value_type = schema::Status)]
    to: Status,
    /// Who or what it was.
    #[schema(examples("status report"))]
    cause: String,
    /// The id that the source gave the event; `asked` where AWS was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("01234567-0123-0123-0123-0123456789ab"))]
    source_id: Option<String>,
    /// When it was written down.
    created_at: IsoTime,
    /// Why, where something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("ResourceLimitExceeded: the quota of ml.t3.medium is used up"))]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported: Option<ReportedAnswer>,
}

/// What was reported.
#[derive(Debug, Serialize, ToSchema)]
struct ReportedAnswer {
    #[schema(value_type = schema::ReportSource)]
    source: Source,
    #[schema(value_type = schema::Status)]
    status: Status,
    /// When that was so, by the source's clock.
    at: IsoTime,
    /// Why it changed nothing; absent if it did change something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("superseded"))]
    kept: Option<String>,
}

/// List what happened to an environment
///
/// IT admins and members of its project may. The newest first, unless `sort[createdAt]=asc` is asked for. Kept for 90
/// days.
#[utoipa::path(get, path = "/environments/{id}/events", tag = "environments", params(PageParams),
    responses((status = 200, description = "A page", body = PageAnswer<EventAnswer>, example = json!({ "data": [{
        "id": "00000000000000000003",
        "from": "PENDING",
        "to": "FAILED",
        "cause": "status report",
        "sourceId": "01234567-0123-0123-0123-0123456789ab",
        "createdAt": "2026-11-24T10:04:01.500Z",
        "reason": "ResourceLimitExceeded: the quota of ml.t3.medium is used up",
        "reported": { "source": "LAUNCH", "status": "FAILED", "at": "2026-11-24T10:04:00.000Z" },
    }] }))))]
pub(crate) async fn events(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    path: PathIds,
    mut query: Query,
) -> Result<Json<PageAnswer<EventAnswer>>, Problem> {
    let target = Target {
        environment: path.get("id")?,
        project: scope(&path)?,
    };
    query.same_project(target.project)?;
    let request = query.page_newest_first()?;
    query.end()?;
    let id = target.environment;
    access::environment(&cloud, &caller, target, Action::ReadEnvironment).await?;
    let page = cloud.table().events(id, &request).await?;
    Ok(Json(PageAnswer::of(page, |(id, entry)| {
        EventAnswer::of(id, entry, &caller)
    })))
}

impl EventAnswer {
    /// What `caller`, who may read the environment, is shown of an entry.
    fn of(id: String, entry: Entry, caller: &Caller) -> Self {
        let Entry {
            from,
            to,
            cause,
            source_id,
            at,
            reason,
            reported,
        } = entry;
        let reported = reported.map(
            |Reported {
                 source,
                 status,
                 at,
                 kept,
             }| ReportedAnswer {
                source,
                status,
                at: IsoTime(at),
                kept,
            },
        );
        Self {
            id,
            from,
            to,
            cause,
            source_id,
            created_at: IsoTime(at),
            reason: reason.map(|reason| for_caller(reason, caller)),
            reported,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry() -> Value {
        json!({
            "from": "PENDING", "to": "FAILED", "cause": "status report", "sourceId": "event-1",
            "createdAt": "2026-11-24T10:00:00.120Z",
            "reason": "arn:aws:iam::111111111111:role/x may not use arn:aws:kms:us-east-1:111111111111:key/k",
            "reported": { "source": "LAUNCH", "status": "FAILED", "at": "2026-11-24T09:59:59.000Z" },
        })
    }

    fn answered(it_admin: bool) -> Value {
        let caller = Caller {
            user_id: "b590a734-5adc-4a43-a24b-edf3795b812d".parse().unwrap(),
            it_admin,
        };
        let entry = serde_json::from_value(entry()).unwrap();
        serde_json::to_value(EventAnswer::of("3".into(), entry, &caller)).unwrap()
    }

    #[test]
    fn an_answer_is_the_entry_as_it_is_kept_and_its_id() {
        let mut expected = entry();
        expected["id"] = "3".into();
        assert_eq!(answered(true), expected);
    }

    #[test]
    fn researchers_see_no_role_and_no_key() {
        assert_eq!(answered(false)["reason"], "[hidden] may not use [hidden]");
    }
}
