//! Who is who: people prove on GitHub's page which account is theirs, whatever
//! becomes of the calls and of the process in between.

use std::{collections::BTreeMap, time::Duration};

use deploy::Config;
use deploy_proto::v1::{self, Link, LinkState};
use simulators::{
    control::{FaultAnswer, FaultKind},
    github::DeviceFlow,
};
use tonic::Code;

use crate::{
    service::{Client, Service, eventually},
    world::{Engine, World, on_both},
};

on_both![
    who_proves_their_account_is_linked,
    what_they_do_on_github_ends_a_link,
    a_code_that_is_not_entered_runs_out,
    a_link_goes_on_whatever_github_does,
    a_link_is_begun_once_whatever_github_does,
    a_process_that_is_killed_is_followed_by_the_next,
    a_later_link_replaces_the_one_before,
    where_nobody_can_prove_themselves_nothing_is_journalled,
];

const CLIENT: &str = "Iv1.0123456789abcdef";
pub(crate) const BEGIN: &str = "POST /login/device/code";
const ASK: &str = "POST /login/oauth/access_token";
pub(crate) const WHOSE: &str = "GET /api/v3/user";

/// A world in which an App's device flow goes fast.
pub(crate) async fn world(engine: Engine) -> (World, Config) {
    let world = World::on(engine).await;
    for login in ["minji", "joon"] {
        world.github.add_user(login, login);
    }
    flow(&world, |_| ());
    let config = Config {
        github_client_id: Some(CLIENT.to_owned()),
        ..world.config()
    };
    (world, config)
}

fn flow(world: &World, change: impl FnOnce(&mut DeviceFlow)) {
    let mut flow = DeviceFlow {
        interval: Duration::from_secs(1),
        ..DeviceFlow::of(CLIENT)
    };
    change(&mut flow);
    world.github.set_device_flow(flow);
}

pub(crate) fn ask(id: &str, slack: &str, login: &str) -> v1::StartLinkRequest {
    v1::StartLinkRequest {
        link_id: id.to_owned(),
        person: Some(person(slack)),
        login: login.to_owned(),
        reply: Some(v1::ReplyAddress {
            channel: "C1".to_owned(),
            thread_ts: String::new(),
            asked_ts: "1.1".to_owned(),
        }),
        asked_at: None,
    }
}

fn second(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

pub(crate) fn unlink(id: &str, slack: &str) -> v1::RemoveLinkRequest {
    v1::RemoveLinkRequest {
        person: Some(person(slack)),
        request_id: id.to_owned(),
        asked_at: None,
    }
}

pub(crate) fn mute(id: &str, slack: &str, muted: bool, asked_at: i64) -> v1::SetMentionsRequest {
    v1::SetMentionsRequest {
        person: Some(person(slack)),
        muted,
        request_id: id.to_owned(),
        asked_at: second(asked_at),
    }
}

pub(crate) fn person(slack: &str) -> v1::Person {
    v1::Person {
        slack: slack.to_owned(),
        ..v1::Person::default()
    }
}

pub(crate) async fn begin(client: &mut Client, id: &str, slack: &str, login: &str) -> Link {
    let started = client.start_link(ask(id, slack, login)).await.unwrap();
    started.into_inner().link.unwrap()
}

/// How a link ended, as a repeat of it tells.
pub(crate) async fn end(client: &mut Client, link: &Link) -> Link {
    let slack = link.person.clone().unwrap().slack;
    eventually(link.link_id.clone(), || {
        let mut client = client.clone();
        let (id, slack, login) = (link.link_id.clone(), slack.clone(), link.login.clone());
        async move {
            let link = begin(&mut client, &id, &slack, &login).await;
            (link.state() != LinkState::Waiting).then_some(link)
        }
    })
    .await
}

/// The ends of links that the feed tells of, in its order.
pub(crate) async fn told(client: &mut Client, how_many: usize) -> Vec<(String, LinkState)> {
    let ask = v1::WatchRequest {
        subscriber: "test".to_owned(),
        replica: "test".to_owned(),
    };
    let mut stream = client.watch(ask).await.unwrap().into_inner();
    let mut ends = Vec::new();
    while ends.len() < how_many {
        let told = stream.message().await.unwrap().unwrap();
        ends.extend(told.link.map(|link| {
            assert_eq!((link.user_code.as_str(), &link.expires_at), ("", &None));
            (link.link_id.clone(), link.state())
        }));
    }
    ends
}

pub(crate) async fn known(client: &mut Client, login: &str) -> Vec<v1::KnownPerson> {
    let ask = v1::FindPeopleRequest {
        logins: vec![login.to_owned()],
        ..v1::FindPeopleRequest::default()
    };
    client.find_people(ask).await.unwrap().into_inner().people
}

pub(crate) async fn start(config: Config, world: &World) -> (Service, Client) {
    let service = world.serve_with(config).await;
    let client = service.client().await;
    (service, client)
}

async fn who_proves_their_account_is_linked(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    let link = begin(&mut client, "l1", "U1", "MINJI").await;
    assert_eq!(link.state(), LinkState::Waiting);
    assert!(link.verification_url.ends_with("/login/device"), "{link:?}");
    assert!(link.expires_at.is_some());
    // Asked again it is the same, and GitHub is not asked for another code.
    assert_eq!(begin(&mut client, "l1", "U1", "MINJI").await, link);
    assert_eq!(world.calls(BEGIN), 1);
    assert_eq!(known(&mut client, "minji").await, []);

    assert!(world.github.authorize_device(&link.user_code, "minji"));
    let linked = end(&mut client, &link).await;
    assert_eq!(linked.state(), LinkState::Linked);
    assert_eq!(linked.login, "minji", "as GitHub spells it");
    let ends = told(&mut client, 1).await;
    assert_eq!(ends, [("l1".to_owned(), LinkState::Linked)]);
    let known_now = known(&mut client, "Minji").await;
    assert_eq!(known_now.len(), 1);
    assert_eq!(
        (known_now[0].slack.as_str(), known_now[0].muted),
        ("U1", false)
    );

    // By the number of the account too, whatever its login is by now.
    let by_account = v1::FindPeopleRequest {
        accounts: vec![known_now[0].account],
        ..v1::FindPeopleRequest::default()
    };
    assert_ne!(known_now[0].account, 0);
    let found = client.find_people(by_account).await.unwrap().into_inner();
    assert_eq!(found.people, known_now);

    client
        .set_mentions(mute("m1", "U1", true, 10))
        .await
        .unwrap();
    assert!(known(&mut client, "minji").await[0].muted);
    for (id, login) in [("x1", "minji"), ("x2", ""), ("x1", "minji")] {
        let removed = client.remove_link(unlink(id, "U1")).await.unwrap();
        assert_eq!(removed.into_inner().login, login, "{id}");
    }
    assert_eq!(known(&mut client, "minji").await, []);
    service.stop().await;
    world.end().await;
}

async fn what_they_do_on_github_ends_a_link(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    let other = begin(&mut client, "other", "U1", "minji").await;
    let denied = begin(&mut client, "denied", "U2", "minji").await;
    assert!(world.github.authorize_device(&other.user_code, "joon"));
    assert!(world.github.refuse_device(&denied.user_code));
    let other = end(&mut client, &other).await;
    assert_eq!(other.state(), LinkState::OtherLogin);
    assert_eq!(
        (other.login.as_str(), other.proved_login.as_str()),
        ("minji", "joon")
    );
    let denied = end(&mut client, &denied).await;
    assert_eq!(denied.state(), LinkState::Denied);
    assert_eq!(known(&mut client, "minji").await, []);
    assert_eq!(known(&mut client, "joon").await, []);
    service.stop().await;
    world.end().await;
}

async fn a_code_that_is_not_entered_runs_out(engine: Engine) {
    let (world, config) = world(engine).await;
    flow(&world, |flow| flow.lifetime = Duration::from_secs(2));
    let (service, mut client) = start(config, &world).await;
    let link = begin(&mut client, "l1", "U1", "minji").await;
    let link = end(&mut client, &link).await;
    assert_eq!(link.state(), LinkState::Expired);
    let asked = world.calls(ASK);
    assert!((1..=4).contains(&asked), "{asked} questions in 2 seconds");
    service.stop().await;
    world.end().await;
}

fn answer(body: serde_json::Value) -> FaultKind {
    FaultKind::Answer(FaultAnswer {
        status: 200,
        headers: BTreeMap::default(),
        body,
    })
}

async fn a_link_goes_on_whatever_github_does(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    let told_too_often = serde_json::json!({"error": "slow_down", "interval": 2});
    for kind in [
        FaultKind::Status(502),
        FaultKind::Drop,
        FaultKind::RateLimit { seconds: 1 },
        answer(serde_json::json!("a page of a proxy")),
        answer(told_too_often),
    ] {
        world.fault(ASK, 1, kind);
    }
    world.fault(WHOSE, 1, FaultKind::Status(503));
    world.fault(WHOSE, 1, FaultKind::Drop);
    let link = begin(&mut client, "l1", "U1", "minji").await;
    assert!(world.github.authorize_device(&link.user_code, "minji"));
    assert_eq!(end(&mut client, &link).await.state(), LinkState::Linked);
    service.stop().await;
    world.end().await;
}

/// GitHub gives a token out once: where that answer is lost it says no more than
/// that the code is none.
pub(crate) async fn a_lost_proof_is_begun_anew(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    world.fault(ASK, 1, FaultKind::DropAfterCommit);
    let link = begin(&mut client, "l1", "U1", "joon").await;
    assert!(world.github.authorize_device(&link.user_code, "joon"));
    assert_eq!(end(&mut client, &link).await.state(), LinkState::Lost);
    assert_eq!(known(&mut client, "joon").await, []);
    let link = begin(&mut client, "l2", "U1", "joon").await;
    assert!(world.github.authorize_device(&link.user_code, "joon"));
    assert_eq!(end(&mut client, &link).await.state(), LinkState::Linked);
    service.stop().await;
    world.end().await;
}

/// What GitHub says once is written again, when the journal did not take it.
#[tokio::test]
async fn a_proof_outlives_a_journal_that_fails_for_a_moment() {
    let (world, config) = world(Engine::Postgres).await;
    let (service, mut client) = start(config, &world).await;
    let link = begin(&mut client, "l1", "U1", "minji").await;
    // A sequence counts on where a transaction is undone.
    let fails_twice = "CREATE SEQUENCE tried; \
         CREATE FUNCTION fail_twice() RETURNS trigger AS $$ BEGIN \
         IF nextval('tried') < 3 THEN RAISE EXCEPTION 'not now'; END IF; \
         RETURN NEW; END $$ LANGUAGE plpgsql; \
         CREATE TRIGGER fails BEFORE UPDATE ON links FOR EACH ROW \
         WHEN (NEW.state = 'linked') EXECUTE FUNCTION fail_twice()";
    world.spoil_journal(fails_twice).await;
    assert!(world.github.authorize_device(&link.user_code, "minji"));
    assert_eq!(end(&mut client, &link).await.state(), LinkState::Linked);
    assert_eq!(known(&mut client, "minji").await.len(), 1);
    service.stop().await;
    world.end().await;
}

async fn a_link_is_begun_once_whatever_github_does(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    for (kind, code) in [
        (FaultKind::Status(502), Code::Unavailable),
        (FaultKind::Drop, Code::Unavailable),
        (FaultKind::DropAfterCommit, Code::Unavailable),
        (
            FaultKind::RateLimit { seconds: 30 },
            Code::ResourceExhausted,
        ),
    ] {
        world.fault(BEGIN, 1, kind);
        let refused = client.start_link(ask("l1", "U1", "minji")).await;
        assert_eq!(refused.unwrap_err().code(), code);
    }
    let link = begin(&mut client, "l1", "U1", "minji").await;
    assert_eq!(link.state(), LinkState::Waiting);
    for (wrong, fields) in [
        (ask("", "U1", "minji"), "link_id"),
        (ask("l2", "", "minji"), "person.slack"),
        (ask("l2", "U1", "a--b"), "login"),
    ] {
        let refused = client.start_link(wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(format!("{refused:?}").contains(fields), "{refused:?}");
    }
    service.stop().await;
    world.end().await;
}

async fn a_process_that_is_killed_is_followed_by_the_next(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config.clone(), &world).await;
    let link = begin(&mut client, "l1", "U1", "minji").await;
    // It dies while it asks.
    world.fault(ASK, 1, FaultKind::Latency { ms: 60_000 });
    world.has_faulted("it asks").await;
    service.kill().await;
    assert!(world.github.authorize_device(&link.user_code, "minji"));
    // As after some time, when the link is nobody's any more.
    world.spoil_journal("UPDATE links SET next_at = 0").await;
    let (service, mut client) = start(config, &world).await;
    assert_eq!(end(&mut client, &link).await.state(), LinkState::Linked);
    assert_eq!(told(&mut client, 1).await.len(), 1);
    service.stop().await;
    world.end().await;
}

async fn a_later_link_replaces_the_one_before(engine: Engine) {
    let (world, config) = world(engine).await;
    let (service, mut client) = start(config, &world).await;
    let first = begin(&mut client, "l1", "U1", "minji").await;
    let second = begin(&mut client, "l2", "U1", "joon").await;
    assert_eq!(end(&mut client, &first).await.state(), LinkState::Replaced);
    assert!(world.github.authorize_device(&first.user_code, "minji"));
    assert!(world.github.authorize_device(&second.user_code, "joon"));
    assert_eq!(end(&mut client, &second).await.state(), LinkState::Linked);
    assert_eq!(known(&mut client, "minji").await, []);
    // Somebody else proves the same account: it is theirs now.
    let third = begin(&mut client, "l3", "U3", "joon").await;
    assert!(world.github.authorize_device(&third.user_code, "joon"));
    assert_eq!(end(&mut client, &third).await.state(), LinkState::Linked);
    let joon = known(&mut client, "joon").await;
    let slack: Vec<_> = joon.iter().map(|known| known.slack.as_str()).collect();
    assert_eq!(slack, ["U3"]);
    service.stop().await;
    world.end().await;
}

async fn where_nobody_can_prove_themselves_nothing_is_journalled(engine: Engine) {
    let (world, config) = world(engine).await;
    let without = Config {
        github_client_id: None,
        ..config.clone()
    };
    let unknown = Config {
        github_client_id: Some("Iv1.another".to_owned()),
        ..config.clone()
    };
    for (config, is_enabled) in [(without, true), (unknown, true), (config.clone(), false)] {
        flow(&world, |flow| flow.enabled = is_enabled);
        let (service, mut client) = start(config, &world).await;
        let link = begin(&mut client, "l1", "U1", "minji").await;
        assert_eq!(link.state(), LinkState::NotSetUp);
        assert_eq!(
            (link.user_code.as_str(), link.login.as_str()),
            ("", "minji")
        );
        service.stop().await;
    }
    // It is switched off while one is under way.
    flow(&world, |_| ());
    let (service, mut client) = start(config, &world).await;
    let link = begin(&mut client, "l1", "U1", "minji").await;
    assert_eq!(link.state(), LinkState::Waiting);
    flow(&world, |flow| flow.enabled = false);
    assert_eq!(end(&mut client, &link).await.state(), LinkState::NotSetUp);
    service.stop().await;
    world.end().await;
}
