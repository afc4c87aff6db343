//! Health and readiness for an orchestrator, on a listener of their own.

use anyhow::Context as _;
use axum::{Router, extract::State, http::StatusCode, routing::get};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{github::Client, store::Store};

/// Serves until `shutdown`.
pub(crate) async fn serve(
    listener: TcpListener,
    store: Store,
    github: Client,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state((store, github));
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .await
        .context("the admin listener ended")
}

/// Ready to serve: the journal can be read. Whatever is wrong with GitHub, what
/// was read before can be given, and requests taken; that it does not accept us
/// is told all the same, because who runs this may have to see to it.
async fn ready(State((store, github)): State<(Store, Client)>) -> (StatusCode, &'static str) {
    match store.ping().await {
        Ok(()) if github.is_app_refused() => (
            StatusCode::OK,
            "ready, but GitHub does not accept the App: the log says what to check\n",
        ),
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the journal cannot be read\n",
            )
        }
    }
}
