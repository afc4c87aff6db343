//! A journal of the version before the newest tables, with rows in all of them: what
//! channels follow, who is who, what was posted and what is to be told survives.

use super::*;
use crate::store::{Subject, migration};

/// The version whose rows these are.
const BEFORE: usize = 9;

/// What it left: an entry of each kind in the feed, and what they are about.
const FILLED: &str = r#"
INSERT INTO requests (id, repository, environment, commit_ref, kind, requester_slack,
    requester_github, requester_name, reply_channel, reply_thread_ts, reply_asked_ts,
    accepted_at, state, progress, message_ts)
VALUES ('r1', 'acme/people', 'production', 'a1b2', 'deploy', 'U1', 'minji', 'Minji',
    'C1', '', '1.3', 1000, 'accepted', '{"state":"accepted"}', '2.1');
INSERT INTO deployments (number, node, repository, name, environment, sha, state, request_id,
    created_at, steps, read_at, adopted_at, outcome, body, hint, why)
VALUES (8, 'DE_8', 'acme/people', 'acme/people', 'production',
    'a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2', 'failed', '', 6000, 1, 9000, 7000,
    'It broke.',
    '{"number":8,"node":"DE_8","environment":"Production","commit":{"sha":"a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2a1b2","headline":"Add Minji","author":"minji","committed_at":5000,"url":""},"state":"failed","live":false,"kind":"deploy","requester":{"slack":"","github":"joon","name":""},"created_at":6000,"ended_at":9000,"steps":[{"state":"failure","description":"It broke.","at":9000,"log_url":""}],"request_id":null,"replaces":null,"log_url":"","environment_url":""}',
    3, '{"reason":"workflow_said","text":"It broke."}');
INSERT INTO links (id, slack, name, login, state, device_code, user_code, verification_url,
    interval_ms, next_at, expires_at, proved_login, reply_channel, reply_thread_ts,
    reply_asked_ts, at)
VALUES
    ('l1', 'U1', 'Minji', 'Minji', 'linked', '', '', '', 5000, 0, 9000, '', 'C1', '', '1.1', 8000),
    ('l2', 'U2', 'Joon', 'joon', 'waiting', 'dev', 'ABCD-1234', 'https://github.test/device',
     5000, 10000, 900000, '', 'C1', '', '1.1', 8000);
INSERT INTO people (slack, login, linked_at, muted) VALUES ('U1', 'Minji', 8000, 0), ('U2', '', 0, 1);
INSERT INTO subscriptions (channel, repository, environment, repository_name, environment_name,
    moments, requester_slack, requester_name, at)
VALUES ('C2', 'acme/people', 'production', 'acme/people', 'Production', 'succeeded failed', 'U1',
    'Minji', 7000);
INSERT INTO repository_channels (repository, environment, repository_name, environment_name, channel)
VALUES ('acme/people', 'production', 'acme/people', 'production', 'C9FILE');
INSERT INTO messages (key, claimant, until, claims, channel, ts, at)
VALUES ('request:r1', 'p1', 0, 2, 'C1', '2.1', 1000);
INSERT INTO feed (cursor, at, request_id, deployment, link_id)
VALUES (1, 1000, 'r1', NULL, NULL), (2, 9000, NULL, 8, NULL), (3, 9500, NULL, NULL, 'l1');
UPDATE counters SET value = 3 WHERE name IN ('feed', 'hints');
INSERT INTO subscribers (name, cursor) VALUES ('bot', 1);
INSERT INTO hints (repository, status, history, journaled) VALUES ('acme/people', 1, 2, 3);
INSERT INTO heard (number, node, name) VALUES (9, 'DE_9', 'acme/people');
INSERT INTO deliveries (id, at) VALUES ('d1', 1000);
INSERT INTO deployment_suites (id, at) VALUES (5, 1000);
INSERT INTO leases (name, holder, until) VALUES ('follow', 'p1', 1);
INSERT INTO creations (request_id, budget, accepted_at, granted_at, until)
VALUES ('r1', 'acme', 1000, NULL, NULL);
INSERT INTO freed_slots (repository, environment, cursor) VALUES ('acme/people', 'production', 1);
"#;

async fn rows_survive(database: &Database) {
    let applied = Store::migrate(database, AT_ONCE).await.unwrap();
    let newer = migration::SQLITE[BEFORE..].iter();
    let newer: Vec<i64> = newer.map(|&(version, ..)| version).collect();
    assert_eq!(applied, newer);
    let store = &Store::open(database, AT_ONCE).await.unwrap();
    feed_survives(store).await;
    let claim = MessageClaim {
        key: "request:r1".to_owned(),
        claimant: "p2".to_owned(),
        gone: String::new(),
    };
    let posted = Claimed::Posted {
        channel: "C1".to_owned(),
        ts: "2.1".to_owned(),
    };
    let claimed = store.claim_message(&claim, AT_ONCE).await.unwrap();
    assert_eq!(claimed, posted);
    let listed = store.subscriptions("C2").await.unwrap();
    let (requester, since) = listed[0].asked.clone().expect("somebody asked for it");
    assert_eq!(
        (requester.name.as_str(), since, listed[0].moments.len()),
        ("Minji", at(7), 2)
    );
    let (logins, slack_ids) = (["minji".to_owned()], ["U2".to_owned()]);
    let people = store.find_people(&[], &logins, &slack_ids);
    let mut people = people.await.unwrap();
    people.sort_by(|one, other| one.slack.cmp(&other.slack));
    let slacks: Vec<_> = people.iter().map(|one| one.slack.as_str()).collect();
    assert_eq!(slacks, ["U1", "U2"]);
    assert_eq!((people[0].muted, people[1].muted), (false, true));
    let due = store.take_due_links(at(20), AT_ONCE, 9).await.unwrap();
    assert_eq!(due.len(), 1, "one waits still");
    assert_eq!(store.heard().await.unwrap().len(), 1);
    // And it goes on.
    accepted(store, "r2").await;
    assert_eq!(store.newest_cursor().await.unwrap(), 4);
}

async fn feed_survives(store: &Store) {
    assert_eq!(store.acknowledged("bot").await.unwrap(), 1);
    let entries = store.followed_entries_after(0, 9).await.unwrap();
    let [request, elsewhere, link] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    let request = request.subject.request().expect("it is about a request");
    assert_eq!(request.message_ts.as_deref(), Some("2.1"));
    let Subject::Elsewhere(made) = &elsewhere.subject else {
        panic!("{elsewhere:?}");
    };
    assert_eq!(made.failure, Some(said("It broke.")));
    assert_eq!(made.deployment.state, DeploymentState::Failed);
    let followers = elsewhere.followers.iter();
    let followers: Vec<_> = followers
        .map(|one| (one.channel.as_str(), one.moments.len()))
        .collect();
    assert_eq!(followers, [("C9FILE", 3), ("C2", 2)]);
    let Subject::Link(link) = &link.subject else {
        panic!("{link:?}");
    };
    assert_eq!(link.login, "Minji");
}

#[tokio::test]
async fn what_channels_and_people_asked_for_survives_on_sqlite() {
    use sqlx::{Connection as _, Executor as _, SqliteConnection};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deploy.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let before = &migration::SQLITE[..BEFORE];
    migration::run(&mut connection, before).await.unwrap();
    connection.execute(FILLED).await.unwrap();
    connection.close().await.unwrap();
    rows_survive(&Database::Sqlite(file)).await;
}

#[tokio::test]
async fn what_channels_and_people_asked_for_survives_on_postgres() {
    use sqlx::{Connection as _, PgConnection};
    let server = test_postgres::Database::create().await.unwrap();
    let mut connection = PgConnection::connect(server.url()).await.unwrap();
    let before = &migration::POSTGRES[..BEFORE];
    migration::run(&mut connection, before).await.unwrap();
    connection.close().await.unwrap();
    server.run(FILLED).await.unwrap();
    rows_survive(&Database::Postgres(server.url().into())).await;
}
