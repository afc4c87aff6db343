//! One Socket Mode connection: brings envelopes, takes their acknowledgements,
//! is pinged, and tells when it needs a successor.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, Interval, MissedTickBehavior, timeout},
};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_util::sync::CancellationToken;

use super::{Ended, Sockets, Stream, late::Late};
use crate::{
    config::Timing,
    slack::{
        event::Kind,
        incoming::{Acknowledged, Acknowledgement, Intake, MOST_IN_WORK, Room},
    },
};

/// How long a connection may take to say farewell.
const FAREWELL: Duration = Duration::from_secs(1);

/// One connection.
pub(super) struct Connection {
    stream: Stream,
    intake: Arc<Intake>,
    late: Arc<Late>,
    timing: Timing,
    shutdown: CancellationToken,
    open: watch::Sender<usize>,
    /// Handed to every event in work; kept as long as new ones are taken.
    sender: Option<mpsc::Sender<Acknowledged>>,
    acknowledgements: mpsc::Receiver<Acknowledged>,
    /// Room for the event that is read next.
    room: Option<Room>,
    /// When something last came.
    heard: Instant,
    ping: Interval,
    ended: Option<oneshot::Sender<Ended>>,
}

impl Connection {
    /// `ended` hears when it needs a successor.
    pub(super) fn new(
        sockets: &Sockets,
        stream: Stream,
        late: Arc<Late>,
        ended: oneshot::Sender<Ended>,
    ) -> Self {
        let (sender, acknowledgements) = mpsc::channel(MOST_IN_WORK);
        let mut ping = tokio::time::interval(sockets.timing.ping_every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            stream,
            intake: Arc::clone(&sockets.intake),
            late,
            timing: sockets.timing.clone(),
            shutdown: sockets.shutdown.clone(),
            open: sockets.open.clone(),
            sender: Some(sender),
            acknowledgements,
            room: None,
            heard: Instant::now(),
            ping,
            ended: Some(ended),
        }
    }

    /// Reads it to its end, or at shutdown until all that it brought is
    /// acknowledged or given up. What is dealt with after its end another one
    /// acknowledges.
    pub(super) async fn run(mut self) {
        self.open.send_modify(|open| *open += 1);
        match self.read_and_write().await {
            Ok(()) => tracing::debug!("a connection to Slack ended"),
            Err(error) => tracing::warn!(%error, "a connection to Slack broke"),
        }
        self.needs_successor(Ended::Lost);
        self.open.send_modify(|open| *open -= 1);
        let Self {
            stream,
            late,
            sender,
            mut acknowledgements,
            room,
            ..
        } = self;
        drop((sender, room));
        let leaving = async {
            while let Some(acknowledged) = acknowledgements.recv().await {
                late.give(acknowledged);
            }
        };
        tokio::join!(farewell(stream), leaving);
    }

    async fn read_and_write(&mut self) -> Result<(), Broken> {
        let (intake, shutdown) = (Arc::clone(&self.intake), self.shutdown.clone());
        let late = Arc::clone(&self.late);
        loop {
            let taking = self.sender.is_some();
            tokio::select! {
                acknowledged = self.acknowledgements.recv() => match acknowledged {
                    Some(acknowledged) => self.acknowledge(acknowledged).await?,
                    None => return Ok(()),
                },
                acknowledged = late.next() => self.acknowledge(acknowledged).await?,
                room = intake.room(), if taking && self.room.is_none() => {
                    self.room = Some(room);
                    // Nothing was read while there was no room.
                    self.heard = Instant::now();
                }
                message = self.stream.next(), if !taking || self.room.is_some() => match message {
                    // From now on it takes nothing.
                    None | Some(Ok(Message::Close(_))) => return Ok(()),
                    Some(message) => self.hear(message?),
                },
                _ = self.ping.tick() => self.check_life().await?,
                () = shutdown.cancelled(), if taking => {
                    self.needs_successor(Ended::Stopped);
                    self.sender = None;
                }
            }
        }
    }

    fn hear(&mut self, message: Message) {
        self.heard = Instant::now();
        match message {
            Message::Text(text) => self.take(text.as_str()),
            Message::Binary(bytes) => {
                tracing::error!(bytes = bytes.len(), "Slack sent what is no text; skipped");
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_) => (),
        }
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
            ("disconnect", _) => self.announced(envelope.reason.as_deref().unwrap_or_default()),
            (kind, Some(id)) => {
                let retry = envelope.retry_attempt.unwrap_or(0);
                let payload = envelope.payload.map_or("null", RawValue::get);
                self.start(kind, &id, retry, payload);
            }
            (kind, None) => tracing::debug!(kind, "a message of a kind that asks for nothing"),
        }
    }

    /// Slack's reasons: <https://docs.slack.dev/apis/events-api/using-socket-mode>.
    fn announced(&mut self, reason: &str) {
        match reason {
            "too_many_websockets" => {
                tracing::error!(
                    "Slack takes no more connections of this app, which has 10 at most over all \
                     its processes: see DEPLOYBOT_SLACK_CONNECTIONS; trying again"
                );
                self.needs_successor(Ended::Unwanted);
            }
            "link_disabled" => {
                tracing::error!(
                    "Socket Mode is switched off in the settings of the Slack app; trying again"
                );
                self.needs_successor(Ended::Unwanted);
            }
            reason => {
                tracing::info!(reason, "Slack will close a connection; opening another");
                self.needs_successor(Ended::Announced);
            }
        }
    }

    fn start(&mut self, kind: &str, envelope: &str, retry: u32, payload: &str) {
        // Without a sender nothing new is taken, and Slack delivers it elsewhere.
        let (Some(connection), Some(room)) = (self.sender.clone(), self.room.take()) else {
            return;
        };
        let acknowledgement = Acknowledgement::of_envelope(envelope, connection, &room);
        match Kind::of_envelope(kind) {
            Some(kind) => {
                tracing::debug!(?kind, slack.envelope = envelope, retry, "an envelope came");
                self.intake
                    .take(kind, payload, retry, acknowledgement, room);
            }
            None => {
                tracing::debug!(kind, "an envelope of a kind that asks for nothing");
                acknowledgement.give();
            }
        }
    }

    async fn check_life(&mut self) -> Result<(), Broken> {
        let silent = self.heard.elapsed();
        let listening = self.sender.is_none() || self.room.is_some();
        if listening && silent > self.timing.silent_for {
            return Err(Broken::Silent(silent));
        }
        self.write(Message::Ping(tungstenite::Bytes::new())).await
    }

    async fn acknowledge(&mut self, acknowledged: Acknowledged) -> Result<(), Broken> {
        let ack = Ack {
            envelope_id: &acknowledged.envelope,
            payload: acknowledged.payload.as_ref(),
        };
        let text = serde_json::to_string(&ack).expect("an acknowledgement is plain JSON");
        let written = self.write(Message::text(text)).await;
        if written.is_err() {
            self.late.give(acknowledged);
        }
        written
    }

    async fn write(&mut self, message: Message) -> Result<(), Broken> {
        timeout(self.timing.slack_call, self.stream.send(message))
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

/// Reads it to its end: closed with something unread in it, a connection takes with
/// it what was sent last, the acknowledgements.
async fn farewell(mut stream: Stream) {
    let farewell = async {
        if stream.close(None).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _: Result<_, _> = timeout(FAREWELL, farewell).await;
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
    payload: Option<&'a serde_json::Value>,
}
