//! The two services as two processes, told nothing but settings.

use deploy_proto::v1::{GetStatusRequest, deploy_service_client::DeployServiceClient};
use tonic::transport::{Channel as Grpc, Endpoint};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::{v1, v1alpha};

use crate::{
    journals::{Journal, on_both},
    program::{ANYWHERE, Program},
    quick, start,
};

/// The contract's one service.
const SERVICE: &str = "deploy.v1.DeployService";

on_both!(two_processes_serve_the_channel_with_little_memory);

async fn two_processes_serve_the_channel_with_little_memory(journal: Journal) {
    let options = sandbox::Options {
        services: false,
        ..quick()
    };
    let (sandbox, channel) = start(options).await;
    let deploy = Program::deploy(&sandbox, &journal.url(), ANYWHERE).await;
    let deploybot = Program::deploybot(&sandbox, deploy.grpc()).await;

    channel.asks("@deploybot status people", "newest 5").await;
    let sha = channel.deployable("people", "production").await;
    let ask = format!("@deploybot deploy people production {sha}");
    let asked = channel.say(&ask).await;
    channel.hears(&asked, "is live in").await;
    assert_eq!(channel.bot_since(&asked).await.len(), 1);

    // A build for tests is larger; `make bench` measures what is shipped.
    for program in [&deploy, &deploybot] {
        assert!(program.peak_memory() < 100 * 1024 * 1024);
    }
    deploybot.end().await;
    deploy.end().await;
    sandbox.shutdown().await;
}

/// What a terminal or an orchestrator would ask, without anything of ours.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_tells_its_health_and_its_contract() {
    let options = sandbox::Options {
        services: false,
        ..quick()
    };
    let (sandbox, _) = start(options).await;
    let journal = Journal::in_a_file();
    let deploy = Program::deploy(&sandbox, &journal.url(), ANYWHERE).await;
    let address = format!("http://{}", deploy.grpc());
    let grpc = Endpoint::from_shared(address).unwrap();
    let grpc = grpc.connect().await.unwrap();

    for service in ["", SERVICE] {
        let service = service.to_owned();
        let check = HealthCheckRequest { service };
        let health = HealthClient::new(grpc.clone()).check(check).await.unwrap();
        assert_eq!(health.into_inner().status().as_str_name(), "SERVING");
    }
    for services in [
        services(grpc.clone()).await,
        services_alpha(grpc.clone()).await,
    ] {
        assert!(services.contains(&SERVICE.to_owned()), "{services:?}");
    }
    let status = GetStatusRequest {
        repository: "people".to_owned(),
        limit: None,
    };
    let status = DeployServiceClient::new(grpc).get_status(status).await;
    assert_eq!(status.unwrap().into_inner().commits.len(), 5);

    deploy.end().await;
    sandbox.shutdown().await;
}

/// The services that reflection lists.
async fn services(grpc: Grpc) -> Vec<String> {
    use v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(grpc);
    let answers = client.server_reflection_info(tokio_stream::once(ask)).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap();
    match answer.unwrap().message_response.unwrap() {
        MessageResponse::ListServicesResponse(list) => {
            list.service.into_iter().map(|one| one.name).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The same, as older clients ask.
async fn services_alpha(grpc: Grpc) -> Vec<String> {
    use v1alpha::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(grpc);
    let answers = client.server_reflection_info(tokio_stream::once(ask)).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap();
    match answer.unwrap().message_response.unwrap() {
        MessageResponse::ListServicesResponse(list) => {
            list.service.into_iter().map(|one| one.name).collect()
        }
        other => panic!("{other:?}"),
    }
}
