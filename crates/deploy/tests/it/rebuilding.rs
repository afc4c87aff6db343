//! The journal made anew from GitHub's deployments alone: whole, once, and
//! whatever it knew before.

mod faults;

use std::time::Duration;

use deploy::{
    Clock, Config, Timing,
    github::Credentials,
    model::{DeploymentState, History, Progress, RepositoryName},
    rebuild::{self, Told},
};
use deploy_proto::v1::{self, RequestState, StaleReason};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::{
    control::FaultKind,
    github::{self, SeedDeployment, SeedStatus},
};
use tokio_util::sync::CancellationToken;

use crate::{
    service::{Service, Watcher, eventually},
    world::{CREATE, Engine, NEWEST, OLDEST, World, on_both, write_status},
};

pub(crate) const LISTING: &str = "POST /api/graphql Listing";
/// More than two pages.
const MANY: usize = 230;

on_both![
    an_empty_journal_has_the_whole_history,
    requests_are_known_again,
    what_runs_is_followed_on,
    what_the_journal_knows_stays,
];

fn people() -> RepositoryName {
    RepositoryName::parse("acme/people", None).unwrap()
}

/// The past of `acme/people`: one deployment a minute, every tenth to staging,
/// every seventh without success, with payloads of all kinds.
pub(crate) fn seed_past(world: &World) {
    seed_since(
        world,
        Clock::system().now() - SignedDuration::from_hours(24),
    );
}

fn seed_since(world: &World, start: Timestamp) {
    for number in 0..MANY {
        let at = start + SignedDuration::from_mins(number as i64);
        let (state, sha) = if number % 7 == 3 {
            // It is not in the repository any more.
            (github::DeploymentState::Failure, "dead".repeat(10))
        } else {
            (github::DeploymentState::Success, world.sha(NEWEST))
        };
        let seed = SeedDeployment {
            sha: sha.parse().unwrap(),
            environment: environment(number).to_owned(),
            creator: "octo".to_owned(),
            payload: payload(number),
            description: None,
            created_at: at,
            statuses: vec![
                status(github::DeploymentState::InProgress, at),
                status(state, at + SignedDuration::from_secs(30)),
            ],
        };
        world.github.seed_deployment("acme/people", seed).unwrap();
    }
}

fn environment(number: usize) -> &'static str {
    if number % 10 == 9 {
        "staging"
    } else {
        "production"
    }
}

fn status(state: github::DeploymentState, at: Timestamp) -> SeedStatus {
    SeedStatus {
        state,
        description: "as told".to_owned(),
        at,
    }
}

fn ours(id: &str) -> Value {
    json!({
        "deploybot": 1, "request_id": id, "kind": "deploy",
        "requester": {"slack": "U1", "github": "minji", "name": "Minji"},
        "reply": {"channel": "C1", "thread_ts": "1.2"}, "replaces": null,
    })
}

fn payload(number: usize) -> Value {
    match number % 8 {
        0 | 1 => ours(&format!("r{number}")),
        2 => json!(ours(&format!("r{number}")).to_string()),
        3 => json!([1, "two"]),
        4 if number == 4 => json!("x".repeat(1 << 20)),
        4 => json!(null),
        5 => json!("not {json"),
        6 => json!({"deploybot": "yes", "request_id": 7}),
        _ => json!({"deploybot": 9, "requester": []}),
    }
}

/// The rebuild, and what it told.
async fn rebuild(world: &World, named: &[RepositoryName]) -> anyhow::Result<(String, Vec<String>)> {
    rebuild_with(&world.config(), named).await
}

async fn rebuild_with(
    config: &Config,
    named: &[RepositoryName],
) -> anyhow::Result<(String, Vec<String>)> {
    let mut told = Vec::new();
    let mut tell = |one: Told<'_>| match one {
        Told::Says(sentence) => told.push(sentence.to_owned()),
        Told::Read {
            repository,
            deployments,
            ..
        } => told.push(format!("{repository} {deployments}")),
    };
    let stop = CancellationToken::new();
    let run = rebuild::run(config, named.to_vec(), Clock::system(), stop, &mut tell);
    let done = Box::pin(run).await?;
    let place = config.database.to_string();
    Ok((done.replace(&place, "DATABASE"), told))
}

async fn history(world: &World) -> History {
    let store = world.journal().await;
    let history = store.known_history(&people(), None, 1_000).await.unwrap();
    store.close().await;
    history.unwrap()
}

async fn an_empty_journal_has_the_whole_history(engine: Engine) {
    let world = World::on(engine).await;
    seed_past(&world);
    let (done, told) = rebuild(&world, &[]).await.unwrap();
    assert_eq!(
        done,
        "The journal DATABASE has the 230 deployments of 2 repositories."
    );
    assert_eq!(
        told,
        [
            "acme/api 0",
            "acme/people 100",
            "acme/people 200",
            "acme/people 230"
        ]
    );
    let history = history(&world).await;
    let [production, staging] = history.environments.as_slice() else {
        panic!("{history:?}");
    };
    assert_eq!(production.deployments.len(), MANY - MANY / 10);
    assert_eq!(staging.deployments.len(), MANY / 10);
    for (deployments, name) in [(production, "production"), (staging, "staging")] {
        let wanted = (0..MANY)
            .rev()
            .filter(|number| environment(*number) == name);
        for (number, told) in wanted.zip(&deployments.deployments) {
            let has_failed = number % 7 == 3;
            assert_eq!(
                told.state == DeploymentState::Failed,
                has_failed,
                "{number}"
            );
            assert_eq!(told.steps.len(), 2, "{number}");
            let is_ours = number % 8 < 3;
            assert_eq!(told.request_id.is_some(), is_ours, "{number}");
            let asked = if is_ours { "minji" } else { "octo" };
            assert_eq!(told.requester.github, asked, "{number}");
        }
    }

    // What is told while GitHub is down is what GitHub tells.
    let service = world.serve().await;
    let mut client = service.client().await;
    let ask = v1::ListHistoryRequest {
        repository: "people".to_owned(),
        environment: Some("production".to_owned()),
        page_size: Some(50),
    };
    world.fault("*", 1_000, FaultKind::Drop);
    let answer = client.list_history(ask.clone()).await.unwrap();
    let mut known = answer.into_inner();
    assert_eq!(
        known.stale.take().unwrap().reason(),
        StaleReason::GithubUnavailable
    );
    world.github.control().clear_faults();
    let answer = eventually("GitHub is back", || {
        let (mut client, ask) = (client.clone(), ask.clone());
        async move {
            let answer = client.list_history(ask).await.unwrap().into_inner();
            answer.stale.is_none().then_some(answer)
        }
    });
    assert_eq!(known.environments, answer.await.environments);
    service.stop().await;
    world.end().await;
}

async fn requests_are_known_again(engine: Engine) {
    let world = World::on(engine).await;
    seed_past(&world);
    rebuild(&world, &[people()]).await.unwrap();
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut again = world.ask("r8", NEWEST);
    again.commit.truncate(7);
    again.environment = "Prod".to_owned();
    let answer = client.start_deployment(again).await.unwrap().into_inner();
    let request = answer.request.unwrap();
    assert_eq!(request.state(), RequestState::Succeeded);
    assert_eq!(request.requester.unwrap().name, "Minji");
    assert_eq!(request.reply.unwrap().channel, "C1");
    let failed = world.ask("r10", OLDEST);
    let taken = client.start_deployment(failed).await.unwrap_err();
    assert_eq!(taken.code(), tonic::Code::InvalidArgument, "another commit");
    assert_eq!(world.calls(CREATE), 0);
    service.stop().await;
    let store = world.journal().await;
    assert_eq!(store.newest_cursor().await.unwrap(), 0, "nothing is news");
    store.close().await;
    world.end().await;
}

async fn what_runs_is_followed_on(engine: Engine) {
    let world = World::on(engine).await;
    let now = Clock::system().now();
    let seed = SeedDeployment {
        sha: world.sha(NEWEST).parse().unwrap(),
        environment: "production".to_owned(),
        creator: "deploybot".to_owned(),
        payload: ours("r1"),
        description: None,
        created_at: now,
        statuses: vec![status(github::DeploymentState::InProgress, now)],
    };
    let number = world.github.seed_deployment("acme/api", seed).unwrap();
    let api = RepositoryName::parse("acme/api", None).unwrap();
    rebuild(&world, &[api]).await.unwrap();
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let running = feed.next().await;
    assert_eq!(running.state(), RequestState::Running);
    write_status(&world, number.try_into().unwrap(), "success").await;
    let ended = feed.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Succeeded);
    assert_eq!(ended.reply.unwrap().thread_ts, "1.2");
    assert_eq!(world.calls(CREATE), 0);
    service.stop().await;
    world.end().await;
}

async fn what_the_journal_knows_stays(engine: Engine) {
    let world = World::on(engine).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("known", NEWEST))
        .await
        .unwrap();
    feed.end_of("known").await;
    let reply = v1::RecordReplyRequest {
        request_id: "known".to_owned(),
        channel: "C7".to_owned(),
        message_ts: "7.7".to_owned(),
    };
    client.record_reply(reply).await.unwrap();
    service.stop().await;
    let store = world.journal().await;
    let id = "known".parse().unwrap();
    let before = store.request(&id).await.unwrap().unwrap();
    let cursor = store.newest_cursor().await.unwrap();
    store.close().await;
    let mut histories = Vec::new();
    for _ in 0..2 {
        let (done, _) = rebuild(&world, &[people()]).await.unwrap();
        assert_eq!(
            done,
            "The journal DATABASE has the 1 deployment of 1 repository."
        );
        histories.push(History {
            as_of: Timestamp::UNIX_EPOCH,
            ..history(&world).await
        });
    }
    assert_eq!(histories[0], histories[1]);
    let store = world.journal().await;
    let after = store.request(&id).await.unwrap().unwrap();
    assert_eq!(before, after);
    assert!(matches!(after.progress, Progress::Succeeded(..)));
    assert_eq!(store.newest_cursor().await.unwrap(), cursor);
    store.close().await;
    world.end().await;
}

#[tokio::test]
async fn an_app_rebuilds_what_it_is_installed_for() {
    let world = World::new().await;
    seed_past(&world);
    world
        .github
        .register_app(github::App::sample(7, "deploybot"));
    world.github.install_app("acme", Some(&["people"]));
    let mut config = world.config();
    config.github_credentials = Credentials::App {
        id: 7,
        private_key: SecretString::from(github::SAMPLE_APP_KEY),
    };
    config.github_owner = None;
    let (_, told) = rebuild_with(&config, &[]).await.unwrap();
    assert_eq!(
        told,
        ["acme/people 100", "acme/people 200", "acme/people 230"]
    );
    world.end().await;
}

#[tokio::test]
async fn on_postgres_it_runs_beside_the_service_and_on_sqlite_it_says_why_not() {
    let world = World::on(Engine::Postgres).await;
    seed_past(&world);
    let service = world.serve().await;
    rebuild(&world, &[people()]).await.unwrap();
    service.stop().await;
    world.end().await;

    let world = World::new().await;
    let service = world.serve().await;
    let error = rebuild(&world, &[people()]).await.unwrap_err();
    let place = world.config().database.to_string();
    insta::assert_snapshot!(
        error.to_string().replace(&place, "FILE"),
        @"the service has the journal FILE open, and a SQLite file belongs to one process at a time: stop the service, rebuild, and start it again. On Postgres a rebuild runs beside it"
    );
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn what_is_old_is_removed_while_it_serves() {
    let world = World::new().await;
    let old = SignedDuration::from_hours(24 * 100);
    seed_since(&world, Clock::system().now() - old);
    rebuild(&world, &[people()]).await.unwrap();
    let store = world.journal().await;
    let id = "r0".parse().unwrap();
    assert!(store.request(&id).await.unwrap().is_some());
    store.close().await;
    let timing = Timing {
        prune: Duration::from_millis(20),
        ..world.timing()
    };
    let service = Service::start(world.config(), timing).await;
    let mut client = service.client().await;
    eventually("the old requests are gone", || {
        let mut client = client.clone();
        async move {
            let reply = v1::RecordReplyRequest {
                request_id: "r0".to_owned(),
                channel: "C1".to_owned(),
                message_ts: "1.1".to_owned(),
            };
            let unknown = client.record_reply(reply).await.err()?;
            (unknown.code() == tonic::Code::NotFound).then_some(())
        }
    })
    .await;
    let ask = world.ask("fresh", NEWEST);
    client.start_deployment(ask).await.unwrap();
    service.stop().await;
    assert_eq!(history(&world).await.environments.len(), 2, "it stays");
    world.end().await;
}
