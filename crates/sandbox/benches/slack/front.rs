//! deploy over HTTP and JSON, in a few lines: the backend of the bots that are
//! written the usual way. They get the answers that ours gets.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use deploy_proto::v1::{
    GetStatusRequest, ListHistoryRequest, Person, ReplyAddress, StartDeploymentRequest,
    deploy_service_client::DeployServiceClient,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::{
    Status,
    transport::{Channel as Grpc, Endpoint},
};

use crate::program::ANYWHERE;

type Deploy = DeployServiceClient<Grpc>;
type Answer = Result<Json<Value>, (StatusCode, String)>;

/// So that each request has an id of its own, as nobody gives it one.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// Serves it until the task is dropped; tells where.
pub(crate) async fn serve(deploy: SocketAddr, tasks: &mut tokio::task::JoinSet<()>) -> String {
    let endpoint = Endpoint::from_shared(format!("http://{deploy}")).expect("an address");
    let grpc = endpoint.connect().await.expect("deploy listens");
    let router = Router::new()
        .route("/status/{repository}", get(status))
        .route("/history/{repository}", get(history))
        .route("/deploy", post(start))
        .with_state(DeployServiceClient::new(grpc));
    let listener = TcpListener::bind(ANYWHERE).await.expect("a port");
    let address = listener.local_addr().expect("a port");
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    format!("http://{address}")
}

async fn status(State(mut deploy): State<Deploy>, Path(repository): Path<String>) -> Answer {
    let request = GetStatusRequest {
        repository,
        limit: None,
    };
    let told = deploy
        .get_status(request)
        .await
        .map_err(refused)?
        .into_inner();
    let commits: Vec<Value> = told
        .commits
        .into_iter()
        .filter_map(|one| one.commit)
        .map(|one| json!({"sha": short(&one.sha), "headline": one.headline, "author": one.author}))
        .collect();
    let environments: Vec<Value> = told
        .environments
        .into_iter()
        .map(|one| {
            let live = one.live.and_then(|live| live.commit);
            json!({"name": one.name, "live": live.as_ref().map(|live| short(&live.sha))})
        })
        .collect();
    Ok(Json(
        json!({"commits": commits, "environments": environments}),
    ))
}

async fn history(State(mut deploy): State<Deploy>, Path(repository): Path<String>) -> Answer {
    let request = ListHistoryRequest {
        repository,
        environment: None,
        page_size: None,
    };
    let told = deploy
        .list_history(request)
        .await
        .map_err(refused)?
        .into_inner();
    let deployments: Vec<Value> = told
        .environments
        .into_iter()
        .flat_map(|one| one.deployments)
        .map(|one| {
            let sha = one.commit.as_ref().map(|commit| short(&commit.sha));
            json!({
                "environment": one.environment, "sha": sha,
                "state": one.state().as_str_name(),
            })
        })
        .collect();
    Ok(Json(json!({"deployments": deployments})))
}

#[derive(Deserialize)]
struct Wanted {
    user: String,
    repository: String,
    environment: String,
    commit: String,
}

async fn start(State(mut deploy): State<Deploy>, Json(wanted): Json<Wanted>) -> Answer {
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    let request = StartDeploymentRequest {
        request_id: format!("usual:{number}"),
        repository: wanted.repository,
        environment: wanted.environment,
        commit: wanted.commit,
        requester: Some(Person {
            slack: wanted.user,
            ..Person::default()
        }),
        reply: Some(ReplyAddress {
            channel: "C1".to_owned(),
            ..ReplyAddress::default()
        }),
        ..StartDeploymentRequest::default()
    };
    let told = deploy.start_deployment(request).await.map_err(refused)?;
    let request = told.into_inner().request.unwrap_or_default();
    Ok(Json(json!({"state": request.state().as_str_name()})))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err takes"
)]
fn refused(status: Status) -> (StatusCode, String) {
    (StatusCode::BAD_GATEWAY, status.message().to_owned())
}

fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
