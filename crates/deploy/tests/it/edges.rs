//! The edges: authentication, deadlines, health, reflection, the feed's
//! promises, the admin listener.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use deploy_proto::v1::{self, RequestState, deploy_service_client::DeployServiceClient};
use hyper_util::rt::TokioExecutor;
use secrecy::SecretString;
use simulators::control::FaultKind;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::{Code, Request, transport::Endpoint};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::{v1 as reflection, v1alpha as reflection_alpha};
use tonic_types::StatusExt as _;

use crate::{
    service::{PATIENCE, Watcher, eventually},
    world::{NEWEST, World},
};

fn status_of_people() -> v1::GetStatusRequest {
    v1::GetStatusRequest {
        repository: "people".to_owned(),
        limit: None,
    }
}

#[tokio::test]
async fn only_who_has_the_token_is_served() {
    let world = World::new().await;
    let mut config = world.config();
    config.auth_token = Some(SecretString::from("hush-grpc"));
    let service = world.serve_with(config).await;
    let channel = Endpoint::from_shared(format!("http://{}", service.grpc)).unwrap();
    let channel = channel.connect().await.unwrap();
    for header in [None, Some("Bearer hush"), Some("Basic hush-grpc")] {
        let mut client = DeployServiceClient::new(channel.clone());
        let mut request = Request::new(status_of_people());
        if let Some(header) = header {
            request
                .metadata_mut()
                .insert("authorization", header.parse().unwrap());
        }
        let status = client.get_status(request).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{header:?}");
        let mut request = Request::new(v1::WatchRequest {
            subscriber: "test".to_owned(),
            replica: String::new(),
        });
        if let Some(header) = header {
            request
                .metadata_mut()
                .insert("authorization", header.parse().unwrap());
        }
        let status = client.watch(request).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{header:?}");
    }
    assert_eq!(world.github.control().log(), []);

    let mut client = DeployServiceClient::new(channel.clone());
    let mut request = Request::new(status_of_people());
    request
        .metadata_mut()
        .insert("authorization", "Bearer hush-grpc".parse().unwrap());
    client.get_status(request).await.unwrap();
    // Health is for orchestrators, which have no token; reflection is not.
    HealthClient::new(channel.clone())
        .check(HealthCheckRequest::default())
        .await
        .unwrap();
    let mut client = reflection::server_reflection_client::ServerReflectionClient::new(channel);
    let none = tokio_stream::empty::<reflection::ServerReflectionRequest>();
    let status = client.server_reflection_info(none).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    service.stop().await;
    world.end().await;
}

/// The service's own end of a deadline: tonic's channel has one too, which on a
/// busy machine may be first, so the call goes over a client without.
#[tokio::test]
async fn a_call_ends_within_the_time_that_its_caller_gave() {
    let world = World::new().await;
    let latency = FaultKind::Latency { ms: 20_000 };
    world.fault("POST /api/graphql Status", 1, latency);
    let service = world.serve().await;
    let channel = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let origin = format!("http://{}", service.grpc).parse().unwrap();
    let mut client = DeployServiceClient::with_origin(channel, origin);
    let mut request = Request::new(status_of_people());
    request.set_timeout(Duration::from_secs(1));
    let status = client.get_status(request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_stream_ends_within_the_time_that_its_caller_gave() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut request = Request::new(v1::WatchRequest {
        subscriber: "test".to_owned(),
        replica: String::new(),
    });
    request.set_timeout(Duration::from_secs(4));
    let mut stream = client.watch(request).await.unwrap().into_inner();
    let served = stream.message().await.unwrap().unwrap();
    assert!(served.served_for.is_some(), "{served:?}");
    let ended = timeout(PATIENCE, stream.message()).await.expect("it ends");
    assert_eq!(ended.unwrap_err().code(), Code::DeadlineExceeded);
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_github_that_does_not_serve_is_told_with_when_to_try_again() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    world.fault("POST /api/graphql Status", 3, FaultKind::Status(503));
    let status = client.get_status(status_of_people()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    insta::assert_snapshot!(
        status.message(),
        @"GitHub does not answer now."
    );
    assert!(status.get_error_details().retry_info().is_some());

    world.fault(
        "POST /api/graphql Status",
        1,
        FaultKind::RateLimit { seconds: 90 },
    );
    let status = client.get_status(status_of_people()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    let details = status.get_error_details();
    let delay = details.retry_info().unwrap().retry_delay.unwrap();
    assert!((60..=90).contains(&delay.as_secs()), "{delay:?}");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn health_and_reflection_are_served() {
    let world = World::new().await;
    let service = world.serve().await;
    let channel = Endpoint::from_shared(format!("http://{}", service.grpc)).unwrap();
    let channel = channel.connect().await.unwrap();
    for name in ["", "deploy.v1.DeployService"] {
        eventually(("healthy", name), || async {
            let service = name.to_owned();
            let mut client = HealthClient::new(channel.clone());
            let answer = client.check(HealthCheckRequest { service }).await.ok()?;
            (answer.into_inner().status().as_str_name() == "SERVING").then_some(())
        })
        .await;
    }
    let ask = reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            reflection::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let mut client =
        reflection::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let answers = client
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    assert!(
        format!("{answer:?}").contains("deploy.v1.DeployService"),
        "{answer:?}"
    );

    let ask = reflection_alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            reflection_alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
                "deploy.v1.DeployService".to_owned(),
            ),
        ),
    };
    let mut client =
        reflection_alpha::server_reflection_client::ServerReflectionClient::new(channel);
    let answers = client
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    assert!(
        format!("{answer:?}").contains("FileDescriptorResponse"),
        "{answer:?}"
    );
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn a_subscriber_goes_on_after_what_it_acknowledged() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut one = Watcher::new(&mut client, "bot").await;
    let mut other = Watcher::new(&mut client, "another-bot").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    one.end_of("r1").await;
    other.end_of("r1").await;
    // What an entry shows is the request as it stands, so states may differ.
    let cursors = |watcher: &Watcher| watcher.seen.iter().map(|seen| seen.0).collect::<Vec<_>>();
    let (first, last) = (one.seen[0].0, one.seen.last().unwrap().0);
    assert!(cursors(&one).starts_with(&[1, 2]) && cursors(&other).starts_with(&[1, 2]));

    for cursor in [first, first] {
        let subscriber = "bot".to_owned();
        client
            .ack(v1::AckRequest { subscriber, cursor })
            .await
            .unwrap();
    }
    let mut again = Watcher::new(&mut client, "bot").await;
    again.next().await;
    assert_eq!(again.seen[0].0, first + 1);

    let subscriber = "bot".to_owned();
    let cursor = last;
    client
        .ack(v1::AckRequest { subscriber, cursor })
        .await
        .unwrap();
    let mut again = Watcher::new(&mut client, "bot").await;
    client
        .start_deployment(world.ask("r2", NEWEST))
        .await
        .unwrap();
    again.end_of("r2").await;
    assert!(again.seen.iter().all(|(cursor, ..)| *cursor > last));
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn the_message_of_a_request_is_in_the_feed() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    let reply = v1::RecordReplyRequest {
        request_id: "r1".to_owned(),
        channel: "C2".to_owned(),
        message_ts: "9.9".to_owned(),
    };
    client.record_reply(reply).await.unwrap();
    feed.end_of("r1").await;
    let mut again = Watcher::new(&mut client, "test").await;
    let request = again.next().await;
    assert_eq!(request.message_ts, "9.9");
    assert_eq!(request.reply.unwrap().channel, "C2");
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn streams_end_when_the_service_stops() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut served = Watcher::new(&mut client, "test").await;
    assert!(served.told().await.unwrap().served_for.is_some());
    let mut waits = Watcher::of_replica(&mut client, "test", String::new()).await;
    let start = Instant::now();
    let (ended, also, ()) = tokio::join!(served.told(), waits.told(), service.stop());
    assert_eq!((ended, also), (None, None));
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "it did not wait for the hard end"
    );
    world.end().await;
}

#[tokio::test]
async fn what_is_accepted_while_it_stops_is_carried_out_later() {
    let world = World::new().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    client
        .start_deployment(world.ask("r1", NEWEST))
        .await
        .unwrap();
    service.stop().await;
    let service = world.serve().await;
    let mut client = service.client().await;
    let mut feed = Watcher::new(&mut client, "test").await;
    assert_eq!(feed.end_of("r1").await.state(), RequestState::Succeeded);
    assert_eq!(world.deployments(&mut client, "people").await, 1);
    service.stop().await;
    world.end().await;
}

#[tokio::test]
async fn the_admin_listener_tells_health_and_readiness() {
    let world = World::new().await;
    let service = world.serve().await;
    assert!(
        get(service.admin, "/healthz")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(service.admin, "/readyz")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        get(service.admin, "/else")
            .await
            .starts_with("HTTP/1.1 404")
    );
    service.stop().await;
    world.end().await;
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    timeout(PATIENCE, read).await.expect("it answers").unwrap();
    answer
}
