//! The api function: in Lambda behind API Gateway, else a plain HTTP server on 127.0.0.1.

use std::error::Error;
use std::net::Ipv4Addr;

use workbench_api::cors;
use workbench_aws::{Clock, Cloud, Settings};

const DEFAULT_PORT: u16 = 8080;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    workbench_aws::logging::init();
    let settings = Settings::from_env()?;
    let config = workbench_aws::sdk::config().await;
    let namespace = settings.main.namespace.clone();
    let cloud = Cloud::new(&config, settings, Clock::system());
    let router = workbench_api::router(cloud);
    let router = cors::allow_origins(router, &std::env::var(cors::ALLOWED_ORIGINS).unwrap_or_default())?;
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        let router = workbench_api::metered(router, &namespace, Clock::system());
        return lambda_http::run(workbench_api::behind_gateway(router)).await;
    }
    // Nobody has checked a token here: until a layer does, every request is answered with 401.
    let port = match std::env::var("PORT") {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("PORT: `{text}` is no port; must be 0 to 65535"))?,
        Err(_) => DEFAULT_PORT,
    };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    Ok(axum::serve(listener, router).await?)
}
