//! How requests have ended, and whether that is as it should be.

use std::{collections::BTreeMap, time::Duration};

use deploy::{
    model::{Progress, Request},
    store::{Database, Store},
};
use serde_json::Value;

use crate::kills_fleet::{Fate, Made};

/// What became of requests.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) succeeded: usize,
    pub(crate) failed: usize,
    pub(crate) refused: usize,
    pub(crate) withdrawn: usize,
}

impl Ended {
    /// Sees that a request has ended as it should, with at most one deployment
    /// that has ended so too, and one reply; only who asked for what has failed, or
    /// was refused after a wait, is told so in a second message, because an edit
    /// notifies nobody.
    pub(crate) fn count(&mut self, fate: Fate, request: &Request, made: &[&Made], said: &[String]) {
        let states: Vec<&[String]> = made.iter().map(|one| one.states.as_slice()).collect();
        let told = || format!("{request:?}: {made:#?} {said:#?}");
        let (replies, words) = match &request.progress {
            Progress::Succeeded(_, deployment) => {
                self.succeeded += 1;
                assert_eq!(made.len(), 1, "{}", told());
                assert_eq!(made[0].number, deployment.id.number);
                assert_eq!(states[0][0], "success", "{}", told());
                (1, "is live in")
            }
            Progress::Failed { deployment, .. } => {
                self.failed += 1;
                assert_eq!(made.len(), 1, "{}", told());
                let number = deployment.as_ref().map(|deployment| deployment.id.number);
                assert_eq!(Some(made[0].number), number, "{}", told());
                let end = match fate {
                    Fate::NobodyPicksItUp => "error",
                    _ => "failure",
                };
                assert_eq!(states[0][0], end, "{}", told());
                (2, "did not reach")
            }
            Progress::Refused(_) => {
                self.refused += 1;
                assert!(made.is_empty(), "{}", told());
                let after_a_wait = said.iter().filter(|one| one.contains("has waited"));
                (1 + after_a_wait.count().min(1), "")
            }
            Progress::Cancelled { .. } => {
                self.withdrawn += 1;
                assert!(made.is_empty(), "{}", told());
                (1, "withdrew")
            }
            Progress::Accepted | Progress::Creating(_) | Progress::Running(..) => {
                panic!("it has not ended: {}", told())
            }
        };
        assert_eq!(said.len(), replies, "{}", told());
        assert!(said.iter().all(|one| one.contains(words)), "{}", told());
        let may_be = match fate {
            Fate::Succeeds => self.failed + self.withdrawn == 0,
            Fate::Fails | Fate::NobodyPicksItUp => {
                self.succeeded + self.withdrawn + self.refused == 0
            }
            Fate::IsWithdrawn => self.failed + self.refused == 0,
        };
        assert!(may_be, "{fate:?}: {}", told());
    }
}

/// The request that a message is about.
pub(crate) fn request_of(message: &Value) -> String {
    let id = &message["metadata"]["event_payload"]["request_id"];
    id.as_str().unwrap_or("no request").to_owned()
}

/// Whether what is shown of a request says that it has ended, and not that it is
/// on its way or waits; who asked for what has failed is told once more.
pub(crate) fn say_the_end(said: &[String]) -> bool {
    let ends = [
        "is live in",
        "Ask again when it has ended",
        "already",
        "withdrew",
        "did not reach",
    ];
    let says_it = |words: &String| ends.iter().any(|end| words.contains(end));
    let has_failed = said[0].contains("did not reach");
    said.iter().all(says_it) && (!has_failed || said.len() > 1)
}

/// All requests of the journal, which no process has any more.
pub(crate) async fn journalled(database: &Database) -> BTreeMap<String, Request> {
    let store = Store::open(database, Duration::from_secs(5)).await.unwrap();
    let entries = store.entries_after(0, 100_000).await.unwrap();
    let requests = entries
        .into_iter()
        .filter_map(|entry| entry.subject.request().cloned())
        .map(|request| (request.asked.id.to_string(), request));
    let requests = requests.collect();
    for unfinished in [store.waiting(10).await, store.running(10).await] {
        let unfinished = unfinished.unwrap();
        assert!(unfinished.is_empty(), "{unfinished:?}");
    }
    store.close().await;
    requests
}
