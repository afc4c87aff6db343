//! What was measured against its bounds: as tables for people and as JSON.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::{
    answers::Answers,
    bots::{Make, Store, Transport},
    reconnect::{self, Added, Reconnects},
    spread::Spread,
};

/// From when an event was due to its acknowledgement, 99 of 100.
const ACKNOWLEDGED_MS: f64 = 50.0;
/// What a reconnect may add to an acknowledgement.
const RECONNECT_MS: f64 = 100.0;
/// The most memory that the bot may ever hold, in bytes.
const MEMORY: u64 = 30_000_000;
/// How many warnings are shown.
const WARNINGS: usize = 5;
/// What the columns mean, and what is not alike.
const LEGEND: &str = "\
acknowledged: from when the event was due. deploybot acknowledges a read after its reply or after
  2 s, whichever is first, and a deploy when it is journalled; the bots written the usual way
  acknowledge before they work, as their libraries do by themselves, and what they do then may fail
in: where deploy keeps its journal. again: Slack sent it once more after 3 s
order: answers that stand in their channel before one to what anybody asked there a second earlier
  or more; own: before one to what the same person asked there earlier, by however little;
  crossed: before one to what was asked there less than a second earlier, which has no bound
thrice: answers too many to 100 events that were delivered three times";

/// All that was measured.
#[derive(Default)]
pub(crate) struct Report {
    /// Below 1 it was a rehearsal.
    pub(crate) scale: f64,
    pub(crate) talks: Vec<Conversation>,
    pub(crate) reconnects: Option<Reconnects>,
    /// What other machines took of the processors while each part was measured,
    /// in percent.
    pub(crate) stolen: Vec<(&'static str, f64)>,
}

/// One conversation with one bot.
pub(crate) struct Conversation {
    pub(crate) part: &'static str,
    pub(crate) make: Make,
    pub(crate) transport: Transport,
    pub(crate) store: Store,
    pub(crate) events: usize,
    /// How many of them ask for a deploy.
    pub(crate) deploys: usize,
    pub(crate) lasted: Duration,
    pub(crate) acknowledged: Spread,
    pub(crate) unacknowledged: usize,
    /// Slack did so because they were not acknowledged within 3 seconds.
    pub(crate) delivered_again: usize,
    pub(crate) answers: Answers,
    /// How many events were delivered three times, and how many messages too many
    /// answered them.
    pub(crate) repeated: Option<(usize, usize)>,
    /// The most that the bot has held.
    pub(crate) memory: u64,
    pub(crate) warnings: Vec<String>,
}

/// One bound: what it is about, what was measured, and whether it is met.
struct Bound {
    about: String,
    measured: String,
    bound: String,
    is_met: bool,
}

impl Conversation {
    fn name(&self) -> String {
        let (over, store) = (self.transport.name(), self.store.name());
        format!("{} over {over}, {store}", self.part)
    }

    /// Ours alone has any.
    fn bounds(&self) -> Vec<Bound> {
        if self.make != Make::Ours {
            return Vec::new();
        }
        let name = self.name();
        let none = |what: &str, number: usize| none(&format!("{name}: {what}"), number);
        let mut bounds = vec![
            none("events that were not acknowledged", self.unacknowledged),
            none("events that Slack sent again", self.delivered_again),
            none("events that were not answered", self.answers.unanswered),
            none("answers too many", self.answers.doubled),
            none("answers out of order", self.answers.out_of_order),
            none(
                "answers out of one's own order",
                self.answers.out_of_own_order,
            ),
            none("edits that went back", self.answers.went_back),
            none("requests that never showed an end", self.answers.unfinished),
            memory(&name, self.memory),
        ];
        if let Some((_, doubled)) = self.repeated {
            bounds.push(none("answers too many to events sent thrice", doubled));
        }
        // The crowd's answers wait for Slack, and a read is acknowledged after its
        // reply.
        if self.part == "pace" {
            bounds.insert(
                0,
                within(
                    format!("{name}: acknowledged, p99"),
                    self.acknowledged.p99,
                    ACKNOWLEDGED_MS,
                ),
            );
        }
        bounds
    }
}

impl Reconnects {
    fn bounds(&self) -> Vec<Bound> {
        let none = |what: &str, number| none(&format!("reconnect: {what}"), number);
        let mut bounds: Vec<Bound> = self
            .added
            .iter()
            .map(|Added { how, adds, .. }| {
                within(
                    format!("reconnect: {how} adds at most"),
                    *adds,
                    RECONNECT_MS,
                )
            })
            .collect();
        let announced = self.added.iter().filter(|one| one.how != reconnect::CUT);
        bounds.extend([
            none(
                "events that Slack sent again though announced",
                announced.map(|one| one.delivered_again).sum(),
            ),
            none("events that were not acknowledged", self.unacknowledged),
            none("events that were not answered", self.answers.unanswered),
            none("answers too many", self.answers.doubled),
            none("answers out of order", self.answers.out_of_order),
            none(
                "answers out of one's own order",
                self.answers.out_of_own_order,
            ),
            none("edits that went back", self.answers.went_back),
            none("requests that never showed an end", self.answers.unfinished),
            memory("reconnect", self.memory),
        ]);
        bounds
    }
}

fn none(about: &str, number: usize) -> Bound {
    Bound {
        about: about.to_owned(),
        measured: number.to_string(),
        bound: "0".to_owned(),
        is_met: number == 0,
    }
}

fn within(about: String, measured: f64, most: f64) -> Bound {
    Bound {
        about,
        measured: format!("{measured:.1} ms"),
        bound: format!("<{most} ms"),
        is_met: measured < most,
    }
}

fn memory(name: &str, peak: u64) -> Bound {
    Bound {
        about: format!("{name}: memory of deploybot"),
        measured: format!("{:.1} MB", peak as f64 / 1e6),
        bound: format!("<{} MB", MEMORY / 1_000_000),
        is_met: peak < MEMORY,
    }
}

impl Report {
    /// The bounds that do not hold.
    pub(crate) fn missed(&self) -> Vec<String> {
        let missed = self.bounds().into_iter().filter(|bound| !bound.is_met);
        missed.map(|bound| bound.about).collect()
    }

    fn bounds(&self) -> Vec<Bound> {
        let talks = self.talks.iter().flat_map(Conversation::bounds);
        let reconnects = self.reconnects.iter().flat_map(Reconnects::bounds);
        talks.chain(reconnects).collect()
    }

    /// Prints the tables.
    pub(crate) fn print(&self) {
        if self.scale < 1.0 {
            println!(
                "a rehearsal of {} of the time; its figures are no result",
                self.scale
            );
        }
        self.print_conversations();
        if let Some(reconnects) = &self.reconnects {
            print_reconnects(reconnects);
        }
        println!("{:<64} {:>10} {:>9}", "", "measured", "bound");
        for bound in self.bounds() {
            println!(
                "{:<64} {:>10} {:>9} {}",
                bound.about,
                bound.measured,
                bound.bound,
                verdict(bound.is_met)
            );
        }
        for (part, percent) in &self.stolen {
            println!("{part}: other machines took {percent:.1} % of the processors meanwhile");
        }
    }

    fn print_conversations(&self) {
        if self.talks.is_empty() {
            return;
        }
        println!(
            "                                                              acknowledged, ms           not"
        );
        println!(
            "part  bot         over        in          s events    p50    p99 longest acked again answered doubled order own crossed thrice   MB"
        );
        for one in &self.talks {
            let thrice = one
                .repeated
                .map_or("-".to_owned(), |(_, doubled)| doubled.to_string());
            println!(
                "{:<5} {:<11} {:<11} {:<8} {:>4.0} {:>6} {:>6.1} {:>6.1} {:>7.0} {:>5} {:>5} {:>8} {:>7} {:>5} {:>3} {:>7} {:>6} {:>4.0}",
                one.part,
                one.make.name(),
                one.transport.name(),
                one.store.name(),
                one.lasted.as_secs_f64(),
                one.events,
                one.acknowledged.p50,
                one.acknowledged.p99,
                one.acknowledged.longest,
                one.unacknowledged,
                one.delivered_again,
                one.answers.unanswered,
                one.answers.doubled,
                one.answers.out_of_order,
                one.answers.out_of_own_order,
                one.answers.crossed,
                thrice,
                one.memory as f64 / 1e6,
            );
            for warning in one.warnings.iter().take(WARNINGS) {
                println!("      {warning}");
            }
            if one.warnings.len() > WARNINGS {
                println!("      … {} such lines in all", one.warnings.len());
            }
        }
        println!("{LEGEND}");
    }

    /// Writes all of it to `target/bench-slack.json`.
    pub(crate) fn write(&self) {
        let bounds: Vec<Value> = self.bounds().iter().map(written_bound).collect();
        let all = json!({
            "scale": self.scale,
            "conversations": self.talks.iter().map(written).collect::<Vec<_>>(),
            "reconnects": self.reconnects.as_ref().map(written_reconnects),
            "stolen_percent": BTreeMap::from_iter(self.stolen.iter().copied()),
            "bounds": bounds,
            "missed": self.missed(),
        });
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench-slack.json");
        std::fs::write(path, format!("{all:#}\n")).expect("the target folder is there");
        println!("written to target/bench-slack.json");
    }
}

fn print_reconnects(reconnects: &Reconnects) {
    println!(
        "reconnect: {} events, acknowledged p50 {:.1} ms, p99 {:.1} ms",
        reconnects.events, reconnects.acknowledged.p50, reconnects.acknowledged.p99
    );
    for one in &reconnects.added {
        println!(
            "  {:<18} adds at most {:.1} ms: slowest {:.1} ms, {:.1} ms in a calm as long before; \
             sent again: {}",
            one.how, one.adds, one.around, one.calm, one.delivered_again
        );
    }
    println!(
        "  what was on its way over a connection that is cut Slack sends again after 3 s; it is not \
         part of what that adds"
    );
}

fn written(one: &Conversation) -> Value {
    json!({
        "part": one.part,
        "bot": one.make.name(),
        "transport": one.transport.name(),
        "store": one.store.name(),
        "deploys": one.deploys,
        "events": one.events,
        "seconds": one.lasted.as_secs(),
        "acknowledged_ms": times(&one.acknowledged),
        "unacknowledged": one.unacknowledged,
        "delivered_again": one.delivered_again,
        "answers": written_answers(&one.answers),
        "too_many_answers_to_events_delivered_thrice": one.repeated.map(|(_, doubled)| doubled),
        "peak_memory_bytes": one.memory,
        "warnings": one.warnings.len(),
    })
}

fn written_reconnects(one: &Reconnects) -> Value {
    let added = one.added.iter().map(|added| {
        json!({
            "how": added.how,
            "adds_at_most_ms": added.adds,
            "slowest_ms": added.around,
            "slowest_in_calm_ms": added.calm,
            "delivered_again": added.delivered_again,
        })
    });
    json!({
        "events": one.events,
        "acknowledged_ms": times(&one.acknowledged),
        "unacknowledged": one.unacknowledged,
        "answers": written_answers(&one.answers),
        "added": added.collect::<Vec<_>>(),
        "peak_memory_bytes": one.memory,
    })
}

fn written_answers(answers: &Answers) -> Value {
    json!({
        "unanswered": answers.unanswered,
        "doubled": answers.doubled,
        "out_of_order": answers.out_of_order,
        "out_of_own_order": answers.out_of_own_order,
        "crossed_within_a_second": answers.crossed,
        "went_back": answers.went_back,
        "unfinished": answers.unfinished,
    })
}

fn written_bound(bound: &Bound) -> Value {
    json!({
        "about": bound.about,
        "measured": bound.measured,
        "bound": bound.bound,
        "met": bound.is_met,
    })
}

fn times(spread: &Spread) -> Value {
    json!({"p50": spread.p50, "p99": spread.p99, "longest": spread.longest})
}

const fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
