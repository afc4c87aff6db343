//! Connections end while people talk: announced, as Slack does every few hours,
//! and cut without a word. Each time all connections end at once.
//!
//! What an end *adds* is by how much the slowest acknowledgement around it was slower
//! than the slowest of the calm right before it, in a window of the same length.
//!
//! Whatever was on its way over one that is cut Slack delivers again when it has
//! not been acknowledged for 3 seconds: no bot can be faster. It is counted, and has
//! no part in what the end adds.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    answers::Answers,
    bots::{Make, Store, Transport},
    script,
    spread::{Spread, spread},
    stage::{Size, Stage},
    talk::{self, Event, Talk},
};

/// Events a second.
const RATE: u32 = 50;
/// How a connection ends, and how long after that was announced.
const ENDS: [(&str, Duration); 3] = [
    ("warning", Duration::from_secs(10)),
    ("refresh_requested", Duration::from_secs(1)),
    (CUT, Duration::ZERO),
];
/// The one that nobody announces.
pub(crate) const CUT: &str = "drop";
/// How often each.
const ROUNDS: usize = 2;
/// Between them, so that there is a calm before each, and the connections that end
/// are not young: of those that live shorter than half a minute deploybot takes it
/// that something is wrong.
const APART: Duration = Duration::from_secs(35);
/// How long an end may be felt before it and after it.
const FELT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

/// What reconnecting did.
pub(crate) struct Reconnects {
    pub(crate) events: usize,
    /// Of all events.
    pub(crate) acknowledged: Spread,
    pub(crate) unacknowledged: usize,
    pub(crate) answers: Answers,
    /// For each way to end.
    pub(crate) added: Vec<Added>,
    pub(crate) memory: u64,
}

/// What one way to end added, in milliseconds: of its rounds the one that added
/// most.
pub(crate) struct Added {
    pub(crate) how: &'static str,
    pub(crate) adds: f64,
    /// The slowest acknowledgements around the end, and in the calm before it.
    pub(crate) around: f64,
    pub(crate) calm: f64,
    /// How many events Slack delivered again, of all rounds.
    pub(crate) delivered_again: usize,
}

/// When connections ended, from before the announcement to when it is over, and
/// since when it had been calm.
struct End {
    how: &'static str,
    calm_from: Timestamp,
    from: Timestamp,
    to: Timestamp,
}

pub(crate) async fn measure(scale: f64) -> Reconnects {
    let size = Size {
        people: 250,
        channels: 250,
        beat: Duration::from_millis(500),
    };
    let stage = Stage::set(Make::Ours, Transport::Socket, Store::Sqlite, size).await;
    crate::warm(&stage).await;
    // In a rehearsal each once: sooner after one another they would be felt more.
    let rounds = if scale < 1.0 { 1 } else { ROUNDS };
    let number = u32::try_from(ENDS.len() * rounds).expect("they are few");
    let during = APART * (number + 1);
    let script = script::steady(&stage.targets, RATE, during, size.people, size.channels, 2);
    let (talk, ends) = tokio::join!(talk::hold(&stage, &script), end_all(&stage, rounds));
    let answers = Answers::to(&stage, &talk, PATIENCE).await;
    let times: Vec<f64> = talk
        .events
        .iter()
        .filter_map(|it| it.acknowledged_after())
        .collect();
    let acknowledged = spread(&times);
    let added = ENDS.map(|(how, _)| added(&talk, how, &ends));
    let memory = stage.bot.peak_memory();
    stage.strike().await;
    Reconnects {
        events: talk.events.len(),
        acknowledged,
        unacknowledged: talk.events.len() - times.len(),
        answers,
        added: added.into(),
        memory,
    }
}

/// Ends all connections, in each way in turn.
async fn end_all(stage: &Stage, rounds: usize) -> Vec<End> {
    let mut ends = Vec::new();
    let mut next = Instant::now();
    for (how, after) in ENDS.iter().copied().cycle().take(ENDS.len() * rounds) {
        next += APART;
        tokio::time::sleep_until(next).await;
        let from = talk::now();
        let wanted = json!({"reason": how, "close_after_ms": after.as_millis() as u64});
        let told = stage.http.send("POST", "control/disconnect", &wanted).await;
        assert_ne!(told["connections"], 0, "there is a connection to end");
        let (from, to) = (from - FELT, from + after + FELT);
        ends.push(End {
            how,
            calm_from: from - (FELT + after + FELT),
            from,
            to,
        });
    }
    ends
}

/// What the ends of one kind added.
fn added(talk: &Talk, how: &'static str, ends: &[End]) -> Added {
    let ends = ends.iter().filter(|end| end.how == how);
    let mut most = Added {
        how,
        adds: f64::NEG_INFINITY,
        around: 0.0,
        calm: 0.0,
        delivered_again: 0,
    };
    for end in ends {
        let (calm, around) = (
            due(talk, end.calm_from, end.from),
            due(talk, end.from, end.to),
        );
        let again = around.iter().filter(|it| it.delivery.attempts > 1);
        most.delivered_again += again.count();
        let (calm, around) = (slowest(how, &calm), slowest(how, &around));
        if around - calm > most.adds {
            (most.adds, most.around, most.calm) = (around - calm, around, calm);
        }
    }
    most
}

/// The events of some time.
fn due(talk: &Talk, from: Timestamp, to: Timestamp) -> Vec<&Event> {
    let events = talk.events.iter();
    events.filter(|it| from <= it.due && it.due < to).collect()
}

/// The slowest acknowledgement; where connections are cut, of what Slack delivered
/// once.
fn slowest(how: &str, events: &[&Event]) -> f64 {
    let counts = |it: &&&Event| how != CUT || it.delivery.attempts == 1;
    // What was never acknowledged is counted as such.
    let times = events.iter().filter(counts);
    let times = times.filter_map(|it| it.acknowledged_after());
    times.fold(0.0, f64::max)
}
