//! The way to GitHub and back: who asks, how long it may take, and what is known
//! of how GitHub is.

mod calls;

use std::{fmt, sync::Arc, time::Duration};

use http::Uri;
use jiff::Timestamp;
use url::Url;

use super::{
    address::Addresses,
    auth::{App, Auth, Credentials},
    breaker::Role,
    budget::{Budget, Priority, scarcest_first},
    device::Device,
    error::Error,
    incident::Incident,
    line::Line,
};
use crate::{
    Clock,
    model::{EnvironmentName, RepositoryName},
};

/// Where GitHub is and how it is asked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `https://api.github.com`, or `https://host/api/v3` of an Enterprise
    /// Server.
    pub api_url: Url,
    /// By what GitHub knows us.
    pub credentials: Credentials,
    /// Environments of a repository for which GitHub knows none.
    pub default_environments: Vec<EnvironmentName>,
    /// The owner that people leave out when they name a repository.
    pub default_owner: Option<String>,
    /// The client id of the GitHub App to which people prove which account is
    /// theirs; without it nobody can.
    pub client_id: Option<String>,
    /// The unresolved incidents of GitHub's status page, asked while GitHub does
    /// not answer.
    pub status_url: Option<Url>,
    /// The time that a read may take, its retries included.
    pub read_deadline: Duration,
    /// The time that creating a deployment may take; on a large repository
    /// GitHub needs more than ten seconds.
    pub create_deadline: Duration,
    /// The mean wait before the first retry; it doubles with the second.
    pub backoff: Duration,
}

impl Config {
    /// The ordinary settings.
    pub fn new(api_url: Url, credentials: Credentials) -> Self {
        Self {
            api_url,
            credentials,
            default_environments: Vec::new(),
            default_owner: None,
            client_id: None,
            status_url: None,
            read_deadline: Duration::from_secs(10),
            create_deadline: Duration::from_secs(30),
            backoff: Duration::from_millis(250),
        }
    }
}

/// Asks GitHub, and creates deployments there. A clone is the same client.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    priority: Priority,
    /// The time that a read may take.
    read_deadline: Duration,
}

struct Shared {
    line: Arc<Line>,
    auth: Auth,
    device: Device,
    incident: Incident,
    status_page: Option<Uri>,
    default_environments: Vec<EnvironmentName>,
    default_owner: Option<String>,
    create_deadline: Duration,
    backoff: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.shared.line.addresses.rest)
            .field("priority", &self.priority)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client whose calls are reads, unless they are clearly more;
    /// inside a Tokio runtime, where its connections live.
    ///
    /// # Errors
    /// When the address or the credentials can't be used.
    pub fn new(config: Config, clock: Clock) -> Result<Self, Error> {
        let addresses = Addresses::of(&config.api_url)?;
        let device = Device::new(&addresses.origin, &addresses.web, config.client_id)?;
        let line = Arc::new(Line::new(addresses, clock)?);
        let status_page = config.status_url.map(|url| url.as_str().parse());
        let shared = Shared {
            auth: Auth::new(&config.credentials, Arc::clone(&line))?,
            line,
            device,
            incident: Incident::default(),
            status_page: status_page.transpose().map_err(|_invalid| {
                Error::Misconfigured("the address of GitHub's status page can't be used")
            })?,
            default_environments: config.default_environments,
            default_owner: config.default_owner,
            create_deadline: config.create_deadline,
            backoff: config.backoff,
        };
        Ok(Self {
            shared: Arc::new(shared),
            priority: Priority::Read,
            read_deadline: config.read_deadline,
        })
    }

    /// The same client, whose calls matter so much.
    #[must_use]
    pub fn at(&self, priority: Priority) -> Self {
        Self {
            priority,
            ..self.clone()
        }
    }

    /// The same client, whose reads take no longer than this.
    #[must_use]
    pub(crate) fn within(&self, patience: Duration) -> Self {
        Self {
            read_deadline: self.read_deadline.min(patience),
            ..self.clone()
        }
    }

    /// Since when GitHub has not answered; none while it does.
    pub fn unavailable_since(&self) -> Option<Timestamp> {
        self.shared.line.breaker.open_since()
    }

    /// Why nothing is asked of it now; none while GitHub answers.
    pub(crate) fn away(&self) -> Option<Error> {
        let passed = self.shared.line.breaker.pass(Role::Ordinary);
        passed.err().map(Error::Unavailable)
    }

    /// Since when GitHub has not been away, as far as this process knows: since it
    /// was back, or since the process began. None while it does not answer.
    pub(crate) fn back_at(&self) -> Option<Timestamp> {
        self.shared.line.breaker.back_at()
    }

    /// Whether GitHub has not been missed since it was asked at a time, as far as
    /// this process knows: then what it said is as good as what it tells of changes.
    /// Not where the last call was not answered, nor for what it said before an
    /// outage began, in which it may have told of none.
    pub(crate) fn has_answered_since(&self, at: Timestamp) -> bool {
        self.shared.line.breaker.has_answered_since(at)
    }

    /// Whether GitHub does not accept the App that it knows us by, as far as it
    /// has told.
    pub(crate) fn is_app_refused(&self) -> bool {
        self.auth().app().is_some_and(App::is_refused)
    }

    /// Waits until GitHub answers.
    pub async fn available(&self) {
        self.shared.line.breaker.closed().await;
    }

    /// Waits until GitHub does not answer.
    pub async fn unavailable(&self) {
        self.shared.line.breaker.opened().await;
    }

    /// What GitHub itself says about why it does not answer, on one line of at
    /// most 200 characters; text from outside.
    pub fn incident(&self) -> Option<String> {
        self.unavailable_since()?;
        self.shared.incident.text()
    }

    /// How many points of GraphQL the scarcest account has in an hour; none
    /// where GitHub tells of no limit.
    pub(crate) fn hourly_points(&self) -> Option<u64> {
        let limits = self.budgets().into_iter();
        limits
            .filter_map(|budget| Some(budget.graphql?.limit))
            .min()
    }

    /// Whether the points of this hour would not last, the way they are used by
    /// the account that calls about a repository count for.
    pub(crate) fn uses_points_fast(&self, repository: &RepositoryName) -> bool {
        let (account, now) = (self.auth().account(repository.owner()), self.now());
        let hour = account.budget(now).graphql;
        hour.is_some_and(|hour| hour.is_used_fast(now))
    }

    /// The same of any account.
    pub(crate) fn uses_any_points_fast(&self) -> bool {
        let now = self.now();
        let mut hours = self.budgets().into_iter().filter_map(|one| one.graphql);
        hours.any(|hour| hour.is_used_fast(now))
    }

    /// The account that calls about a repository count for.
    pub(crate) fn account_of(&self, repository: &RepositoryName) -> String {
        self.auth().account(repository.owner()).name().to_owned()
    }

    /// What each account that we call GitHub by may still spend, the scarcest
    /// first.
    pub fn budgets(&self) -> Vec<Budget> {
        let mut budgets = self.shared.auth.budgets(&self.shared.line);
        scarcest_first(&mut budgets);
        budgets
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.line.clock.now()
    }

    pub(crate) fn default_environments(&self) -> &[EnvironmentName] {
        &self.shared.default_environments
    }

    pub(crate) fn default_owner(&self) -> Option<&str> {
        self.shared.default_owner.as_deref()
    }

    pub(crate) fn line(&self) -> &Line {
        &self.shared.line
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.shared.auth
    }

    pub(crate) fn device(&self) -> &Device {
        &self.shared.device
    }

    /// The time that a read may take.
    pub(crate) fn read_deadline(&self) -> Duration {
        self.read_deadline
    }

    pub(crate) fn known_incident(&self) -> &Incident {
        &self.shared.incident
    }

    pub(crate) fn status_page(&self) -> Option<&Uri> {
        self.shared.status_page.as_ref()
    }
}
