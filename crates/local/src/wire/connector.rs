//! The HTTP client under the AWS SDK that ends in process.

use std::fmt;
use std::future::pending;
use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::local_aws::LocalAws;
use crate::process::Process;

/// Answers requests for AWS's own hosts from the local AWS, and sends all others over the network: somebody has
/// set `AWS_ENDPOINT_URL` or one of its kind.
#[derive(Clone)]
pub(crate) struct LocalHttpClient {
    aws: LocalAws,
    /// Whose calls these are, if they are a function's.
    process: Option<Process>,
    network: Arc<OnceLock<SharedHttpClient>>,
}

impl LocalHttpClient {
    pub(crate) fn new(aws: LocalAws, process: Option<Process>) -> Self {
        Self {
            aws,
            process,
            network: Arc::default(),
        }
    }

    fn network(&self) -> &SharedHttpClient {
        self.network.get_or_init(|| {
            let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
            aws_smithy_http_client::Builder::new()
                .tls_provider(provider)
                .build_https()
        })
    }
}

impl fmt::Debug for LocalHttpClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LocalHttpClient")
    }
}

impl HttpClient for LocalHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(LocalConnector {
            client: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

#[derive(Debug)]
struct LocalConnector {
    client: LocalHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for LocalConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_aws = request.uri().parse::<http::Uri>().is_ok_and(|uri| {
            uri.host()
                .is_some_and(|host| host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))
        });
        if is_aws {
            let aws = self.client.aws.clone();
            let turns = aws.world().faults.turns;
            let process = self.client.process.clone();
            HttpConnectorFuture::new(async move {
                if turns {
                    tokio::task::yield_now().await;
                }
                match process {
                    None => answer(&aws, request),
                    Some(process) => of_process(aws, process, request).await,
                }
            })
        } else {
            self.client
                .network()
                .http_connector(&self.settings, &self.components)
                .call(request)
        }
    }
}

/// A call of a function's process, which waits for its turn and may die once the call was made.
async fn of_process(
    aws: LocalAws,
    process: Process,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    process.turn().await;
    let answered = answer(&aws, request);
    if aws.world().faults.crashes() {
        process.die();
        return pending().await;
    }
    answered
}

fn answer(aws: &LocalAws, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body
        .bytes()
        .map(<[u8]>::to_vec)
        .ok_or_else(|| ConnectorError::user("the local AWS takes no streamed bodies".into()))?;
    let request = http::Request::from_parts(parts, body);
    let response =
        super::answer(&mut aws.world(), &request).map_err(|error| ConnectorError::io(error.into()))?;
    response
        .map(SdkBody::from)
        .try_into()
        .map_err(|error| ConnectorError::other(Box::new(error), None))
}
