//! What can be asked of the service, one file each. A question is read and
//! checked here in full before anything else is touched; the answers are in
//! the words of the domain.

mod ask;
mod asking;
mod cancel;
mod deploy;
mod environments;
mod history;
mod messages;
mod overview;
mod people;
mod preview;
mod reads;
mod status;
mod subscriptions;
mod watch;

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::task::TaskTracker;

use crate::{Clock, error::Error, github, model::RepositoryName, store::Store};

pub(crate) use ask::{
    AckAsk, CancelAsk, HistoryAsk, PreviewAsk, Reader, ReplyAsk, StatusAsk, SubscribeAsk,
    UnsubscribeAsk, WatchAsk, read,
};
pub(crate) use environments::Environments;
pub(crate) use messages::CLAIM;
pub(crate) use overview::{Overview, RepositoryOverview};
pub(crate) use people::PeopleAsk;
pub(crate) use preview::Preview;
pub(crate) use status::Standing;
pub(crate) use watch::{Feed, Told};

use asking::Asking;

/// What is said to who gives two changes one id.
fn id_taken() -> Error {
    let sentence = "Another change has this id: each change needs an id of its own.";
    Error::invalid("request_id", sentence)
}

/// Answers what is asked.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    store: Store,
    github: github::Client,
    clock: Clock,
    default_owner: Option<String>,
    /// How old what was read may be that nothing hints to have changed, on an
    /// ordinary day.
    snapshot_age: Duration,
    asking: Asking,
    /// What must be carried through although its caller has gone.
    tasks: TaskTracker,
}

impl Service {
    /// A service over a journal and a GitHub.
    pub(crate) fn new(
        store: Store,
        github: github::Client,
        clock: Clock,
        default_owner: Option<String>,
        snapshot_age: Duration,
    ) -> Self {
        Self {
            store,
            github,
            clock,
            default_owner,
            snapshot_age,
            asking: Asking::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// The owner that a bare repository name takes.
    pub(crate) fn default_owner(&self) -> Option<&str> {
        self.default_owner.as_deref()
    }

    /// Waits until nothing is under way any more.
    pub(crate) async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Carries a write through to its end, also when the caller hangs up: a
    /// write that is dropped after its commit would wake nobody.
    async fn carried_through<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.tasks.spawn(write).await?
    }

    /// What a failed read of a repository means for the caller.
    async fn read_failed(&self, repository: &RepositoryName, error: github::Error) -> Error {
        if !self.github.hides(&error) {
            return Error::github(error, self.now());
        }
        Error::UnknownRepository {
            name: repository.clone(),
            candidates: self.github.closest_repositories(repository).await,
        }
    }
}
