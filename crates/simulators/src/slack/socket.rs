//! Socket Mode: the web sockets over which the app gets its events.
//!
//! `apps.connections.open` gives an address with a ticket that works once. On
//! the connection come a `hello`, the envelopes, and, some time before the end,
//! a `disconnect`; the app answers each envelope with its `envelope_id`.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::delivery::{self, Frame, Order, Parcel};
use super::{Slack, reached};
use crate::clock;

/// How long a ticket waits to be used.
const TICKET_LIFETIME: Duration = Duration::from_secs(30);

/// How many tickets are remembered.
const TICKETS: usize = 1_000;

/// How many orders may wait on one connection.
const BACKLOG: usize = 256;

/// How often the other side is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(10);

/// How long the other side may stay silent.
const SILENCE: Duration = Duration::from_secs(30);

/// How long one message may take to be written.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// How long the other side may take to say farewell.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// The name of the machine at the other end, in Slack's debugging hints.
const HOST: &str = "applink-simulated";

/// The tickets that were given out and not yet used.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    given: VecDeque<(String, Instant)>,
}

impl Tickets {
    pub(super) fn give(&mut self, now: Instant) -> String {
        if self.given.len() == TICKETS {
            self.given.pop_front();
        }
        let ticket = uuid::Uuid::new_v4().to_string();
        self.given
            .push_back((ticket.clone(), now + TICKET_LIFETIME));
        ticket
    }

    /// Takes a ticket back. False when it was used, is too old, or never was.
    pub(super) fn take(&mut self, ticket: &str, now: Instant) -> bool {
        let found = self.given.iter().position(|(given, _)| given == ticket);
        found
            .and_then(|index| self.given.remove(index))
            .is_some_and(|(_, until)| until > now)
    }
}

/// The query of a connection's address.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    ticket: String,
}

/// Opens a connection.
pub(super) async fn open(
    State(slack): State<Slack>,
    Query(link): Query<Link>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let taken = slack.state().tickets.take(&link.ticket, Instant::now());
    if !taken {
        return (StatusCode::UNAUTHORIZED, "the ticket is not valid").into_response();
    }
    upgrade.on_upgrade(move |socket| async move {
        let (orders, inbox) = mpsc::channel(BACKLOG);
        let connected = slack.state().delivery.connect(orders);
        match connected {
            Ok((id, count)) => Connection::new(slack, id, socket).run(count, inbox).await,
            Err(reason) => refuse(socket, reason).await,
        }
    })
}

/// Sends a connection away: an eleventh, or one while Socket Mode is off.
async fn refuse(mut socket: WebSocket, reason: &str) {
    let text = disconnect(reason);
    // It is being closed either way.
    let _ = socket.send(Message::text(text)).await;
    farewell(socket, true).await;
}

/// Closes a connection as both sides expect it, so that neither takes it for
/// broken. `first` says that the other side has not begun it.
async fn farewell(mut socket: WebSocket, first: bool) {
    if first {
        let frame = CloseFrame {
            code: 1000,
            reason: "".into(),
        };
        // The other side may be gone already, which ends the reading below.
        let _ = socket.send(Message::Close(Some(frame))).await;
    }
    // Reading on sends what is still to be sent, and ends with the other side's
    // own farewell.
    let rest = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = tokio::time::timeout(FAREWELL_WITHIN, rest).await;
}

/// One open connection.
struct Connection {
    slack: Slack,
    id: u64,
    socket: WebSocket,
    started: Timestamp,
    heard: Instant,
    /// When it ends, once that has been announced.
    ends: Option<Instant>,
}

/// Why a connection ended.
enum End {
    /// This side closes it.
    Closed,
    /// The other side closes it.
    Left,
    /// Without a word: the other side is gone, or it is cut.
    Broken,
}

impl Connection {
    fn new(slack: Slack, id: u64, socket: WebSocket) -> Self {
        Self {
            slack,
            id,
            socket,
            started: clock::now(),
            heard: Instant::now(),
            ends: None,
        }
    }

    async fn run(mut self, count: usize, mut inbox: mpsc::Receiver<Order>) {
        let end = self.serve(count, &mut inbox).await;
        self.slack.state().delivery.disconnected(self.id);
        match end {
            End::Closed => {
                // What counts as sent over it is sent before the farewell.
                while let Ok(order) = inbox.try_recv() {
                    if let Order::Deliver(parcel) = order {
                        let _ = self.send(Message::text(envelope(&parcel))).await;
                    }
                }
                farewell(self.socket, true).await;
            }
            End::Left => farewell(self.socket, false).await,
            End::Broken => {}
        }
    }

    async fn serve(&mut self, count: usize, inbox: &mut mpsc::Receiver<Order>) -> End {
        if self.send(Message::text(self.hello(count))).await.is_err() {
            return End::Broken;
        }
        // What waited for a connection goes out now, behind the hello.
        self.slack.nudge();
        let closing = self.slack.closing();
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pings.reset();
        loop {
            let ends = self.ends;
            let step = tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => Err(End::Closed),
                },
                message = self.socket.next() => self.hear(message),
                _ = pings.tick() => self.ping().await,
                () = reached(ends) => Err(End::Closed),
                () = closing.cancelled() => Err(End::Closed),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn obey(&mut self, order: Order) -> Result<(), End> {
        match order {
            Order::Deliver(parcel) => self.send(Message::text(envelope(&parcel))).await,
            Order::Disconnect { reason, after } => {
                self.ends = Some(Instant::now() + after);
                self.send(Message::text(disconnect(&reason))).await
            }
            Order::Cut => Err(End::Broken),
            Order::Send(Frame::Text(text)) => self.send(Message::text(text)).await,
            Order::Send(Frame::Binary(bytes)) => self.send(Message::binary(bytes)).await,
            Order::FallSilent(during) => self.fall_silent(during).await,
        }
    }

    /// Does nothing at all for so long: what comes is not read, and so pings are
    /// not answered.
    async fn fall_silent(&mut self, during: Duration) -> Result<(), End> {
        let closing = self.slack.closing();
        tokio::select! {
            () = tokio::time::sleep(during) => {}
            () = closing.cancelled() => return Err(End::Closed),
        }
        // The silence was this side's.
        self.heard = Instant::now();
        Ok(())
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        self.heard = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => self.acknowledge(&text),
            Some(Ok(Message::Close(_))) => return Err(End::Left),
            Some(Err(_)) | None => return Err(End::Broken),
            Some(Ok(_)) => {}
        }
        Ok(())
    }

    fn acknowledge(&self, text: &str) {
        let answer: Value = serde_json::from_str(text).unwrap_or_default();
        let Some(envelope_id) = answer["envelope_id"].as_str() else {
            tracing::warn!("the app sent something that is no acknowledgement");
            return;
        };
        let payload = answer["payload"].clone();
        let known = self
            .slack
            .state()
            .delivery
            .acknowledge(envelope_id, payload);
        if !known {
            tracing::warn!(envelope_id, "the app acknowledged an unknown envelope");
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.heard.elapsed() > SILENCE {
            return Err(End::Broken);
        }
        let hint = format!("Ping from {HOST}");
        self.send(Message::Ping(hint.into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let written = tokio::time::timeout(WRITE_WITHIN, self.socket.send(message)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Broken),
        }
    }

    fn hello(&self, count: usize) -> String {
        json!({
            "type": "hello",
            "num_connections": count,
            "connection_info": {"app_id": self.slack.state().app.app_id},
            "debug_info": {
                "host": HOST,
                "started": self.started.to_string(),
                "build_number": 1,
                "approximate_connection_time": 18_060,
            },
        })
        .to_string()
    }
}

fn disconnect(reason: &str) -> String {
    json!({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}).to_string()
}

fn envelope(parcel: &Parcel) -> String {
    let mut envelope = json!({
        "envelope_id": parcel.envelope_id,
        "type": parcel.kind,
        "payload": *parcel.payload,
        "accepts_response_payload": parcel.payload["type"] == "view_submission",
    });
    if parcel.kind == delivery::Kind::EventsApi {
        envelope["retry_attempt"] = json!(parcel.retry);
        envelope["retry_reason"] = json!(parcel.reason);
    }
    envelope.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_works_once_and_for_half_a_minute() {
        let mut tickets = Tickets::default();
        let now = Instant::now();
        let ticket = tickets.give(now);
        assert!(tickets.take(&ticket, now));
        assert!(!tickets.take(&ticket, now));
        let ticket = tickets.give(now);
        assert!(!tickets.take(&ticket, now + TICKET_LIFETIME));
        assert!(!tickets.take("another", now));
    }
}
