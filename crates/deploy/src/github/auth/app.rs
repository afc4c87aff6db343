//! A GitHub App: for each owner that has installed it GitHub gives a token that
//! is good for an hour. A token is asked for once however many calls need it,
//! renewed before it ends, and renewed when GitHub does not accept it any more.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::FutureExt as _;
use http::{HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{bearer, flight::Flight, jwt::Key};
use crate::github::{
    account::Account,
    budget::Priority,
    error::{self, Error, Unavailable},
    line::{Caller, Deadline, Line, NotAnswered},
    transport::{Call, Reply},
};

/// A token is renewed so long before it ends.
const RENEWED_AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// So long an owner is taken for one that has not installed the App. Who has
/// just installed it need not wait for longer.
const MISSING: SignedDuration = SignedDuration::from_secs(30);
/// GitHub gives a token within this time, or not at all.
const MINT: Duration = Duration::from_secs(5);
/// By more seconds than this our clock must be wrong for GitHub to refuse a JWT
/// because of it.
const CLOCK_TOLERANCE: u64 = 30;
/// So many owners are remembered; who may not use the App can make up any.
const OWNERS: usize = 1_000;
/// How many installations GitHub lists at once, and how many pages are read.
const PAGE: usize = 100;
const PAGES: usize = 100;

pub(crate) struct App {
    id: u64,
    key: Key,
    line: Arc<Line>,
    /// For calls of the App itself.
    account: Account,
    /// By their names in lower case.
    owners: Mutex<HashMap<String, Arc<Owner>>>,
    /// GitHub did not accept it when it was asked last.
    is_refused: AtomicBool,
}

/// One that has installed the App, or not.
struct Owner {
    name: String,
    account: Arc<Account>,
    known: Mutex<Known>,
    minting: Flight<Result<HeaderValue, Error>>,
}

#[derive(Default)]
struct Known {
    installation: Option<u64>,
    /// It was not installed; asked again then.
    missing_until: Option<Timestamp>,
    token: Option<Token>,
}

#[derive(Clone)]
struct Token {
    authorization: HeaderValue,
    /// By GitHub's clock.
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
}

/// An installation as GitHub lists it.
#[derive(Deserialize)]
struct Listed {
    account: Holder,
    suspended_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Holder {
    login: String,
}

#[derive(Deserialize)]
struct Minted {
    token: SecretString,
    expires_at: Timestamp,
}

impl App {
    pub(super) fn new(id: u64, private_key: &SecretString, line: Arc<Line>) -> Result<Self, Error> {
        Ok(Self {
            id,
            key: Key::read(private_key)?,
            line,
            account: Account::new("app"),
            owners: Mutex::new(HashMap::new()),
            is_refused: AtomicBool::new(false),
        })
    }

    /// Whether GitHub did not accept it when it was asked last.
    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// The account that calls about an owner's repositories count for.
    pub(super) fn account(&self, owner: &str) -> Arc<Account> {
        Arc::clone(&self.owner(owner).account)
    }

    /// The accounts of those that have installed the App.
    pub(super) fn accounts(&self) -> Vec<Arc<Account>> {
        let owners = self.owners();
        let installed = owners.values().filter(|owner| owner.is_installed());
        installed.map(|owner| Arc::clone(&owner.account)).collect()
    }

    /// The `Authorization` of a call about an owner's repositories.
    pub(super) async fn authorization(self: &Arc<Self>, owner: &str) -> Result<HeaderValue, Error> {
        let owner = self.owner(owner);
        let now = self.line.github_now();
        let token = owner.known().token.clone();
        let token = token.filter(|token| now < token.expires_at);
        if let Some(token) = &token
            && now.duration_since(token.expires_at) < -RENEWED_AHEAD
        {
            return Ok(token.authorization.clone());
        }
        let missing_until = owner.known().missing_until;
        if missing_until.is_some_and(|until| now < until) {
            return Err(owner.is_missing());
        }
        let (app, minter) = (Arc::clone(self), Arc::clone(&owner));
        let begin = || async move { app.mint(&minter).await }.boxed();
        match (owner.minting.join(begin).await, token) {
            (Ok(authorization), _) => Ok(authorization),
            // What is about to end is good still.
            (Err(Error::Unavailable(_) | Error::RateLimited { .. }), Some(token)) => {
                Ok(token.authorization)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Forgets a token that GitHub has not accepted.
    pub(super) fn forget(&self, owner: &str, refused: &HeaderValue) {
        let owner = self.owner(owner);
        let mut known = owner.known();
        // Another caller may have brought a new one meanwhile.
        known.token.take_if(|token| token.authorization == *refused);
    }

    /// Asks GitHub who we are: a cheap call that tells whether it answers, and
    /// whether id and key belong together.
    pub(crate) async fn check(&self, priority: Priority) -> Result<(), Error> {
        let uri = self.line.addresses.rest(&["app"], "")?;
        let reply = self.call("app", &Call::Get(&uri), priority).await?;
        match reply.status {
            StatusCode::NOT_FOUND => Err(self.not_accepted()),
            status if status.is_success() => Ok(()),
            _ => Err(error::of_response(&reply, self.line.clock.now())),
        }
    }

    /// The owners that have installed it, but for those that have suspended it.
    pub(crate) async fn installed_for(&self) -> Result<Vec<String>, Error> {
        let mut owners = Vec::new();
        for page in 1..=PAGES {
            let parameters = format!("per_page={PAGE}&page={page}");
            let path = ["app", "installations"];
            let uri = self.line.addresses.rest(&path, &parameters)?;
            let call = Call::Get(&uri);
            let reply = self.call("installations", &call, Priority::Read).await?;
            let installed: Vec<Listed> = self.read(&reply)?;
            let is_last = installed.len() < PAGE;
            let active = installed
                .into_iter()
                .filter(|one| one.suspended_at.is_none());
            owners.extend(active.map(|one| one.account.login));
            if is_last {
                return Ok(owners);
            }
        }
        Err(Error::Unreadable(
            "the installations are too many to list".to_owned(),
        ))
    }

    /// Gets a new token for an owner.
    async fn mint(&self, owner: &Owner) -> Result<HeaderValue, Error> {
        let known = owner.known().installation;
        let installation = match known {
            Some(installation) => installation,
            None => self.find(owner).await?,
        };
        let minted = match self.token_of(installation).await {
            // It was removed, and perhaps installed anew since.
            Err(Error::NotFound) if known.is_some() => {
                owner.known().installation = None;
                self.token_of(self.find(owner).await?).await
            }
            minted => minted,
        };
        // It was found just now, and so is there.
        let token = minted.map_err(|error| match error {
            Error::NotFound => self.not_accepted(),
            error => error,
        })?;
        let authorization = token.authorization.clone();
        owner.known().token = Some(token);
        Ok(authorization)
    }

    async fn find(&self, owner: &Owner) -> Result<u64, Error> {
        let path = ["users", owner.name.as_str(), "installation"];
        let uri = self.line.addresses.rest(&path, "")?;
        let call = Call::Get(&uri);
        let reply = self.call("installation", &call, Priority::Deploy).await?;
        if reply.status == StatusCode::NOT_FOUND {
            // So GitHub says too when there is no App with this id.
            if error::message_of(&reply.body).contains("Integration not found") {
                return Err(self.not_accepted());
            }
            let until = self.line.github_now().saturating_add(MISSING);
            owner.known().missing_until = until.ok();
            return Err(owner.is_missing());
        }
        let Installation { id } = self.read(&reply)?;
        let mut known = owner.known();
        known.installation = Some(id);
        known.missing_until = None;
        Ok(id)
    }

    async fn token_of(&self, installation: u64) -> Result<Token, Error> {
        let id = installation.to_string();
        let path = ["app", "installations", &id, "access_tokens"];
        let uri = self.line.addresses.rest(&path, "")?;
        let body = json!({});
        let call = Call::Post(&uri, &body);
        let reply = self.call("token", &call, Priority::Deploy).await?;
        let Minted { token, expires_at } = self.read(&reply)?;
        let authorization = bearer(secrecy::ExposeSecret::expose_secret(&token));
        Ok(Token {
            authorization: authorization
                .ok_or_else(|| Error::Unreadable("the token is no token".to_owned()))?,
            expires_at,
        })
    }

    /// Sends a call of the App itself. GitHub refuses what is signed by a clock
    /// that is wrong, and tells the time while it does: then it is signed anew.
    async fn call(
        &self,
        operation: &'static str,
        call: &Call<'_>,
        priority: Priority,
    ) -> Result<Reply, Error> {
        let deadline = Deadline::after(MINT);
        let before = self.line.seconds_ahead();
        let mut reply = self.signed(operation, call, priority, deadline).await?;
        let moved = self.line.seconds_ahead().abs_diff(before);
        if reply.status == StatusCode::UNAUTHORIZED && moved > CLOCK_TOLERANCE {
            tracing::warn!(
                ahead_s = self.line.seconds_ahead(),
                "GitHub's clock is another than ours; going by GitHub's"
            );
            reply = self.signed(operation, call, priority, deadline).await?;
        }
        if reply.status == StatusCode::UNAUTHORIZED {
            return Err(self.not_accepted());
        }
        if reply.status.is_success() && self.is_refused.swap(false, Ordering::Relaxed) {
            tracing::info!(app.id = self.id, "GitHub accepts the App");
        }
        Ok(reply)
    }

    /// GitHub does not accept the App. It may be for good, or an outage as well:
    /// it is waited out, and who runs the service is told what to see to.
    fn not_accepted(&self) -> Error {
        if !self.is_refused.swap(true, Ordering::Relaxed) {
            tracing::error!(
                app.id = self.id,
                "GitHub does not accept the App; trying on. If that lasts, see whether \
                 DEPLOY_GITHUB_APP_ID is its id, DEPLOY_GITHUB_APP_PRIVATE_KEY a key that it still \
                 has, and DEPLOY_GITHUB_API_URL the server that it is on"
            );
        }
        Error::Unavailable(Unavailable::AppNotAccepted)
    }

    async fn signed(
        &self,
        operation: &'static str,
        call: &Call<'_>,
        priority: Priority,
        deadline: Deadline,
    ) -> Result<Reply, Error> {
        let caller = Caller {
            account: &self.account,
            authorization: &self.key.sign(self.id, self.line.github_now())?,
            priority,
        };
        let sent = self.line.send(operation, &caller, call, deadline);
        sent.await.map_err(NotAnswered::into_error)
    }

    fn read<T: DeserializeOwned>(&self, reply: &Reply) -> Result<T, Error> {
        if !reply.status.is_success() {
            return Err(error::of_response(reply, self.line.clock.now()));
        }
        // What it says of the text could show a token.
        serde_json::from_slice(&reply.body)
            .map_err(|_error| Error::Unreadable("it is not what an App is answered".to_owned()))
    }

    fn owner(&self, name: &str) -> Arc<Owner> {
        let key = name.to_ascii_lowercase();
        let mut owners = self.owners();
        if owners.len() >= OWNERS && !owners.contains_key(&key) {
            owners.retain(|_, owner| owner.is_installed());
        }
        let owner = owners
            .entry(key)
            .or_insert_with_key(|key| Arc::new(Owner::new(name, key)));
        Arc::clone(owner)
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<String, Arc<Owner>>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Owner {
    /// One that is named so; `key` tells it apart however it is spelled.
    fn new(name: &str, key: &str) -> Self {
        Self {
            name: name.to_owned(),
            account: Arc::new(Account::new(key)),
            known: Mutex::default(),
            minting: Flight::new(),
        }
    }

    fn is_installed(&self) -> bool {
        self.known().installation.is_some()
    }

    fn is_missing(&self) -> Error {
        Error::NotInstalled {
            owner: self.name.clone(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
