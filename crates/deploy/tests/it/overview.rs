//! What runs where in somebody's repositories, told in one answer, also while
//! some of it can't be read.

use std::time::{Duration, Instant};

use deploy::model::RepositoryName;
use deploy_proto::v1::{self, RequestState};
use simulators::control::FaultKind;
use tonic::Code;

use crate::{
    outage,
    service::{Client, Watcher, eventually},
    world::{Engine, OLDEST, World, on_both},
};

const STATUS: &str = "POST /api/graphql Status";
/// More often than any test asks.
const ALWAYS: u32 = 1_000_000;

on_both![
    it_tells_of_ones_own_repositories_or_else_of_everybodys,
    where_there_is_nothing_to_show_it_tells_that_github_is_away,
    what_can_not_be_read_is_named_and_holds_up_no_other,
    what_was_kept_is_told_while_github_is_away,
    one_that_takes_long_holds_up_the_answer_for_seconds_only,
    what_is_known_of_deployments_is_told_where_no_status_was_kept,
    what_waits_is_told_by_the_name_that_was_asked_and_the_present_one,
    what_waits_names_the_environment_that_is_meant,
];

async fn overview(client: &mut Client, slack: &str) -> v1::GetOverviewResponse {
    let person = v1::Person {
        slack: slack.to_owned(),
        ..v1::Person::default()
    };
    let request = v1::GetOverviewRequest {
        person: Some(person),
    };
    client.get_overview(request).await.unwrap().into_inner()
}

async fn status(client: &mut Client) -> Result<v1::GetStatusResponse, tonic::Status> {
    let ask = v1::GetStatusRequest {
        repository: "people".to_owned(),
        limit: None,
    };
    Ok(client.get_status(ask).await?.into_inner())
}

/// The first environment of each repository, by what is live in it.
fn told(overview: &v1::GetOverviewResponse) -> Vec<(&str, Option<&str>)> {
    let live = |one: &v1::EnvironmentStatus| one.live.is_some();
    let repositories = overview.repositories.iter();
    repositories
        .map(|one| {
            let first = one.environments.iter().find(|it| live(it));
            (one.repository.as_str(), first.map(|it| it.name.as_str()))
        })
        .collect()
}

/// Somebody has a commit of a repository deployed to production.
async fn deployed(world: &World, client: &mut Client, id: &str, slack: &str, repository: &str) {
    let mut ask = world.ask(id, OLDEST);
    ask.repository = repository.to_owned();
    ask.requester.as_mut().unwrap().slack = slack.to_owned();
    client.start_deployment(ask).await.unwrap();
    let mut feed = Watcher::new(client, "test").await;
    // Nobody picks up those of `api`.
    let enough = |state| matches!(state, RequestState::Succeeded | RequestState::Running);
    feed.until(id, enough).await;
    if repository == "people" {
        feed.end_of(id).await;
    }
}

async fn it_tells_of_ones_own_repositories_or_else_of_everybodys(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let nothing = overview(&mut client, "U1").await;
    assert_eq!((nothing.repositories, nothing.own), (Vec::new(), false));
    deployed(&world, &mut client, "r1", "U1", "people").await;
    deployed(&world, &mut client, "r2", "U2", "api").await;
    let own = overview(&mut client, "U1").await;
    assert_eq!(told(&own), [("acme/people", Some("production"))]);
    assert!(own.own && own.repositories[0].as_of.is_some());
    let live = own.repositories[0].environments[0].live.as_ref().unwrap();
    let sha = &live.commit.as_ref().unwrap().sha;
    assert_eq!(*sha, world.sha(OLDEST));
    assert!(live.behind.is_some_and(|behind| behind > 0));
    assert!(own.repositories[0].url.contains("acme/people"));
    let theirs = overview(&mut client, "U2").await;
    assert_eq!(told(&theirs), [("acme/api", None)]);
    let running = theirs.repositories[0].environments[0].running.as_ref();
    let requester = running.unwrap().requester.as_ref().unwrap();
    assert_eq!(requester.slack, "U2");
    let all = overview(&mut client, "U3").await;
    let names: Vec<_> = told(&all).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        (names.as_slice(), all.own),
        (["acme/api", "acme/people"].as_slice(), false)
    );
    drop(client);
    service.stop().await;
    // What nobody of Slack asked for is nobody's own.
    let unknown = "UPDATE requests SET requester_slack = '' WHERE id = 'r1'";
    world.spoil_journal(unknown).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let all = overview(&mut client, "").await;
    assert_eq!((all.repositories.len(), all.own), (2, false));
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn where_there_is_nothing_to_show_it_tells_that_github_is_away(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    assert_eq!(overview(&mut client, "U1").await.stale, None);
    world.fault("*", ALWAYS, FaultKind::Status(502));
    let other = client.clone();
    eventually("it is told", || {
        let mut client = other.clone();
        async move {
            let _: Result<_, _> = status(&mut client).await;
            let nothing = overview(&mut client, "U1").await;
            assert!(nothing.repositories.is_empty());
            let why = nothing.stale.map(|stale| stale.reason());
            why.filter(|why| *why == v1::StaleReason::GithubUnavailable)
        }
    })
    .await;
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn what_can_not_be_read_is_named_and_holds_up_no_other(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deployed(&world, &mut client, "r1", "U1", "people").await;
    deployed(&world, &mut client, "r2", "U1", "api").await;
    let name = "UPDATE requests SET repository = 'acme/gone' WHERE id = 'r2'";
    drop(client);
    service.stop().await;
    world.spoil_journal(name).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let overview = overview(&mut client, "U1").await;
    assert_eq!(
        told(&overview),
        [("acme/gone", None), ("acme/people", Some("production"))]
    );
    let gone = &overview.repositories[0];
    assert!(gone.as_of.is_none() && gone.environments.is_empty() && gone.url.is_empty());
    assert_eq!(gone.stale, None, "waiting does not help");
    assert!(gone.unknown && !overview.repositories[1].unknown);
    world.fault(STATUS, ALWAYS, FaultKind::Status(401));
    let refused = self::overview(&mut client, "U1").await;
    for repository in refused.repositories {
        assert!(repository.as_of.is_none() && repository.stale.is_none());
        assert!(!repository.unknown, "it may be there: {repository:?}");
    }
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn what_was_kept_is_told_while_github_is_away(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deployed(&world, &mut client, "r1", "U1", "people").await;
    let mut before = overview(&mut client, "U1").await;
    world.fault("*", ALWAYS, FaultKind::Status(502));
    let mut kept = overview(&mut client, "U1").await;
    let stale = kept.repositories[0].stale.take().expect("it is old");
    assert_eq!(stale.reason(), v1::StaleReason::GithubUnavailable);
    // The journal keeps times to the millisecond.
    for overview in [&mut before, &mut kept] {
        let as_of = overview.repositories[0].as_of.as_mut().unwrap();
        as_of.nanos -= as_of.nanos % 1_000_000;
    }
    assert_eq!(kept, before);
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn one_that_takes_long_holds_up_the_answer_for_seconds_only(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deployed(&world, &mut client, "r1", "U1", "people").await;
    overview(&mut client, "U1").await;
    world.fault(STATUS, 1, FaultKind::Latency { ms: 60_000 });
    let begun = Instant::now();
    let slow = overview(&mut client, "U1").await;
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(told(&slow), [("acme/people", Some("production"))]);
    assert!(slow.repositories[0].stale.is_some());
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn what_is_known_of_deployments_is_told_where_no_status_was_kept(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    deployed(&world, &mut client, "r1", "U1", "people").await;
    world.fault("*", ALWAYS, FaultKind::Status(502));
    let known = overview(&mut client, "U1").await;
    assert_eq!(told(&known), [("acme/people", Some("production"))]);
    let known = &known.repositories[0];
    assert!(known.as_of.is_some() && known.branch.is_empty());
    let stale = known.stale.as_ref().expect("GitHub is away");
    assert_eq!(stale.reason(), v1::StaleReason::GithubUnavailable);
    assert!(stale.is_partial);
    let live = known.environments[0].live.as_ref().unwrap();
    assert_eq!(live.commit.as_ref().unwrap().sha, world.sha(OLDEST));
    let status = status(&mut client).await.unwrap();
    assert_eq!(status.environments, known.environments);
    assert_eq!((status.branch, status.commits), (String::new(), Vec::new()));
    assert!(status.stale.expect("GitHub is away").is_partial);
    drop(client);
    service.stop().await;

    world.spoil_journal("DELETE FROM deployments").await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let unknown = overview(&mut client, "U1").await;
    let unknown = &unknown.repositories[0];
    assert!(unknown.as_of.is_none() && unknown.environments.is_empty());
    let stale = unknown.stale.as_ref().expect("it says why");
    assert_eq!(stale.reason(), v1::StaleReason::GithubUnavailable);
    let told = self::status(&mut client).await;
    assert_eq!(told.unwrap_err().code(), Code::Unavailable);

    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r2", OLDEST))
        .await
        .unwrap();
    outage::waiting(&mut feed, "r2").await;
    drop(feed);
    let waits = self::status(&mut client).await.unwrap();
    assert_eq!(waits.repository, "acme/people");
    assert_eq!((waits.environments, waits.as_of), (Vec::new(), None));
    assert!(waits.stale.expect("GitHub is away").is_partial);
    assert_eq!(waits.waiting[0].request_id, "r2");
    world.github.control().clear_faults();
    drop(client);
    service.stop().await;
    world.end().await;
}

async fn what_waits_is_told_by_the_name_that_was_asked_and_the_present_one(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    status(&mut client).await.unwrap();
    drop(client);
    service.stop().await;
    // It was renamed since somebody asked for it.
    let store = world.journal().await;
    let people = RepositoryName::parse("acme/people", None).unwrap();
    let (ask, kept) = store.newest_status(&people).await.unwrap().unwrap();
    let mut renamed = kept.value;
    renamed.repository = RepositoryName::parse("acme/staff", None).unwrap();
    let kept = store.keep_status(&people, &ask, 0, &renamed);
    kept.await.unwrap();
    store.close().await;
    world.fault("*", ALWAYS, FaultKind::Drop);
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, repository) in [("r1", "people"), ("r2", "staff")] {
        let ask = v1::StartDeploymentRequest {
            repository: repository.to_owned(),
            ..world.ask(id, OLDEST)
        };
        client.start_deployment(ask).await.unwrap();
        outage::waiting(&mut feed, id).await;
    }
    let told = status(&mut client).await.unwrap();
    assert_eq!(told.repository, "acme/staff");
    let waiting = told.waiting.iter().map(|one| one.request_id.as_str());
    assert_eq!(waiting.collect::<Vec<_>>(), ["r1", "r2"]);
    drop((client, feed));
    service.stop().await;
    world.github.control().clear_faults();
    world.end().await;
}

async fn what_waits_names_the_environment_that_is_meant(on: Engine) {
    let world = World::on(on).await;
    let service = world.serve().await;
    let mut client = service.client().await;
    status(&mut client).await.unwrap();
    world.fault("*", ALWAYS, FaultKind::Drop);
    let mut feed = Watcher::new(&mut client, "test").await;
    for (id, environment) in [("r1", "prod"), ("r2", "PRODUCTION"), ("r3", "qa")] {
        let ask = v1::StartDeploymentRequest {
            environment: environment.to_owned(),
            ..world.ask(id, OLDEST)
        };
        client.start_deployment(ask).await.unwrap();
        outage::waiting(&mut feed, id).await;
    }
    let of_one = status(&mut client).await.unwrap().waiting;
    let mut of_all = overview(&mut client, "").await;
    let of_all = of_all.repositories.remove(0).waiting;
    for waiting in [of_one, of_all] {
        let environments = waiting.iter().map(|one| one.environment.as_str());
        let environments: Vec<_> = environments.collect();
        assert_eq!(environments, ["production", "production", "qa"]);
    }
    drop((client, feed));
    service.stop().await;
    world.github.control().clear_faults();
    world.end().await;
}

#[tokio::test]
async fn whose_it_is_has_to_be_readable() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let person = v1::Person {
        slack: "U".repeat(300),
        ..v1::Person::default()
    };
    let asked = v1::GetOverviewRequest {
        person: Some(person),
    };
    let refused = client.get_overview(asked).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(world.calls(STATUS), 0);
    drop(client);
    service.stop().await;
    world.end().await;
}
