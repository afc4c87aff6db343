//! What the bot answered, as the channels show it in the end.
//!
//! An answer belongs to the event that its metadata names, or, where a bot gives
//! none, to the message in whose thread it stands.
//!
//! *Out of order* is an answer that stands in its channel before the answer to what
//! the same person asked there earlier, by however little, or to what anybody asked
//! there a second earlier or more. What several people ask closer together is worked
//! on side by side: an answer that stands before one to a question of another, asked
//! less than a second earlier, has *crossed* it, which is told and has no bound.
//! Requests for deploys are answered when it is decided whether they go out, and have
//! no place in that order.
//!
//! A message that shows a request *goes back* when it is edited to show an earlier
//! state than it has shown: looking at it, asking GitHub, each step of the
//! workflow, the end. It is *unfinished* when what it shows last is no end.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;

use crate::{channel::shown, stage::Stage, talk::Talk};

/// After so long without a call nothing more is on its way to a channel that Slack
/// limits; after so long nothing comes any more.
const QUIET: Duration = Duration::from_secs(2);
const SILENT: Duration = Duration::from_secs(20);
/// How much earlier a question was asked whose answer has to come first.
const EARLIER: f64 = 1.0;
/// What a request's message says on its way, in its order. What tells of a wait
/// may come before and after it is looked at.
const STAGES: [&str; 9] = [
    "looking",
    "asking GitHub",
    "waiting for its workflow",
    "waiting for a runner",
    "▸ built",
    "0 of 3 pods",
    "1 of 3 pods",
    "2 of 3 pods",
    "3 of 3 pods",
];

/// What became of the events of a talk.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) unanswered: usize,
    /// Messages beyond the first that answer the same.
    pub(crate) doubled: usize,
    /// In a channel, to what was asked a second earlier or more.
    pub(crate) out_of_order: usize,
    /// Among the answers to one person in a channel.
    pub(crate) out_of_own_order: usize,
    pub(crate) crossed: usize,
    /// Edits that show an earlier state.
    pub(crate) went_back: usize,
    pub(crate) unfinished: usize,
}

impl Answers {
    /// Waits until nothing is missing and the bot has nothing to say any more, or
    /// has been silent for long, or until that takes too long.
    pub(crate) async fn to(stage: &Stage, talk: &Talk, patience: Duration) -> Self {
        let end = Instant::now() + patience;
        let (mut calls, mut silent_since) = (0, Instant::now());
        loop {
            let so_far = stage.slack.control().counts().values().sum();
            if calls != so_far {
                (calls, silent_since) = (so_far, Instant::now());
            }
            let silent = silent_since.elapsed();
            if silent > QUIET {
                let answers = Self::now(stage, talk).await;
                let is_whole = answers.unanswered == 0 && answers.unfinished == 0;
                if is_whole || silent > SILENT || Instant::now() > end {
                    return answers;
                }
            } else if Instant::now() > end {
                return Self::now(stage, talk).await;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    async fn now(stage: &Stage, talk: &Talk) -> Self {
        let events = talk.events.iter().enumerate();
        let by_event: HashMap<&str, usize> = events
            .clone()
            .map(|(place, event)| (event.delivery.event_id.as_str(), place))
            .collect();
        let by_message: HashMap<&str, usize> = events
            .map(|(place, event)| (event.ts.as_str(), place))
            .collect();
        let mut counts: HashMap<(usize, String), usize> = HashMap::new();
        let mut answers = Self::default();
        for channel in &stage.channels {
            let path = format!("client/messages?channel={channel}&limit=100000");
            let messages = stage.http.get(&path).await;
            let messages = messages["messages"].as_array().expect("a channel");
            let mut in_order = Vec::new();
            let mut by_person: HashMap<usize, Vec<f64>> = HashMap::new();
            for message in messages.iter().filter(|it| it["bot_id"].is_string()) {
                let Some((place, kind)) = answered(message, &by_event, &by_message) else {
                    continue;
                };
                *counts.entry((place, kind)).or_default() += 1;
                let event = &talk.events[place];
                if !event.ask.is_deploy {
                    let asked = seconds(&event.ts);
                    in_order.push(asked);
                    by_person.entry(event.ask.person).or_default().push(asked);
                }
            }
            let out_of_order = inversions(&in_order, EARLIER);
            answers.out_of_order += out_of_order;
            answers.crossed += inversions(&in_order, 0.0) - out_of_order;
            let own = by_person.values().map(|asked| inversions(asked, 0.0));
            answers.out_of_own_order += own.sum::<usize>();
        }
        let mut is_answered = vec![false; talk.events.len()];
        for ((place, _), count) in counts {
            is_answered[place] = true;
            answers.doubled += count - 1;
        }
        answers.unanswered = is_answered.iter().filter(|is| !**is).count();
        (answers.went_back, answers.unfinished) = edits(stage);
        answers
    }
}

/// Which event a message answers, and as what.
fn answered(
    message: &Value,
    by_event: &HashMap<&str, usize>,
    by_message: &HashMap<&str, usize>,
) -> Option<(usize, String)> {
    let metadata = &message["metadata"];
    if let Some(kind) = metadata["event_type"].as_str() {
        let payload = &metadata["event_payload"];
        let event = match kind {
            "deploybot_answer" => payload["event_id"].as_str()?,
            // It ends with the event's id.
            "deploybot_request" => payload["request_id"].as_str()?.rsplit(':').next()?,
            // That a deploy failed is told besides.
            _ => return None,
        };
        return Some((*by_event.get(event)?, kind.to_owned()));
    }
    let asked = message["thread_ts"].as_str()?;
    Some((*by_message.get(asked)?, "say".to_owned()))
}

/// How many stand before one that was asked so many seconds earlier or more, by the
/// times of their questions.
fn inversions(asked: &[f64], earlier: f64) -> usize {
    let mut earliest_after = f64::INFINITY;
    let mut found = 0;
    for at in asked.iter().rev() {
        if *at > earliest_after && *at >= earliest_after + earlier {
            found += 1;
        }
        earliest_after = earliest_after.min(*at);
    }
    found
}

fn seconds(ts: &str) -> f64 {
    ts.parse().expect("a ts is a number")
}

/// How many edits went back, and how many requests are shown at no end.
fn edits(stage: &Stage) -> (usize, usize) {
    let mut shown_so_far: BTreeMap<String, usize> = BTreeMap::new();
    let mut went_back = 0;
    for call in said(stage).iter().filter(|it| it["refused"].is_null()) {
        let arguments = &call["arguments"];
        let metadata = &arguments["metadata"];
        let request = metadata["event_payload"]["request_id"].as_str();
        let Some(request) = request.filter(|_| metadata["event_type"] == "deploybot_request")
        else {
            continue;
        };
        let state = state_of(arguments);
        let before = shown_so_far.insert(request.to_owned(), state);
        if before.is_some_and(|before| before > state) {
            went_back += 1;
        }
    }
    let unfinished = shown_so_far.values().filter(|state| **state < STAGES.len());
    (went_back, unfinished.count())
}

/// The calls that the bot made, in their order.
fn said(stage: &Stage) -> Vec<Value> {
    let files = std::fs::read_dir(stage.said.path()).expect("the folder is there");
    files
        .flat_map(|file| {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("it is text");
            let lines = text
                .lines()
                .map(|line| serde_json::from_str(line).expect("JSON"));
            lines.collect::<Vec<Value>>()
        })
        .collect()
}

/// How far a request has come as its message shows it; beyond all stages at its
/// end.
fn state_of(message: &Value) -> usize {
    let words = shown(message);
    let stage = STAGES.iter().rposition(|stage| words.contains(stage));
    let is_on_its_way = words.contains('▸') || words.contains('⏸');
    match stage.filter(|_| is_on_its_way) {
        Some(stage) => stage,
        None if is_on_its_way => 0,
        None => STAGES.len(),
    }
}
