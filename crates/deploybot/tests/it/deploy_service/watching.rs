//! Who follows the feed: of all streams one is served at a time, as by the real
//! service, and tells so often.

use std::time::Duration;

use deploy_proto::v1::WatchResponse;
use futures::Stream;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::Status;

use super::Scripted;

/// How often a stream that is served says so.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How often one that waits looks whether it is its turn.
const LOOK: Duration = Duration::from_millis(10);

/// Which stream is served.
#[derive(Default)]
pub(crate) struct Watching {
    /// Its number, and its replica.
    served: Option<(u64, String)>,
    /// Who has ever followed, the first one first.
    replicas: Vec<String>,
    /// How many streams there were.
    pub(crate) streams: u64,
    /// How often another stream was served than before.
    pub(crate) terms: u32,
    /// How many entries were told.
    pub(crate) told: usize,
    /// The stream of this number says nothing any more, and does not end.
    pub(crate) silent: Option<u64>,
}

impl Watching {
    /// Another stream is served from now on, as when the lease of this one has
    /// run out; it does not hear of it.
    pub(crate) fn give_to_another(&mut self) {
        self.served = None;
    }

    /// Which of the replicas this is, the first being 0.
    pub(crate) fn number_of(&self, replica: &str) -> usize {
        let known = self.replicas.iter().position(|known| known == replica);
        known.expect("it follows the feed")
    }

    /// Which of the replicas is served.
    pub(crate) fn number_served(&self) -> usize {
        let (_, replica) = self.served.as_ref().expect("one is served");
        self.number_of(replica)
    }
}

struct Watched {
    service: Scripted,
    number: u64,
    replica: String,
    cursor: i64,
    /// Since when it is served, and when it says so next.
    served: Option<(Instant, Instant)>,
}

pub(super) fn stream(
    service: Scripted,
    replica: String,
) -> impl Stream<Item = Result<WatchResponse, Status>> {
    let number = {
        let watching = &mut service.state().watching;
        watching.streams += 1;
        if !watching.replicas.contains(&replica) {
            watching.replicas.push(replica.clone());
        }
        watching.streams
    };
    let watched = Watched {
        service,
        number,
        replica,
        cursor: 0,
        served: None,
    };
    futures::stream::unfold(watched, |mut watched| async move {
        let told = watched.next().await?;
        Some((Ok(told), watched))
    })
}

impl Watched {
    async fn next(&mut self) -> Option<WatchResponse> {
        let Some((since, beat)) = self.served else {
            while !self.is_given_its_turn() {
                sleep(LOOK).await;
            }
            self.cursor = self.service.state().acknowledged;
            let now = Instant::now();
            self.served = Some((now, now + HEARTBEAT));
            return Some(heartbeat(Duration::ZERO));
        };
        let mut told = self.service.told.subscribe();
        loop {
            self.fall_silent_if_wanted().await;
            told.borrow_and_update();
            if let Some(entry) = self.service.entry(self.cursor) {
                self.cursor += 1;
                self.service.state().watching.told += 1;
                return Some(entry);
            }
            tokio::select! {
                changed = told.changed() => changed.ok()?,
                () = sleep_until(beat) => break,
            }
        }
        self.fall_silent_if_wanted().await;
        let now = Instant::now();
        self.served = Some((since, now + HEARTBEAT));
        let is_served = {
            let watching = &self.service.state().watching;
            matches!(watching.served, Some((number, _)) if number == self.number)
        };
        is_served.then(|| heartbeat(now - since))
    }

    async fn fall_silent_if_wanted(&self) {
        if self.service.state().watching.silent == Some(self.number) {
            std::future::pending::<()>().await;
        }
    }

    fn is_given_its_turn(&self) -> bool {
        let watching = &mut self.service.state().watching;
        let is_free = match &watching.served {
            None => true,
            Some((_, replica)) => *replica == self.replica,
        };
        if is_free {
            watching.served = Some((self.number, self.replica.clone()));
            watching.terms += 1;
        }
        is_free
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let watching = &mut self.service.state().watching;
        if matches!(watching.served, Some((number, _)) if number == self.number) {
            watching.served = None;
        }
    }
}

fn heartbeat(served_for: Duration) -> WatchResponse {
    WatchResponse {
        served_for: Some(served_for.try_into().unwrap()),
        ..WatchResponse::default()
    }
}
