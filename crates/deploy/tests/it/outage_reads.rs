//! GitHub does not answer: who asks is told what was read before, how old it is,
//! and what GitHub itself says about its outage, until GitHub is back.

mod together;
mod wider;

use std::time::{Duration, Instant};

use deploy::{Clock, Config, Timing};
use deploy_proto::v1::{self, RequestState, StaleReason};
use jiff::SignedDuration;
use serde_json::json;
use simulators::control::FaultKind;

use crate::{
    github_outage::status_page,
    service::{Client, Service, Watcher, eventually},
    world::{Engine, NEWEST, OLDEST, World, on_both, write_status},
};

on_both! {
    while_it_answers_502_what_was_read_is_told_with_its_age,
    while_it_cuts_connections_what_was_read_is_told_with_its_age,
    what_is_young_says_so_too_and_is_read_anew_afterwards,
    what_is_young_is_told_soon_although_github_hangs,
    environments_of_which_nothing_is_known_are_named,
}

const STATUS: &str = "POST /api/graphql Status";
const HISTORY: &str = "POST /api/graphql History";
/// More often than any test asks.
const ALWAYS: u32 = 1_000_000;
const NEVER: Duration = Duration::from_secs(24 * 3_600);

/// What people can read of `people`.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    status: v1::GetStatusResponse,
    history: v1::ListHistoryResponse,
}

impl Told {
    /// Asks for both; the journal keeps times to the millisecond, so that no
    /// other are told here.
    async fn by(client: &mut Client) -> Self {
        let mut told = Self {
            status: status(client, None).await,
            history: history(client, None, None).await,
        };
        for as_of in [&mut told.status.as_of, &mut told.history.as_of] {
            let as_of = as_of.as_mut().expect("it says how old it is");
            as_of.nanos -= as_of.nanos % 1_000_000;
        }
        told
    }

    /// Takes out why it could not be renewed.
    fn take_stale(&mut self) -> [Option<v1::Stale>; 2] {
        [self.status.stale.take(), self.history.stale.take()]
    }

    /// Whether each is newer than before.
    fn is_newer_than(&self, before: &Self) -> bool {
        let times = |told: &Self| {
            let times = [&told.status.as_of, &told.history.as_of];
            times.map(|at| at.as_ref().map(|at| (at.seconds, at.nanos)))
        };
        let (now, before) = (times(self), times(before));
        now.iter().zip(&before).all(|(now, before)| now > before)
    }
}

async fn while_it_answers_502_what_was_read_is_told_with_its_age(on: Engine) {
    is_told_through(on, FaultKind::Status(502)).await;
}

async fn while_it_cuts_connections_what_was_read_is_told_with_its_age(on: Engine) {
    is_told_through(on, FaultKind::Drop).await;
}

async fn is_told_through(on: Engine, fault: FaultKind) {
    let page = json!({"incidents": [{
        "name": "Delays in API requests", "status": "investigating",
        "shortlink": "https://stspg.io/abc", "updated_at": "2026-11-22T10:00:00Z",
    }]});
    let (url, _asked, _page) = status_page(Some(page.to_string())).await;
    let world = World::on(on).await;
    let config = Config {
        github_status_url: Some(url.parse().unwrap()),
        ..world.config()
    };
    let service = world.serve_with(config).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", OLDEST))
        .await
        .unwrap();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    let mut first = Told::by(&mut client).await;
    assert_eq!(first.take_stale(), [None, None]);

    world.fault("*", ALWAYS, fault);
    let stale = eventually("GitHub's own words are told", async || {
        stale_as(&first, &mut client.clone()).await
    })
    .await;
    assert_eq!(stale.reason(), StaleReason::GithubUnavailable);
    assert!(!stale.is_partial, "it is all that was asked for");
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            stale.incident,
            @"Delays in API requests (investigating) https://stspg.io/abc"
        );
    }

    // By now GitHub is left alone, and what happens there is not seen.
    world.fail_check("people", NEWEST);
    let reads = world.calls(STATUS) + world.calls(HISTORY);
    let again = stale_as(&first, &mut client).await;
    assert_eq!(again, Some(stale));
    for stale in Told::by(&mut client).await.take_stale() {
        let retry_at = stale.and_then(|stale| stale.retry_at);
        assert!(retry_at.is_some(), "it says when GitHub is tried again");
    }
    assert_eq!(world.calls(STATUS) + world.calls(HISTORY), reads);

    world.github.control().clear_faults();
    let fresh = eventually("GitHub is back", async || {
        let mut told = Told::by(&mut client.clone()).await;
        (told.take_stale() == [None, None]).then_some(told)
    })
    .await;
    assert!(fresh.is_newer_than(&first), "{first:#?}\n\n{fresh:#?}");
    let newest = fresh.status.commits[0].checks.as_ref().unwrap();
    assert_eq!(newest.failed, ["lint"]);
    assert_eq!(fresh.history.environments, first.history.environments);
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

/// Asks anew, and is told the same as before, with its age; why it is old, once
/// GitHub's own words are among that, without the time of the next try.
async fn stale_as(first: &Told, client: &mut Client) -> Option<v1::Stale> {
    let mut told = Told::by(client).await;
    let [status, history] = told.take_stale().map(|stale| v1::Stale {
        retry_at: None,
        ..stale.expect("it is old")
    });
    assert_eq!(told, *first);
    assert_eq!(status.reason(), StaleReason::GithubUnavailable);
    assert_eq!(history.reason(), StaleReason::GithubUnavailable);
    (!status.incident.is_empty() && status == history).then_some(status)
}

async fn status(client: &Client, limit: Option<i32>) -> v1::GetStatusResponse {
    let ask = status_of("people", limit);
    client.clone().get_status(ask).await.unwrap().into_inner()
}

fn status_of(repository: &str, limit: Option<i32>) -> v1::GetStatusRequest {
    v1::GetStatusRequest {
        repository: repository.to_owned(),
        limit,
    }
}

async fn history(
    client: &Client,
    environment: Option<&str>,
    page_size: Option<i32>,
) -> v1::ListHistoryResponse {
    let ask = history_of("people", environment, page_size);
    client.clone().list_history(ask).await.unwrap().into_inner()
}

fn history_of(
    repository: &str,
    environment: Option<&str>,
    page_size: Option<i32>,
) -> v1::ListHistoryRequest {
    v1::ListHistoryRequest {
        repository: repository.to_owned(),
        environment: environment.map(ToOwned::to_owned),
        page_size,
    }
}

/// Asks for the status of `acme/api`, of which nothing was kept.
async fn ask_in_vain(client: &mut Client) {
    let ask = status_of("api", None);
    client.get_status(ask).await.unwrap_err();
}

/// Waits until GitHub is left alone.
async fn is_left_alone(world: &World, client: &Client) {
    eventually("GitHub is left alone", async || {
        let before = world.calls(STATUS);
        ask_in_vain(&mut client.clone()).await;
        (world.calls(STATUS) == before).then_some(())
    })
    .await;
}

async fn what_is_young_says_so_too_and_is_read_anew_afterwards(on: Engine) {
    let world = World::on(on).await;
    let config = Config {
        snapshot_age: NEVER,
        ..world.config()
    };
    let service = world.serve_with(config).await;
    let mut client = service.client().await;
    let reads = || world.calls(STATUS) + world.calls(HISTORY);
    let mut first = Told::by(&mut client).await;
    assert_eq!(first.take_stale(), [None, None]);
    assert_eq!(Told::by(&mut client).await, first);
    assert_eq!(reads(), 2, "what is young costs nothing");

    let is_told_as_old = async |client: &mut Client| {
        let mut told = Told::by(client).await;
        for stale in told.take_stale() {
            let stale = stale.expect("it says that GitHub is away");
            assert_eq!(stale.reason(), StaleReason::GithubUnavailable);
            assert!(!stale.is_partial);
            assert_eq!(stale.followed_at, None);
        }
        assert_eq!(told, first);
    };
    world.fault("*", ALWAYS, FaultKind::Drop);
    ask_in_vain(&mut client).await;
    is_told_as_old(&mut client).await;
    is_left_alone(&world, &client).await;
    let calls = reads();
    is_told_as_old(&mut client).await;
    assert_eq!(reads(), calls);

    world.github.control().clear_faults();
    let mut fresh = eventually("GitHub is back", async || {
        let told = Told::by(&mut client.clone()).await;
        let is_old = told.status.stale.is_some() || told.history.stale.is_some();
        (!is_old).then_some(told)
    })
    .await;
    assert!(fresh.is_newer_than(&first), "{first:#?}\n\n{fresh:#?}");
    let calls = reads();
    assert_eq!(fresh.take_stale(), [None, None]);
    assert_eq!(Told::by(&mut client).await, fresh);
    assert_eq!(reads(), calls, "it is kept again");
    drop(client);
    service.stop().await;
    world.end().await;
}

/// By how it answered others it is not known to be away.
async fn what_is_young_is_told_soon_although_github_hangs(on: Engine) {
    const HANGS: FaultKind = FaultKind::Latency { ms: 60_000 };
    let world = World::on(on).await;
    let config = Config {
        snapshot_age: NEVER,
        ..world.config()
    };
    let service = world.serve_with(config).await;
    let mut client = service.client().await;
    let mut first = Told::by(&mut client).await;
    assert_eq!(first.take_stale(), [None, None]);
    world.fault(STATUS, 3, FaultKind::Drop);
    ask_in_vain(&mut client).await;
    world.fault(STATUS, 1, HANGS);
    let begun = Instant::now();
    let told = status(&client, None).await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{begun:?}");
    let stale = told.stale.expect("it could not be renewed");
    assert_eq!(stale.reason(), StaleReason::GithubUnavailable);
    assert_eq!(told.commits, first.status.commits);
    assert_eq!(status(&client, None).await.stale, None);
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn environments_of_which_nothing_is_known_are_named(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let ask = v1::StartDeploymentRequest {
        environment: "staging".to_owned(),
        ..world.ask("r1", OLDEST)
    };
    client.start_deployment(ask).await.unwrap();
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    status(&client, None).await;
    world.fault("*", ALWAYS, FaultKind::Drop);
    let all = history(&client, None, None).await;
    let told: Vec<_> = all
        .environments
        .iter()
        .map(|one| &one.environment)
        .collect();
    assert_eq!(told, ["staging"]);
    let stale = all.stale.expect("GitHub is away");
    assert!(stale.is_partial);
    assert_eq!(stale.missing, ["production"]);
    let one = history(&client, Some("staging"), None).await;
    let stale = one.stale.expect("GitHub is away");
    assert!(stale.missing.is_empty(), "it was not asked for: {stale:?}");
    world.github.control().clear_faults();
    drop((client, feed));
    service.stop().await;
    world.end().await;
}

/// A history of `acme/api`.
async fn history_of_api(client: &mut Client) -> v1::ListHistoryResponse {
    let ask = history_of("api", None, None);
    client.list_history(ask).await.unwrap().into_inner()
}

fn second(at: Option<&prost_types::Timestamp>) -> i64 {
    at.expect("it says when").seconds
}

/// Nothing that is told is newer than what it says.
#[tokio::test]
async fn what_was_followed_since_is_told_as_of_when_it_was_followed() {
    let world = World::new().await;
    let clock = world.github.clock().clone();
    let config = Config {
        snapshot_age: NEVER,
        pickup_timeout: NEVER,
        silence_timeout: NEVER,
        ..world.config()
    };
    let timing = Timing {
        clock: Clock::new(move || clock.now()),
        ..world.timing()
    };
    let service = Service::start(config, timing).await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    let read_at = second(history_of_api(&mut client).await.as_of.as_ref());

    world.github.clock().set_shift(SignedDuration::from_mins(4));
    let ask = v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        ..world.ask("r1", OLDEST)
    };
    client.start_deployment(ask).await.unwrap();
    let is_running = |state| state == RequestState::Running;
    let number = feed.until("r1", is_running).await.deployment.unwrap().id;
    write_status(&world, number, "success").await;
    feed.end_of("r1").await;
    let reads = world.calls(HISTORY);
    let told = history_of_api(&mut client).await;
    assert_eq!(world.calls(HISTORY), reads, "it is brought up to date");
    let newest = &told.environments[0].deployments[0];
    let moved_at = second(newest.steps.last().unwrap().at.as_ref());
    assert!(moved_at >= read_at + 240, "{newest:?}");
    assert_eq!(second(told.as_of.as_ref()), moved_at);
    assert_eq!(told.stale, None);

    world.fault("*", ALWAYS, FaultKind::Drop);
    let old = eventually("GitHub is away", async || {
        let asked = status_of("people", None);
        client.clone().get_status(asked).await.unwrap_err();
        let told = history_of_api(&mut client.clone()).await;
        told.stale.is_some().then_some(told)
    })
    .await;
    assert_eq!(old.environments, told.environments);
    assert_eq!(second(old.as_of.as_ref()), read_at);
    let stale = old.stale.expect("GitHub is away");
    assert_eq!(second(stale.followed_at.as_ref()), moved_at);
    world.github.control().clear_faults();
    drop((client, feed));
    service.stop().await;
    world.end().await;
}
