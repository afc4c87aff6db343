//! Socket Mode: the connection over which Slack tells what people do.
//!
//! Every envelope is handled in a task of its own and acknowledged when its
//! handler says so, over the connection that brought it; what is never
//! acknowledged, Slack delivers again. When Slack announces that it will close
//! a connection, a new one is opened first and the old one is read until its
//! end, so that nothing said in between is lost.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch},
    time::{Instant, Interval, MissedTickBehavior, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, protocol::WebSocketConfig},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

use super::{
    client::{Client, Identity},
    error::Error,
    event::{self, Event},
};
use crate::{backoff::Backoff, config::Timing};

/// The largest message read. Slack's envelopes are some kilobytes; a message
/// of a person has at most 40,000 characters.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// How many events are in work at once; more wait in the connection.
const MOST_IN_WORK: usize = 256;

/// What is needed to keep a connection.
#[derive(Clone)]
pub(crate) struct Socket {
    pub(crate) slack: Arc<Client>,
    pub(crate) me: Identity,
    pub(crate) timing: Timing,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
    /// How many connections are open.
    pub(crate) open: watch::Sender<usize>,
}

/// Something that happened, and the right to acknowledge it.
pub(crate) struct Incoming {
    pub(crate) event: Event,
    /// How often Slack has tried to deliver it before.
    pub(crate) retry: u32,
    pub(crate) acknowledgement: Acknowledgement,
}

/// The right to acknowledge one envelope. Dropped, Slack delivers it again.
pub(crate) struct Acknowledgement {
    envelope: String,
    connection: mpsc::Sender<String>,
}

impl Acknowledgement {
    /// Tells Slack that the event is dealt with.
    pub(crate) fn give(self) {
        self.send(None);
    }

    /// Keeps a submitted modal open, with a sentence under one of its fields.
    pub(crate) fn refuse_submission(self, field: &str, sentence: &str) {
        let refusal = serde_json::json!({
            "response_action": "errors",
            "errors": { field: sentence },
        });
        self.send(Some(refusal));
    }

    fn send(self, payload: Option<serde_json::Value>) {
        let ack = Ack {
            envelope_id: &self.envelope,
            payload,
        };
        let text = serde_json::to_string(&ack).expect("an acknowledgement is plain JSON");
        // There is room for one of each event in work, so it fails only when
        // the connection is gone; then Slack delivers the event once more.
        if self.connection.try_send(text).is_err() {
            tracing::debug!(
                slack.envelope = self.envelope,
                "acknowledged after its connection"
            );
        }
    }
}

impl Socket {
    /// Keeps a connection open until shutdown, and hands over what it brings.
    pub(crate) async fn listen<H, F>(self, handle: H)
    where
        H: Fn(Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let room = Arc::new(Semaphore::new(MOST_IN_WORK));
        let mut backoff = Backoff::new(&self.timing);
        while !self.shutdown.is_cancelled() {
            let opened = tokio::select! {
                opened = self.connect() => opened,
                () = self.shutdown.cancelled() => return,
            };
            match opened {
                Ok(stream) => {
                    let since = Instant::now();
                    let ended = self.serve(stream, &room, &handle).await;
                    // A connection that lives no time at all gets no successor
                    // at once, or the two would chase each other.
                    if since.elapsed() > self.timing.retry_first {
                        backoff.reset();
                    }
                    match ended {
                        Ended::Announced if since.elapsed() > self.timing.retry_first => continue,
                        Ended::Announced | Ended::Lost => (),
                        Ended::Stopped => return,
                    }
                }
                Err(error) => {
                    tracing::warn!(error = %error, "cannot open a connection to Slack; trying again");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(backoff.next()) => (),
                () = self.shutdown.cancelled() => return,
            }
        }
    }

    async fn connect(&self) -> Result<Stream, ConnectError> {
        let address = self.slack.open_connection().await?;
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
    async fn serve<H, F>(&self, stream: Stream, room: &Arc<Semaphore>, handle: &H) -> Ended
    where
        H: Fn(Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (ended, has_ended) = oneshot::channel();
        let (sender, acknowledgements) = mpsc::channel(MOST_IN_WORK);
        let mut ping = tokio::time::interval(self.timing.ping_every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let connection = Connection {
            socket: self.clone(),
            stream,
            sender: Some(sender),
            acknowledgements,
            room: Arc::clone(room),
            place: None,
            heard: Instant::now(),
            ping,
            ended: Some(ended),
            handle: handle.clone(),
        };
        self.open.send_modify(|open| *open += 1);
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

/// One connection.
struct Connection<H> {
    socket: Socket,
    stream: Stream,
    /// Handed to every event in work; kept as long as new ones are taken.
    sender: Option<mpsc::Sender<String>>,
    acknowledgements: mpsc::Receiver<String>,
    room: Arc<Semaphore>,
    /// Room for the event that is read next.
    place: Option<OwnedSemaphorePermit>,
    /// When something last came.
    heard: Instant,
    ping: Interval,
    ended: Option<oneshot::Sender<Ended>>,
    handle: H,
}

impl<H, F> Connection<H>
where
    H: Fn(Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    async fn run(mut self) {
        let outcome = self.read_and_write().await;
        match &outcome {
            Ok(()) => tracing::debug!("a connection to Slack ended"),
            Err(error) => tracing::warn!(%error, "a connection to Slack broke"),
        }
        self.needs_successor(Ended::Lost);
        self.socket.open.send_modify(|open| *open -= 1);
        // Read to its end: closed with something unread in it, a connection takes
        // with it what was sent last, the acknowledgements.
        let farewell = async {
            if self.stream.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        let _: Result<_, _> = timeout(Duration::from_secs(1), farewell).await;
    }

    /// Ends when the connection does, or at shutdown when all that it brought
    /// is acknowledged or given up.
    async fn read_and_write(&mut self) -> Result<(), Broken> {
        loop {
            let taking = self.sender.is_some();
            tokio::select! {
                ack = self.acknowledgements.recv() => match ack {
                    Some(ack) => self.write(Message::text(ack)).await?,
                    None => return Ok(()),
                },
                place = Arc::clone(&self.room).acquire_owned(), if taking && self.place.is_none() => {
                    self.place = place.ok();
                    // Nothing was read while there was no room.
                    self.heard = Instant::now();
                }
                message = self.stream.next(), if !taking || self.place.is_some() => match message {
                    None => return Ok(()),
                    Some(message) => self.hear(message?)?,
                },
                _ = self.ping.tick() => self.check_life().await?,
                () = self.socket.shutdown.cancelled(), if taking => {
                    self.needs_successor(Ended::Stopped);
                    self.sender = None;
                }
            }
        }
    }

    fn hear(&mut self, message: Message) -> Result<(), Broken> {
        self.heard = Instant::now();
        match message {
            Message::Text(text) => self.take(text.as_str()),
            Message::Close(_) => self.needs_successor(Ended::Lost),
            _ => (),
        }
        Ok(())
    }

    fn take(&mut self, text: &str) {
        let envelope: Envelope = match serde_json::from_str(text) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::error!(%error, bytes = text.len(), "Slack sent what is no envelope; skipped");
                return;
            }
        };
        match (envelope.kind.as_str(), envelope.envelope_id) {
            ("hello", _) => tracing::info!("connected to Slack"),
            ("disconnect", _) => {
                let reason = envelope.reason.unwrap_or_default();
                tracing::info!(reason, "Slack will close a connection; opening another");
                self.needs_successor(Ended::Announced);
            }
            (kind, Some(id)) => {
                let retry = envelope.retry_attempt.unwrap_or(0);
                let payload = envelope.payload.map_or("null", RawValue::get);
                self.start(kind, &id, retry, payload);
            }
            (kind, None) => tracing::debug!(kind, "a message of a kind that asks for nothing"),
        }
    }

    fn start(&mut self, kind: &str, envelope: &str, retry: u32, payload: &str) {
        let Some(connection) = self.sender.clone() else {
            return;
        };
        let acknowledgement = Acknowledgement {
            envelope: envelope.to_owned(),
            connection,
        };
        let event = match event::read(kind, payload, &self.socket.me) {
            Ok(Some(event)) => event,
            Ok(None) => return acknowledgement.give(),
            Err(error) => {
                // It would be no better the next time.
                tracing::error!(kind, slack.envelope = envelope, %error, "an event can't be read; skipped");
                return acknowledgement.give();
            }
        };
        let span = tracing::info_span!("event", kind, slack.envelope = envelope, retry);
        let place = self.place.take();
        let handled = (self.handle)(Incoming {
            event,
            retry,
            acknowledgement,
        });
        self.socket.tasks.spawn(
            async move {
                handled.await;
                drop(place);
            }
            .instrument(span),
        );
    }

    async fn check_life(&mut self) -> Result<(), Broken> {
        let silent = self.heard.elapsed();
        let listening = self.sender.is_none() || self.place.is_some();
        if listening && silent > self.socket.timing.silent_for {
            return Err(Broken::Silent(silent));
        }
        self.write(Message::Ping(tungstenite::Bytes::new())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Broken> {
        timeout(self.socket.timing.slack_call, self.stream.send(message))
            .await
            .map_err(|_| Broken::Stuck)?
            .map_err(Broken::from)
    }

    fn needs_successor(&mut self, why: Ended) {
        if let Some(ended) = self.ended.take() {
            // Nobody waits any more when the service stops.
            let _: Result<(), Ended> = ended.send(why);
        }
    }
}

/// Why a connection broke.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("{0}")]
    Socket(Box<tungstenite::Error>),
    #[error("nothing was heard for {} s", .0.as_secs())]
    Silent(Duration),
    #[error("it takes nothing any more")]
    Stuck,
}

impl From<tungstenite::Error> for Broken {
    fn from(error: tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: String,
    envelope_id: Option<String>,
    retry_attempt: Option<u32>,
    reason: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Ack<'a> {
    envelope_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<serde_json::Value>,
}
