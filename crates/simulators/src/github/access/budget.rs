//! What an hour allows: REST requests, and points of GraphQL queries.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

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

/// What is left of a caller's hour.
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

/// What each budget has spent of its hours.
#[derive(Debug, Default)]
pub(super) struct Hours(HashMap<(String, Resource), Hour>);

#[derive(Debug, Clone, Copy)]
struct Hour {
    used: u64,
    reset: Timestamp,
}

impl Hours {
    /// What is left of an hour that allows `limit`.
    pub(super) fn budget(
        &mut self,
        name: &str,
        resource: Resource,
        limit: u64,
        now: Timestamp,
    ) -> Budget {
        let hour = self.hour(name, resource, now);
        Budget {
            resource,
            limit,
            used: hour.used.min(limit),
            reset: hour.reset,
        }
    }

    /// Adds to what was spent.
    pub(super) fn spend(&mut self, name: &str, resource: Resource, cost: u64, now: Timestamp) {
        self.hour(name, resource, now).used += cost;
    }

    /// Takes back what a request turned out not to cost.
    pub(super) fn refund(&mut self, name: &str, resource: Resource, cost: u64, now: Timestamp) {
        let hour = self.hour(name, resource, now);
        hour.used = hour.used.saturating_sub(cost);
    }

    fn hour(&mut self, name: &str, resource: Resource, now: Timestamp) -> &mut Hour {
        let fresh = Hour {
            used: 0,
            reset: now
                .checked_add(SignedDuration::from_hours(1))
                .unwrap_or(Timestamp::MAX),
        };
        let hour = self.0.entry((name.to_owned(), resource)).or_insert(fresh);
        if hour.reset <= now {
            *hour = fresh;
        }
        hour
    }
}
