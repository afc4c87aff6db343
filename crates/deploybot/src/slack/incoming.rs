//! What Slack delivers, whichever way it came: over a connection that the bot
//! opened, or as a request of Slack.
//!
//! Every event is handled in a task of its own and acknowledged when its handler
//! says so; what is never acknowledged, Slack delivers again. A connection or
//! request that goes away ends no work.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use serde_json::Value;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    time::timeout,
};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::{
    blocks,
    client::Identity,
    event::{self, Event, Kind},
    order::Order,
};
use crate::{config::Timing, view::block::Modal};

/// How many events are taken in and not acknowledged yet, as long as Slack waits for
/// that. Over a connection more of them wait in it; over HTTP Slack is told to
/// deliver them again.
const MOST_UNACKNOWLEDGED: usize = 256;

/// How many are in work, acknowledged or not. What asks for a deployment is so for
/// minutes while the deploy service is away, and nothing else is to wait for it.
pub(super) const MOST_IN_WORK: usize = 500;

/// Something that happened, and the right to acknowledge it.
pub(crate) struct Incoming {
    pub(crate) event: Event,
    /// How often Slack has tried to deliver it before.
    pub(crate) retry: u32,
    pub(crate) acknowledgement: Acknowledgement,
}

/// The right to acknowledge one delivery. Dropped, Slack delivers it again.
pub(crate) struct Acknowledgement {
    way: Way,
    room: Unacknowledged,
}

/// Back the way it came.
enum Way {
    Connection {
        envelope: String,
        connection: mpsc::Sender<Acknowledged>,
    },
    Request(oneshot::Sender<Option<Value>>),
}

/// An envelope that is dealt with.
pub(super) struct Acknowledged {
    pub(super) envelope: String,
    /// What Slack is answered besides.
    pub(super) payload: Option<Value>,
    /// Taken until it is written.
    _room: Unacknowledged,
}

impl Acknowledgement {
    /// Of an envelope, over the connection that brought it.
    pub(super) fn of_envelope(
        envelope: &str,
        connection: mpsc::Sender<Acknowledged>,
        room: &Room,
    ) -> Self {
        let way = Way::Connection {
            envelope: envelope.to_owned(),
            connection,
        };
        let room = room.unacknowledged.clone();
        Self { way, room }
    }

    /// Of a request, which waits for it: for what Slack is answered besides.
    pub(super) fn of_request(room: &Room) -> (Self, oneshot::Receiver<Option<Value>>) {
        let (request, acknowledged) = oneshot::channel();
        let way = Way::Request(request);
        let room = room.unacknowledged.clone();
        (Self { way, room }, acknowledged)
    }

    /// Tells Slack that the event is dealt with.
    pub(crate) fn give(self) {
        self.send(None);
    }

    /// Keeps a submitted modal open, with a sentence under one of its fields, which
    /// has to be one that it has now.
    pub(crate) fn refuse_submission(self, field: &str, sentence: &str) {
        let refusal = serde_json::json!({
            "response_action": "errors",
            "errors": { field: sentence },
        });
        self.send(Some(refusal));
    }

    /// Keeps a submitted modal open, with another in its place.
    pub(crate) fn replace_submitted(self, modal: &Modal) {
        let replacing = serde_json::json!({
            "response_action": "update",
            "view": blocks::modal(modal),
        });
        self.send(Some(replacing));
    }

    /// Where it arrives too late, Slack delivers the event once more: a request was
    /// answered already. A connection takes as many as there is room for, also after
    /// its end.
    fn send(self, payload: Option<Value>) {
        let Self { way, room } = self;
        let arrived = match way {
            Way::Connection {
                envelope,
                connection,
            } => connection
                .try_send(Acknowledged {
                    envelope,
                    payload,
                    _room: room,
                })
                .is_ok(),
            Way::Request(request) => request.send(payload).is_ok(),
        };
        if !arrived {
            tracing::debug!("acknowledged after the connection or request that brought it");
        }
    }
}

/// Takes events in.
pub(crate) struct Intake {
    me: Identity,
    order: Order,
    handler: Handler,
    /// How long Slack waits for an acknowledgement.
    patience: Duration,
    tasks: TaskTracker,
    unacknowledged: Arc<Semaphore>,
    in_work: Arc<Semaphore>,
}

type Handler = Box<dyn Fn(Incoming) -> BoxFuture<'static, ()> + Send + Sync>;

/// Room for one event.
pub(super) struct Room {
    unacknowledged: Unacknowledged,
    /// Taken until it is dealt with.
    in_work: OwnedSemaphorePermit,
}

/// Room for one event that is not acknowledged yet, until it is, or nobody waits
/// for that any more.
#[derive(Clone)]
struct Unacknowledged(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Unacknowledged {
    fn give_back(&self) {
        let room = self.0.lock();
        room.expect("nothing panics while it holds the room").take();
    }
}

impl Drop for Unacknowledged {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl Intake {
    /// Hands over what people do to `handler`, each in one of `tasks`.
    pub(crate) fn new<F>(
        me: Identity,
        order: Order,
        timing: &Timing,
        tasks: TaskTracker,
        handler: impl Fn(Incoming) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            me,
            order,
            handler: Box::new(move |incoming| handler(incoming).boxed()),
            patience: timing.acknowledged_within,
            tasks,
            unacknowledged: Arc::new(Semaphore::new(MOST_UNACKNOWLEDGED)),
            in_work: Arc::new(Semaphore::new(MOST_IN_WORK)),
        }
    }

    /// Waits until there is room for one more event.
    pub(super) async fn room(&self) -> Room {
        let one = |room: &Arc<Semaphore>| Arc::clone(room).acquire_owned();
        Room::of(
            one(&self.unacknowledged).await.expect("nobody closes it"),
            one(&self.in_work).await.expect("nobody closes it"),
        )
    }

    /// Room for one more event, if there is any now.
    pub(super) fn room_now(&self) -> Option<Room> {
        let one = |room: &Arc<Semaphore>| Arc::clone(room).try_acquire_owned().ok();
        Some(Room::of(one(&self.unacknowledged)?, one(&self.in_work)?))
    }

    /// Begins to deal with an event; acknowledges at once what asks for nothing.
    pub(super) fn take(
        &self,
        kind: Kind,
        payload: &str,
        retry: u32,
        acknowledgement: Acknowledgement,
        room: Room,
    ) {
        let event = match event::read(kind, payload, &self.me) {
            Ok(Some(event)) => event,
            Ok(None) => return acknowledgement.give(),
            Err(error) => {
                // It would be no better the next time.
                tracing::error!(?kind, retry, %error, "an event can't be read; skipped");
                return acknowledgement.give();
            }
        };
        let delivery = event.delivery().map(tracing::field::display);
        let span = tracing::info_span!("event", ?kind, delivery, retry);
        let asked = self.order.asked(&event);
        let mut handled = (self.handler)(Incoming {
            event,
            retry,
            acknowledgement,
        });
        let patience = self.patience;
        let dealing = async move {
            if timeout(patience, &mut handled).await.is_err() {
                room.unacknowledged.give_back();
                handled.await;
            }
            drop((asked, room.in_work));
        };
        self.tasks.spawn(dealing.instrument(span));
    }
}

impl Room {
    fn of(unacknowledged: OwnedSemaphorePermit, in_work: OwnedSemaphorePermit) -> Self {
        Self {
            unacknowledged: Unacknowledged(Arc::new(Mutex::new(Some(unacknowledged)))),
            in_work,
        }
    }
}
