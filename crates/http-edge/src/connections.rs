//! Connections from anybody: so many at once and no more, each for one request,
//! whose head must come in time.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How many connections are served at once; further ones wait in the system's
/// queue. Each holds at most a small body or a share of the large ones.
const AT_ONCE: usize = 256;
/// The most that is read ahead of what a request has taken, so also the largest
/// head.
const READ_AHEAD: usize = 64 * 1024;
/// How long to wait when the system has no more sockets to give.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until `shutdown`, then lets requests under way end. The head of a
/// request has `head_patience` to come, counted from the connection. A
/// connection that fails is that connection's end alone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    head_patience: Duration,
    shutdown: CancellationToken,
) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let tasks = TaskTracker::new();
    let accepting = async {
        loop {
            let turn = Arc::clone(&turns)
                .acquire_owned()
                .await
                .expect("nobody closes it");
            let stream = accept(&listener).await;
            let serving = serve_one(stream, router.clone(), head_patience, shutdown.clone());
            tasks.spawn(async move {
                serving.await;
                drop(turn);
            });
        }
    };
    shutdown.run_until_cancelled(accepting).await;
    // Who still connects is to be refused, not left waiting.
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::error!(%error, "cannot accept a web connection");
                sleep(PAUSE).await;
            }
        }
    }
}

/// One request: who delivers makes a connection per delivery, and one that
/// idles would hold another's place.
async fn serve_one(
    stream: TcpStream,
    router: Router,
    head_patience: Duration,
    shutdown: CancellationToken,
) {
    let connection = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(head_patience)
        .max_buf_size(READ_AHEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "a web connection failed"
        );
    }
}
