//! People ask, each at their moment, whether or not those before have been
//! answered; and what Slack says about the delivery of each event.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use simulators::slack::Record;
use tokio::{task::JoinSet, time::Instant};

use crate::{script::Ask, stage::Stage};

/// How long the last events may take to be acknowledged: Slack delivers them
/// again within that time.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often deliveries are read while people talk: Slack remembers the newest
/// 10,000.
const READ_EVERY: Duration = Duration::from_secs(60);

/// What was asked, in the order in which it was.
pub(crate) struct Talk {
    pub(crate) events: Vec<Event>,
}

/// One event.
pub(crate) struct Event {
    pub(crate) ask: Ask,
    /// By the wall clock.
    pub(crate) due: Timestamp,
    /// The message that asks.
    pub(crate) ts: String,
    pub(crate) delivery: Record,
}

impl Event {
    /// From when it was due to its acknowledgement, in milliseconds; none without
    /// one.
    pub(crate) fn acknowledged_after(&self) -> Option<f64> {
        let acknowledged = self.delivery.acked_at?;
        Some(acknowledged.duration_since(self.due).as_secs_f64() * 1000.0)
    }
}

/// Lets people talk as the script says. What is measured of an event begins when
/// it was due: waiting to be sent counts.
pub(crate) async fn hold(stage: &Stage, script: &[Ask]) -> Talk {
    let before = newest_event(stage);
    stage.forget_deliveries().await;
    let (start, since) = (Instant::now() + Duration::from_millis(100), now());
    let since = since + Duration::from_millis(100);
    let mut deliveries = BTreeMap::new();
    let asking = ask_all(stage, script, start, since);
    let reading = async {
        loop {
            tokio::time::sleep(READ_EVERY).await;
            read(stage, &before, &mut deliveries);
        }
    };
    let mut asked = tokio::select! {
        asked = asking => asked,
        () = reading => unreachable!("it has no end"),
    };
    let end = Instant::now() + PATIENCE;
    loop {
        read(stage, &before, &mut deliveries);
        let all = deliveries.len() == script.len();
        if all && deliveries.values().all(|it| it.acked_at.is_some()) || Instant::now() > end {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // Slack numbers messages and events in the same order.
    asked.sort_by(|(_, _, one), (_, _, other)| one.cmp(other));
    assert_eq!(asked.len(), deliveries.len(), "a mention is one event");
    let events = asked.into_iter().zip(deliveries.into_values());
    let events = events.map(|((ask, due, ts), delivery)| Event {
        ask,
        due,
        ts,
        delivery,
    });
    Talk {
        events: events.collect(),
    }
}

fn read(stage: &Stage, before: &str, deliveries: &mut BTreeMap<String, Record>) {
    let mentions = mentions_after(stage, before).into_iter();
    deliveries.extend(mentions.map(|it| (it.event_id.clone(), it)));
}

/// All of the script; each with when it was due and its message.
async fn ask_all(
    stage: &Stage,
    script: &[Ask],
    start: Instant,
    since: Timestamp,
) -> Vec<(Ask, Timestamp, String)> {
    let mut asked = Vec::with_capacity(script.len());
    let mut asking = JoinSet::new();
    for ask in script {
        let due = start + ask.at;
        if Instant::now() < due {
            tokio::time::sleep_until(due).await;
        }
        let (ask, due) = (ask.clone(), since + ask.at);
        let saying = stage.says(ask.person, ask.channel, &ask.text);
        asking.spawn(async move { (ask, due, saying.await) });
        while let Some(one) = asking.try_join_next() {
            asked.push(one.expect("nobody panics"));
        }
    }
    while let Some(one) = asking.join_next().await {
        asked.push(one.expect("nobody panics"));
    }
    asked
}

/// The newest event that Slack remembers, by its id; of two events the later one
/// has the greater id.
pub(crate) fn newest_event(stage: &Stage) -> String {
    let deliveries = stage.slack.deliveries();
    deliveries
        .into_iter()
        .map(|it| it.event_id)
        .max()
        .unwrap_or_default()
}

/// The mentions after an event.
pub(crate) fn mentions_after(stage: &Stage, event: &str) -> Vec<Record> {
    let deliveries = stage.slack.deliveries().into_iter();
    deliveries
        .filter(|it| it.event_type == "app_mention" && it.event_id.as_str() > event)
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "Slack tells by the wall clock when an event was acknowledged"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
