//! The journal's promises, each against a real file.

mod feed;
mod file;
mod requests;
mod slots;

use std::path::PathBuf;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::model::{
    Changes, Checks, ChecksState, Commit, Decided, Deployment, DeploymentId, DeploymentState, Kind,
    NewRequest, Person, Progress, Refusal, ReplyAddress, RepositoryName, Request, Step,
};

const AT_ONCE: Duration = Duration::ZERO;

struct Journal {
    store: Store,
    file: PathBuf,
    _folder: TempDir,
}

async fn journal() -> Journal {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    Journal {
        store: Store::open(&file, AT_ONCE).await.unwrap(),
        file,
        _folder: folder,
    }
}

impl Journal {
    /// Opens the file anew, as the next process does after this one died: the
    /// handles are dropped, not closed.
    async fn after_a_crash(self) -> Self {
        let Self {
            store,
            file,
            _folder,
        } = self;
        store.ownership.release();
        drop(store);
        Self {
            store: Store::open(&file, AT_ONCE).await.unwrap(),
            file,
            _folder,
        }
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn asked(id: &str) -> NewRequest {
    NewRequest {
        id: id.parse().unwrap(),
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        environment: "production".parse().unwrap(),
        commit: "a1b2".parse().unwrap(),
        kind: Kind::Rollback,
        requester: Person {
            slack: "U1".to_owned(),
            github: "minji".to_owned(),
            name: "Minji 'drop table'".to_owned(),
        },
        reply: ReplyAddress {
            channel: "C1".to_owned(),
            thread_ts: "1.2".to_owned(),
            asked_ts: "1.3".to_owned(),
        },
    }
}

fn commit() -> Commit {
    Commit {
        sha: "a1b2".repeat(10).parse().unwrap(),
        headline: "Add \"Minji\" <!channel>".to_owned(),
        author: "minji".to_owned(),
        committed_at: at(5),
        url: "https://github.test/c".to_owned(),
    }
}

fn decided() -> Decided {
    Decided {
        environment: "Production".parse().unwrap(),
        commit: commit(),
        checks: Checks {
            state: ChecksState::Success,
            done: 3,
            total: 3,
            failed: Vec::new(),
        },
        changes: Changes {
            base: Some("b".repeat(40).parse().unwrap()),
            head: commit().sha,
            ahead: 1,
            behind: 0,
            commits: vec![commit()],
            compare_url: "https://github.test/compare".to_owned(),
        },
        replaces: Some("b".repeat(40).parse().unwrap()),
    }
}

fn deployment(state: DeploymentState) -> Deployment {
    Deployment {
        id: DeploymentId {
            number: 7,
            node: "DE_7".to_owned(),
        },
        environment: "Production".parse().unwrap(),
        commit: commit(),
        state,
        live: false,
        kind: Kind::Rollback,
        requester: Person::default(),
        created_at: at(6),
        ended_at: state.has_ended().then(|| at(9)),
        steps: vec![Step {
            state: "in_progress".to_owned(),
            description: "rolling out".to_owned(),
            at: at(7),
            log_url: "https://github.test/log".to_owned(),
        }],
        request_id: Some("r1".parse().unwrap()),
        replaces: Some("b".repeat(40).parse().unwrap()),
        log_url: String::new(),
        environment_url: "https://people.test".to_owned(),
    }
}

async fn cursors(store: &Store) -> Vec<(i64, String)> {
    let entries = store.entries_after(0, 100).await.unwrap();
    let name = |entry: &Entry| (entry.cursor, entry.request.asked.id.to_string());
    entries.iter().map(name).collect()
}

async fn progress(store: &Store, id: &str) -> Progress {
    let request = store.request(&id.parse().unwrap()).await.unwrap();
    request.unwrap().progress
}

async fn accepted(store: &Store, id: &str) -> NewRequest {
    let asked = asked(id);
    assert!(matches!(
        store.accept(&asked, at(1)).await.unwrap(),
        Acceptance::New(_)
    ));
    asked
}
