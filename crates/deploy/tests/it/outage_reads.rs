//! GitHub does not answer: who asks is told what was read before, how old it is,
//! and what GitHub itself says about its outage, until GitHub is back.

use deploy::Config;
use deploy_proto::v1::{self, RequestState, StaleReason};
use serde_json::json;
use simulators::control::FaultKind;

use crate::{
    github_outage::status_page,
    service::{Client, Watcher, eventually},
    world::{Engine, NEWEST, OLDEST, World, on_both},
};

on_both! {
    while_it_answers_502_what_was_read_is_told_with_its_age,
    while_it_cuts_connections_what_was_read_is_told_with_its_age,
}

const STATUS: &str = "POST /api/graphql Status";
const HISTORY: &str = "POST /api/graphql History";
/// More often than any test asks.
const ALWAYS: u32 = 1_000_000;

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
        let status = v1::GetStatusRequest {
            repository: "people".to_owned(),
            limit: None,
        };
        let history = v1::ListHistoryRequest {
            repository: "people".to_owned(),
            environment: None,
            page_size: None,
        };
        let mut told = Self {
            status: client.get_status(status).await.unwrap().into_inner(),
            history: client.list_history(history).await.unwrap().into_inner(),
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
/// GitHub's own words are among that.
async fn stale_as(first: &Told, client: &mut Client) -> Option<v1::Stale> {
    let mut told = Told::by(client).await;
    let [status, history] = told.take_stale().map(|stale| stale.expect("it is old"));
    assert_eq!(told, *first);
    assert_eq!(status.reason(), StaleReason::GithubUnavailable);
    assert_eq!(history.reason(), StaleReason::GithubUnavailable);
    (!status.incident.is_empty() && status == history).then_some(status)
}
