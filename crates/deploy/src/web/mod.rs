//! The web edge: what GitHub sends. Unlike the other listeners this one may be
//! reached by anybody, so all that it takes in has a bound and an end.

pub mod hints;
mod webhook;

use std::{any::Any, time::Duration};

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::error::panic_message;
use hints::Hints;
use webhook::Receiver;

/// How long what comes over the web may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a request, counted from the connection.
    pub head: Duration,
    /// For its body. GitHub itself gives up on a delivery after 10 seconds.
    pub body: Duration,
}

impl Default for Patience {
    /// That of a real service.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
        }
    }
}

/// Serves until `shutdown`, then lets requests under way end. Webhooks that are
/// signed with `webhook_secret` become `hints`.
/// A connection that fails is that connection's end alone.
pub async fn serve(
    listener: TcpListener,
    webhook_secret: &SecretString,
    hints: Hints,
    patience: Patience,
    shutdown: CancellationToken,
) {
    let receiver = Receiver::new(webhook_secret, hints, patience.body);
    let router = guarded(Router::new().merge(webhook::router(receiver)));
    http_edge::serve(listener, router, patience.head, shutdown).await;
}

/// Sees to it that a panic costs no more than the request that met it.
fn guarded(router: Router) -> Router {
    router.layer(CatchPanicLayer::custom(answer_panic))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over"
)]
fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let panic = panic_message(panic.as_ref());
    tracing::error!(panic, "a web request panicked");
    let sentence = "Something went wrong in the deploy service; its log says what.\n";
    (StatusCode::INTERNAL_SERVER_ERROR, sentence).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
        routing::get,
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn panics() {
        panic!("what nobody may read");
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_not_told() {
        let router = guarded(Router::new().route("/", get(panics)));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        insta::assert_snapshot!(
            String::from_utf8_lossy(&body),
            @"Something went wrong in the deploy service; its log says what."
        );
    }
}
