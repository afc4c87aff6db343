//! GitHub does not take a call: the token is not good any more, or there were
//! too many calls.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, Ordering},
};

use deploy::{Clock, Timing, github::Credentials};
use deploy_proto::v1::{RequestState, WaitingReason};
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::{
    control::{FaultAnswer, FaultKind},
    github::{App, SAMPLE_APP_KEY},
};

use super::stage::{GITHUBS_WORDS, Stage};
use crate::world::{CREATE, FACTS, NEWEST, OLDEST, World};

/// An answer of GitHub, with its words.
fn answer(status: u16, headers: &[(&str, String)]) -> FaultKind {
    let message = format!("You have exceeded a secondary rate limit: {GITHUBS_WORDS}");
    said(status, headers, json!({ "message": message }))
}

fn said(status: u16, headers: &[(&str, String)], body: Value) -> FaultKind {
    let own = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
    FaultKind::Answer(FaultAnswer {
        status,
        headers: headers.iter().map(own).collect::<BTreeMap<_, _>>(),
        body,
    })
}

/// When the limit ends that GitHub tells of: in a second or two.
fn reset() -> Vec<(&'static str, String)> {
    let at = Clock::system().now().as_second() + 2;
    vec![
        ("x-ratelimit-limit", "5000".to_owned()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", at.to_string()),
    ]
}

fn retry_after() -> Vec<(&'static str, String)> {
    vec![("retry-after", "1".to_owned())]
}

/// The facts and the creation are both refused once, and the request succeeds
/// all the same. What is told meanwhile is that a limit is waited for.
async fn waits_out(kind: FaultKind) {
    let world = World::new().await;
    for route in [FACTS, CREATE] {
        world.fault(route, 1, kind.clone());
    }
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    let waits = stage.until("r1", |state| state != RequestState::Accepted);
    let told = waits.await.waiting;
    let reason = told.map_or(WaitingReason::RateLimit, |waiting| waiting.reason());
    assert_eq!(reason, WaitingReason::RateLimit);
    stage.succeeds("r1").await;
    stage.end().await;
}

pub(super) async fn forbidden_with_retry_after() {
    waits_out(answer(403, &retry_after())).await;
}

pub(super) async fn too_many_with_retry_after() {
    waits_out(answer(429, &retry_after())).await;
}

pub(super) async fn forbidden_with_reset() {
    waits_out(answer(403, &reset())).await;
}

/// Without a time GitHub asks for a minute. Here each look at the clock takes
/// half of one, once the fault has happened.
pub(super) async fn in_words_only() {
    let world = World::new().await;
    world.fault(CREATE, 1, answer(403, &[]));
    let (control, looks) = (world.github.control().clone(), AtomicI64::new(0));
    let now = Clock::system();
    let clock = Clock::new(move || {
        let later = match control.faults().is_empty() {
            true => looks.fetch_add(1, Ordering::Relaxed),
            false => 0,
        };
        now.now() + SignedDuration::from_secs(30 * later)
    });
    let (config, timing) = (world.config(), world.timing());
    let mut stage = Stage::with(world, config, Timing { clock, ..timing }).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    assert_eq!(stage.world.calls(CREATE), 2);
    stage.end().await;
}

pub(super) async fn graphql_limited() {
    let error = json!({"type": "RATE_LIMITED", "message": GITHUBS_WORDS});
    let world = World::new().await;
    let limited = said(200, &reset(), json!({ "errors": [error] }));
    world.fault(FACTS, 1, limited);
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    stage.end().await;
}

pub(super) async fn token_expired() {
    let world = World::new().await;
    let refused = said(401, &[], json!({ "message": GITHUBS_WORDS }));
    world.fault(FACTS, 1, refused);
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    let ended = stage.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::assert_snapshot!(
        ended.failure,
        @"GitHub does not accept deploybot's token: whoever runs deploybot has to renew it."
    );
    assert_eq!(stage.world.calls(CREATE), 0);
    // Once it is renewed the same is asked for anew, and goes out.
    let again = stage.world.ask("r2", NEWEST);
    stage.asks(again).await;
    stage.succeeds("r2").await;
    stage.end().await;
}

pub(super) async fn app_token_expired() {
    const APP: u64 = 7;
    let world = World::new().await;
    world.github.register_app(App::sample(APP, "deploybot"));
    world.github.install_app("acme", None);
    let mut config = world.config();
    config.github_credentials = Credentials::App {
        id: APP,
        private_key: SecretString::from(SAMPLE_APP_KEY),
    };
    let timing = world.timing();
    let mut stage = Stage::with(world, config, timing).await;
    let first = stage.world.ask("r0", OLDEST);
    stage.asks(first).await;
    stage.succeeds("r0").await;
    stage.world.github.expire_tokens();
    stage.ask().await;
    stage.succeeds("r1").await;
    stage.end().await;
}
