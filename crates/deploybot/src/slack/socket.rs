//! Socket Mode: the connections over which Slack tells what people do.
//!
//! Several are kept, and Slack sends each event over one of them. When Slack
//! announces that it will close a connection, a new one is opened first and the
//! old one is read until its end, so that nothing said in between is lost. One
//! that falls silent is replaced. Where Slack does not want another, or none can
//! be opened, the waits grow.

mod connection;
mod late;

use std::{sync::Arc, time::Duration};

use tokio::{
    net::TcpStream,
    sync::{Semaphore, oneshot, watch},
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, protocol::WebSocketConfig},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{connection::Connection, late::Late};
use super::{client::Client, error::Error, incoming::Intake};
use crate::{
    backoff::Backoff,
    config::{SocketMode, Timing},
};

/// How long an opening waits for the one before it.
const TURN: Duration = Duration::from_secs(1);

/// The largest message read. Slack's envelopes are some kilobytes; a message
/// of a person has at most 40,000 characters.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// What is needed to keep connections.
pub(crate) struct Sockets {
    pub(crate) slack: Arc<Client>,
    pub(crate) settings: SocketMode,
    pub(crate) intake: Arc<Intake>,
    pub(crate) timing: Timing,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
    /// How many connections are open.
    pub(crate) open: watch::Sender<usize>,
}

impl Sockets {
    /// Keeps connections open until shutdown, and takes in what they bring.
    pub(crate) async fn listen(self) {
        let opening = Semaphore::new(1);
        let late = Arc::default();
        let kept = (0..self.settings.connections).map(|_| self.keep(&opening, &late));
        futures::future::join_all(kept).await;
    }

    /// Keeps one of them. Slack may end a young connection for once, so that it is
    /// followed at once; one that does not get old either is not, or the two would
    /// chase each other.
    async fn keep(&self, opening: &Semaphore, late: &Arc<Late>) {
        let mut failing = Backoff::new(&self.timing);
        let mut dying = Backoff::new(&self.timing);
        let mut died_young = false;
        while !self.shutdown.is_cancelled() {
            let opened = tokio::select! {
                opened = self.open_in_turn(opening) => opened,
                () = self.shutdown.cancelled() => return,
            };
            let wait = match opened {
                Ok(stream) => {
                    failing.reset();
                    let since = Instant::now();
                    let ended = self.serve(stream, late).await;
                    let was_young = since.elapsed() <= self.timing.retry_most;
                    if !was_young {
                        dying.reset();
                    }
                    let is_second = std::mem::replace(&mut died_young, was_young) && was_young;
                    match ended {
                        Ended::Stopped => return,
                        Ended::Unwanted => dying.longest(),
                        Ended::Announced | Ended::Lost if !is_second => continue,
                        Ended::Announced | Ended::Lost => dying.next(),
                    }
                }
                Err(error) => {
                    error.tell();
                    error.retry_after().unwrap_or_else(|| failing.next())
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => (),
                () = self.shutdown.cancelled() => return,
            }
        }
    }

    /// One after another, so that Slack spreads them over its servers; but not behind
    /// one that hangs, for the connection that is to be followed may end meanwhile.
    async fn open_in_turn(&self, opening: &Semaphore) -> Result<Stream, ConnectError> {
        let turn = timeout(TURN, opening.acquire()).await;
        let stream = self.connect().await;
        drop(turn);
        stream
    }

    async fn connect(&self) -> Result<Stream, ConnectError> {
        let address = self.slack.open_connection(&self.settings.app_token).await?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE))
            .read_buffer_size(16 * 1024)
            .write_buffer_size(0);
        let connecting =
            tokio_tungstenite::connect_async_with_config(address.as_str(), Some(limits), true);
        match timeout(self.timing.slack_call, connecting).await {
            Ok(Ok((stream, _))) => Ok(stream),
            Ok(Err(error)) => Err(ConnectError::Socket(Box::new(error))),
            Err(_) => Err(ConnectError::TooSlow),
        }
    }

    /// Reads a connection in a task of its own, and returns when it needs a
    /// successor; it may live on for a while.
    async fn serve(&self, stream: Stream, late: &Arc<Late>) -> Ended {
        let (ended, has_ended) = oneshot::channel();
        let connection = Connection::new(self, stream, Arc::clone(late), ended);
        self.tasks.spawn(connection.run());
        has_ended.await.unwrap_or(Ended::Lost)
    }
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a connection needs, or does not need, a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Slack will close it soon.
    Announced,
    /// Slack will close it, and would close another.
    Unwanted,
    /// It broke.
    Lost,
    /// The service stops.
    Stopped,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error(transparent)]
    Slack(#[from] Error),
    // The address holds a ticket, which is as good as a token; the error of a
    // connection does not show it.
    #[error("the connection could not be made: {0}")]
    Socket(Box<tungstenite::Error>),
    #[error("the connection could not be made in time")]
    TooSlow,
}

impl ConnectError {
    fn tell(&self) {
        match self {
            Self::Slack(error @ Error::Unauthorized(_)) => tracing::error!(
                %error,
                "cannot open a connection to Slack; trying again"
            ),
            error => tracing::warn!(%error, "cannot open a connection to Slack; trying again"),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Slack(Error::RateLimited { retry_after }) => Some(*retry_after),
            _ => None,
        }
    }
}
