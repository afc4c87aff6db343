//! What was measured against its bounds: as tables for people and as JSON.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::{
    day::Queue,
    hour::{Hour, READS},
    spread::Spread,
    stage::Stage,
};

/// GitHub calls per command; for `deploy` up to and with the creation.
const CALLS: [(&str, f64); 5] = [
    ("status cold", 1.0),
    ("status warm", 0.0),
    ("history cold", 1.0),
    ("history warm", 0.0),
    ("deploy", 2.0),
];
/// From the event to its acknowledgement, 99 of 100. What is added to calls to
/// GitHub comes on top for a read that has to ask there: it is acknowledged after
/// its reply. A deploy is acknowledged when it is journalled.
const ACKNOWLEDGED_MS: f64 = 50.0;
/// The most memory that a service may ever hold.
const MEMORY: u64 = 30_000_000;
/// From the call to the answer of a warm read that is asked alone, 99 of 100.
const WARM_MS: f64 = 10.0;
/// The same under load.
const LOAD_MS: f64 = 20.0;
/// What the busiest hour may take of what GitHub allows, in percent.
const SHARE: f64 = 20.0;

/// All that was measured.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) load: Option<Load>,
    pub(crate) hour: Option<Hour>,
    pub(crate) day: Option<Queue>,
    /// The peak of each service, in bytes.
    pub(crate) memory: BTreeMap<&'static str, u64>,
    /// What other machines took of the processors while each part was measured,
    /// in percent.
    pub(crate) stolen: Vec<(&'static str, f64)>,
}

/// One command under one latency.
pub(crate) struct Row {
    pub(crate) command: &'static str,
    /// Added to every call to GitHub.
    pub(crate) added: Duration,
    pub(crate) runs: usize,
    /// To GitHub, for each command.
    pub(crate) calls: f64,
    pub(crate) acknowledged: Spread,
    pub(crate) replied: Spread,
}

/// One thing that deploy is asked over gRPC, which costs no call to GitHub.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) runs: usize,
    pub(crate) calls: f64,
    pub(crate) took: Spread,
}

/// Many warm reads at once.
pub(crate) struct Load {
    pub(crate) asked_a_second: u32,
    pub(crate) answered_a_second: f64,
    /// In all.
    pub(crate) calls: u64,
    /// From when a read was due.
    pub(crate) took: Spread,
}

/// One bound: what it is about, what was measured, and whether it is met.
struct Bound {
    about: String,
    measured: String,
    bound: String,
    is_met: bool,
}

impl Row {
    fn name(&self) -> String {
        format!("{} +{} ms", self.command, self.added.as_millis())
    }

    fn most_calls(&self) -> Option<f64> {
        let bound = CALLS.iter().find(|(command, _)| *command == self.command);
        bound.map(|(_, most)| *most)
    }

    fn calls_met(&self) -> bool {
        self.most_calls().is_none_or(|most| self.calls <= most)
    }

    /// In milliseconds.
    fn acknowledged_bound(&self) -> f64 {
        let asked_before = if self.command.ends_with("cold") {
            self.most_calls().unwrap_or_default()
        } else {
            0.0
        };
        ACKNOWLEDGED_MS + asked_before * self.added.as_secs_f64() * 1000.0
    }

    fn acknowledged_met(&self) -> bool {
        self.acknowledged.p99 < self.acknowledged_bound()
    }
}

impl Report {
    /// Takes note of what the services have held at most.
    pub(crate) fn count_memory(&mut self, stage: &Stage) {
        for (name, program) in [("deploy", &stage.deploy), ("deploybot", &stage.deploybot)] {
            let peak = self.memory.entry(name).or_insert(0);
            *peak = program.peak_memory().max(*peak);
        }
    }

    /// The bounds that do not hold.
    pub(crate) fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for row in &self.rows {
            if !row.calls_met() {
                missed.push(format!("GitHub calls of {}", row.name()));
            }
            if !row.acknowledged_met() {
                missed.push(format!("acknowledgement of {}", row.name()));
            }
        }
        let bounds = self.bounds().into_iter().filter(|bound| !bound.is_met);
        missed.extend(bounds.map(|bound| bound.about));
        missed
    }

    /// Those that are not about the commands.
    fn bounds(&self) -> Vec<Bound> {
        let asked = self.asked.iter().flat_map(bounds_of_asked);
        let load = self.load.iter().flat_map(bounds_of_load);
        let hour = self.hour.iter().flat_map(bounds_of_hour);
        let day = self.day.iter().flat_map(|day| bounds_of_queue("day", day));
        let memory = self.memory.iter().map(|(name, peak)| Bound {
            about: format!("memory of {name}"),
            measured: format!("{:.1} MB", *peak as f64 / 1e6),
            bound: format!("<{} MB", MEMORY / 1_000_000),
            is_met: *peak < MEMORY,
        });
        asked
            .chain(load)
            .chain(hour)
            .chain(day)
            .chain(memory)
            .collect()
    }

    /// Prints the tables.
    pub(crate) fn print(&self) {
        self.print_commands();
        println!("{:<46} {:>24} {:>12}", "", "measured", "bound");
        for bound in self.bounds() {
            println!(
                "{:<46} {:>24} {:>12} {}",
                bound.about,
                bound.measured,
                bound.bound,
                verdict(bound.is_met)
            );
        }
        if let Some(hour) = &self.hour {
            print_hour(hour);
        }
        if let Some(day) = &self.day {
            print_queue("day", day);
        }
        for (part, percent) in &self.stolen {
            println!("{part}: other machines took {percent:.1} % of the processors meanwhile");
        }
    }

    fn print_commands(&self) {
        if self.rows.is_empty() {
            return;
        }
        println!(
            "                         GitHub calls           acknowledged, ms          visible reply, ms"
        );
        println!(
            "command              runs   each  bound          p50    p99  bound            p50    p99"
        );
        for row in &self.rows {
            let most = row
                .most_calls()
                .map_or("-".to_owned(), |most| format!("{most}"));
            println!(
                "{:<18} {:>6} {:>6.2} {:>6} {:<6} {:>6.1} {:>6.1} {:>6} {:<6} {:>8.1} {:>6.1}",
                row.name(),
                row.runs,
                row.calls,
                most,
                row.most_calls().map_or("", |_| verdict(row.calls_met())),
                row.acknowledged.p50,
                row.acknowledged.p99,
                format!("<{}", row.acknowledged_bound()),
                verdict(row.acknowledged_met()),
                row.replied.p50,
                row.replied.p99,
            );
        }
    }

    /// Writes all of it to `target/bench.json`.
    pub(crate) fn write(&self) {
        let rows: Vec<Value> = self.rows.iter().map(written).collect();
        let bounds: Vec<Value> = self.bounds().iter().map(written_bound).collect();
        let all = json!({
            "commands": rows,
            "others": bounds,
            "under_load": self.load.as_ref().map(|load| json!({
                "asked_a_second": load.asked_a_second,
                "answered_a_second": load.answered_a_second,
                "took_ms": times(&load.took),
            })),
            "hour": self.hour.as_ref().map(written_hour),
            "day": self.day.as_ref().map(written_queue),
            "peak_memory_bytes": self.memory,
            "stolen_percent": BTreeMap::from_iter(self.stolen.iter().copied()),
            "bounds": {
                "github_calls_per_command": BTreeMap::from(CALLS),
                "acknowledged_p99_ms_beside_what_is_added": ACKNOWLEDGED_MS,
                "warm_p99_ms": WARM_MS,
                "under_load_p99_ms": LOAD_MS,
                "share_percent": SHARE,
                "peak_memory_bytes": MEMORY,
            },
            "missed": self.missed(),
        });
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench.json");
        std::fs::write(path, format!("{all:#}\n")).expect("the target folder is there");
        println!("written to target/bench.json");
    }
}

fn bounds_of_asked(asked: &Asked) -> Vec<Bound> {
    let mut bounds = vec![Bound {
        about: format!("GitHub calls of {}", asked.name),
        measured: format!("{:.2}", asked.calls),
        bound: "0".to_owned(),
        is_met: asked.calls == 0.0,
    }];
    if asked.name.ends_with("warm") {
        bounds.push(within(
            format!("p99 of {}", asked.name),
            &asked.took,
            WARM_MS,
        ));
    }
    bounds
}

fn bounds_of_load(load: &Load) -> Vec<Bound> {
    let rate = f64::from(load.asked_a_second);
    let about = format!("{} warm reads a second", load.asked_a_second);
    vec![
        Bound {
            about: format!("{about}: answered"),
            measured: format!("{:.0}", load.answered_a_second),
            bound: format!(">{:.0}", rate * 0.99),
            is_met: load.answered_a_second > rate * 0.99,
        },
        Bound {
            about: format!("{about}: GitHub calls"),
            measured: load.calls.to_string(),
            bound: "0".to_owned(),
            is_met: load.calls == 0,
        },
        within(format!("{about}: p99"), &load.took, LOAD_MS),
    ]
}

fn within(about: String, took: &Spread, most: f64) -> Bound {
    Bound {
        about,
        measured: format!("{:.1} ms (p50 {:.1})", took.p99, took.p50),
        bound: format!("<{most} ms"),
        is_met: took.p99 < most,
    }
}

fn bounds_of_hour(hour: &Hour) -> Vec<Bound> {
    let mut bounds = bounds_of_queue("hour", &hour.queue);
    for (what, (spent, limit)) in [
        ("REST requests", hour.rest),
        ("GraphQL points", hour.graphql),
    ] {
        bounds.push(Bound {
            about: format!("hour: {what} of an hour's budget"),
            measured: format!("{spent} of {limit}: {:.1} %", percent(spent, limit)),
            bound: format!("<{SHARE} %"),
            is_met: percent(spent, limit) < SHARE,
        });
    }
    bounds.push(Bound {
        about: "hour: reads that were answered".to_owned(),
        measured: hour.reads.to_string(),
        bound: READS.to_string(),
        is_met: hour.reads == READS,
    });
    let (made, most) = hour.creates;
    bounds.push(Bound {
        about: "hour: deployments made in any hour".to_owned(),
        measured: format!("{made} of {most}: {:.1} %", percent(made, most)),
        // A thousand are twice what GitHub takes: they can only be spread.
        bound: format!("<={most}"),
        is_met: made <= most,
    });
    bounds
}

fn bounds_of_queue(name: &str, queue: &Queue) -> Vec<Bound> {
    vec![Bound {
        about: format!("{name}: deploys that succeeded"),
        measured: queue.succeeded.to_string(),
        bound: queue.asked.to_string(),
        is_met: queue.succeeded == queue.asked,
    }]
}

fn print_hour(hour: &Hour) {
    print_queue("hour", &hour.queue);
    for (why, number) in &hour.unanswered {
        println!("  {number:>7}  reads were not answered: {why}");
    }
    println!("hour: calls to GitHub in all, until the last deploy was over");
    for (route, count) in &hour.calls {
        println!("  {count:>7}  {route}");
    }
}

fn print_queue(name: &str, queue: &Queue) {
    println!(
        "{name}: of {} deploys the longest wait for GitHub's limits was {}, and each was told its \
         place or went on within {}; this bench was at most {} behind",
        queue.asked,
        minutes(queue.longest_wait),
        minutes(queue.longest_silence),
        minutes(queue.longest_lag),
    );
    for (how, number) in queue.otherwise.iter().take(10) {
        println!("  {number:>7}  {how}");
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{} min {} s", seconds / 60, seconds % 60)
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

fn written(row: &Row) -> Value {
    json!({
        "command": row.command,
        "added_ms": row.added.as_millis() as u64,
        "runs": row.runs,
        "github_calls_per_command": row.calls,
        "acknowledged_ms": times(&row.acknowledged),
        "acknowledged_bound_ms": row.acknowledged_bound(),
        "visible_reply_ms": times(&row.replied),
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

fn written_hour(hour: &Hour) -> Value {
    let share =
        |(spent, limit)| json!({"spent": spent, "limit": limit, "percent": percent(spent, limit)});
    json!({
        "rest_requests": share(hour.rest),
        "graphql_points": share(hour.graphql),
        "deployments_made": share(hour.creates),
        "reads_answered": hour.reads,
        "reads_unanswered": hour.unanswered,
        "calls": BTreeMap::from_iter(hour.calls.clone()),
        "deploys": written_queue(&hour.queue),
    })
}

fn written_queue(queue: &Queue) -> Value {
    json!({
        "asked": queue.asked,
        "succeeded": queue.succeeded,
        "otherwise": BTreeMap::from_iter(queue.otherwise.clone()),
        "longest_wait_s": queue.longest_wait.as_secs(),
        "longest_silence_s": queue.longest_silence.as_secs(),
        "longest_lag_s": queue.longest_lag.as_secs(),
    })
}

fn times(spread: &Spread) -> Value {
    json!({"p50": spread.p50, "p99": spread.p99, "longest": spread.longest})
}

const fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
