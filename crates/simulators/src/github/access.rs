//! Who asks, and how often they may: plain tokens, the App and the tokens of
//! its installations, and the limits of each.

mod assertion;
mod budget;
mod limits;
mod secondary;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, header};
use jiff::Timestamp;

use super::app::{App, Installation, Sight, TOKEN_LIFETIME};

pub(crate) use self::assertion::Unbelieved;
use self::budget::Hours;
pub(crate) use self::budget::{Budget, Resource};
pub use self::limits::{Limits, SecondaryLimits};
use self::secondary::Secondary;
pub(crate) use self::secondary::{Burst, Weight};

/// Whom a request speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The login of who does what it asks for.
    pub(crate) login: String,
    /// Whose limits it counts against.
    pub(crate) budget: String,
    /// The same in GitHub's words: `user bora`, `installation ID 7`.
    pub(crate) who: String,
    /// What it may see.
    pub(crate) sight: Sight,
    /// How many repositories that are, where its limits depend on it.
    pub(crate) repositories: u64,
}

impl Caller {
    /// The installation whose token it carries.
    pub(crate) fn installation(&self) -> Option<&Installation> {
        match &self.sight {
            Sight::Installation(installation) => Some(installation),
            Sight::All | Sight::Nothing => None,
        }
    }

    fn of_installation(app: &App, minted: &Minted) -> Self {
        let id = minted.installation.id;
        Self {
            login: app.login(),
            budget: format!("installation {id}"),
            who: format!("installation ID {id}"),
            sight: Sight::Installation(Arc::clone(&minted.installation)),
            repositories: 0,
        }
    }
}

/// The accepted tokens, the App, and what each caller has spent.
#[derive(Debug)]
pub(crate) struct Access {
    logins: HashMap<String, String>,
    app: Option<App>,
    installations: Vec<Arc<Installation>>,
    minted: HashMap<String, Minted>,
    token_lifetime: Duration,
    limits: Limits,
    hours: Hours,
    secondary: Secondary,
}

/// A token that was given out for an installation, which it may see less of.
#[derive(Debug, Clone)]
struct Minted {
    installation: Arc<Installation>,
    expires_at: Timestamp,
}

impl Access {
    /// Accepts these tokens, each for the user of a login.
    pub(crate) fn new(tokens: &[(String, String)]) -> Self {
        Self {
            logins: tokens.iter().cloned().collect(),
            app: None,
            installations: Vec::new(),
            minted: HashMap::new(),
            token_lifetime: TOKEN_LIFETIME,
            limits: Limits::default(),
            hours: Hours::default(),
            secondary: Secondary::default(),
        }
    }

    /// Whom a request's `Authorization` header speaks for, if it carries a token
    /// that is accepted.
    pub(crate) fn caller(&self, headers: &HeaderMap, now: Timestamp) -> Option<Caller> {
        let token = token(headers)?;
        if let Some(login) = self.logins.get(token) {
            return Some(Caller {
                login: login.clone(),
                budget: token.to_owned(),
                who: format!("user {login}"),
                sight: Sight::All,
                repositories: 0,
            });
        }
        let minted = self.minted.get(token)?;
        let app = self.app.as_ref()?;
        (minted.expires_at > now).then(|| Caller::of_installation(app, minted))
    }

    /// The App, where a request's `Authorization` header carries an assertion of
    /// its own.
    pub(crate) fn asserted(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Caller, Unbelieved> {
        let token = token(headers).ok_or(Unbelieved::Undecodable)?;
        // Where no App is registered, no assertion can be anybody's.
        let app = self.app.as_ref().ok_or(Unbelieved::Undecodable)?;
        assertion::check(token, app, now)?;
        Ok(Caller {
            login: app.login(),
            budget: format!("app {}", app.id),
            who: format!("app ID {}", app.id),
            sight: Sight::Nothing,
            repositories: 0,
        })
    }

    /// The App, if one is registered.
    pub(crate) fn app(&self) -> Option<&App> {
        self.app.as_ref()
    }

    /// Puts an App in the place of the one there was.
    pub(crate) fn set_app(&mut self, app: App) {
        self.app = Some(app);
        self.installations.clear();
        self.minted.clear();
    }

    /// All installations, oldest first.
    pub(crate) fn installations(&self) -> &[Arc<Installation>] {
        &self.installations
    }

    /// The installation of an owner.
    pub(crate) fn installation_of(&self, owner: &str) -> Option<&Arc<Installation>> {
        let mut all = self.installations.iter();
        all.find(|installation| installation.owner.eq_ignore_ascii_case(owner))
    }

    /// Adds an installation, or changes that of the same owner, which keeps its
    /// number; the answer is the number.
    pub(crate) fn install(&mut self, mut new: Installation) -> u64 {
        let known = self.installation_of(&new.owner).map(|known| known.id);
        new.id = known.unwrap_or(new.id);
        let (id, new) = (new.id, Arc::new(new));
        self.installations.retain(|known| known.id != id);
        for minted in self.minted.values_mut() {
            if minted.installation.id == id {
                minted.installation = Arc::clone(&new);
            }
        }
        self.installations.push(new);
        id
    }

    /// Removes the installation of an owner, and its tokens.
    pub(crate) fn uninstall(&mut self, owner: &str) {
        let is_owners = |known: &Installation| known.owner.eq_ignore_ascii_case(owner);
        self.installations.retain(|known| !is_owners(known));
        self.minted
            .retain(|_, minted| !is_owners(&minted.installation));
    }

    /// Gives out a token of an installation, or of a part of what it sees; tells
    /// the token and when it ends.
    pub(crate) fn mint(&mut self, part: Installation, now: Timestamp) -> (String, Timestamp) {
        self.minted.retain(|_, minted| minted.expires_at > now);
        let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|it| it.simple().to_string());
        let token = format!("ghs_{}", &secret.concat()[..36]);
        let ends = now
            .checked_add(self.token_lifetime)
            .unwrap_or(Timestamp::MAX);
        // GitHub's times have no fractions.
        let expires_at = Timestamp::from_second(ends.as_second()).unwrap_or(ends);
        let installation = Arc::new(part);
        let minted = Minted {
            installation,
            expires_at,
        };
        self.minted.insert(token.clone(), minted);
        (token, expires_at)
    }

    /// Gives out a token that speaks for a user who agreed to it.
    pub(crate) fn speak_for(&mut self, login: &str) -> String {
        let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|it| it.simple().to_string());
        let token = format!("ghu_{}", &secret.concat()[..36]);
        self.logins.insert(token.clone(), login.to_owned());
        token
    }

    /// Ends the token that a request carries.
    pub(crate) fn revoke(&mut self, headers: &HeaderMap) {
        if let Some(token) = token(headers) {
            self.minted.remove(token);
        }
    }

    /// Ends all tokens of installations.
    pub(crate) fn expire_tokens(&mut self) {
        self.minted.clear();
    }

    /// Changes how long tokens last that are given out from now on.
    pub(crate) fn set_token_lifetime(&mut self, lifetime: Duration) {
        self.token_lifetime = lifetime;
    }

    /// How long tokens last that are given out now.
    pub(crate) fn token_lifetime(&self) -> Duration {
        self.token_lifetime
    }

    /// Changes the limits, for all callers and at once.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The limits.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// What is left to a caller.
    pub(crate) fn budget(&mut self, caller: &Caller, resource: Resource, now: Timestamp) -> Budget {
        let limit = self.hourly(caller, resource);
        self.hours.budget(&caller.budget, resource, limit, now)
    }

    fn hourly(&self, caller: &Caller, resource: Resource) -> u64 {
        let limits = &self.limits;
        let (plain, installation) = match resource {
            Resource::Core => (limits.rest_per_hour, limits.installation_rest_per_hour),
            Resource::GraphQl => (
                limits.graphql_per_hour,
                limits.installation_graphql_per_hour,
            ),
        };
        match caller.installation() {
            None => plain,
            Some(_) => installation.unwrap_or_else(|| limits::of_installation(caller.repositories)),
        }
    }

    /// Spends of a caller's budget; the error tells what is left when it is not
    /// enough, and then nothing is spent.
    pub(crate) fn spend(
        &mut self,
        caller: &Caller,
        resource: Resource,
        cost: u64,
        now: Timestamp,
    ) -> Result<Budget, Budget> {
        let before = self.budget(caller, resource, now);
        if cost > before.remaining() {
            return Err(before);
        }
        self.hours.spend(&caller.budget, resource, cost, now);
        Ok(self.budget(caller, resource, now))
    }

    /// Gives back what a request turned out not to cost.
    pub(crate) fn refund(&mut self, caller: &Caller, resource: Resource, now: Timestamp) {
        self.hours.refund(&caller.budget, resource, 1, now);
    }

    /// Lets a request begin that does not come in a burst; it is to be ended
    /// with [`Access::end`].
    pub(crate) fn begin(
        &mut self,
        caller: &Caller,
        weight: Weight,
        now: Timestamp,
    ) -> Result<(), Burst> {
        let limits = self.limits.secondary;
        self.secondary
            .begin(&caller.budget, weight, limits.as_ref(), now)
    }

    /// A caller's request has ended.
    pub(crate) fn end(&mut self, caller: &Caller) {
        self.secondary.end(&caller.budget);
    }
}

/// The token of a request.
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer");
    known.then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn access() -> Access {
        Access::new(&[("t1".to_owned(), "joon".to_owned())])
    }

    fn with_header(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_token_speaks_for_its_user() {
        for value in ["token t1", "Bearer t1", "bearer t1", "Token  t1"] {
            let caller = access().caller(&with_header(value), START);
            assert_eq!(caller.map(|caller| caller.login).as_deref(), Some("joon"));
        }
        for value in ["token t2", "Basic t1", "t1", "token"] {
            let caller = access().caller(&with_header(value), START);
            assert_eq!(caller, None, "{value}");
        }
        assert_eq!(access().caller(&HeaderMap::new(), START), None);
    }

    #[test]
    fn an_hour_ends_and_a_budget_begins_anew() {
        let mut access = access();
        access.set_limits(Limits::hourly(2));
        let caller = access.caller(&with_header("token t1"), START).unwrap();
        let now = Timestamp::from_second(1_000_000).unwrap();
        let later = Timestamp::from_second(1_003_600).unwrap();
        let mut spend = |resource, cost, at| access.spend(&caller, resource, cost, at);
        assert_eq!(spend(Resource::Core, 2, now).unwrap().remaining(), 0);
        assert_eq!(spend(Resource::Core, 1, now).unwrap_err().reset, later);
        assert_eq!(spend(Resource::GraphQl, 1, now).unwrap().remaining(), 1);
        assert_eq!(spend(Resource::Core, 1, later).unwrap().remaining(), 1);
    }

    #[test]
    fn an_installations_token_ends_with_its_time_and_with_the_installation() {
        let mut access = access();
        access.set_app(App::sample(7, "deploybot"));
        let installation = Installation {
            id: 9,
            owner: "acme".to_owned(),
            repositories: None,
            created_at: START,
        };
        access.install(installation.clone());
        let (token, ends) = access.mint(installation.clone(), START);
        assert_eq!(ends, Timestamp::from_second(3_600).unwrap());
        let headers = with_header(&format!("Bearer {token}"));
        let caller = access.caller(&headers, START).unwrap();
        assert_eq!(
            (caller.login.as_str(), caller.who.as_str()),
            ("deploybot[bot]", "installation ID 9")
        );
        assert_eq!(access.caller(&headers, ends), None);
        access.uninstall("Acme");
        assert_eq!(access.caller(&headers, START), None);
    }
}
