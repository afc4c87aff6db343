//! Permits to ask GitHub for a deployment: at most so many a minute and an hour
//! out of one budget, whichever process asks, first those that were accepted
//! first.

use std::num::NonZeroU32;

use jiff::Timestamp;

use super::{Error, Store, database::Args, row::timestamp, transaction::Transaction};
use crate::model::RequestId;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;
/// An hour, in milliseconds.
const HOUR: i64 = 60 * MINUTE;
/// How long after its time a request still keeps its place, in milliseconds.
/// One that has not asked again by then is not about to: its process died, or
/// something else keeps it; the others go on. A process that is merely slow, or
/// a journal, is not as slow as that.
const GRACE: i64 = MINUTE;

/// How many deployments may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In any minute.
    pub per_minute: NonZeroU32,
    /// In any hour.
    pub per_hour: NonZeroU32,
}

/// Whether a request may ask GitHub for its deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// It may, at once.
    Granted,
    /// It may not yet.
    Wait {
        /// When to ask again: when its turn comes, as things stand.
        until: Timestamp,
        /// How many requests go before it.
        ahead: u32,
    },
}

impl Default for Limits {
    /// About what GitHub allows an account, as its documentation says under
    /// "secondary rate limits".
    fn default() -> Self {
        const NOT_ZERO: &str = "it is not zero";
        Self {
            per_minute: NonZeroU32::new(80).expect(NOT_ZERO),
            per_hour: NonZeroU32::new(500).expect(NOT_ZERO),
        }
    }
}

impl Store {
    /// Asks for a permit out of a budget: those of one installation share one.
    /// A request that was granted one within the last minute has it still; one
    /// that waits has to ask again when its time has come, or loses its place.
    ///
    /// # Errors
    /// When the request is not in the journal, or the database fails.
    pub async fn permit(
        &self,
        request: &RequestId,
        budget: &str,
        limits: Limits,
        at: Timestamp,
    ) -> Result<Permit, Error> {
        let id = request.as_str();
        let now = at.as_millisecond();
        self.write(|transaction| {
            Box::pin(async move {
                lock(transaction, budget).await?;
                let place = stand_in_line(transaction, id, budget, now).await?;
                if place.has_permit(now) {
                    return Ok(Permit::Granted);
                }
                let ahead = ahead_of(transaction, id, &place, budget, now).await?;
                let granted = granted(transaction, budget, now, limits).await?;
                let turn = turn(&granted, ahead, now, limits);
                if turn > now {
                    let until = "UPDATE creations SET until = $2 WHERE request_id = $1";
                    let args = Args::new().text(id).integer(turn);
                    transaction.execute(until, args).await?;
                    return Ok(Permit::Wait {
                        until: timestamp(turn)?,
                        ahead,
                    });
                }
                // Not before one that was granted already: a process whose clock is
                // late would have its permits forgotten too early.
                let granted_at = granted.last().copied().unwrap_or(now).max(now);
                let grant =
                    "UPDATE creations SET granted_at = $2, until = NULL WHERE request_id = $1";
                let args = Args::new().text(id).integer(granted_at);
                transaction.execute(grant, args).await?;
                forget(transaction, budget, now).await?;
                Ok(Permit::Granted)
            })
        })
        .await
    }

    /// A permit was used: GitHub has answered by now, so that it has counted the
    /// request by now. A permit counts from when it was granted until this is
    /// told; from then on it counts as long as GitHub's own count does, or a
    /// little longer, and the next permit is not too early by what a call takes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn used(&self, request: &RequestId, at: Timestamp) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "UPDATE creations SET granted_at = $2 \
                           WHERE request_id = $1 AND granted_at < $2";
                let args = Args::new().text(request.as_str());
                let args = args.integer(at.as_millisecond());
                transaction.execute(sql, args).await?;
                Ok(())
            })
        })
        .await
    }

    /// Gives a permit, or a place in the line, back: GitHub was not asked, or
    /// certainly refused. Fine for a request that has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back(&self, request: &RequestId) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "DELETE FROM creations WHERE request_id = $1";
                let args = Args::new().text(request.as_str());
                transaction.execute(sql, args).await?;
                Ok(())
            })
        })
        .await
    }
}

/// When it is the turn of a request that has `ahead` others before it, given
/// when the newest permits were granted, oldest first.
fn turn(granted: &[i64], ahead: u32, now: i64, limits: Limits) -> i64 {
    let mut granted = granted.to_vec();
    let mut turn = now;
    for _ in 0..=ahead {
        for (most, span) in [(limits.per_minute, MINUTE), (limits.per_hour, HOUR)] {
            let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
            // The span is full until the oldest that it may hold has left it.
            if let Some(oldest) = granted.len().checked_sub(most) {
                turn = turn.max(granted[oldest].saturating_add(span));
            }
        }
        granted.push(turn);
    }
    turn
}

/// Lets one transaction at a time look at a budget.
async fn lock(transaction: &mut Transaction<'_>, budget: &str) -> Result<(), Error> {
    transaction
        .execute(
            "INSERT INTO counters (name, value) VALUES ($1, 1) \
             ON CONFLICT (name) DO UPDATE SET value = counters.value + 1",
            Args::new().text(format!("creations:{budget}")),
        )
        .await?;
    Ok(())
}

/// Forgets what counts no longer.
async fn forget(transaction: &mut Transaction<'_>, budget: &str, now: i64) -> Result<(), Error> {
    transaction
        .execute(
            "DELETE FROM creations WHERE budget = $1 AND (granted_at <= $2 OR until <= $2)",
            Args::new().text(budget).integer(now.saturating_sub(HOUR)),
        )
        .await?;
    Ok(())
}

/// Where a request stands.
struct Place {
    accepted_at: i64,
    granted_at: Option<i64>,
}

impl Place {
    /// Whether it has a permit that holds.
    fn has_permit(&self, now: i64) -> bool {
        let since = now.saturating_sub(MINUTE);
        self.granted_at.is_some_and(|granted_at| granted_at > since)
    }
}

/// Puts a request into the line, unless it stands there: where.
async fn stand_in_line(
    transaction: &mut Transaction<'_>,
    id: &str,
    budget: &str,
    now: i64,
) -> Result<Place, Error> {
    transaction
        .execute(
            "INSERT INTO creations (request_id, budget, accepted_at, until) \
             SELECT id, $2, accepted_at, $3 FROM requests WHERE id = $1 \
             ON CONFLICT (request_id) DO UPDATE SET budget = excluded.budget",
            Args::new().text(id).text(budget).integer(now),
        )
        .await?;
    let row = transaction
        .fetch_first(
            "SELECT accepted_at, granted_at FROM creations WHERE request_id = $1",
            Args::new().text(id),
        )
        .await?;
    let row = row.ok_or_else(|| Error::Unreadable(format!("request {id} is not there")))?;
    Ok(Place {
        accepted_at: row.integer("accepted_at")?,
        granted_at: row.optional_integer("granted_at")?,
    })
}

/// A request that has ended waits for nothing any more. A permit that it had
/// counts on: GitHub may have been asked.
pub(super) async fn leave_line(
    transaction: &mut Transaction<'_>,
    request: &RequestId,
) -> Result<(), Error> {
    let sql = "DELETE FROM creations WHERE request_id = $1 AND granted_at IS NULL";
    let args = Args::new().text(request.as_str());
    transaction.execute(sql, args).await?;
    Ok(())
}

/// How many requests wait that were accepted before this one.
async fn ahead_of(
    transaction: &mut Transaction<'_>,
    id: &str,
    place: &Place,
    budget: &str,
    now: i64,
) -> Result<u32, Error> {
    let row = transaction
        .fetch_first(
            "SELECT COUNT(*) AS ahead FROM creations \
             WHERE budget = $1 AND granted_at IS NULL AND until > $2 \
             AND (accepted_at, request_id) < ($3, $4)",
            Args::new()
                .text(budget)
                .integer(now.saturating_sub(GRACE))
                .integer(place.accepted_at)
                .text(id),
        )
        .await?;
    let ahead = row.ok_or(sqlx::Error::RowNotFound)?.integer("ahead")?;
    Ok(u32::try_from(ahead).unwrap_or(u32::MAX))
}

/// When the newest permits were granted, oldest first; no more than can matter.
async fn granted(
    transaction: &mut Transaction<'_>,
    budget: &str,
    now: i64,
    limits: Limits,
) -> Result<Vec<i64>, Error> {
    let most = limits.per_minute.max(limits.per_hour).get();
    let rows = transaction
        .fetch(
            "SELECT granted_at FROM creations WHERE budget = $1 AND granted_at > $2 \
             ORDER BY granted_at DESC LIMIT $3",
            Args::new()
                .text(budget)
                .integer(now.saturating_sub(HOUR))
                .integer(most.into()),
        )
        .await?;
    let granted = rows.iter().rev().map(|row| row.integer("granted_at"));
    Ok(granted.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever was granted before: a turn never makes a span too full, and
        /// comes no later than it has to.
        #[test]
        fn a_turn_is_the_first_moment_that_the_limits_allow(
            pauses in proptest::collection::vec(0..40_000_i64, 0..40),
            per_minute in 1..6_u32,
            per_hour in 1..20_u32,
            ahead in 0..6_u32,
        ) {
            let limits = Limits {
                per_minute: NonZeroU32::new(per_minute).unwrap(),
                per_hour: NonZeroU32::new(per_hour).unwrap(),
            };
            let mut now = 0;
            let mut granted = Vec::new();
            for pause in pauses {
                now += pause;
                if turn(&granted, 0, now, limits) == now {
                    granted.push(now);
                }
            }
            for _ in 0..=ahead {
                granted.push(turn(&granted, 0, now, limits));
            }
            let turn = turn(&granted[..granted.len() - 1 - ahead as usize], ahead, now, limits);
            prop_assert_eq!(Some(&turn), granted.last());
            let fits = |at: i64| [(per_minute, MINUTE), (per_hour, HOUR)].iter().all(|&(most, span)| {
                let before = &granted[..granted.len() - 1];
                before.iter().filter(|&&other| other > at - span).count() < most as usize
            });
            prop_assert!(fits(turn), "{granted:?}");
            let first = granted.iter().rev().nth(1).copied().unwrap_or(now).max(now);
            prop_assert!(turn == first || !fits(turn - 1), "{granted:?}");
        }
    }
}
