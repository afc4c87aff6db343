//! What GitHub lets one account spend, and whether a call may still be sent: a
//! ledger that only counts and decides. It sends nothing and reads no clock.
//!
//! GitHub counts three things for each account (an installation of the App, or
//! a token): REST requests and GraphQL points an hour, which its answers tell;
//! points a minute, which they do not tell, so that what we send is counted
//! here; and it may ask for a pause at any time. When little is left, what
//! people look at gives way to what follows deployments, and that to deploys.
//!
//! Of several processes each has its own. What an hour has left is GitHub's
//! number, and so the same for all. The points of a minute are not: together
//! they may send more than GitHub takes, which then refuses it, undone, and says
//! for how long; each that hears so keeps to it.

use std::{cmp::Reverse, collections::VecDeque};

use jiff::{SignedDuration, Timestamp};

/// Of a hundred that GitHub allows, how many a read leaves to the others.
const KEPT_FROM_READS: u64 = 20;
/// Of a hundred, how many the following of deployments leaves to deploys.
const KEPT_FROM_FOLLOWING: u64 = 10;
/// GitHub's secondary limits, in points a minute.
const REST_POINTS: u64 = 900;
const GRAPHQL_POINTS: u64 = 2_000;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Of a hundred, what an hour of an ordinary day takes.
const ORDINARY: u64 = 15;
/// What is used at the beginning of an hour tells nothing.
const UNCOUNTED: u64 = 30;
/// Its length in seconds.
const HOUR: u64 = 3_600;
/// What an hour allows where GitHub has not said it: the least that it gives.
const LEAST_HOURLY: u64 = 5_000;

/// What a call is for; what matters less gives way when little may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Whether GitHub answers at all: a call that costs nothing, sent even while
    /// GitHub is taken for one that does not.
    Probe,
    /// A deploy: it goes on until nothing is left.
    Deploy,
    /// Following what runs: it stops at 10 % left.
    Follow,
    /// What someone looks at: it stops at 20 % left.
    Read,
}

/// Which of GitHub's budgets a call spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Rest,
    Graphql,
}

/// What may be spent until a budget is filled anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// What GitHub allows in an hour.
    pub limit: u64,
    /// What it said is left.
    pub remaining: u64,
    /// When it is filled anew, by our clock.
    pub reset_at: Timestamp,
}

impl Hour {
    /// Whether more of it is used than an ordinary day takes: 15 of a hundred by
    /// its end, and evenly; the first 30 do not count. It depends on what GitHub
    /// told alone, so that all processes of one account find the same.
    pub(crate) fn is_used_fast(&self, now: Timestamp) -> bool {
        let left = self.reset_at.duration_since(now).as_secs();
        // After its reset nothing is known of an hour.
        let Ok(left @ 1..) = u64::try_from(left) else {
            return false;
        };
        let passed = HOUR.saturating_sub(left);
        let used = self.limit.saturating_sub(self.remaining);
        let counted = used.saturating_sub(UNCOUNTED);
        counted.saturating_mul(100 * HOUR) > self.limit.saturating_mul(ORDINARY * passed)
    }
}

/// What an answer told of a budget.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) limit: Option<u64>,
    pub(crate) remaining: u64,
    /// By our clock.
    pub(crate) reset_at: Timestamp,
}

/// What one account has spent and may spend.
#[derive(Debug)]
pub(crate) struct Ledger {
    rest: Purse,
    graphql: Purse,
    /// GitHub wants no call at all before.
    closed_until: Option<Timestamp>,
}

/// One of the budgets.
#[derive(Debug)]
struct Purse {
    /// None as long as no answer told of it: a server that tells of none, as
    /// an Enterprise Server is shipped, has no limits.
    hour: Option<Hour>,
    /// How many calls were sent and not answered; GitHub may have counted them.
    under_way: u64,
    /// The points of the last minute, oldest first.
    sent: VecDeque<(Timestamp, u64)>,
    points_a_minute: u64,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            rest: Purse::new(REST_POINTS),
            graphql: Purse::new(GRAPHQL_POINTS),
            closed_until: None,
        }
    }

    /// Counts a call that is about to be sent, or says when to ask again.
    pub(crate) fn admit(
        &mut self,
        resource: Resource,
        points: u64,
        priority: Priority,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        if let Some(until) = self.closed_until(now) {
            return Err(until);
        }
        self.purse(resource).admit(points, priority, now)
    }

    /// A call that was admitted has its answer, or will get none.
    pub(crate) fn ended(&mut self, resource: Resource) {
        let purse = self.purse(resource);
        purse.under_way = purse.under_way.saturating_sub(1);
    }

    /// An answer told what is left.
    pub(crate) fn told(&mut self, resource: Resource, told: Told, now: Timestamp) {
        self.purse(resource).told(told, now);
    }

    /// GitHub wants to be left alone until then.
    pub(crate) fn close_until(&mut self, until: Timestamp) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// Until when GitHub wants no call, if it does now.
    pub(crate) fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.closed_until.filter(|until| *until > now)
    }

    /// What is left of a budget, if GitHub has told of it.
    pub(crate) fn hour(&self, resource: Resource) -> Option<Hour> {
        match resource {
            Resource::Rest => self.rest.hour,
            Resource::Graphql => self.graphql.hour,
        }
    }

    fn purse(&mut self, resource: Resource) -> &mut Purse {
        match resource {
            Resource::Rest => &mut self.rest,
            Resource::Graphql => &mut self.graphql,
        }
    }
}

impl Purse {
    fn new(points_a_minute: u64) -> Self {
        Self {
            hour: None,
            under_way: 0,
            sent: VecDeque::new(),
            points_a_minute,
        }
    }

    fn admit(&mut self, points: u64, priority: Priority, now: Timestamp) -> Result<(), Timestamp> {
        self.forget_before(now);
        if let Some(hour) = &self.hour {
            let left = hour.remaining.saturating_sub(self.under_way);
            // After its reset nothing is known of an hour, and it is full.
            if hour.reset_at > now && !may_spend(left, hour.limit, 1, priority) {
                return Err(hour.reset_at);
            }
            self.minute_allows(points, priority)?;
        }
        self.sent.push_back((now, points));
        self.under_way += 1;
        Ok(())
    }

    /// Whether the last minute leaves room for these points, or when it will.
    fn minute_allows(&self, points: u64, priority: Priority) -> Result<(), Timestamp> {
        let spent: u64 = self.sent.iter().map(|(_, points)| points).sum();
        let mut left = self.points_a_minute.saturating_sub(spent);
        let fits = |left| may_spend(left, self.points_a_minute, points, priority);
        if fits(left) {
            return Ok(());
        }
        for (at, freed) in &self.sent {
            left += freed;
            if fits(left) {
                return Err(at.saturating_add(MINUTE).unwrap_or(Timestamp::MAX));
            }
        }
        // No call of ours has so many points that an empty minute is too short.
        Ok(())
    }

    /// Forgets what was sent more than a minute ago, or by a clock that has
    /// been put back since.
    fn forget_before(&mut self, now: Timestamp) {
        self.sent
            .retain(|(at, _)| *at <= now && now.duration_since(*at) < MINUTE);
    }

    /// Answers overtake each other, so that of two about one hour the one that
    /// leaves less is the later, and one about an hour that is over tells
    /// nothing new.
    fn told(&mut self, told: Told, now: Timestamp) {
        let before = self.hour;
        let known = before.map(|hour| hour.limit);
        let new = Hour {
            limit: told.limit.or(known).unwrap_or(LEAST_HOURLY),
            remaining: told.remaining,
            reset_at: told.reset_at,
        };
        self.hour = Some(match before {
            Some(before) if is_same_hour(&before, &new) => Hour {
                remaining: before.remaining.min(new.remaining),
                ..new
            },
            Some(before) if new.reset_at <= now => before,
            _ => new,
        });
    }
}

/// Resets are told in whole seconds and turned into our clock by an offset
/// that is as coarse, so that one hour's can differ by a little.
fn is_same_hour(one: &Hour, other: &Hour) -> bool {
    one.reset_at.duration_since(other.reset_at).abs() < SignedDuration::from_secs(5)
}

/// Whether a call of these points may be sent when so many are left.
fn may_spend(left: u64, limit: u64, points: u64, priority: Priority) -> bool {
    let kept = match priority {
        Priority::Probe | Priority::Deploy => 0,
        Priority::Follow => KEPT_FROM_FOLLOWING,
        Priority::Read => KEPT_FROM_READS,
    };
    left >= points.saturating_add(limit.saturating_mul(kept) / 100)
}

/// What an account may still spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Whose it is: the owner for whom the App is installed, or what else GitHub
    /// counts by.
    pub account: String,
    /// REST requests; none as long as GitHub has told nothing.
    pub rest: Option<Hour>,
    /// GraphQL points.
    pub graphql: Option<Hour>,
    /// GitHub has asked for no call at all before.
    pub closed_until: Option<Timestamp>,
}

/// In the order in which they are shown: the one with the least left first.
pub(crate) fn scarcest_first(budgets: &mut [Budget]) {
    budgets.sort_by_cached_key(|budget| {
        let left = |hour: Option<Hour>| hour.map_or(u64::MAX, |hour| hour.remaining);
        let least = left(budget.rest).min(left(budget.graphql));
        (Reverse(budget.closed_until), least, budget.account.clone())
    });
}

#[cfg(test)]
mod tests;
