//! One request under a fault, from asked to ended, and what must hold of it.

use deploy::{Config, Timing};
use deploy_proto::v1::{self, RequestState};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    service::{Client, Service, Watcher},
    world::{NEWEST, World, ask_github},
};

/// What GitHub says in its refusals here; nobody is to read it.
pub(super) const GITHUBS_WORDS: &str = "xyzzy from deep within GitHub";

/// A service under a fault.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) service: Service,
    pub(super) client: Client,
    pub(super) feed: Watcher,
    /// All that people were told, oldest first.
    pub(super) told: Vec<v1::Request>,
}

impl Stage {
    pub(super) async fn set(world: World) -> Self {
        let (config, timing) = (world.config(), world.timing());
        Self::with(world, config, timing).await
    }

    pub(super) async fn with(world: World, config: Config, timing: Timing) -> Self {
        let service = Service::start(config, timing).await;
        let mut client = service.client().await;
        let feed = Watcher::new(&mut client, "test").await;
        Self {
            world,
            service,
            client,
            feed,
            told: Vec::new(),
        }
    }

    /// Asks for the newest commit of `people` in production, as `r1`.
    pub(super) async fn ask(&mut self) {
        let ask = self.world.ask("r1", NEWEST);
        self.asks(ask).await;
    }

    pub(super) async fn asks(&mut self, ask: v1::StartDeploymentRequest) {
        self.client.start_deployment(ask).await.unwrap();
    }

    /// Reads on until a request has come so far. Nothing that people are told on
    /// the way is GitHub's.
    async fn until(&mut self, id: &str, enough: impl Fn(&v1::Request) -> bool) -> v1::Request {
        loop {
            let request = self.feed.next().await;
            let words = format!("{request:?}");
            assert!(!words.contains(GITHUBS_WORDS), "{words}");
            self.told.push(request.clone());
            if request.request_id == id && enough(&request) {
                return request;
            }
        }
    }

    pub(super) async fn runs(&mut self, id: &str) -> v1::Request {
        self.until(id, |request| request.state() == RequestState::Running)
            .await
    }

    /// Reads on until a step of its deployment is told by this word.
    pub(super) async fn says(&mut self, id: &str, word: &str) {
        self.until(id, |request| {
            let mut steps = request.deployment.iter().flat_map(|one| &one.steps);
            steps.any(|step| step.state == word)
        })
        .await;
    }

    pub(super) async fn end_of(&mut self, id: &str) -> v1::Request {
        use RequestState::{Cancelled, Failed, Refused, Succeeded};
        self.until(id, |request| {
            matches!(request.state(), Refused | Succeeded | Failed | Cancelled)
        })
        .await
    }

    /// The request succeeds, and GitHub has exactly one deployment of it, which
    /// has succeeded too.
    pub(super) async fn succeeds(&mut self, id: &str) {
        let ended = self.end_of(id).await;
        assert_eq!(ended.state(), RequestState::Succeeded, "{ended:?}");
        let repository = ended.repository.trim_start_matches("acme/");
        let made = self.made(repository, id).await;
        assert_eq!(made.len(), 1, "{made:?}");
        let told = ended.deployment.unwrap().id;
        assert_eq!(made[0].0, u64::try_from(told).unwrap());
        assert!(made[0].1.iter().any(|state| state == "success"), "{made:?}");
    }

    /// The deployments that GitHub has of a request: number and states.
    pub(super) async fn made(&self, repository: &str, id: &str) -> Vec<(u64, Vec<String>)> {
        let mut made = Vec::new();
        let listed = self.read(repository, "deployments?per_page=100").await;
        for deployment in listed.as_array().unwrap() {
            if deployment["payload"]["request_id"] == id {
                let number = deployment["id"].as_u64().unwrap();
                let path = format!("deployments/{number}/statuses");
                let statuses = self.read(repository, &path).await;
                let states = statuses.as_array().unwrap().iter();
                let states = states.map(|one| one["state"].as_str().unwrap().to_owned());
                made.push((number, states.collect()));
            }
        }
        made
    }

    async fn read(&self, repository: &str, path: &str) -> Value {
        let (status, answer) = ask_github(&self.world, "GET", repository, path, "").await;
        assert!(status.is_success(), "{path}: {status}");
        answer
    }

    /// When a call of a route was answered, counted from nought, and when GitHub
    /// was asked the next thing, whatever it was.
    pub(super) fn answered_and_next(&self, route: &str, call: u64) -> (Timestamp, Timestamp) {
        let log = self.world.github.control().log();
        let mut calls = log.iter().enumerate().filter(|(_, one)| one.route == route);
        let (place, answered) = calls
            .nth(usize::try_from(call).unwrap())
            .unwrap_or_else(|| panic!("{route} was not called: {log:?}"));
        let next = log.get(place + 1).expect("it goes on");
        (answered.at, next.at)
    }

    pub(super) async fn end(self) {
        drop((self.client, self.feed));
        self.service.stop().await;
        self.world.end().await;
    }
}
