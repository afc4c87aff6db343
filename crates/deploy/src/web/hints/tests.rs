//! Gathering hints, with a journal that may fail.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tokio::{task::JoinSet, time::timeout};

use super::*;
use crate::model::{DeploymentId, Subject};

/// Hardly any time.
const QUICK: Pace = Pace {
    gather: Duration::from_millis(1),
    retry: Duration::from_millis(1),
};

/// A gatherer that runs, and what it has written.
struct Running {
    hints: Hints,
    written: mpsc::UnboundedReceiver<Vec<RepositoryHints>>,
    task: JoinSet<()>,
}

impl Running {
    /// One whose first writes fail.
    fn start(failures: u32) -> Self {
        let (hints, gatherer) = gathering();
        let (writer, written) = mpsc::unbounded_channel();
        let failures = Arc::new(Mutex::new(failures));
        let write = move |batch| {
            let mut failures = failures.lock().unwrap();
            std::future::ready(if *failures > 0 {
                *failures -= 1;
                Err(io::Error::other("the journal is not there"))
            } else {
                writer.send(batch).map_err(io::Error::other)
            })
        };
        let mut task = JoinSet::new();
        task.spawn(gatherer.run(QUICK, write));
        Self {
            hints,
            written,
            task,
        }
    }

    fn give(&self, delivery: &str, repository: &str, deployment: Option<u64>) {
        assert!(self.hints.give(hint(delivery, repository, deployment)));
    }

    /// What is written next; nothing when it has ended.
    async fn next(&mut self) -> Option<Vec<RepositoryHints>> {
        let written = timeout(Duration::from_secs(60), self.written.recv()).await;
        written.expect("something is written")
    }

    /// Lets it end; answers what it still wrote.
    async fn end(mut self) -> Vec<Vec<RepositoryHints>> {
        drop(self.hints);
        self.task.join_next().await.unwrap().unwrap();
        let mut rest = Vec::new();
        while let Some(batch) = self.written.recv().await {
            rest.push(batch);
        }
        rest
    }
}

fn hint(delivery: &str, repository: &str, deployment: Option<u64>) -> Hint {
    Hint {
        delivery: delivery.parse().unwrap(),
        repository: RepositoryName::parse(repository, None).unwrap(),
        about: match deployment {
            None => Subject::Commits,
            Some(number) => Subject::Deployment(Some(DeploymentId {
                number,
                node: format!("DE_{number}"),
            })),
        },
    }
}

fn told(batch: &[RepositoryHints]) -> String {
    let lines = batch.iter().map(|of| {
        let deliveries = of.deliveries.iter().map(|(id, about)| match about {
            Subject::Deployment(Some(deployment)) => format!(" {id}:{}", deployment.number),
            _ => format!(" {id}"),
        });
        format!("{}{}\n", of.repository, deliveries.collect::<String>())
    });
    lines.collect()
}

#[tokio::test]
async fn what_comes_within_a_moment_is_one_batch_with_nothing_twice() {
    let mut running = Running::start(0);
    // All of them before the gatherer gets to run.
    for (delivery, repository, deployment) in [
        ("d2", "acme/people", Some(7)),
        ("d1", "acme/people", None),
        ("d2", "acme/people", Some(7)),
        ("d3", "acme/people", Some(6)),
        ("d4", "acme/people", Some(7)),
        ("d5", "acme/api", None),
    ] {
        running.give(delivery, repository, deployment);
    }
    let batch = running.next().await.unwrap();
    insta::assert_snapshot!(told(&batch), @r"
    acme/api d5
    acme/people d1 d2:7 d3:6 d4:7
    ");
    assert!(running.end().await.is_empty());
}

#[tokio::test]
async fn what_could_not_be_written_is_written_later_and_the_rest_after_it() {
    let mut running = Running::start(3);
    running.give("d1", "acme/people", None);
    assert_eq!(told(&running.next().await.unwrap()), "acme/people d1\n");
    running.give("d2", "acme/people", None);
    let rest = running.end().await;
    assert_eq!(told(&rest.concat()), "acme/people d2\n");
}

#[tokio::test]
async fn what_is_waiting_at_the_end_is_written() {
    let running = Running::start(0);
    running.give("d1", "acme/people", None);
    assert_eq!(running.end().await.concat().len(), 1);
}

#[tokio::test]
async fn it_ends_even_where_nothing_can_be_written() {
    let running = Running::start(u32::MAX);
    for number in 0..10 {
        running.give(&format!("d{number}"), "acme/people", None);
    }
    assert!(running.end().await.is_empty());
}

#[tokio::test]
async fn what_is_too_much_is_refused_and_nothing_else_is_lost() {
    let running = Running::start(0);
    for number in 0..WAITING {
        running.give(&format!("d{number}"), "acme/people", None);
    }
    let one_more = hint("one-too-many", "acme/people", None);
    assert!(!running.hints.give(one_more));
    let written = running.end().await.concat();
    let deliveries = written.iter().map(|hints| hints.deliveries.len());
    assert_eq!(deliveries.sum::<usize>(), WAITING);
}
