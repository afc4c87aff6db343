//! The gRPC edge: the contract's service, health and reflection on one
//! listener, with authentication, deadlines, and a net under panics.

mod api;
mod auth;
mod convert;
mod convert_failure;
mod convert_overview;
mod convert_policy;
mod convert_request;
mod convert_subscription;
mod deadline;
mod panic;
mod people;
mod read;
mod read_subscription;
mod status;

use std::time::Duration;

use anyhow::Context as _;
use deploy_proto::v1::deploy_service_server::{DeployServiceServer, SERVICE_NAME};
use secrecy::SecretString;
use tokio::{net::TcpListener, time::interval};
use tokio_util::sync::CancellationToken;
use tonic::{
    service::interceptor::InterceptedService,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{
    ServingStatus,
    pb::health_server::HealthServer,
    server::{HealthReporter, HealthService},
};

use crate::{service::Service, store::Store};
use api::Api;
use auth::Auth;

/// The largest message that is read. The contract's largest is some 2 KB.
const LARGEST_REQUEST: usize = 64 * 1024;
/// The largest message that is sent: what clients read without being told.
const LARGEST_RESPONSE: usize = 4 * 1024 * 1024;
/// How often a quiet connection is asked whether it is still there: of one that
/// is not, another may follow the feed in its place after 15 seconds.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// How often the journal is asked whether it can be read.
const HEALTH_INTERVAL: Duration = Duration::from_secs(5);

/// Serves until `shutdown`, then lets calls under way end.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Service,
    store: Store,
    auth_token: Option<SecretString>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let health = HealthReporter::new();
    let auth = Auth::new(auth_token);
    let api = DeployServiceServer::new(Api::new(service.clone(), shutdown.clone()))
        .max_decoding_message_size(LARGEST_REQUEST)
        .max_encoding_message_size(LARGEST_RESPONSE);
    let reflection_v1 = reflection().build_v1().context("cannot serve reflection")?;
    let reflection_v1alpha = reflection()
        .build_v1alpha()
        .context("cannot serve reflection")?;
    let served = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE / 2))
        .max_concurrent_streams(Some(200))
        .layer(panic::layer())
        // Whoever asks for our health is an orchestrator without a token.
        .add_service(HealthServer::new(HealthService::from_health_reporter(
            health.clone(),
        )))
        .add_service(InterceptedService::new(api, auth.clone()))
        .add_service(InterceptedService::new(reflection_v1, auth.clone()))
        .add_service(InterceptedService::new(reflection_v1alpha, auth))
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            shutdown.cancelled(),
        );
    // Before the first call, which may be to ask for it.
    tell_health_once(&health, &store).await;
    let (served, ()) = tokio::join!(served, tell_health(&health, &store, &shutdown));
    service.drain().await;
    served.context("gRPC ended")
}

/// Healthy while the journal can be read; not any more from `shutdown` on. A
/// worker that ends early ends the process, so it needs no look here.
async fn tell_health(health: &HealthReporter, store: &Store, shutdown: &CancellationToken) {
    let mut ticks = interval(HEALTH_INTERVAL);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        tell_health_once(health, store).await;
    }
    set(health, ServingStatus::NotServing).await;
}

async fn tell_health_once(health: &HealthReporter, store: &Store) {
    let status = match store.ping().await {
        Ok(()) => ServingStatus::Serving,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not healthy");
            ServingStatus::NotServing
        }
    };
    set(health, status).await;
}

async fn set(health: &HealthReporter, status: ServingStatus) {
    health.set_service_status("", status).await;
    health.set_service_status(SERVICE_NAME, status).await;
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(deploy_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
