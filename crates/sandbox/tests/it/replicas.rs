//! Two `deploy` processes on one Postgres, which both take requests at the same
//! time.

use std::collections::{BTreeMap, BTreeSet};

use deploy_proto::v1::{
    Person, Reason, ReplyAddress, RequestState, StartDeploymentRequest, WatchRequest,
    deploy_service_client::DeployServiceClient,
};
use sandbox::OWNER;
use serde_json::json;
use tokio::task::JoinSet;
use tonic::transport::{Channel as Grpc, Endpoint};

use crate::{
    channel::Channel,
    journals::Journal,
    program::{ANYWHERE, Program},
    quick, start,
};

const REPOSITORIES: [&str; 3] = ["people", "api", "web"];
/// How many environments each gets, each for a pair of requests.
const ENVIRONMENTS: usize = 6;

type Client = DeployServiceClient<Grpc>;

/// Both hear of each request, as when an answer was lost on the way; and for each
/// environment there are two, of which one may go out.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_are_asked_the_same_at_once_carry_it_out_once() {
    let options = sandbox::Options {
        services: false,
        ..quick()
    };
    let (sandbox, channel) = start(options).await;
    let journal = Journal::in_a_postgres().await;
    let programs = [
        Program::deploy(&sandbox, &journal.url(), ANYWHERE).await,
        Program::deploy(&sandbox, &journal.url(), ANYWHERE).await,
    ];
    let clients = [connect(&programs[0]).await, connect(&programs[1]).await];
    let watch = WatchRequest {
        subscriber: "test".to_owned(),
        replica: String::new(),
    };
    let mut feed = clients[0].clone().watch(watch).await.unwrap().into_inner();

    let asks = asks(&channel).await;
    let mut asking = JoinSet::new();
    for ask in &asks {
        for client in &clients {
            let (mut client, ask) = (client.clone(), ask.clone());
            asking.spawn(async move { client.start_deployment(ask).await.unwrap() });
        }
    }
    asking.join_all().await;

    let mut ends = BTreeMap::new();
    while ends.len() < asks.len() {
        let entry = channel.until("an entry", async || feed.message().await.unwrap());
        let Some(request) = entry.await.request else {
            continue;
        };
        let (id, state) = (request.request_id.clone(), request.state());
        match state {
            RequestState::Succeeded => {}
            RequestState::Refused => {
                let reason = request.refusals[0].reason();
                let is_second = [Reason::AlreadyRunning, Reason::AlreadyLive];
                assert!(is_second.contains(&reason), "{request:?}");
            }
            RequestState::Failed | RequestState::Cancelled => panic!("{request:?}"),
            _ => continue,
        }
        let before = ends.insert(id, state);
        assert!(before.is_none_or(|before| before == state), "{request:?}");
    }
    let succeeded: BTreeSet<&str> = ends
        .iter()
        .filter(|(_, state)| **state == RequestState::Succeeded)
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(succeeded.len(), REPOSITORIES.len() * ENVIRONMENTS);
    let made = made(&channel).await;
    let each_once: Vec<&str> = made.iter().map(String::as_str).collect();
    assert_eq!(each_once, Vec::from_iter(succeeded));

    drop((feed, clients));
    for program in programs {
        program.end().await;
    }
    sandbox.shutdown().await;
}

async fn connect(program: &Program) -> Client {
    let address = format!("http://{}", program.grpc());
    let endpoint = Endpoint::from_shared(address).unwrap();
    DeployServiceClient::new(endpoint.connect().await.unwrap())
}

/// Two for each of some environments to which nothing was deployed.
async fn asks(channel: &Channel) -> Vec<StartDeploymentRequest> {
    let mut asks = Vec::new();
    for repository in REPOSITORIES {
        let commit = channel.green(repository, "main").await;
        for number in 0..ENVIRONMENTS {
            let environment = format!("region-{number}");
            let path =
                format!("../github/api/v3/repos/{OWNER}/{repository}/environments/{environment}");
            channel.http.send("PUT", &path, &json!({})).await;
            asks.extend(["one", "other"].map(|which| StartDeploymentRequest {
                request_id: format!("{repository}:{environment}:{which}"),
                repository: repository.to_owned(),
                environment: environment.clone(),
                commit: commit.clone(),
                kind: 0,
                requester: Some(Person {
                    slack: "U1".to_owned(),
                    name: "Minji".to_owned(),
                    ..Person::default()
                }),
                reply: Some(ReplyAddress {
                    channel: "C1".to_owned(),
                    ..ReplyAddress::default()
                }),
                expected_live: None,
            }));
        }
    }
    asks
}

/// The requests whose deployments GitHub has, sorted.
async fn made(channel: &Channel) -> Vec<String> {
    let mut made = Vec::new();
    for repository in REPOSITORIES {
        let path = format!("{repository}/deployments?per_page=100");
        let all = channel.github(&path).await;
        let ids = all.as_array().unwrap().iter();
        let ids = ids.filter_map(|one| one["payload"]["request_id"].as_str());
        made.extend(ids.filter(|id| id.contains(":region-")).map(str::to_owned));
    }
    made.sort();
    made
}
