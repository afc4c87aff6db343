//! A deploy service that does what a test says: real gRPC, a journal in memory,
//! a feed with one cursor for each subscriber. It can go away and come back.

mod messages;
mod people;
mod subscriptions;
mod watching;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};

use deploy_proto::v1::{self, deploy_service_server::DeployService, *};
use futures::Stream;
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request as Call, Response, Status};

use messages::Messages;
pub(crate) use people::People;
pub(crate) use subscriptions::Subscriptions;
use watching::Watching;

type Answer<T> = Result<Response<T>, Status>;

/// The service; clones share one journal.
#[derive(Clone)]
pub(crate) struct Scripted {
    state: Arc<Mutex<State>>,
    told: watch::Sender<usize>,
    /// Streams end when it goes away.
    away: Arc<Mutex<CancellationToken>>,
    tasks: TaskTracker,
    address: SocketAddr,
    _port: Arc<TcpSocket>,
}

/// A port that nobody else is given while this is held, and on which whoever is
/// told of it can listen: it is bound and does not listen itself.
pub(crate) fn reserved() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    socket
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) requests: BTreeMap<String, v1::Request>,
    feed: Vec<String>,
    /// When what the feed tells has happened.
    pub(crate) told_at: Option<prost_types::Timestamp>,
    pub(crate) acknowledged: i64,
    /// How often Ack was refused, where it is.
    pub(crate) refused_acks: Option<u32>,
    pub(crate) starts: Vec<StartDeploymentRequest>,
    /// What was claimed and recorded.
    pub(crate) messages: Messages,
    /// Who follows the feed.
    pub(crate) watching: Watching,
    pub(crate) previews: Vec<PreviewDeploymentRequest>,
    pub(crate) cancels: Vec<CancelDeploymentRequest>,
    /// What CancelDeployment answers instead of withdrawing, next first.
    pub(crate) refuse_cancels: Vec<Status>,
    /// CancelDeployment waits for this before it withdraws.
    pub(crate) hold_cancels: Option<CancellationToken>,
    pub(crate) bearers: Vec<Option<String>>,
    /// How many reads were asked for.
    pub(crate) reads: u32,
    pub(crate) status: Option<Result<GetStatusResponse, Status>>,
    pub(crate) history: Option<Result<ListHistoryResponse, Status>>,
    pub(crate) environments: Option<Result<ListEnvironmentsResponse, Status>>,
    pub(crate) preview: Option<Result<PreviewDeploymentResponse, Status>>,
    /// Who links which account, and what is known of whom.
    pub(crate) people: People,
    /// Which channels follow what, and what others deployed.
    pub(crate) subscriptions: Subscriptions,
    /// Whose overviews were asked for.
    pub(crate) overviews: Vec<GetOverviewRequest>,
    pub(crate) overview: Option<Result<GetOverviewResponse, Status>>,
    /// What StartDeployment answers instead of journalling, next first.
    pub(crate) refuse_starts: Vec<Status>,
    /// StartDeployment waits for this before it journals.
    pub(crate) hold_starts: Option<CancellationToken>,
    /// Previews wait for this before they are answered.
    pub(crate) hold_previews: Option<CancellationToken>,
    /// Reads wait for this before they are answered.
    pub(crate) hold_reads: Option<CancellationToken>,
}

impl Scripted {
    pub(crate) async fn start() -> Self {
        let port = Arc::new(reserved());
        let address = port.local_addr().unwrap();
        let listener = TcpListener::bind(address).await.unwrap();
        let service = Self {
            state: Arc::default(),
            told: watch::channel(0).0,
            away: Arc::default(),
            tasks: TaskTracker::new(),
            address,
            _port: port,
        };
        service.serve(listener);
        service
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, listener: TcpListener) {
        let away = self.token();
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        let service = deploy_service_server::DeployServiceServer::new(self.clone());
        self.tasks.spawn(async move {
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming_shutdown(incoming, away.cancelled_owned())
                .await
                .unwrap();
        });
    }

    fn token(&self) -> CancellationToken {
        self.away.lock().unwrap().clone()
    }

    /// Nobody listens at its address any more.
    pub(crate) async fn go_away(&self) {
        self.token().cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Listens at the same address again, with the same journal.
    pub(crate) async fn come_back(&self) {
        *self.away.lock().unwrap() = CancellationToken::new();
        self.tasks.reopen();
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    /// Journals a request made elsewhere and tells of it.
    pub(crate) fn journal(&self, request: v1::Request) {
        let id = request.request_id.clone();
        self.state().requests.insert(id.clone(), request);
        self.append(&id);
    }

    /// Changes a request and tells of it.
    pub(crate) fn tell(&self, id: &str, change: impl FnOnce(&mut v1::Request)) {
        change(self.state().requests.get_mut(id).expect("it was asked for"));
        self.append(id);
    }

    fn append(&self, id: &str) {
        let mut state = self.state();
        state.feed.push(id.to_owned());
        let length = state.feed.len();
        drop(state);
        self.told.send_replace(length);
    }

    /// The cursor of the newest entry.
    pub(crate) fn newest(&self) -> i64 {
        i64::try_from(self.state().feed.len()).unwrap()
    }

    /// Whether the whole feed is acknowledged.
    pub(crate) fn all_is_shown(&self) -> bool {
        let acknowledged = self.state().acknowledged;
        acknowledged == self.newest()
    }

    /// Counts a read, and waits while reads are held.
    async fn read(&self) {
        let hold = {
            let mut state = self.state();
            state.reads += 1;
            state.hold_reads.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
    }

    fn entry(&self, after: i64) -> Option<WatchResponse> {
        let state = self.state();
        let id = state.feed.get(usize::try_from(after).unwrap())?;
        let request = state.requests.get(id).cloned();
        let link = state.people.links.get(id).cloned();
        let elsewhere = state.subscriptions.elsewhere.get(id).cloned();
        let followers = state
            .subscriptions
            .followers(request.as_ref(), elsewhere.as_ref());
        Some(WatchResponse {
            cursor: after + 1,
            at: state.told_at,
            request,
            link,
            elsewhere,
            followers,
            ..WatchResponse::default()
        })
    }
}

#[tonic::async_trait]
impl DeployService for Scripted {
    async fn get_status(&self, _: Call<GetStatusRequest>) -> Answer<GetStatusResponse> {
        self.read().await;
        self.state()
            .status
            .clone()
            .expect("a script for status")
            .map(Response::new)
    }

    async fn list_history(&self, _: Call<ListHistoryRequest>) -> Answer<ListHistoryResponse> {
        self.read().await;
        self.state()
            .history
            .clone()
            .expect("a script for history")
            .map(Response::new)
    }

    async fn list_environments(
        &self,
        _: Call<ListEnvironmentsRequest>,
    ) -> Answer<ListEnvironmentsResponse> {
        self.state()
            .environments
            .clone()
            .expect("a script for environments")
            .map(Response::new)
    }

    async fn preview_deployment(
        &self,
        call: Call<PreviewDeploymentRequest>,
    ) -> Answer<PreviewDeploymentResponse> {
        let ask = call.into_inner();
        let hold = {
            let mut state = self.state();
            state.previews.push(ask.clone());
            state.hold_previews.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        let state = self.state();
        let unable = || Err(Status::unavailable("Nobody can tell."));
        let mut preview = state.preview.clone().unwrap_or_else(unable)?;
        // As the gate says it.
        let live = preview.changes.as_ref().map(|changes| &changes.base);
        let is_told = |live: &&String| ask.expected_live.is_some_and(|told| told != **live);
        if let Some(live) = live.filter(is_told) {
            let reason = match *live == ask.commit {
                true => Reason::AlreadyLive,
                false => Reason::LiveChanged,
            };
            preview.refusals.push(crate::answers::refusal(reason, &[]));
        }
        Ok(Response::new(preview))
    }

    async fn start_deployment(
        &self,
        call: Call<StartDeploymentRequest>,
    ) -> Answer<StartDeploymentResponse> {
        let bearer = call
            .metadata()
            .get("authorization")
            .map(|it| it.to_str().unwrap().to_owned());
        let start = call.into_inner();
        let hold = {
            let mut state = self.state();
            state.bearers.push(bearer);
            state.starts.push(start.clone());
            if state.requests.contains_key(&start.request_id) {
                let first = state.starts.iter();
                let mut first = first.filter(|it| it.request_id == start.request_id);
                let asks_the_same = first.next().is_none_or(|it| asked(it) == asked(&start));
                if !asks_the_same {
                    return Err(Status::invalid_argument(
                        "A request with this id asked for something else.",
                    ));
                }
            }
            state.hold_starts.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        {
            let mut state = self.state();
            if !state.refuse_starts.is_empty() {
                return Err(state.refuse_starts.remove(0));
            }
        }
        let known = self.state().requests.get(&start.request_id).cloned();
        let request = known.unwrap_or_else(|| {
            self.journal(accepted(&start));
            accepted(&start)
        });
        Ok(Response::new(StartDeploymentResponse {
            request: Some(request),
        }))
    }

    async fn cancel_deployment(
        &self,
        call: Call<CancelDeploymentRequest>,
    ) -> Answer<CancelDeploymentResponse> {
        let CancelDeploymentRequest {
            request_id,
            requester,
        } = call.get_ref().clone();
        let hold = {
            let mut state = self.state();
            state.cancels.push(call.into_inner());
            if !state.refuse_cancels.is_empty() {
                return Err(state.refuse_cancels.remove(0));
            }
            state.hold_cancels.clone()
        };
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        let known = self.state().requests.get(&request_id).cloned();
        let known = known.ok_or_else(|| Status::not_found("There is no such request."))?;
        if known.state() == RequestState::Accepted {
            self.tell(&request_id, |request| {
                request.set_state(RequestState::Cancelled);
                request.waiting = None;
                request.cancelled_by = requester;
            });
        }
        let request = self.state().requests.get(&request_id).cloned();
        Ok(Response::new(CancelDeploymentResponse { request }))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, call: Call<WatchRequest>) -> Answer<Self::WatchStream> {
        let away = self.token();
        let entries = watching::stream(self.clone(), call.into_inner().replica);
        let until_away = futures::StreamExt::take_until(entries, away.cancelled_owned());
        Ok(Response::new(Box::pin(until_away)))
    }

    async fn ack(&self, call: Call<AckRequest>) -> Answer<AckResponse> {
        let cursor = call.into_inner().cursor;
        let mut state = self.state();
        if let Some(refused) = &mut state.refused_acks {
            *refused += 1;
            return Err(Status::unavailable("It is being replaced."));
        }
        state.acknowledged = state.acknowledged.max(cursor);
        Ok(Response::new(AckResponse {}))
    }

    async fn record_reply(&self, _: Call<RecordReplyRequest>) -> Answer<RecordReplyResponse> {
        Err(Status::unimplemented(
            "A message is recorded when it is posted.",
        ))
    }

    async fn claim_message(&self, call: Call<ClaimMessageRequest>) -> Answer<ClaimMessageResponse> {
        self.claim(call.into_inner()).await
    }

    async fn record_message(
        &self,
        call: Call<RecordMessageRequest>,
    ) -> Answer<RecordMessageResponse> {
        self.record(call.into_inner())
    }

    async fn start_link(&self, call: Call<StartLinkRequest>) -> Answer<StartLinkResponse> {
        self.link(call.into_inner()).await
    }

    async fn remove_link(&self, call: Call<RemoveLinkRequest>) -> Answer<RemoveLinkResponse> {
        self.unlink(call.into_inner())
    }

    async fn set_mentions(&self, call: Call<SetMentionsRequest>) -> Answer<SetMentionsResponse> {
        self.mute(call.into_inner())
    }

    async fn find_people(&self, call: Call<FindPeopleRequest>) -> Answer<FindPeopleResponse> {
        self.find(call.get_ref())
    }

    async fn subscribe(&self, call: Call<SubscribeRequest>) -> Answer<SubscribeResponse> {
        self.follow(call.into_inner()).await
    }

    async fn unsubscribe(&self, call: Call<UnsubscribeRequest>) -> Answer<UnsubscribeResponse> {
        self.end_following(call.into_inner()).await
    }

    async fn list_subscriptions(
        &self,
        call: Call<ListSubscriptionsRequest>,
    ) -> Answer<ListSubscriptionsResponse> {
        self.list_followed(&call.into_inner())
    }

    async fn get_overview(&self, call: Call<GetOverviewRequest>) -> Answer<GetOverviewResponse> {
        self.state().overviews.push(call.into_inner());
        self.read().await;
        self.state()
            .overview
            .clone()
            .expect("a script for the overview")
            .map(Response::new)
    }
}

/// What must be the same in a request that is repeated.
fn asked(start: &StartDeploymentRequest) -> [&str; 3] {
    [&start.repository, &start.environment, &start.commit].map(String::as_str)
}

/// A request as it is right after it was asked for.
pub(crate) fn accepted(start: &StartDeploymentRequest) -> v1::Request {
    v1::Request {
        request_id: start.request_id.clone(),
        state: RequestState::Accepted.into(),
        repository: start.repository.clone(),
        environment: start.environment.clone(),
        commit: Some(Commit {
            sha: start.commit.clone(),
            ..Default::default()
        }),
        kind: start.kind,
        requester: start.requester.clone(),
        reply: start.reply.clone(),
        ..Default::default()
    }
}
