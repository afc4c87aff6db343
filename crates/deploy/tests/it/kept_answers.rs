//! Answers that were kept: as long as the journal follows what happens, they are
//! what GitHub would answer, and cost it nothing.

use std::time::{Duration, Instant};

use deploy::{Clock, Config, Timing, store::Database};
use deploy_proto::v1::{self, RequestState};
use futures::future::join_all;
use http::StatusCode;
use http_body_util::Full;
use hyper_util::{client::legacy, rt::TokioExecutor};
use jiff::SignedDuration;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use secrecy::SecretString;
use serde_json::json;
use simulators::{control::FaultKind, github::Limits};

use crate::{
    service::{Client, PATIENCE, Service, Watcher},
    webhooks_world::{SECRET, webhook},
    world::{Engine, NEWEST, World, ask_github, on_both, write_status},
};

const STATUS: &str = "POST /api/graphql Status";
const HISTORY: &str = "POST /api/graphql History";
const NEVER: Duration = Duration::from_secs(24 * 3_600);
/// How much happens, and by which dice.
const EVENTS: u32 = 25;
const SEED: u64 = 7;

on_both![
    what_is_followed_is_told_as_github_tells_it_without_a_call,
    a_branch_that_was_read_to_its_end_is_not_called_a_part,
];

/// All that can be asked of `acme/api`, but for when it was read and what
/// follows from that alone: the step that GitHub adds to what was replaced.
#[derive(Debug, PartialEq)]
struct Told {
    status: v1::GetStatusResponse,
    histories: [v1::ListHistoryResponse; 2],
}

async fn told(client: &mut Client) -> Told {
    let mut status = status(client, None).await;
    status.as_of = None;
    let mut histories = [history(client, None, 3).await, {
        let production = Some("production".to_owned());
        history(client, production, 2).await
    }];
    for history in &mut histories {
        history.as_of = None;
        let environments = history.environments.iter_mut();
        for deployment in environments.flat_map(|one| &mut one.deployments) {
            deployment.steps.retain(|step| step.state != "inactive");
        }
    }
    Told { status, histories }
}

async fn status(client: &mut Client, limit: Option<i32>) -> v1::GetStatusResponse {
    let repository = "api".to_owned();
    let ask = v1::GetStatusRequest { repository, limit };
    client.get_status(ask).await.unwrap().into_inner()
}

async fn history(
    client: &mut Client,
    environment: Option<String>,
    page_size: i32,
) -> v1::ListHistoryResponse {
    let ask = v1::ListHistoryRequest {
        repository: "api".to_owned(),
        environment,
        page_size: Some(page_size),
    };
    client.list_history(ask).await.unwrap().into_inner()
}

fn reads(world: &World) -> u64 {
    world.calls(STATUS) + world.calls(HISTORY)
}

/// A service that keeps what it has read, and one that reads each time.
struct Both {
    world: World,
    keeps: Service,
    reads: Service,
    /// The one that reads has a journal of its own, and no part in anything.
    _folder: tempfile::TempDir,
}

impl Both {
    async fn start(engine: Engine) -> Self {
        let world = World::on(engine).await;
        world.github.set_limits(Limits::none());
        let config = || Config {
            pickup_timeout: NEVER,
            silence_timeout: NEVER,
            ..world.config()
        };
        let keeps = Config {
            webhook_secret: Some(SecretString::from(SECRET)),
            snapshot_age: NEVER,
            ..config()
        };
        let folder = tempfile::tempdir().unwrap();
        let reads = Config {
            database: Database::Sqlite(folder.path().join("deploy.db")),
            poll_interval: NEVER,
            ..config()
        };
        Self {
            keeps: world.serve_with(keeps).await,
            reads: world.serve_with(reads).await,
            world,
            _folder: folder,
        }
    }

    /// Waits until what was kept is what GitHub answers; how often it was asked
    /// for that.
    async fn agree(&self, what: &str) -> u64 {
        let (mut keeps, mut reads_each) = (self.keeps.client().await, self.reads.client().await);
        let (mut calls, began) = (0, Instant::now());
        loop {
            let before = reads(&self.world);
            let kept = told(&mut keeps).await;
            calls += reads(&self.world) - before;
            let now = told(&mut reads_each).await;
            if kept == now {
                return calls;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{what}: kept {kept:#?}\n\nGitHub: {now:#?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Somebody makes a deployment; its number. GitHub tells of it, until now.
    async fn made(&self, environment: &str, commit: usize) -> i64 {
        let body = json!({
            "ref": self.world.sha(commit), "environment": environment, "required_contexts": [],
            "auto_merge": false,
        });
        let (path, body) = ("deployments", body.to_string());
        let (status, made) = ask_github(&self.world, "POST", "api", path, &body).await;
        assert_eq!(status, StatusCode::CREATED);
        let number = made["id"].as_i64().unwrap();
        let body = json!({"deployment": made, "repository": {"full_name": "acme/api"}});
        let delivery = format!("made-{number}");
        let mut told = webhook("deployment", &delivery, &body.to_string());
        let url = format!("http://{}/webhooks/github", self.keeps.web.unwrap());
        *told.uri_mut() = url.parse().unwrap();
        let sender = legacy::Client::builder(TokioExecutor::new()).build_http::<Full<_>>();
        let answer = sender.request(told).await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        number
    }
}

async fn what_is_followed_is_told_as_github_tells_it_without_a_call(engine: Engine) {
    let both = Both::start(engine).await;
    let mut client = both.keeps.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    assert_eq!(both.agree("the beginning").await, 3);
    let mut dice = StdRng::seed_from_u64(SEED);
    let (mut open, mut ran) = (Vec::<i64>::new(), 0);
    for event in 0..EVENTS {
        let environment = *["production", "staging"].choose(&mut dice).unwrap();
        let commit = dice.random_range(0..=NEWEST);
        match dice.random_range(0..10) {
            0 => {
                let number = both.made(environment, commit).await;
                open.push(number);
                let what = format!("event {event}: {number} was made");
                assert!(both.agree(&what).await > 0);
            }
            1..=4 => {
                let id = format!("r{event}");
                let ask = v1::StartDeploymentRequest {
                    repository: "api".to_owned(),
                    environment: environment.to_owned(),
                    ..both.world.ask(&id, commit)
                };
                client.start_deployment(ask).await.unwrap();
                let decided =
                    |state| matches!(state, RequestState::Running | RequestState::Refused);
                let request = feed.until(&id, decided).await;
                if request.state() == RequestState::Running {
                    open.push(request.deployment.unwrap().id);
                    ran += 1;
                }
                let what = format!("event {event}: {id} to {environment}");
                assert_eq!(both.agree(&what).await, 0, "{what}");
            }
            _ if open.is_empty() => {}
            _ => {
                let at = dice.random_range(0..open.len());
                let states = [
                    "queued",
                    "in_progress",
                    "success",
                    "success",
                    "failure",
                    "error",
                ];
                let state = *states.choose(&mut dice).unwrap();
                write_status(&both.world, open[at], state).await;
                let what = format!("event {event}: {} of {open:?} is {state}", open[at]);
                if !matches!(state, "queued" | "in_progress") {
                    open.remove(at);
                }
                assert_eq!(both.agree(&what).await, 0, "{what}");
            }
        }
    }
    assert!(ran >= 3, "the dice have to be thrown otherwise: {ran} ran");
    both.keeps.stop().await;
    both.reads.stop().await;
    both.world.end().await;
}

/// A service of which an answer may be 5 minutes old, where the hour allows so
/// many points of which 56 are used; how many calls a status and a history take
/// so many minutes later.
async fn calls_later<const TIMES: usize>(hourly: u64, later: [i64; TIMES]) -> [[u64; 2]; TIMES] {
    let world = World::new().await;
    world.github.set_limits(Limits::hourly(hourly));
    let clock = world.github.clock().clone();
    let config = Config {
        snapshot_age: Duration::from_mins(5),
        ..world.config()
    };
    let timing = Timing {
        clock: Clock::new(move || clock.now()),
        ..world.timing()
    };
    let service = Service::start(config, timing).await;
    let mut client = service.client().await;
    for limit in 1..=6 {
        status(&mut client, Some(limit)).await;
    }
    for size in 1..=50 {
        history(&mut client, None, size).await;
    }
    assert_eq!(reads(&world), 56);
    let mut calls = [[0; 2]; TIMES];
    for (calls, minutes) in calls.iter_mut().zip(later) {
        let passed = SignedDuration::from_mins(minutes);
        world.github.clock().set_shift(passed);
        let before = [world.calls(STATUS), world.calls(HISTORY)];
        status(&mut client, Some(5)).await;
        history(&mut client, None, 50).await;
        *calls = [
            world.calls(STATUS) - before[0],
            world.calls(HISTORY) - before[1],
        ];
    }
    service.stop().await;
    world.end().await;
    calls
}

#[tokio::test]
async fn an_answer_may_be_older_while_the_hour_is_used_up_fast() {
    let later = [0, 5, 14, 16, 16, 59];
    let busy = [[0, 0], [0, 0], [0, 0], [1, 0], [0, 0], [1, 0]];
    assert_eq!(calls_later(100, later).await, busy);
    let ordinary = [[0, 0], [1, 1], [1, 1], [0, 0], [0, 0], [1, 1]];
    assert_eq!(calls_later(5_000, later).await, ordinary);
}

#[tokio::test]
async fn who_asks_the_same_at_the_same_time_has_the_same_answer() {
    let world = World::new().await;
    let config = Config {
        snapshot_age: NEVER,
        ..world.config()
    };
    let service = world.serve_with(config).await;
    let client = service.client().await;
    let all_at_once = async || {
        let clients = (0..20).map(|_| client.clone());
        let all = clients.map(async |mut client| {
            let status = status(&mut client, None).await;
            // The journal keeps times to the millisecond.
            (status.commits, status.environments)
        });
        let all = join_all(all).await;
        assert!(all.iter().all(|one| *one == all[0]));
    };
    world.fault(STATUS, 1, FaultKind::Late { ms: 500 });
    all_at_once().await;
    assert_eq!(world.calls(STATUS), 1);
    all_at_once().await;
    assert_eq!(world.calls(STATUS), 1);
    service.stop().await;
    world.end().await;
}

/// The first has no more time for an answer that does not come.
#[tokio::test]
async fn of_those_who_wait_one_asks_when_the_first_has_gone() {
    let world = World::new().await;
    let config = Config {
        snapshot_age: NEVER,
        ..world.config()
    };
    let service = world.serve_with(config).await;
    let client = service.client().await;
    world.fault(STATUS, 1, FaultKind::Latency { ms: 60_000 });
    let mut first = client.clone();
    let gone = async move {
        let mut ask = tonic::Request::new(v1::GetStatusRequest {
            repository: "api".to_owned(),
            limit: None,
        });
        ask.set_timeout(Duration::from_secs(3));
        first.get_status(ask).await
    };
    let others = async {
        world.has_faulted("the first asks").await;
        let all = (0..20).map(|_| client.clone());
        join_all(all.map(async |mut client| status(&mut client, None).await.commits)).await
    };
    let (gone, others) = futures::future::join(gone, others).await;
    // Whether it hears of that by the service or by itself.
    gone.unwrap_err();
    assert!(others.iter().all(|one| *one == others[0]));
    assert!(world.calls(STATUS) <= 2, "{}", world.calls(STATUS));
    service.stop().await;
    world.end().await;
}

async fn a_branch_that_was_read_to_its_end_is_not_called_a_part(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let status = |limit| v1::GetStatusRequest {
        repository: "people".to_owned(),
        limit: Some(limit),
    };
    let first = client.get_status(status(50)).await.unwrap().into_inner();
    assert!(first.commits.len() < 40, "{}", first.commits.len());
    world.fault(STATUS, u32::MAX, FaultKind::Status(502));
    let again = client.get_status(status(40)).await.unwrap().into_inner();
    assert_eq!(again.commits, first.commits);
    let stale = again.stale.expect("it says that it is old");
    assert_eq!(stale.reason(), v1::StaleReason::GithubUnavailable);
    assert!(!stale.is_partial, "there are no more");
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    world.end().await;
}
