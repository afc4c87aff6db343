//! How events and interactions reach the app: each goes to one open connection
//! or to one request URL, and one that the app does not acknowledge in time is
//! sent again.
//!
//! What is decided here is pure but for the channels that lead to the
//! connections; the time is a parameter. What goes over HTTP is only laid out
//! here, to be sent by others.

mod parcel;
#[cfg(test)]
mod tests;
mod way;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

pub(super) use self::parcel::{Failure, Kind, Order, Parcel, Posting};
pub use self::parcel::{Frame, Record, Timing};
pub use self::way::RequestUrls;
use self::way::{Taken, Ways};
use crate::clock;

/// How many deliveries are remembered; also how many may wait for a connection.
const REMEMBERED: usize = 10_000;

/// How long a full connection is left alone.
const CROWDED: Duration = Duration::from_millis(50);

/// The deliveries and the ways that they go.
#[derive(Debug)]
pub(super) struct Delivery {
    timing: Timing,
    ways: Ways,
    items: BTreeMap<u64, Item>,
    next_item: u64,
    open: BTreeSet<u64>,
    envelopes: HashMap<String, u64>,
    /// Tells the worker that there is a new time to wake at.
    wake: Arc<Notify>,
}

#[derive(Debug)]
struct Item {
    record: Record,
    payload: Arc<Value>,
    step: Step,
    envelope_ids: Vec<String>,
    answer: Option<oneshot::Sender<Value>>,
    /// The number of the attempt, 0 for the first.
    retry: u32,
    /// Why the attempt before failed.
    reason: &'static str,
    /// When nobody waits for it any more; an event waits as long as it takes.
    deadline: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Waiting { due: Instant },
    Sent { until: Instant },
    Done,
}

impl Delivery {
    pub(super) fn new(timing: Timing, wake: Arc<Notify>) -> Self {
        Self {
            timing,
            ways: Ways::default(),
            items: BTreeMap::new(),
            next_item: 0,
            open: BTreeSet::new(),
            envelopes: HashMap::new(),
            wake,
        }
    }

    /// Sends an event, now or when there is a connection.
    pub(super) fn send_event(&mut self, event_id: String, payload: Value, now: Instant) {
        let event_type = text_at(&payload["event"], "type");
        self.add(event_id, Kind::EventsApi, event_type, payload, None, now);
    }

    /// Sends an interaction and gives what the app answers, once it does. The
    /// answer fails when the app takes too long.
    pub(super) fn send_interaction(
        &mut self,
        id: String,
        payload: Value,
        now: Instant,
    ) -> oneshot::Receiver<Value> {
        let (answer, receiver) = oneshot::channel();
        let event_type = text_at(&payload, "type");
        self.add(
            id,
            Kind::Interactive,
            event_type,
            payload,
            Some(answer),
            now,
        );
        receiver
    }

    fn add(
        &mut self,
        event_id: String,
        kind: Kind,
        event_type: String,
        payload: Value,
        answer: Option<oneshot::Sender<Value>>,
        now: Instant,
    ) {
        let number = self.next_item;
        self.next_item += 1;
        let record = Record {
            event_id,
            kind,
            event_type,
            created_at: clock::now(),
            sent_at: None,
            acked_at: None,
            attempts: 0,
            ways: Vec::new(),
            last_failure: None,
            state: "waiting",
        };
        let item = Item {
            record,
            payload: Arc::new(payload),
            step: Step::Waiting { due: now },
            envelope_ids: Vec::new(),
            answer,
            retry: 0,
            reason: "",
            deadline: (kind == Kind::Interactive).then(|| now + self.timing.acknowledge_within),
        };
        self.items.insert(number, item);
        self.open.insert(number);
        self.forget();
        self.advance(number, now);
        self.wake.notify_one();
    }

    /// Forgets the oldest deliveries when there are too many.
    fn forget(&mut self) {
        while self.items.len() > REMEMBERED {
            let Some((number, item)) = self.items.pop_first() else {
                return;
            };
            if self.open.remove(&number) {
                let event_id = &item.record.event_id;
                tracing::warn!(event_id, "an event found no taker and is forgotten");
            }
            for envelope_id in item.envelope_ids {
                self.envelopes.remove(&envelope_id);
            }
        }
    }

    /// Takes a new connection in: its number, and how many there are now. The
    /// error is the reason with which Slack sends it away.
    pub(super) fn connect(
        &mut self,
        orders: mpsc::Sender<Order>,
    ) -> Result<(u64, usize), &'static str> {
        self.ways.connect(orders)
    }

    pub(super) fn disconnected(&mut self, id: u64) {
        self.ways.disconnected(id);
    }

    pub(super) fn connection_count(&self) -> usize {
        self.ways.connection_count()
    }

    /// Gives an order to all connections; tells how many took it.
    pub(super) fn order_all(&self, order: impl Fn() -> Order) -> usize {
        self.ways.order_all(order)
    }

    /// Where events go over HTTP; none in Socket Mode.
    pub(super) fn urls(&self) -> Option<&RequestUrls> {
        self.ways.urls()
    }

    /// Sends over HTTP from now on, or by connections again. Those that are open
    /// are told that Socket Mode was switched off.
    pub(super) fn set_urls(&mut self, urls: Option<RequestUrls>) {
        if urls.is_some() {
            self.order_all(|| Order::Disconnect {
                reason: "link_disabled".to_owned(),
                after: Duration::ZERO,
            });
        }
        self.ways.set_urls(urls);
        self.wake.notify_one();
    }

    /// What is to be sent over HTTP now.
    pub(super) fn take_outgoing(&mut self) -> Vec<Posting> {
        self.ways.take_outgoing()
    }

    /// The app has acknowledged an envelope. False when nobody knows it.
    pub(super) fn acknowledge(&mut self, envelope_id: &str, answer: Value) -> bool {
        let Some(number) = self.envelopes.get(envelope_id).copied() else {
            return false;
        };
        let Some(item) = self.items.get_mut(&number) else {
            return false;
        };
        // The first acknowledgement is the one whose time counts.
        item.record.acked_at.get_or_insert_with(clock::now);
        item.record.state = "acknowledged";
        item.step = Step::Done;
        if let Some(waiting) = item.answer.take() {
            // The person may have gone away; then nobody waits.
            let _ = waiting.send(answer);
        }
        self.open.remove(&number);
        true
    }

    /// Does all that is due and tells when there will be more to do.
    pub(super) fn pump(&mut self, now: Instant) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        for number in self.open.iter().copied().collect::<Vec<_>>() {
            let step = self.advance(number, now);
            let deadline = self.items.get(&number).and_then(|item| item.deadline);
            let due = match step {
                Step::Waiting { due } if due > now => Some(due),
                // It waits for a way to the app; who opens one pumps again.
                Step::Waiting { .. } => deadline,
                Step::Sent { until } => Some(until),
                Step::Done => None,
            };
            next = [next, due].into_iter().flatten().min();
        }
        next
    }

    /// Brings one delivery as far as it goes now.
    fn advance(&mut self, number: u64, now: Instant) -> Step {
        let Some(item) = self.items.get_mut(&number) else {
            return Step::Done;
        };
        if let Step::Sent { until } = item.step
            && until <= now
        {
            item.step = after_failure(item, self.ways.silence(), &self.timing, now);
        }
        let too_late = item.deadline.is_some_and(|deadline| deadline <= now);
        if item.step == Step::Done || too_late {
            item.step = Step::Done;
            let acknowledged = item.record.acked_at.is_some();
            item.record.state = if acknowledged {
                "acknowledged"
            } else {
                "given_up"
            };
            item.answer = None;
            self.open.remove(&number);
            return Step::Done;
        }
        match item.step {
            Step::Waiting { due } if due <= now => self.hand_over(number, None, now),
            step => step,
        }
    }

    /// Sends a delivery on the way whose turn it is, or to an address of choice.
    fn hand_over(&mut self, number: u64, to: Option<&str>, now: Instant) -> Step {
        let Some(item) = self.items.get_mut(&number) else {
            return Step::Done;
        };
        let parcel = Parcel {
            envelope_id: uuid::Uuid::new_v4().to_string(),
            kind: item.record.kind,
            payload: Arc::clone(&item.payload),
            retry: item.retry,
            reason: item.reason,
        };
        match self.ways.take(&parcel, to) {
            Taken::By(way) => {
                item.record.attempts += 1;
                item.record.ways.push(way);
                item.record.sent_at.get_or_insert_with(clock::now);
                item.record.state = "sent";
                self.envelopes.insert(parcel.envelope_id.clone(), number);
                item.envelope_ids.push(parcel.envelope_id);
                item.step = Step::Sent {
                    until: now + self.timing.acknowledge_within,
                };
            }
            Taken::Crowded => item.step = Step::Waiting { due: now + CROWDED },
            Taken::NoWay => {}
        }
        item.step
    }

    /// An attempt over HTTP has failed. One that others have followed already
    /// decides nothing any more.
    pub(super) fn failed(&mut self, envelope_id: &str, failure: Failure, now: Instant) {
        let Some(number) = self.envelopes.get(envelope_id).copied() else {
            return;
        };
        let Some(item) = self.items.get_mut(&number) else {
            return;
        };
        let is_newest = item.envelope_ids.last().is_some_and(|id| id == envelope_id);
        if !is_newest || !matches!(item.step, Step::Sent { .. }) {
            return;
        }
        item.step = after_failure(item, failure.reason, &self.timing, now);
        if failure.no_retry {
            item.step = Step::Done;
        }
        self.advance(number, now);
        self.wake.notify_one();
    }

    /// Sends an event again although it may have been acknowledged, so many
    /// times at once, in turn or to one address. False when nobody knows it, or
    /// events do not go to that address.
    pub(super) fn redeliver(
        &mut self,
        event_id: &str,
        times: u32,
        to: Option<&str>,
        now: Instant,
    ) -> bool {
        let leads = |to: &str| {
            let mut urls = self.urls().into_iter().flat_map(|urls| &urls.events);
            urls.any(|url| url == to)
        };
        if to.is_some_and(|to| !leads(to)) {
            return false;
        }
        let silence = self.ways.silence();
        let found = self.items.iter_mut().rev().find(|(_, item)| {
            item.record.event_id == event_id && item.record.kind == Kind::EventsApi
        });
        let Some((&number, item)) = found else {
            return false;
        };
        if item.retry == 0 {
            (item.retry, item.reason) = (1, silence);
        }
        for _ in 0..times {
            self.hand_over(number, to, now);
        }
        self.open.insert(number);
        self.wake.notify_one();
        true
    }

    /// What became of each delivery, oldest first.
    pub(super) fn records(&self) -> Vec<Record> {
        self.items
            .values()
            .map(|item| item.record.clone())
            .collect()
    }

    /// Forgets the deliveries that are over.
    pub(super) fn forget_finished(&mut self) {
        let open = &self.open;
        self.items.retain(|number, _| open.contains(number));
        let items = &self.items;
        self.envelopes
            .retain(|_, number| items.contains_key(number));
    }
}

/// What follows when an attempt failed, or was not acknowledged in time.
fn after_failure(item: &mut Item, reason: &'static str, timing: &Timing, now: Instant) -> Step {
    item.record.last_failure = Some(reason);
    if item.record.acked_at.is_some() || item.record.kind == Kind::Interactive {
        return Step::Done;
    }
    let wait = timing.repeat_after.get(item.retry as usize).copied();
    item.retry += 1;
    item.reason = reason;
    wait.map_or(Step::Done, |wait| Step::Waiting { due: now + wait })
}

fn text_at(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
