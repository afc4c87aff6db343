//! A deploy as a process of its own that GitHub tells by webhooks, asked over
//! gRPC without an interface in between: what it answers out of its journal, and
//! what it refuses without asking GitHub.

use std::time::Duration;

use deploy_proto::v1::{
    GetStatusRequest, ListHistoryRequest, RequestState, StartDeploymentRequest,
    deploy_service_client::DeployServiceClient,
};
use simulators::github::Workflow;
use tokio::{task::JoinSet, time::Instant};
use tonic::{
    Code,
    transport::{Channel as Grpc, Endpoint},
};

use crate::{
    program::Program,
    report::{Asked, Load, Report},
    spread::spread,
    stage::{READS, REPOSITORIES, Stage},
    town,
};

/// How often each thing is asked for that is refused.
const REFUSALS: usize = 100;

/// How many rounds answers may take to get warm, and how long one is: longer than
/// hints are gathered.
const MOST_ROUNDS: usize = 20;
const ROUND: Duration = Duration::from_secs(1);
/// How many warm reads a second.
const RATE: u32 = 2_000;
/// For how long.
const LOAD: Duration = Duration::from_secs(10);
/// How long something asked for may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks for all of it.
pub(crate) async fn measure(report: &mut Report) {
    let stage = Stage::set(&[]).await;
    let client = Client::connect(&stage.deploy).await;
    let calls = || stage.calls(|route| route.contains("/api/") && !route.contains("Follow"));
    warm(&client, calls).await;
    let status = again_and_again("status warm", READS, calls, async |run| {
        client.status(REPOSITORIES[run % REPOSITORIES.len()]).await;
    });
    report.asked.push(status.await);
    let history = again_and_again("history warm", READS, calls, async |run| {
        client.history(REPOSITORIES[run % REPOSITORIES.len()]).await;
    });
    report.asked.push(history.await);
    refusals(report, &stage, &client).await;
    report.load = Some(load(&client, &REPOSITORIES, calls).await);
    report.count_memory(&stage);
    stage.strike().await;
}

/// Asks until nothing outdates the answers any more: GitHub tells by webhook of
/// what its repositories were given last, and that is read once.
async fn warm(client: &Client, calls: impl Fn() -> u64) {
    for _ in 0..MOST_ROUNDS {
        let before = calls();
        for repository in REPOSITORIES {
            client.status(repository).await;
            client.history(repository).await;
        }
        tokio::time::sleep(ROUND).await;
        if calls() == before {
            return;
        }
    }
    panic!("GitHub is asked each time");
}

/// What is refused, or answered, without a look at GitHub.
async fn refusals(report: &mut Report, stage: &Stage, client: &Client) {
    let calls = || stage.calls(|route| route.contains("/api/") && !route.contains("Follow"));
    let folder = tempfile::tempdir().expect("a folder");
    // Nobody picks its deployments up, so that the first one keeps its place.
    let stuck = Workflow {
        deploy: Vec::new(),
        ..town::workflow()
    };
    let place = town::found(stage.sandbox.github(), folder.path(), "stuck", &stuck);
    let [first, second] = [&place.commits[0], &place.commits[1]].map(ToString::to_string);
    let running = client.comes_to(RequestState::Running, "bench:first", "stuck", &first);
    running.await;
    let taken = again_and_again(
        "a deploy where one is running",
        REFUSALS,
        calls,
        async |run| {
            let id = format!("bench:taken-{run}");
            let refused = client.comes_to(RequestState::Refused, &id, "stuck", &second);
            refused.await;
        },
    );
    report.asked.push(taken.await);
    let repeated = again_and_again("a request repeated", REFUSALS, calls, async |_| {
        let state = client.start("bench:first", "stuck", &first).await;
        assert_eq!(state, RequestState::Running);
    });
    report.asked.push(repeated.await);
    let invalid = again_and_again(
        "a request that makes no sense",
        REFUSALS,
        calls,
        async |_| {
            client.start_invalid().await;
        },
    );
    report.asked.push(invalid.await);
}

/// Its client.
#[derive(Clone)]
pub(crate) struct Client(DeployServiceClient<Grpc>);

impl Client {
    pub(crate) async fn connect(deploy: &Program) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{}", deploy.grpc()));
        let endpoint = endpoint.expect("an address").tcp_nodelay(true);
        let grpc = endpoint.connect().await.expect("it listens");
        Self(DeployServiceClient::new(grpc))
    }

    pub(crate) async fn status(&self, repository: &str) {
        let request = GetStatusRequest {
            repository: repository.to_owned(),
            limit: None,
        };
        let answer = self.0.clone().get_status(request).await;
        let answer = answer.expect("the status is told").into_inner();
        assert_eq!(answer.stale, None);
    }

    pub(crate) async fn history(&self, repository: &str) {
        let request = ListHistoryRequest {
            repository: repository.to_owned(),
            environment: None,
            page_size: None,
        };
        let answer = self.0.clone().list_history(request).await;
        answer.expect("the history is told");
    }

    /// Asks for a deploy; how far it has come.
    pub(crate) async fn start(&self, id: &str, repository: &str, sha: &str) -> RequestState {
        let request = StartDeploymentRequest {
            request_id: id.to_owned(),
            repository: repository.to_owned(),
            environment: "production".to_owned(),
            commit: sha.to_owned(),
            ..StartDeploymentRequest::default()
        };
        let answer = self.0.clone().start_deployment(request).await;
        let answer = answer.expect("it is accepted").into_inner();
        answer.request.expect("the request").state()
    }

    /// Asks for the same until it has come so far.
    pub(crate) async fn comes_to(
        &self,
        state: RequestState,
        id: &str,
        repository: &str,
        sha: &str,
    ) {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = self.start(id, repository, sha).await;
            if now == state {
                return;
            }
            assert!(Instant::now() < end, "{id} is {now:?} and not {state:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Asks for what cannot be meant.
    pub(crate) async fn start_invalid(&self) {
        let request = StartDeploymentRequest {
            request_id: "bench:invalid".to_owned(),
            repository: "people".to_owned(),
            environment: "production".to_owned(),
            commit: "not a commit".to_owned(),
            ..StartDeploymentRequest::default()
        };
        let refused = self.0.clone().start_deployment(request).await;
        assert_eq!(
            refused.expect_err("it is refused").code(),
            Code::InvalidArgument
        );
    }
}

/// Asks one thing again and again, one after the other.
pub(crate) async fn again_and_again(
    name: &'static str,
    runs: usize,
    calls: impl Fn() -> u64,
    mut ask: impl AsyncFnMut(usize),
) -> Asked {
    let before = calls();
    let mut took = Vec::with_capacity(runs);
    for run in 0..runs {
        let start = Instant::now();
        ask(run).await;
        took.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Asked {
        name,
        runs,
        calls: (calls() - before) as f64 / runs as f64,
        took: spread(&took),
    }
}

/// So many warm reads a second, status and history in turn, each begun at its
/// time whether or not those before have been answered. What is measured begins
/// when a read was due: waiting to be sent counts.
pub(crate) async fn load(
    client: &Client,
    repositories: &[&'static str],
    calls: impl Fn() -> u64,
) -> Load {
    for repository in repositories {
        client.status(repository).await;
        client.history(repository).await;
    }
    let before = calls();
    let start = Instant::now() + Duration::from_millis(50);
    let every = Duration::from_secs(1) / RATE;
    let mut reading = JoinSet::new();
    let mut took = Vec::new();
    let number = RATE * u32::try_from(LOAD.as_secs()).expect("it is short");
    for read in 0..number {
        let due = start + every * read;
        if Instant::now() < due {
            tokio::time::sleep_until(due).await;
        }
        let place = read as usize;
        let (client, repository) = (client.clone(), repositories[place / 2 % repositories.len()]);
        reading.spawn(async move {
            if place.is_multiple_of(2) {
                client.status(repository).await;
            } else {
                client.history(repository).await;
            }
            due.elapsed().as_secs_f64() * 1000.0
        });
        while let Some(read) = reading.try_join_next() {
            took.push(read.expect("a read does not panic"));
        }
    }
    while let Some(read) = reading.join_next().await {
        took.push(read.expect("a read does not panic"));
    }
    Load {
        asked_a_second: RATE,
        answered_a_second: f64::from(number) / start.elapsed().as_secs_f64(),
        calls: calls() - before,
        took: spread(&took),
    }
}
