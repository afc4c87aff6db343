//! What was measured against its bounds: as a table for people and as JSON.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

/// GitHub calls per command; for `deploy` up to and with the creation.
const CALLS: [(&str, f64); 3] = [("status", 1.0), ("history", 1.0), ("deploy", 2.0)];
/// From the event to its acknowledgement, 99 of 100.
const ACKNOWLEDGED_MS: f64 = 50.0;
/// The most memory that a service may ever hold.
const MEMORY: u64 = 30 * 1024 * 1024;

/// All that was measured.
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// The peak of each service, in bytes.
    pub(crate) memory: BTreeMap<&'static str, u64>,
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

/// How some times are spread, in milliseconds.
pub(crate) struct Spread {
    p50: f64,
    p99: f64,
    longest: f64,
}

/// Nearest-rank percentiles.
pub(crate) fn spread(values: &[f64]) -> Spread {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = |share: f64| {
        values[((values.len() as f64 * share).ceil() as usize).clamp(1, values.len()) - 1]
    };
    Spread {
        p50: rank(0.50),
        p99: rank(0.99),
        longest: rank(1.00),
    }
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

    fn acknowledged_met(&self) -> bool {
        self.acknowledged.p99 < ACKNOWLEDGED_MS
    }
}

impl Report {
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
        let over = self.memory.iter().filter(|(_, peak)| !fits(**peak));
        missed.extend(over.map(|(name, _)| format!("memory of {name}")));
        missed
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        println!(
            "                        GitHub calls           acknowledged, ms          visible reply, ms"
        );
        println!(
            "command          runs   each  bound          p50    p99  bound            p50    p99"
        );
        for row in &self.rows {
            let most = row
                .most_calls()
                .map_or("-".to_owned(), |most| format!("{most}"));
            println!(
                "{:<14} {:>6} {:>6.2} {:>6} {:<6} {:>6.1} {:>6.1} {:>6} {:<6} {:>8.1} {:>6.1}",
                row.name(),
                row.runs,
                row.calls,
                most,
                row.most_calls().map_or("", |_| verdict(row.calls_met())),
                row.acknowledged.p50,
                row.acknowledged.p99,
                format!("<{ACKNOWLEDGED_MS}"),
                verdict(row.acknowledged_met()),
                row.replied.p50,
                row.replied.p99,
            );
        }
        for (name, peak) in &self.memory {
            println!(
                "peak memory of {name}: {:.1} MiB, bound <{} MiB: {}",
                *peak as f64 / 1024.0 / 1024.0,
                MEMORY / 1024 / 1024,
                verdict(fits(*peak))
            );
        }
    }

    /// Writes all of it to `target/bench.json`.
    pub(crate) fn write(&self) {
        let rows: Vec<Value> = self.rows.iter().map(written).collect();
        let all = json!({
            "commands": rows,
            "peak_memory_bytes": self.memory,
            "bounds": {
                "github_calls_per_command": BTreeMap::from(CALLS),
                "acknowledged_p99_ms": ACKNOWLEDGED_MS,
                "peak_memory_bytes": MEMORY,
            },
            "missed": self.missed(),
        });
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench.json");
        std::fs::write(path, format!("{all:#}\n")).expect("the target folder is there");
        println!("written to target/bench.json");
    }
}

fn written(row: &Row) -> Value {
    let times =
        |spread: &Spread| json!({"p50": spread.p50, "p99": spread.p99, "longest": spread.longest});
    json!({
        "command": row.command,
        "added_ms": row.added.as_millis() as u64,
        "runs": row.runs,
        "github_calls_per_command": row.calls,
        "acknowledged_ms": times(&row.acknowledged),
        "visible_reply_ms": times(&row.replied),
    })
}

fn fits(peak: u64) -> bool {
    peak < MEMORY
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
