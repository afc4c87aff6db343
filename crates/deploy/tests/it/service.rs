//! The service of a scenario, which can be stopped, killed and started again
//! over the same journal; and its feed as one subscriber sees it.

use std::{fmt::Debug, net::SocketAddr, time::Duration};

use deploy::{Config, Listeners, Timing};
use deploy_proto::v1::{
    self, RequestState, WatchResponse, deploy_service_client::DeployServiceClient,
};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::{Streaming, transport::Channel};

/// How long a condition may take to hold on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A client of the service.
pub(crate) type Client = DeployServiceClient<Channel>;

/// A service that runs.
pub(crate) struct Service {
    pub(crate) grpc: SocketAddr,
    pub(crate) admin: SocketAddr,
    /// Where webhooks come in, if they do.
    pub(crate) web: Option<SocketAddr>,
    stop: CancellationToken,
    task: JoinSet<anyhow::Result<()>>,
}

impl Service {
    pub(crate) async fn start(config: Config, timing: Timing) -> Self {
        let store = deploy::open_journal(&config).await.unwrap();
        let listeners = Listeners::bind(&config).await.unwrap();
        let (grpc, admin) = (
            listeners.grpc.local_addr().unwrap(),
            listeners.admin.local_addr().unwrap(),
        );
        let web = listeners.web.as_ref();
        let web = web.map(|web| web.local_addr().unwrap());
        let stop = CancellationToken::new();
        let mut task = JoinSet::new();
        task.spawn(deploy::serve(
            config,
            store,
            listeners,
            timing,
            stop.clone(),
        ));
        Self {
            grpc,
            admin,
            web,
            stop,
            task,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        DeployServiceClient::connect(format!("http://{}", self.grpc))
            .await
            .unwrap()
    }

    /// Asks it to stop, and sees that it does so well.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = timeout(PATIENCE, self.task.join_next()).await;
        ended.expect("it stops").unwrap().unwrap().unwrap();
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) async fn kill(mut self) {
        self.task.shutdown().await;
    }
}

/// The feed as one subscriber sees it, with all that was seen so far.
pub(crate) struct Watcher {
    stream: Streaming<WatchResponse>,
    pub(crate) seen: Vec<(i64, String, RequestState)>,
}

impl Watcher {
    pub(crate) async fn new(client: &mut Client, subscriber: &str) -> Self {
        // Each is served in place of the one before.
        let replica = "test".to_owned();
        Self::of_replica(client, subscriber, replica).await
    }

    /// The feed as one of the subscriber's replicas sees it.
    pub(crate) async fn of_replica(client: &mut Client, subscriber: &str, replica: String) -> Self {
        let ask = v1::WatchRequest {
            subscriber: subscriber.to_owned(),
            replica,
        };
        let stream = client.watch(ask).await.unwrap();
        Self {
            stream: stream.into_inner(),
            seen: Vec::new(),
        }
    }

    /// The request of the next entry that is about one.
    pub(crate) async fn next(&mut self) -> v1::Request {
        let entry = loop {
            let told = self.told().await.expect("the feed does not end");
            if told.request.is_some() {
                break told;
            }
        };
        let request = entry.request.unwrap();
        self.seen
            .push((entry.cursor, request.request_id.clone(), request.state()));
        request
    }

    /// What comes next: an entry or a heartbeat; none when the stream has ended.
    pub(crate) async fn told(&mut self) -> Option<WatchResponse> {
        match timeout(PATIENCE, self.stream.message()).await {
            Ok(told) => told.unwrap(),
            Err(_) => panic!("nothing came after {:?}", self.seen),
        }
    }

    /// Reads on until a request has ended.
    pub(crate) async fn end_of(&mut self, id: &str) -> v1::Request {
        self.until(id, |state| {
            use RequestState::{Cancelled, Failed, Refused, Succeeded};
            matches!(state, Refused | Succeeded | Failed | Cancelled)
        })
        .await
    }

    /// Reads on until a request has come so far.
    pub(crate) async fn until(
        &mut self,
        id: &str,
        enough: impl Fn(RequestState) -> bool,
    ) -> v1::Request {
        loop {
            let request = self.next().await;
            if request.request_id == id && enough(request.state()) {
                return request;
            }
        }
    }

    /// The states in which a request was seen, each once, in their order.
    pub(crate) fn states(&self, id: &str) -> Vec<RequestState> {
        let of_it = self.seen.iter().filter(|(_, request, _)| request == id);
        let mut states: Vec<_> = of_it.map(|(_, _, state)| *state).collect();
        states.dedup();
        states
    }
}

/// Waits until a condition gives something; tells what it waited for if not.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: impl Debug,
    mut condition: impl FnMut() -> F,
) -> T {
    let waiting = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    match timeout(PATIENCE, waiting).await {
        Ok(value) => value,
        Err(_) => panic!("in vain: {what:?}"),
    }
}
