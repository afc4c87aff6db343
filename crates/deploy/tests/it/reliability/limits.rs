//! GitHub does not take a call: the token is not good any more, or there were
//! too many calls.

use std::{collections::BTreeMap, time::Duration};

use deploy::{Clock, Config, Timing};
use deploy_proto::v1::{self, RequestState, WaitingReason};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::control::{FaultAnswer, FaultKind};

use super::stage::{GITHUBS_WORDS, Stage};
use crate::world::{CREATE, Engine, FACTS, NEWEST, OLDEST, World};

/// Long enough that a test never sees its end.
const AGES: Duration = Duration::from_secs(3_600);

/// An answer of GitHub, with its words.
fn answer(status: u16, headers: &[(&str, String)]) -> FaultKind {
    let message = format!("You have exceeded a secondary rate limit: {GITHUBS_WORDS}");
    said(status, headers, json!({ "message": message }))
}

pub(super) fn said(status: u16, headers: &[(&str, String)], body: Value) -> FaultKind {
    let own = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
    FaultKind::Answer(FaultAnswer {
        status,
        headers: headers.iter().map(own).collect::<BTreeMap<_, _>>(),
        body,
    })
}

/// A limit that GitHub tells of.
pub(super) struct Limit {
    answer: FaultKind,
    is_over: IsOver,
}

/// When it is over, by GitHub's clock.
enum IsOver {
    /// So long after the answer that tells of it.
    After(Duration),
    At(Timestamp),
}

impl Limit {
    fn retry_after(status: u16) -> Self {
        const SECONDS: u64 = 2;
        Self {
            answer: answer(status, &[("retry-after", SECONDS.to_string())]),
            is_over: IsOver::After(Duration::from_secs(SECONDS)),
        }
    }

    /// One that ends in two seconds or three, and nothing but the time of its end
    /// is told.
    pub(super) fn reset(status: u16) -> Self {
        Self::answered(|headers| answer(status, headers))
    }

    fn graphql() -> Self {
        let error = json!({"type": "RATE_LIMITED", "message": GITHUBS_WORDS});
        Self::answered(|headers| said(200, headers, json!({ "errors": [error] })))
    }

    fn answered(so: impl FnOnce(&[(&str, String)]) -> FaultKind) -> Self {
        let second = Clock::system().now().as_second() + 3;
        Self {
            answer: so(&[
                ("x-ratelimit-limit", "5000".to_owned()),
                ("x-ratelimit-remaining", "0".to_owned()),
                ("x-ratelimit-reset", second.to_string()),
            ]),
            is_over: IsOver::At(Timestamp::from_second(second).unwrap()),
        }
    }
}

impl Stage {
    /// A request for this environment meets the limit at a call, and succeeds all
    /// the same. Until the limit is over GitHub is asked nothing, and the request
    /// says that it waits for that: when it was over, and until when it waited, as
    /// it said.
    pub(super) async fn waits_out(
        &mut self,
        route: &str,
        environment: &str,
        limit: Limit,
    ) -> (Timestamp, Timestamp) {
        let ask = v1::StartDeploymentRequest {
            environment: environment.to_owned(),
            ..self.world.ask(environment, NEWEST)
        };
        let call = self.world.calls(route);
        self.world.fault(route, 1, limit.answer);
        self.asks(ask).await;
        self.succeeds(environment).await;
        let (answered, next) = self.answered_and_next(route, call);
        let over = match limit.is_over {
            IsOver::After(time) => answered + time,
            IsOver::At(over) => over,
        };
        assert!(next >= over, "asked again at {next}, before {over}");
        let told = self.told.iter().filter(|one| one.request_id == environment);
        let waiting = told.filter_map(|one| one.waiting.as_ref());
        let until = waiting
            .filter(|waiting| waiting.reason() == WaitingReason::RateLimit)
            .find_map(|waiting| waiting.until)
            .unwrap_or_else(|| panic!("it is not told until when it waits: {:?}", self.told));
        let until = Timestamp::new(until.seconds, until.nanos).unwrap();
        (over, until)
    }
}

/// The facts meet the limit, then the creation of another.
async fn waits_out(on: Engine, limit: impl Fn() -> Limit) {
    let mut stage = Stage::set(World::on(on).await).await;
    for (route, environment) in [(FACTS, "production"), (CREATE, "staging")] {
        let (over, until) = stage.waits_out(route, environment, limit()).await;
        assert_is_near(over, until);
    }
    stage.end().await;
}

/// GitHub tells whole seconds, the journal whole milliseconds, and an answer is
/// on its way for a moment.
pub(super) fn assert_is_near(over: Timestamp, until: Timestamp) {
    let late = until.duration_since(over).as_millis();
    assert!(
        (-1..3_000).contains(&late),
        "until {until} instead of {over}"
    );
}

pub(super) async fn forbidden_with_retry_after(on: Engine) {
    waits_out(on, || Limit::retry_after(403)).await;
}

pub(super) async fn too_many_with_retry_after(on: Engine) {
    waits_out(on, || Limit::retry_after(429)).await;
}

pub(super) async fn forbidden_with_reset(on: Engine) {
    waits_out(on, || Limit::reset(403)).await;
}

pub(super) async fn too_many_with_reset(on: Engine) {
    waits_out(on, || Limit::reset(429)).await;
}

pub(super) async fn forbidden_in_words_only(on: Engine) {
    waits_a_minute(on, 403).await;
}

pub(super) async fn too_many_in_words_only(on: Engine) {
    waits_a_minute(on, 429).await;
}

/// Without a time GitHub asks for a minute, which is over sooner by a clock that
/// goes twenty times as fast as the machine's.
async fn waits_a_minute(on: Engine, status: u16) {
    const FAST: i32 = 20;
    let world = World::on(on).await;
    let (machine, start) = (Clock::system(), Clock::system().now());
    let hurried = move |then: Timestamp| start + then.duration_since(start) * FAST;
    let config = Config {
        pickup_timeout: AGES,
        silence_timeout: AGES,
        ..world.config()
    };
    let timing = Timing {
        clock: Clock::faster(
            move || hurried(machine.now()),
            FAST.unsigned_abs().try_into().unwrap(),
        ),
        ..world.timing()
    };
    let mut stage = Stage::with(world, config, timing).await;
    let limit = Limit {
        answer: answer(status, &[]),
        is_over: IsOver::After(Duration::from_secs(60) / FAST.unsigned_abs()),
    };
    let (over, until) = stage.waits_out(CREATE, "production", limit).await;
    let late = until.duration_since(hurried(over)).as_secs() / i64::from(FAST);
    assert!(
        (0..3).contains(&late),
        "until {until}, by a fast clock, instead of {over}"
    );
    assert_eq!(stage.world.calls(CREATE), 2);
    stage.end().await;
}

pub(super) async fn graphql_limited(on: Engine) {
    let mut stage = Stage::set(World::on(on).await).await;
    let limit = Limit::graphql();
    let (over, until) = stage.waits_out(FACTS, "production", limit).await;
    assert_is_near(over, until);
    stage.end().await;
}

pub(super) async fn token_expired(on: Engine) {
    let world = World::on(on).await;
    let refused = said(401, &[], json!({ "message": GITHUBS_WORDS }));
    world.fault(FACTS, 1, refused);
    let mut stage = Stage::set(world).await;
    stage.ask().await;
    let ended = stage.end_of("r1").await;
    assert_eq!(ended.state(), RequestState::Failed);
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            ended.failure,
            @"GitHub does not accept deploybot's token: whoever runs deploybot has to renew it."
        );
    }
    assert_eq!(stage.world.calls(CREATE), 0);
    // Once it is renewed the same is asked for anew, and goes out.
    let again = stage.world.ask("r2", NEWEST);
    stage.asks(again).await;
    stage.succeeds("r2").await;
    stage.end().await;
}

pub(super) async fn app_token_expired(on: Engine) {
    let world = World::on(on).await;
    let config = world.install_app();
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

pub(super) async fn app_not_accepted(on: Engine) {
    let world = World::on(on).await;
    let config = world.install_app();
    let refused = || said(401, &[], json!({ "message": GITHUBS_WORDS }));
    world.fault("GET /api/v3/app", 1, refused());
    let mint = "POST /api/v3/app/installations/{installation_id}/access_tokens";
    world.fault(mint, 4, refused());
    let timing = world.timing();
    let mut stage = Stage::with(world, config, timing).await;
    stage.ask().await;
    stage.succeeds("r1").await;
    let mut waiting = stage.told.iter().filter_map(|one| one.waiting.as_ref());
    let waiting = waiting.next().expect("it is told that it waits");
    assert_eq!(waiting.reason(), WaitingReason::GithubUnavailable);
    insta::allow_duplicates! {
        insta::assert_snapshot!(
            waiting.explanation,
            @"GitHub does not accept deploybot's GitHub App: if that does not pass, whoever runs deploybot has to see to its id and its private key."
        );
    }
    stage.end().await;
}
