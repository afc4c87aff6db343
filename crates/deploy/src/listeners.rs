//! The sockets of the service, bound before anything else starts, so that a
//! taken port is told at once and by the setting that changes it.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::Config;

/// The sockets of the service.
#[derive(Debug)]
pub struct Listeners {
    /// For gRPC.
    pub grpc: TcpListener,
    /// For health and readiness.
    pub admin: TcpListener,
    /// For webhooks; none without a secret that they are signed with.
    pub web: Option<TcpListener>,
}

impl Listeners {
    /// Binds the configured addresses.
    ///
    /// # Errors
    /// When one can't be bound; says which, and which setting changes it.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            grpc: bind(config.listen, "gRPC", "DEPLOY_LISTEN").await?,
            admin: bind(config.admin_listen, "health", "DEPLOY_ADMIN_LISTEN").await?,
            web: match config.webhook_secret {
                Some(_) => Some(bind(config.web_listen, "webhooks", "DEPLOY_WEB_LISTEN").await?),
                None => None,
            },
        })
    }
}

async fn bind(address: SocketAddr, what: &str, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address} for {what}; {setting} sets another address")
    })
}
