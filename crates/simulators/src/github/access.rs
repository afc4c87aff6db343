//! Who asks, and how often they may: tokens, and the hourly budget of each.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};

/// How many requests, or GraphQL points, a token may spend in an hour unless
/// the control API says otherwise.
const HOURLY_LIMIT: u64 = 5_000;

/// The user whom a request's token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The user's login.
    pub(crate) login: String,
    /// The token itself, which a budget belongs to.
    pub(crate) token: String,
}

/// What a budget is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    /// REST requests.
    Core,
    /// Points of GraphQL queries.
    GraphQl,
}

impl Resource {
    /// GitHub's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::GraphQl => "graphql",
        }
    }
}

/// What is left of a token's hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// What it is for.
    pub(crate) resource: Resource,
    /// What an hour allows.
    pub(crate) limit: u64,
    /// What was spent.
    pub(crate) used: u64,
    /// When the next hour begins.
    pub(crate) reset: Timestamp,
}

impl Budget {
    /// What may still be spent.
    pub(crate) fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// Writes the headers that tell a caller of it.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) {
        let seconds = u64::try_from(self.reset.as_second()).unwrap_or_default();
        for (name, value) in [
            ("x-ratelimit-limit", self.limit),
            ("x-ratelimit-remaining", self.remaining()),
            ("x-ratelimit-used", self.used),
            ("x-ratelimit-reset", seconds),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
        headers.insert(
            HeaderName::from_static("x-ratelimit-resource"),
            HeaderValue::from_static(self.resource.word()),
        );
    }
}

/// The accepted tokens and what each has spent.
#[derive(Debug)]
pub(crate) struct Access {
    logins: HashMap<String, String>,
    hourly_limit: u64,
    hours: HashMap<(String, Resource), Hour>,
}

#[derive(Debug, Clone, Copy)]
struct Hour {
    used: u64,
    reset: Timestamp,
}

impl Access {
    /// Accepts these tokens, each for the user of a login.
    pub(crate) fn new(tokens: &[(String, String)]) -> Self {
        Self {
            logins: tokens.iter().cloned().collect(),
            hourly_limit: HOURLY_LIMIT,
            hours: HashMap::new(),
        }
    }

    /// Changes what an hour allows, for all tokens and at once.
    pub(crate) fn set_hourly_limit(&mut self, limit: u64) {
        self.hourly_limit = limit;
    }

    /// What an hour allows.
    pub(crate) fn hourly_limit(&self) -> u64 {
        self.hourly_limit
    }

    /// The caller of a request by its `Authorization` header, if it carries a
    /// token that is accepted.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        let known = scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer");
        let token = token.trim();
        let login = self.logins.get(token).filter(|_| known)?;
        Some(Caller {
            login: login.clone(),
            token: token.to_owned(),
        })
    }

    /// What is left to a token now.
    pub(crate) fn budget(&mut self, token: &str, resource: Resource, now: Timestamp) -> Budget {
        let limit = self.hourly_limit;
        let hour = self.hour(token, resource, now);
        Budget {
            resource,
            limit,
            used: hour.used.min(limit),
            reset: hour.reset,
        }
    }

    /// Spends of a token's budget; the error tells what is left when it is not
    /// enough, and then nothing is spent.
    pub(crate) fn spend(
        &mut self,
        token: &str,
        resource: Resource,
        cost: u64,
        now: Timestamp,
    ) -> Result<Budget, Budget> {
        let before = self.budget(token, resource, now);
        if cost > before.remaining() {
            return Err(before);
        }
        self.hour(token, resource, now).used += cost;
        Ok(self.budget(token, resource, now))
    }

    /// Gives back what a request turned out not to cost.
    pub(crate) fn refund(&mut self, token: &str, resource: Resource, cost: u64, now: Timestamp) {
        let hour = self.hour(token, resource, now);
        hour.used = hour.used.saturating_sub(cost);
    }

    fn hour(&mut self, token: &str, resource: Resource, now: Timestamp) -> &mut Hour {
        let fresh = Hour {
            used: 0,
            reset: now
                .checked_add(SignedDuration::from_hours(1))
                .unwrap_or(Timestamp::MAX),
        };
        let hour = self
            .hours
            .entry((token.to_owned(), resource))
            .or_insert(fresh);
        if hour.reset <= now {
            *hour = fresh;
        }
        hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new(&[("t1".to_owned(), "joon".to_owned())])
    }

    fn with_header(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, http::HeaderValue::from_static(value))])
    }

    #[test]
    fn a_token_speaks_for_its_user() {
        for value in ["token t1", "Bearer t1", "bearer t1", "Token  t1"] {
            let caller = access().caller(&with_header(value));
            assert_eq!(caller.map(|caller| caller.login).as_deref(), Some("joon"));
        }
        for value in ["token t2", "Basic t1", "t1", "token"] {
            assert_eq!(access().caller(&with_header(value)), None, "{value}");
        }
        assert_eq!(access().caller(&HeaderMap::new()), None);
    }

    #[test]
    fn an_hour_ends_and_a_budget_begins_anew() {
        let mut access = access();
        access.set_hourly_limit(2);
        let now = Timestamp::from_second(1_000_000).unwrap();
        let later = Timestamp::from_second(1_003_600).unwrap();
        assert_eq!(
            access
                .spend("t1", Resource::Core, 2, now)
                .unwrap()
                .remaining(),
            0
        );
        assert_eq!(
            access
                .spend("t1", Resource::Core, 1, now)
                .unwrap_err()
                .reset,
            later
        );
        assert_eq!(
            access
                .spend("t1", Resource::GraphQl, 1, now)
                .unwrap()
                .remaining(),
            1
        );
        assert_eq!(
            access
                .spend("t1", Resource::Core, 1, later)
                .unwrap()
                .remaining(),
            1
        );
    }
}
