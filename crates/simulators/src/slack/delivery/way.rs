//! The ways to the app: its open connections in Socket Mode, or its request
//! URLs. One of the two is in use, and all of one kind take turns, as they do
//! where several processes of an app share its events.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::parcel::{Kind, Order, Parcel, Posting};

/// How many connections may share the app's events.
const CONNECTIONS: usize = 10;

/// Where Slack sends events and interactions over HTTP. Of several addresses
/// each gets what comes next in turn, as behind a load balancer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestUrls {
    /// Where events go, `http://127.0.0.1:8082/slack/events`.
    #[serde(default)]
    pub events: Vec<String>,
    /// Where interactions go; nowhere when there is none, as for an app without
    /// interactivity.
    #[serde(default)]
    pub interactivity: Vec<String>,
}

/// What leads to the app.
#[derive(Debug, Default)]
pub(super) struct Ways {
    connections: Vec<Connection>,
    next_connection: u64,
    turn: usize,
    urls: Option<Urls>,
    outgoing: Vec<Posting>,
}

#[derive(Debug)]
struct Connection {
    id: u64,
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
struct Urls {
    given: RequestUrls,
    event_turn: usize,
    interaction_turn: usize,
}

/// What became of a parcel that was to go out.
pub(super) enum Taken {
    /// It is on its way, over this connection or to this address.
    By(String),
    /// Every connection has too much to do.
    Crowded,
    /// Nothing leads to the app.
    NoWay,
}

impl Ways {
    /// Takes a new connection in: its number, and how many there are now. The
    /// error is the reason with which Slack sends it away.
    pub(super) fn connect(
        &mut self,
        orders: mpsc::Sender<Order>,
    ) -> Result<(u64, usize), &'static str> {
        self.forget_closed();
        if self.urls.is_some() {
            return Err("link_disabled");
        }
        if self.connections.len() >= CONNECTIONS {
            return Err("too_many_websockets");
        }
        let id = self.next_connection;
        self.next_connection += 1;
        self.connections.push(Connection { id, orders });
        Ok((id, self.connections.len()))
    }

    pub(super) fn disconnected(&mut self, id: u64) {
        self.connections.retain(|connection| connection.id != id);
    }

    pub(super) fn connection_count(&self) -> usize {
        self.connections.len()
    }

    /// Gives an order to all connections; tells how many took it.
    pub(super) fn order_all(&self, order: impl Fn() -> Order) -> usize {
        let taken = self
            .connections
            .iter()
            .filter(|connection| connection.orders.try_send(order()).is_ok());
        taken.count()
    }

    pub(super) fn urls(&self) -> Option<&RequestUrls> {
        self.urls.as_ref().map(|urls| &urls.given)
    }

    pub(super) fn set_urls(&mut self, urls: Option<RequestUrls>) {
        self.urls = urls.map(|given| Urls {
            given,
            event_turn: 0,
            interaction_turn: 0,
        });
    }

    /// What is to be sent over HTTP now.
    pub(super) fn take_outgoing(&mut self) -> Vec<Posting> {
        std::mem::take(&mut self.outgoing)
    }

    /// How Slack calls it when nothing came back in time.
    pub(super) fn silence(&self) -> &'static str {
        if self.urls.is_some() {
            "http_timeout"
        } else {
            "timeout"
        }
    }

    /// Sends a parcel on the way whose turn it is, or to an address of choice.
    pub(super) fn take(&mut self, parcel: &Parcel, to: Option<&str>) -> Taken {
        match &mut self.urls {
            Some(urls) => match urls.next(parcel.kind, to) {
                Some(url) => {
                    self.outgoing.push(Posting {
                        url: url.clone(),
                        parcel: parcel.clone(),
                    });
                    Taken::By(url)
                }
                None => Taken::NoWay,
            },
            None => self.take_by_connection(parcel),
        }
    }

    fn take_by_connection(&mut self, parcel: &Parcel) -> Taken {
        self.forget_closed();
        let count = self.connections.len();
        if count == 0 {
            return Taken::NoWay;
        }
        for offset in 0..count {
            let connection = &self.connections[(self.turn + offset) % count];
            let order = Order::Deliver(parcel.clone());
            if connection.orders.try_send(order).is_ok() {
                let way = format!("connection {}", connection.id);
                self.turn = (self.turn + offset + 1) % count;
                return Taken::By(way);
            }
        }
        Taken::Crowded
    }

    fn forget_closed(&mut self) {
        self.connections
            .retain(|connection| !connection.orders.is_closed());
    }
}

impl Urls {
    fn next(&mut self, kind: Kind, to: Option<&str>) -> Option<String> {
        let (urls, turn) = match kind {
            Kind::EventsApi => (&self.given.events, &mut self.event_turn),
            Kind::Interactive => (&self.given.interactivity, &mut self.interaction_turn),
        };
        if let Some(to) = to {
            return urls.iter().find(|url| *url == to).cloned();
        }
        let url = urls.get(*turn % urls.len().max(1))?.clone();
        *turn += 1;
        Some(url)
    }
}
