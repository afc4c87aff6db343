//! The journal's promises, each against a real file and a real Postgres.

mod accounts;
mod changes;
mod crash;
mod creations;
mod deployments;
mod failures;
mod feed;
mod file;
mod followers;
mod heard;
mod hints;
mod leases;
mod links;
mod messages;
mod migrations;
mod order;
mod overview;
mod postgres;
mod prune;
mod rebuilds;
mod requests;
mod slots;
mod snapshots;
mod subscriptions;
mod upgrades;
mod waiting;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::model::{
    Author, Changes, Checks, ChecksState, Commit, Decided, Deployment, DeploymentId,
    DeploymentState, Failure, Kind, NewRequest, Person, Progress, Refusal, ReplyAddress,
    RepositoryHints, RepositoryName, Request, Step, Subject,
};

const AT_ONCE: Duration = Duration::ZERO;

/// Makes two tests of each scenario, one on either database; the name of the
/// test says which.
macro_rules! on_both {
    ($($scenario:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(super::Journal::on_sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $scenario() {
                super::$scenario(super::Journal::on_postgres().await).await;
            })+
        }
    };
}
use on_both;

/// An empty journal.
struct Journal {
    store: Store,
    database: Database,
    home: Home,
}

/// What goes when the test ends.
enum Home {
    Folder { _folder: TempDir },
    Server(test_postgres::Database),
}

impl Journal {
    async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("deploy.db"));
        Self {
            store: Store::open(&database, AT_ONCE).await.unwrap(),
            database,
            home: Home::Folder { _folder: folder },
        }
    }

    async fn on_postgres() -> Self {
        let server = test_postgres::Database::create().await.unwrap();
        let database = Database::Postgres(server.url().into());
        Self {
            store: Store::open(&database, AT_ONCE).await.unwrap(),
            database,
            home: Home::Server(server),
        }
    }

    /// Opens it anew, as the next process does after this one died: the handles
    /// are dropped, not closed.
    async fn after_a_crash(self) -> Self {
        let Self {
            store,
            database,
            home,
        } = self;
        drop(store);
        Self {
            store: Store::open(&database, AT_ONCE).await.unwrap(),
            database,
            home,
        }
    }

    /// Another process's view of it: the same one where there can be but one.
    async fn another(&self) -> Store {
        match self.home {
            Home::Folder { .. } => self.store.clone(),
            Home::Server(_) => Store::open(&self.database, AT_ONCE).await.unwrap(),
        }
    }

    /// The server that holds it; these scenarios need one.
    fn server(&self) -> &test_postgres::Database {
        match &self.home {
            Home::Server(server) => server,
            Home::Folder { .. } => panic!("this scenario is about Postgres"),
        }
    }

    /// Changes it by hand.
    async fn damage(&self, sql: &'static str) {
        let store = &self.store;
        store
            .write(|transaction| {
                Box::pin(async move { transaction.execute(sql, Args::new()).await })
            })
            .await
            .unwrap();
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
        expected_live: Some("9f8e7d6".parse().unwrap()),
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
        repository: RepositoryName::parse("acme/people", None).unwrap(),
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
            authors: vec![Author {
                account: Some(7),
                login: "minji".to_owned(),
                email: "minji@acme.example".to_owned(),
                name: "Minji".to_owned(),
            }],
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

/// A delivery of a webhook about a repository.
fn hinting(delivery: &str, repository: &RepositoryName, about: Subject) -> RepositoryHints {
    RepositoryHints {
        repository: repository.clone(),
        deliveries: vec![(delivery.parse().unwrap(), about)],
    }
}

/// Why a workflow says that it failed.
fn said(why: &str) -> Failure {
    Failure::WorkflowSaid(why.to_owned())
}

async fn cursors(store: &Store) -> Vec<(i64, String)> {
    let entries = store.entries_after(0, 100).await.unwrap();
    let name = |entry: &Entry| {
        let request = entry.subject.request().expect("it is about a request");
        (entry.cursor, request.asked.id.to_string())
    };
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

/// Takes the slot with facts that are as of now.
async fn take(store: &Store, id: &RequestId, second: i64) -> Slot {
    try_to_take(store, id, second).await.unwrap()
}

async fn try_to_take(store: &Store, id: &RequestId, second: i64) -> Result<Slot, Error> {
    let read_at = store.newest_cursor().await.unwrap();
    store.take_slot(id, &decided(), read_at, at(second)).await
}
