//! Connections end while people talk: announced, as Slack does every few hours,
//! and cut without a word. Each time all connections end at once.
//!
//! Whatever was on its way over one that is cut Slack delivers again when it has
//! not been acknowledged for 3 seconds: no bot can be faster.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    answers::Answers,
    bots::{Make, Transport},
    script,
    spread::{Spread, spread},
    stage::{Size, Stage},
    talk::{self, Talk},
};

/// Events a second.
const RATE: u32 = 50;
/// How a connection ends, and how long after that was announced.
const ENDS: [(&str, Duration); 3] = [
    ("warning", Duration::from_secs(10)),
    ("refresh_requested", Duration::from_secs(1)),
    ("drop", Duration::ZERO),
];
/// How often each.
const ROUNDS: usize = 2;
/// Between them, so that the connections that end are not young: of those that
/// live shorter than half a minute deploybot takes it that something is wrong.
const APART: Duration = Duration::from_secs(35);
/// How long an end may be felt after it.
const FELT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

/// What reconnecting did.
pub(crate) struct Reconnects {
    pub(crate) events: usize,
    /// Of all events.
    pub(crate) acknowledged: Spread,
    pub(crate) unacknowledged: usize,
    pub(crate) answers: Answers,
    /// For each way to end: by how much the slowest acknowledgement around it was
    /// slower than that of half of all events, in milliseconds, and how many
    /// events Slack delivered again.
    pub(crate) added: Vec<(&'static str, f64, usize)>,
    pub(crate) memory: u64,
}

/// When connections ended, from the announcement to when it is over.
struct End {
    how: &'static str,
    from: Timestamp,
    to: Timestamp,
}

pub(crate) async fn measure(scale: f64) -> Reconnects {
    let size = Size {
        people: 250,
        channels: 250,
        beat: Duration::from_millis(500),
    };
    let stage = Stage::set(Make::Ours, Transport::Socket, size).await;
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
    let added = ENDS.map(|(how, _)| {
        let (slowest, again) = around(&talk, ends.iter().filter(|end| end.how == how));
        (how, slowest - acknowledged.p50, again)
    });
    let memory = stage.bot.peak_memory();
    stage.strike().await;
    Reconnects {
        events: talk.events.len(),
        acknowledged,
        unacknowledged: talk.events.len() - times.len(),
        answers,
        added: added.to_vec(),
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
        ends.push(End {
            how,
            from: from - FELT,
            to: from + after + FELT,
        });
    }
    ends
}

/// The slowest acknowledgement around some ends, and how many events were
/// delivered more than once.
fn around<'a>(talk: &Talk, ends: impl Iterator<Item = &'a End>) -> (f64, usize) {
    let (mut slowest, mut again) = (0.0, 0);
    for end in ends {
        let events = talk.events.iter();
        for event in events.filter(|it| end.from <= it.due && it.due <= end.to) {
            // What was never acknowledged is counted as such.
            slowest = event.acknowledged_after().unwrap_or_default().max(slowest);
            again += usize::from(event.delivery.attempts > 1);
        }
    }
    (slowest, again)
}
