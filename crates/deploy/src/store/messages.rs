//! Messages that interfaces post: who is about to post which, and which are
//! posted, so that of all replicas of an interface one posts each, once. Claims
//! are timed by the clock of the database, as leases are.
//!
//! A claim is no proof that the message is not there: who held it before may have
//! posted it and died. How many have claimed a message tells whether that can be.

use std::time::Duration;

use futures::FutureExt as _;

use super::{
    Error, Store,
    database::{Args, Row},
    together::Together,
    transaction::Transaction,
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

/// Claims and records that wait to be written together: each message takes one
/// of both, and a thousand people ask at once.
#[derive(Debug, Default)]
pub(super) struct Messages {
    claims: Together<(MessageClaim, i64), Claimed>,
    records: Together<MessageRecord, ()>,
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
        let claims = &self.messages.claims;
        let write = |claims| self.claim_messages(claims).boxed();
        claims.write((claim.clone(), time), write).await
    }

    /// Records where a message is, unless that is known already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_message(&self, record: &MessageRecord) -> Result<(), Error> {
        let write = |records| self.record_messages(records).boxed();
        self.messages.records.write(record.clone(), write).await
    }

    async fn claim_messages(
        &self,
        claims: Vec<(MessageClaim, i64)>,
    ) -> Result<Vec<Claimed>, Error> {
        let order = in_order(&claims, |(claim, _)| &claim.key);
        let (claims, order) = (&claims, &order);
        self.write(|transaction| {
            Box::pin(async move {
                let now = transaction.now().await?;
                let mut outcomes = vec![None; claims.len()];
                for &place in order {
                    let (claim, time) = &claims[place];
                    outcomes[place] = Some(take(transaction, claim, *time, now).await?);
                }
                Ok(outcomes.into_iter().flatten().collect())
            })
        })
        .await
    }

    async fn record_messages(&self, records: Vec<MessageRecord>) -> Result<Vec<()>, Error> {
        let order = in_order(&records, |record| &record.key);
        let (records, order) = (&records, &order);
        self.write(|transaction| {
            Box::pin(async move {
                let now = transaction.now().await?;
                for &place in order {
                    note(transaction, &records[place], now).await?;
                }
                Ok(vec![(); records.len()])
            })
        })
        .await
    }
}

/// The places of changes in the order of their keys, those of one key as they
/// came: transactions that take rows in one order do not stand in each other's
/// way.
fn in_order<T>(changes: &[T], key: impl Fn(&T) -> &String) -> Vec<usize> {
    let mut order: Vec<usize> = (0..changes.len()).collect();
    order.sort_by_key(|&place| key(&changes[place]));
    order
}

async fn take(
    transaction: &mut Transaction<'_>,
    claim: &MessageClaim,
    time: i64,
    now: i64,
) -> Result<Claimed, Error> {
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
}

async fn note(
    transaction: &mut Transaction<'_>,
    record: &MessageRecord,
    now: i64,
) -> Result<(), Error> {
    let (channel, ts) = (record.channel.as_str(), record.ts.as_str());
    let args = Args::new().text(record.key.as_str()).text(channel).text(ts);
    let written = transaction.execute(RECORD, args.integer(now)).await?;
    if let Some(request) = record.request.as_ref().filter(|_| written == 1) {
        let args = Args::new().text(request.as_str()).text(channel).text(ts);
        let sql = "UPDATE requests SET reply_channel = $2, message_ts = $3 WHERE id = $1";
        transaction.execute(sql, args).await?;
    }
    Ok(())
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
