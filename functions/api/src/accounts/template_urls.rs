//! POST `/awsAccountTemplateUrls`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use workbench_aws::Cloud;
use workbench_core::Error;
use workbench_core::account::ExternalId;
use workbench_core::account::onboarding::{self, Template};

use crate::access::{self, Action};
use crate::body::{Body, given};
use crate::caller::SignedIn;
use crate::problem::Problem;
use crate::query::Query;
use crate::schema;

/// The request's body.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = OnboardingLinks)]
pub(crate) struct Wanted {
    /// What the account's roles want to hear. Without it there is no link to make a stack.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = schema::ExternalId)]
    external_id: Option<String>,
}

impl Wanted {
    pub(crate) fn check(self) -> Result<Option<ExternalId>, Error> {
        let external_id = self.external_id.as_deref().map(ExternalId::parse);
        external_id
            .transpose()
            .map_err(|rule| Error::invalid("externalId", rule))
    }
}

/// The links of one template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    create_url: Option<String>,
    update_url: String,
}

/// Get links to onboard an account
///
/// By them an admin of the account makes or updates its stack within the next 15 minutes. Without `externalId`, only the
/// links to update are answered. IT admins may.
#[utoipa::path(post, path = "/awsAccountTemplateUrls", tag = "hosting accounts", request_body = Wanted,
    responses((status = 200, description = "The links of each template, by its name", body = BTreeMap<String, Links>)))]
pub(crate) async fn template_urls(
    State(cloud): State<Cloud>,
    SignedIn(caller): SignedIn,
    query: Query,
    body: Body,
) -> Result<Json<BTreeMap<&'static str, Links>>, Problem> {
    access::authorize(&cloud, &caller, Action::ReadAccounts, None).await?;
    query.end()?;
    let external_id = body.read::<Wanted>()?.check()?;
    let mut links = BTreeMap::new();
    for template in onboarding::templates() {
        let url = published(&cloud, template).await?;
        let of_template = Links {
            create_url: external_id
                .as_ref()
                .map(|external_id| template.create_link(cloud.main(), &url, external_id)),
            update_url: template.update_link(cloud.main(), &url),
        };
        links.insert(template.name, of_template);
    }
    Ok(Json(links))
}

/// Where CloudFormation reads the template. It is written when it is asked for, under the hash of what it makes: so it
/// is always this release's, and a deployment has nothing to do for it.
async fn published(cloud: &Cloud, template: &Template) -> Result<String, workbench_aws::Error> {
    let key = template.key();
    cloud.artifacts().put(&key, template.text.as_bytes()).await?;
    Ok(cloud.artifacts().presigned_url(&key).await?)
}
