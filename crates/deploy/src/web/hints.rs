//! From webhooks to the journal: hints are taken in at once, gathered for a
//! moment, and written together, so that a burst of them is one entry per
//! repository and one look at GitHub.

use std::{collections::BTreeMap, error::Error as StdError, time::Duration};

use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::sleep,
};

use crate::model::{Hint, RepositoryHints, RepositoryName};

/// How many hints may wait to be written; further ones are refused. GitHub
/// does not send them again, but a look is taken without them too, only later.
const WAITING: usize = 10_000;

/// How long hints are gathered and how long to wait before writing them again.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From the first hint until it is written with those that came meanwhile.
    pub gather: Duration,
    /// After a write that failed.
    pub retry: Duration,
}

impl Default for Pace {
    /// That of a real service.
    fn default() -> Self {
        Self {
            gather: Duration::from_millis(100),
            retry: Duration::from_secs(2),
        }
    }
}

/// Where hints are given in.
#[derive(Debug, Clone)]
pub struct Hints(mpsc::Sender<Hint>);

/// What writes them.
#[derive(Debug)]
pub struct Gatherer(mpsc::Receiver<Hint>);

/// Both ends.
pub fn gathering() -> (Hints, Gatherer) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Hints(sender), Gatherer(receiver))
}

impl Hints {
    /// Gives one in; whether there was room for it.
    pub fn give(&self, hint: Hint) -> bool {
        match self.0.try_send(hint) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Closed(_)) => false,
        }
    }
}

impl Gatherer {
    /// Hands hints to `write`, again when that failed, until no more can come
    /// because every [`Hints`] is gone. Then what is left is tried once: a hint
    /// is not worth a process that does not end.
    pub async fn run<W, E>(mut self, pace: Pace, mut write: impl FnMut(Vec<RepositoryHints>) -> W)
    where
        W: Future<Output = Result<(), E>>,
        E: StdError + 'static,
    {
        while let Some(first) = self.0.recv().await {
            sleep(pace.gather).await;
            let hints = by_repository(self.waiting(first));
            while let Err(error) = write(hints.clone()).await {
                tracing::error!(error = &error as &dyn StdError, "cannot write down hints");
                if self.0.is_closed() {
                    break;
                }
                sleep(pace.retry).await;
            }
        }
    }

    fn waiting(&mut self, first: Hint) -> Vec<Hint> {
        let mut hints = vec![first];
        while hints.len() < WAITING {
            match self.0.try_recv() {
                Ok(hint) => hints.push(hint),
                Err(_) => break,
            }
        }
        hints
    }
}

/// Each repository once, with each of its deliveries once.
fn by_repository(hints: Vec<Hint>) -> Vec<RepositoryHints> {
    let mut gathered = BTreeMap::<RepositoryName, RepositoryHints>::new();
    for hint in hints {
        let of_repository =
            gathered
                .entry(hint.repository.clone())
                .or_insert_with(|| RepositoryHints {
                    repository: hint.repository,
                    deliveries: Vec::new(),
                });
        of_repository.deliveries.push((hint.delivery, hint.about));
    }
    let mut gathered: Vec<_> = gathered.into_values().collect();
    for of_repository in &mut gathered {
        let deliveries = &mut of_repository.deliveries;
        deliveries.sort_by(|(one, _), (other, _)| one.cmp(other));
        deliveries.dedup_by(|(one, _), (other, _)| one == other);
    }
    gathered
}

#[cfg(test)]
mod tests;
