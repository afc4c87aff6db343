//! Messages that interfaces post: who is about to post which, and which are
//! posted, so that of all replicas of an interface one posts each, once. Claims
//! are timed by the clock of the database, as leases are.
//!
//! A claim is no proof that the message is not there: who held it before may have
//! posted it and died. How many have claimed a message tells whether that can be.

use std::time::Duration;

use super::{
    Error, Store,
    database::{Args, Row},
};
use crate::model::RequestId;

/// A message that somebody is about to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageClaim {
    /// Which message.
    pub key: String,
    /// Who wants to post it.
    pub claimant: String,
    /// What was posted under this key and is there no more; empty: nothing.
    pub gone: String,
}

/// A message that is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// Which message.
    pub key: String,
    /// The channel that holds it.
    pub channel: String,
    /// Its ts.
    pub ts: String,
    /// The request that it shows, if it shows one.
    pub request: Option<RequestId>,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody else posts the message now.
    Yours {
        /// How many have claimed it so far.
        claimants: i64,
    },
    /// Another has claimed it.
    Held {
        /// When that claim ends, from now.
        ends_in: Duration,
    },
    /// It is posted.
    Posted {
        /// The channel that holds it.
        channel: String,
        /// Its ts.
        ts: String,
    },
}

impl Store {
    /// Claims a message for `time`, unless it is posted, or another has claimed it
    /// and time is left of that.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_message(
        &self,
        claim: &MessageClaim,
        time: Duration,
    ) -> Result<Claimed, Error> {
        let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.write(|transaction| {
            Box::pin(async move {
                let now = transaction.now().await?;
                let args = Args::new().text(claim.key.as_str());
                let taking = args
                    .clone()
                    .text(claim.claimant.as_str())
                    .integer(now.saturating_add(time))
                    .integer(now)
                    .text(claim.gone.as_str());
                let taken = transaction.fetch_first(TAKE, taking).await?;
                if let Some(taken) = taken {
                    let claimants = taken.integer("claims")?;
                    return Ok(Claimed::Yours { claimants });
                }
                let sql = "SELECT channel, ts, until FROM messages WHERE key = $1";
                let known = transaction.fetch_first(sql, args).await?;
                known.map_or_else(
                    // It has been removed in this moment.
                    || {
                        Ok(Claimed::Held {
                            ends_in: Duration::ZERO,
                        })
                    },
                    |row| elsewhere(&row, now, &claim.gone),
                )
            })
        })
        .await
    }

    /// Records where a message is, unless that is known already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_message(&self, record: &MessageRecord) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let now = transaction.now().await?;
                let (channel, ts) = (record.channel.as_str(), record.ts.as_str());
                let args = Args::new().text(record.key.as_str()).text(channel).text(ts);
                let written = transaction.execute(RECORD, args.integer(now)).await?;
                if let Some(request) = record.request.as_ref().filter(|_| written == 1) {
                    let args = Args::new().text(request.as_str()).text(channel).text(ts);
                    let sql =
                        "UPDATE requests SET reply_channel = $2, message_ts = $3 WHERE id = $1";
                    transaction.execute(sql, args).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// Takes a message that nobody has, or makes a claim last anew.
const TAKE: &str = "INSERT INTO messages (key, claimant, until, claims, channel, ts, at) \
     VALUES ($1, $2, $3, 1, '', '', $4) \
     ON CONFLICT (key) DO UPDATE SET \
     claims = messages.claims + CASE WHEN messages.claimant = excluded.claimant THEN 0 ELSE 1 END, \
     claimant = excluded.claimant, until = excluded.until, channel = '', ts = '', at = excluded.at \
     WHERE messages.ts IN ('', $5) \
     AND (messages.claimant = excluded.claimant OR messages.until <= $4) RETURNING claims";

/// Whoever claimed it: who posted it and was late says the truth all the same.
const RECORD: &str = "INSERT INTO messages (key, claimant, until, claims, channel, ts, at) \
     VALUES ($1, '', 0, 1, $2, $3, $4) \
     ON CONFLICT (key) DO UPDATE SET \
     until = 0, channel = excluded.channel, ts = excluded.ts, at = excluded.at \
     WHERE messages.ts = ''";

/// What stands in the way of a claim.
fn elsewhere(row: &Row, now: i64, gone: &str) -> Result<Claimed, Error> {
    let ts = row.text("ts")?;
    if ts.is_empty() || ts == gone {
        let left = row.integer("until")?.saturating_sub(now);
        let left = u64::try_from(left).unwrap_or_default();
        return Ok(Claimed::Held {
            ends_in: Duration::from_millis(left),
        });
    }
    Ok(Claimed::Posted {
        channel: row.text("channel")?,
        ts,
    })
}
