//! Requests for one environment are judged in the order in which they were
//! accepted, however long GitHub is away meanwhile: what was asked for last holds,
//! or whoever asked for it is told that something else goes out.

mod turns;
mod waited_for;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deploy::{Config, Timing};
use deploy_proto::v1::{self, Reason, RequestState, WaitingReason};
use http::StatusCode;
use tokio::time::timeout;

use crate::{
    between::{Between, Fate, Hold, Query},
    outage::{cancel, waiting, waits},
    service::{Client, PATIENCE, Service, Watcher},
    world::{CREATE, Engine, FACTS, NEWEST, OLDEST, RED, World, on_both, write_status},
};

on_both! {
    the_order_outlives_the_process,
    who_was_asked_for_first_and_ends_keeps_nobody,
    who_waits_behind_another_can_be_withdrawn,
    who_asked_by_another_name_of_the_environment_waits_too,
}

/// GitHub, as the service sees it.
#[derive(Default)]
struct Sky {
    is_away: AtomicBool,
    /// Its answers about these commits in production are kept back, each time.
    holds: Mutex<HashMap<String, Hold>>,
    /// It fails whenever it is asked about this commit in production.
    fails: Mutex<Option<String>>,
}

impl Sky {
    fn fate(&self, query: &Query) -> Fate {
        let asks = query.variables.to_string();
        if self.is_away.load(Ordering::Relaxed) {
            return Fate::Fails(StatusCode::SERVICE_UNAVAILABLE);
        }
        if query.operation != "Facts" || !asks.contains("production") {
            return Fate::Passes;
        }
        let is_asked = |sha: &String| asks.contains(sha);
        if self.fails.lock().unwrap().as_ref().is_some_and(is_asked) {
            return Fate::Fails(StatusCode::BAD_GATEWAY);
        }
        let holds = self.holds.lock().unwrap();
        match holds.iter().find(|(sha, _)| is_asked(sha)) {
            Some((_, hold)) => Fate::Waits(hold.clone()),
            None => Fate::Passes,
        }
    }
}

/// What is asked for, and after it what is live.
const IN_ORDER: [(&str, &str, usize); 2] =
    [("r1", "production", NEWEST), ("r2", "production", OLDEST)];

/// Waits until GitHub would answer what is kept back.
async fn is_asked(hold: &Hold) {
    timeout(PATIENCE, hold.answered.cancelled()).await.unwrap();
}

/// A service under a sky, with the oldest commit of `api` live in production.
struct Scene {
    world: World,
    sky: Arc<Sky>,
    between: Between,
    service: Service,
    client: Client,
    feed: Watcher,
}

impl Scene {
    async fn on(on: Engine) -> Self {
        let world = World::on(on).await;
        let timing = world.timing();
        Self::at(world, timing).await
    }

    async fn at(world: World, timing: Timing) -> Self {
        const AGES: Duration = Duration::from_secs(24 * 3_600);
        let sky = Arc::new(Sky::default());
        let above = Arc::clone(&sky);
        let between = Between::new(&world, move |query| above.fate(query)).await;
        let config = Config {
            pickup_timeout: AGES,
            silence_timeout: AGES,
            ..between.config(&world)
        };
        let service = Service::start(config, timing).await;
        let mut client = service.client().await;
        let feed = Watcher::new(&mut client, "test").await;
        let mut scene = Self {
            world,
            sky,
            between,
            service,
            client,
            feed,
        };
        scene.ask("r0", "production", OLDEST).await;
        let running = scene.runs("r0").await;
        write_status(&scene.world, running.deployment.unwrap().id, "success").await;
        let ended = scene.feed.end_of("r0").await;
        assert_eq!(ended.state(), RequestState::Succeeded);
        scene
    }

    /// Asks for a commit of `api`, whose deployments run until somebody ends them.
    async fn ask(&mut self, id: &str, environment: &str, position: usize) {
        let ask = v1::StartDeploymentRequest {
            repository: "api".to_owned(),
            environment: environment.to_owned(),
            ..self.world.ask(id, position)
        };
        self.client.start_deployment(ask).await.unwrap();
    }

    async fn runs(&mut self, id: &str) -> v1::Request {
        self.feed
            .until(id, |state| state == RequestState::Running)
            .await
    }

    /// Asks for these while GitHub is away, one after the other; each says that
    /// it waits for GitHub.
    async fn ask_in_an_outage(&mut self, asks: &[(&str, &str, usize)]) {
        self.sky.is_away.store(true, Ordering::Relaxed);
        for &(id, environment, position) in asks {
            self.ask(id, environment, position).await;
            let waiting = waiting(&mut self.feed, id).await;
            assert_eq!(waiting.reason(), WaitingReason::GithubUnavailable);
        }
    }

    fn github_is_back(&self) {
        self.sky.is_away.store(false, Ordering::Relaxed);
    }

    /// GitHub takes its time with what it is asked about a commit in production.
    fn keeps_back(&self, position: usize) -> Hold {
        let hold = Hold::default();
        let sha = self.world.sha(position);
        self.sky.holds.lock().unwrap().insert(sha, hold.clone());
        hold
    }

    /// Nothing becomes of a request although another has time to go out.
    async fn nothing_becomes_of(&mut self, id: &str) {
        self.ask("elsewhere", "staging", NEWEST).await;
        self.runs("elsewhere").await;
        assert_eq!(self.feed.states(id), [RequestState::Accepted]);
    }

    /// GitHub is back, and takes its time with what was asked for first, so that
    /// nothing becomes of what was asked for after it.
    async fn github_is_back_and_slow(&mut self, first: usize, behind: &str) -> Hold {
        let hold = self.keeps_back(first);
        self.github_is_back();
        is_asked(&hold).await;
        self.nothing_becomes_of(behind).await;
        hold
    }

    /// Another process in place of the one that served.
    async fn restarted(self) -> Self {
        drop((self.client, self.feed));
        self.service.stop().await;
        let service = self
            .world
            .serve_with(self.between.config(&self.world))
            .await;
        let mut client = service.client().await;
        let feed = Watcher::new(&mut client, "test").await;
        Self {
            service,
            client,
            feed,
            ..self
        }
    }

    /// GitHub is back, and takes its time with what was asked for first, which
    /// `r2` was not. Whoever wants to go elsewhere goes meanwhile.
    async fn goes_out_in_order(mut self) {
        let hold = self.github_is_back_and_slow(NEWEST, "r2").await;
        hold.released.cancel();
        other_goes_out(&mut self.feed).await;
        self.end().await;
    }

    async fn end(self) {
        drop((self.client, self.feed));
        self.service.stop().await;
        self.world.end().await;
    }
}

/// `r2` is told that another goes out, and that is `r1`, which may have no
/// deployment yet when that is told.
async fn other_goes_out(feed: &mut Watcher) -> v1::Request {
    let refused = feed.end_of("r2").await;
    assert_eq!(refused.state(), RequestState::Refused);
    assert_eq!(refused.refusals[0].reason(), Reason::AlreadyRunning);
    let runs = RequestState::Running;
    if !feed.states("r1").contains(&runs) {
        feed.until("r1", |state| state == runs).await;
    }
    refused
}

pub(crate) async fn who_asked_last_for_what_is_live_is_not_told_so_while_another_is_to_go_out(
    on: Engine,
) {
    let mut scene = Scene::on(on).await;
    scene.ask_in_an_outage(&IN_ORDER).await;
    scene.goes_out_in_order().await;
}

async fn the_order_outlives_the_process(on: Engine) {
    let mut scene = Scene::on(on).await;
    scene.ask_in_an_outage(&IN_ORDER).await;
    scene.restarted().await.goes_out_in_order().await;
}

async fn who_was_asked_for_first_and_ends_keeps_nobody(on: Engine) {
    let mut scene = Scene::on(on).await;
    scene
        .ask_in_an_outage(&[
            ("cancelled", "production", NEWEST),
            ("refused", "production", RED),
            ("last", "production", OLDEST),
        ])
        .await;
    let cancelled = cancel(&mut scene.client, "cancelled").await.unwrap();
    assert_eq!(cancelled.state(), RequestState::Cancelled);
    let hold = scene.github_is_back_and_slow(RED, "last").await;
    hold.released.cancel();
    let last = scene.feed.end_of("last").await;
    assert_eq!(last.refusals[0].reason(), Reason::AlreadyLive);
    assert_eq!(last.refusals.len(), 1);
    let before = scene.feed.states("refused");
    assert_eq!(
        before.last(),
        Some(&RequestState::Refused),
        "in their order"
    );
    assert_eq!(scene.world.calls(CREATE), 2);
    scene.end().await;
}

async fn who_waits_behind_another_can_be_withdrawn(on: Engine) {
    let mut scene = Scene::on(on).await;
    scene.ask_in_an_outage(&IN_ORDER).await;
    let hold = scene.github_is_back_and_slow(NEWEST, "r2").await;
    let cancelled = cancel(&mut scene.client, "r2").await.unwrap();
    assert_eq!(cancelled.state(), RequestState::Cancelled);
    hold.released.cancel();
    scene.runs("r1").await;
    let ended = [RequestState::Accepted, RequestState::Cancelled];
    assert_eq!(scene.feed.states("r2"), ended);
    scene.end().await;
}

async fn who_asked_by_another_name_of_the_environment_waits_too(on: Engine) {
    let mut scene = Scene::on(on).await;
    scene
        .ask_in_an_outage(&[("r1", "Prod", NEWEST), ("r2", "production", OLDEST)])
        .await;
    scene.goes_out_in_order().await;
}

/// It dies while GitHub takes its time; the other, which was asked last, lets what
/// was asked for first go first.
#[tokio::test]
async fn what_another_process_has_in_hand_goes_first_even_when_it_dies() {
    let scene = Scene::on(Engine::Postgres).await;
    let hold = scene.keeps_back(NEWEST);
    let Scene {
        world,
        sky,
        between,
        service: dies,
        mut client,
        feed,
    } = scene;
    let ask = |id: &str, position| v1::StartDeploymentRequest {
        repository: "api".to_owned(),
        ..world.ask(id, position)
    };
    client.start_deployment(ask("r1", NEWEST)).await.unwrap();
    is_asked(&hold).await;
    drop((client, feed));

    let lives = world.serve_with(between.config(&world)).await;
    let mut client = lives.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client.start_deployment(ask("r2", OLDEST)).await.unwrap();
    dies.kill().await;
    sky.holds.lock().unwrap().clear();
    other_goes_out(&mut feed).await;
    assert_eq!(world.calls(CREATE), 2);
    drop((client, feed));
    lives.stop().await;
    world.end().await;
}
