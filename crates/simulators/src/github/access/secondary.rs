//! The limits that guard against bursts: how many requests are under way, and
//! what a caller spent in the minute, and created in the hour, that end now.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::SecondaryLimits;

/// How long who asks too much at once is told to wait.
const PAUSE: u64 = 60;

/// What a request counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight {
    /// It goes to GraphQL.
    pub(crate) graphql: bool,
    /// What it costs of a minute's points.
    pub(crate) points: u64,
    /// It creates content.
    pub(crate) creates: bool,
}

/// A request came in a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Burst {
    /// After how many seconds the caller may ask again.
    pub(crate) retry_after: u64,
    /// It is too much content, rather than too many requests.
    pub(crate) of_content: bool,
}

/// What each caller did of late, by budget.
#[derive(Debug, Default)]
pub(super) struct Secondary(HashMap<String, Recent>);

#[derive(Debug, Default)]
struct Recent {
    under_way: u64,
    rest: Window,
    graphql: Window,
    created: Window,
}

impl Secondary {
    /// Lets a request begin, or says why not.
    pub(super) fn begin(
        &mut self,
        budget: &str,
        weight: Weight,
        limits: Option<&SecondaryLimits>,
        now: Timestamp,
    ) -> Result<(), Burst> {
        let recent = self.0.entry(budget.to_owned()).or_default();
        if let Some(limits) = limits {
            recent.admit(weight, limits, now)?;
        }
        recent.under_way += 1;
        Ok(())
    }

    /// A request that was let begin has ended.
    pub(super) fn end(&mut self, budget: &str) {
        if let Some(recent) = self.0.get_mut(budget) {
            recent.under_way = recent.under_way.saturating_sub(1);
        }
    }
}

impl Recent {
    fn admit(
        &mut self,
        weight: Weight,
        limits: &SecondaryLimits,
        now: Timestamp,
    ) -> Result<(), Burst> {
        let minute = SignedDuration::from_mins(1);
        let hour = SignedDuration::from_hours(1);
        if self.under_way >= limits.concurrent {
            return Err(Burst {
                retry_after: PAUSE,
                of_content: false,
            });
        }
        let (points, most) = if weight.graphql {
            (&mut self.graphql, limits.graphql_points_per_minute)
        } else {
            (&mut self.rest, limits.rest_points_per_minute)
        };
        points.forget(minute, now);
        let burst = |of_content| {
            move |retry_after| Burst {
                retry_after,
                of_content,
            }
        };
        points
            .room(weight.points, most, minute, now)
            .map_err(burst(false))?;
        if weight.creates {
            self.created.forget(hour, now);
            for (most, span) in [
                (limits.creates_per_minute, minute),
                (limits.creates_per_hour, hour),
            ] {
                self.created.room(1, most, span, now).map_err(burst(true))?;
            }
            self.created.spend(1, now);
        }
        let points = if weight.graphql {
            &mut self.graphql
        } else {
            &mut self.rest
        };
        points.spend(weight.points, now);
        Ok(())
    }
}

/// What was spent, and when, oldest first.
#[derive(Debug, Default)]
struct Window(VecDeque<(Timestamp, u64)>);

impl Window {
    /// Forgets what was spent before the span that ends now.
    fn forget(&mut self, span: SignedDuration, now: Timestamp) {
        while let Some((at, _)) = self.0.front()
            && now.duration_since(*at) >= span
        {
            self.0.pop_front();
        }
    }

    /// Whether so much more fits into the span that ends now; the error is how
    /// many seconds it takes until it does.
    fn room(
        &self,
        points: u64,
        most: u64,
        span: SignedDuration,
        now: Timestamp,
    ) -> Result<(), u64> {
        let mut spent = points;
        // From the newest back: the one that is too much has to grow old first.
        for (at, cost) in self.0.iter().rev() {
            let age = now.duration_since(*at);
            if age >= span {
                break;
            }
            spent += cost;
            if spent > most {
                let left = span.checked_sub(age).unwrap_or(span);
                return Err(whole_seconds(left));
            }
        }
        if spent > most {
            return Err(whole_seconds(span));
        }
        Ok(())
    }

    fn spend(&mut self, points: u64, now: Timestamp) {
        self.0.push_back((now, points));
    }
}

/// A wait in seconds, none of it left out.
fn whole_seconds(wait: SignedDuration) -> u64 {
    let seconds = u64::try_from(wait.as_secs()).unwrap_or(0);
    seconds + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Weight = Weight {
        graphql: false,
        points: 1,
        creates: false,
    };
    const CREATE: Weight = Weight {
        graphql: false,
        points: 5,
        creates: true,
    };

    struct Caller {
        secondary: Secondary,
        limits: SecondaryLimits,
    }

    impl Caller {
        fn new(limits: SecondaryLimits) -> Self {
            Self {
                secondary: Secondary::default(),
                limits,
            }
        }

        /// Asks, and is answered at once.
        fn ask(&mut self, weight: Weight, second: i64) -> Result<(), Burst> {
            let now = Timestamp::from_second(second).unwrap();
            self.secondary
                .begin("t1", weight, Some(&self.limits), now)?;
            self.secondary.end("t1");
            Ok(())
        }
    }

    #[test]
    fn a_minute_has_so_many_points_of_each_api() {
        let mut caller = Caller::new(SecondaryLimits {
            rest_points_per_minute: 7,
            graphql_points_per_minute: 1,
            ..SecondaryLimits::default()
        });
        let query = Weight {
            graphql: true,
            ..READ
        };
        assert_eq!(caller.ask(CREATE, 0), Ok(()));
        assert_eq!(caller.ask(READ, 10), Ok(()));
        assert_eq!(caller.ask(READ, 20), Ok(()));
        let burst = |retry_after| {
            Err(Burst {
                retry_after,
                of_content: false,
            })
        };
        assert_eq!(caller.ask(READ, 30), burst(30));
        assert_eq!(caller.ask(CREATE, 59), burst(1));
        assert_eq!(caller.ask(query, 59), Ok(()));
        assert_eq!(caller.ask(query, 59), burst(60));
        assert_eq!(caller.ask(CREATE, 60), Ok(()));
        assert_eq!(caller.ask(READ, 60), burst(10));
    }

    #[test]
    fn content_is_created_so_often_a_minute_and_an_hour() {
        let mut caller = Caller::new(SecondaryLimits {
            creates_per_minute: 2,
            creates_per_hour: 3,
            ..SecondaryLimits::default()
        });
        let burst = |retry_after| {
            Err(Burst {
                retry_after,
                of_content: true,
            })
        };
        assert_eq!(caller.ask(CREATE, 0), Ok(()));
        assert_eq!(caller.ask(CREATE, 1), Ok(()));
        assert_eq!(caller.ask(CREATE, 2), burst(58));
        assert_eq!(caller.ask(READ, 2), Ok(()));
        assert_eq!(caller.ask(CREATE, 60), Ok(()));
        assert_eq!(caller.ask(CREATE, 120), burst(3_480));
        assert_eq!(caller.ask(CREATE, 3_600), Ok(()));
    }

    #[test]
    fn so_many_are_under_way_at_once() {
        let limits = SecondaryLimits {
            concurrent: 2,
            ..SecondaryLimits::default()
        };
        let mut secondary = Secondary::default();
        let mut begin =
            |budget: &str| secondary.begin(budget, READ, Some(&limits), Timestamp::UNIX_EPOCH);
        assert_eq!(begin("t1"), Ok(()));
        assert_eq!(begin("t1"), Ok(()));
        assert_eq!(begin("t1").unwrap_err().retry_after, PAUSE);
        assert_eq!(begin("t2"), Ok(()));
        secondary.end("t1");
        let again = secondary.begin("t1", READ, Some(&limits), Timestamp::UNIX_EPOCH);
        assert_eq!(again, Ok(()));
    }
}
