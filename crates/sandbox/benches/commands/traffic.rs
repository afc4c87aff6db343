//! What people do in a town: they push, ask what runs where, deploy, and look
//! again; and what becomes of each of their deploys, told by the feed.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};

use deploy_proto::v1::{
    AckRequest, GetStatusRequest, ListHistoryRequest, Person, ReplyAddress, RequestState,
    StartDeploymentRequest, WatchRequest, WatchResponse,
};
use jiff::Timestamp;
use tokio::sync::{Mutex, watch};
use tonic::Status;

use crate::town::Town;

/// Who follows the feed.
const SUBSCRIBER: &str = "bench";
/// How often a call is tried that is not answered.
const TRIES: u32 = 50;
/// How long acknowledgements are gathered: the last is one for all before it.
const GATHER: Duration = Duration::from_millis(100);

/// What became of a deploy, by the town's age.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fate {
    pub(crate) asked: Duration,
    /// When more was told of it than that it was accepted: that it waits, and
    /// for what, or what became of it.
    pub(crate) told: Option<Duration>,
    /// When its deployment was made.
    pub(crate) created: Option<Duration>,
    /// How it ended.
    pub(crate) ended: Option<RequestState>,
    /// How long after it happened the bench heard the latest of it.
    pub(crate) lag: Duration,
    /// Why, where that was no success.
    pub(crate) why: String,
}

/// The fates of all deploys, by request.
pub(crate) type Fates = Arc<Mutex<HashMap<String, Fate>>>;

/// A deploy that somebody asks for.
pub(crate) struct Ask {
    pub(crate) id: String,
    pub(crate) repository: String,
    pub(crate) environment: &'static str,
    pub(crate) sha: String,
    pub(crate) person: usize,
}

/// Asks for a deploy.
pub(crate) async fn ask(town: &Town, fates: &Fates, ask: Ask) {
    let fate = Fate {
        asked: town.age(),
        ..Fate::default()
    };
    fates.lock().await.insert(ask.id.clone(), fate);
    let request = StartDeploymentRequest {
        request_id: ask.id,
        repository: ask.repository,
        environment: ask.environment.to_owned(),
        commit: ask.sha,
        kind: 0,
        requester: Some(Person {
            slack: format!("U{:03}", ask.person),
            name: format!("person-{}", ask.person),
            ..Person::default()
        }),
        reply: Some(ReplyAddress {
            channel: "C1".to_owned(),
            ..ReplyAddress::default()
        }),
        expected_live: None,
    };
    // As deploybot does: the same request again is the same request.
    let mut tries = 0;
    while let Err(error) = town.deploy.clone().start_deployment(request.clone()).await {
        tries += 1;
        assert!(tries < TRIES, "it is not accepted: {error}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Asks what runs where.
pub(crate) async fn status(town: &Town, repository: &str) -> Result<(), Status> {
    let request = GetStatusRequest {
        repository: repository.to_owned(),
        limit: None,
    };
    let answer = town.deploy.clone().get_status(request).await?;
    unless_stale(answer.into_inner().stale.is_some())
}

/// Asks what was deployed.
pub(crate) async fn history(town: &Town, repository: &str) -> Result<(), Status> {
    let request = ListHistoryRequest {
        repository: repository.to_owned(),
        environment: None,
        page_size: None,
    };
    let answer = town.deploy.clone().list_history(request).await?;
    unless_stale(answer.into_inner().stale.is_some())
}

/// What could not be renewed is no answer here, where GitHub is well.
fn unless_stale(is_stale: bool) -> Result<(), Status> {
    if is_stale {
        return Err(Status::unavailable(
            "an old answer, for GitHub gave no new one",
        ));
    }
    Ok(())
}

/// Follows the feed and writes down what it tells, until it is dropped. When it
/// breaks off it goes on where it was, as deploybot's does.
pub(crate) async fn watch(town: &Town, fates: &Fates) {
    let mut tries = 0;
    loop {
        let Err(error) = watch_once(town, fates, &mut tries).await;
        tries += 1;
        assert!(tries < TRIES, "the feed does not go on: {error}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// `tries` is how often it has failed since it last told something.
async fn watch_once(town: &Town, fates: &Fates, tries: &mut u32) -> Result<Infallible, Status> {
    let request = WatchRequest {
        subscriber: SUBSCRIBER.to_owned(),
        replica: SUBSCRIBER.to_owned(),
    };
    let mut feed = town.deploy.clone().watch(request).await?.into_inner();
    let (heard, newest) = watch::channel(0);
    let hearing = async {
        loop {
            let ended = || Status::unavailable("the feed has ended");
            let entry = feed.message().await?.ok_or_else(ended)?;
            if entry.served_for.is_some() {
                continue;
            }
            heard.send_replace(entry.cursor);
            let id = &entry.request.as_ref().expect("it is about one").request_id;
            if let Some(fate) = fates.lock().await.get_mut(id) {
                fate.is_told(town, &entry);
            }
            *tries = 0;
        }
    };
    tokio::select! {
        broken = hearing => broken,
        broken = acknowledge(town, newest) => broken,
    }
}

async fn acknowledge(town: &Town, mut newest: watch::Receiver<i64>) -> Result<Infallible, Status> {
    let mut deploy = town.deploy.clone();
    loop {
        let ended = |_| Status::unavailable("nobody hears the feed");
        newest.changed().await.map_err(ended)?;
        let ack = AckRequest {
            subscriber: SUBSCRIBER.to_owned(),
            cursor: *newest.borrow_and_update(),
        };
        deploy.ack(ack).await?;
        tokio::time::sleep(GATHER).await;
    }
}

impl Fate {
    /// When something happened tells the feed itself, and GitHub: this bench may
    /// hear of it later, where the machine has much to do.
    fn is_told(&mut self, town: &Town, entry: &WatchResponse) {
        let request = entry.request.as_ref().expect("it is about one");
        let at = entry.at.as_ref().expect("it says when");
        let happened = town.age_at(time(at.seconds, at.nanos));
        self.lag = self.lag.max(town.age().saturating_sub(happened));
        let state = request.state();
        if request.waiting.is_some() || state != RequestState::Accepted {
            self.told.get_or_insert(happened);
        }
        if let Some(deployment) = &request.deployment {
            let at = deployment.created_at.as_ref().expect("GitHub says when");
            let created = town.age_at(time(at.seconds, at.nanos));
            self.created.get_or_insert(created);
        }
        if is_end(state) {
            self.ended = Some(state);
            let refusals = request.refusals.iter();
            let refusals = refusals.map(|one| format!("{:?}", one.reason()));
            self.why = refusals.chain([request.failure.clone()]).collect();
        }
    }
}

fn time(seconds: i64, nanos: i32) -> Timestamp {
    Timestamp::new(seconds, nanos).expect("it is a time")
}

const fn is_end(state: RequestState) -> bool {
    matches!(
        state,
        RequestState::Refused
            | RequestState::Succeeded
            | RequestState::Failed
            | RequestState::Cancelled
    )
}

/// Waits until every deploy has ended, or the town is too old for that.
pub(crate) async fn all_ended(town: &Town, fates: &Fates, oldest: Duration) {
    while open(fates).await > 0 && town.age() < oldest {
        town.sleep(Duration::from_secs(30)).await;
    }
}

/// Whether a deploy has ended.
pub(crate) async fn has_ended(fates: &Fates, id: &str) -> bool {
    let fates = fates.lock().await;
    fates.get(id).is_some_and(|fate| fate.ended.is_some())
}

/// How many deploys have not ended.
pub(crate) async fn open(fates: &Fates) -> usize {
    let fates = fates.lock().await;
    fates.values().filter(|fate| fate.ended.is_none()).count()
}
