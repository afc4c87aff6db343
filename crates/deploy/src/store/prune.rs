//! An end for what is old: entries of the feed, requests that have ended, and
//! what is kept only to spare GitHub a call, or to post a message or make a change
//! once, so that the journal does not grow without end. GitHub keeps the record. What
//! is known of deployments stays: a history is told from it, and it grows no faster
//! than GitHub's own.

use jiff::Timestamp;

use super::{Error, Store, database::Args};

/// How many rows go in one transaction, which holds up others only shortly.
const CHUNK: i64 = 500;

/// What goes, in this order, given the time and how many at once. A request
/// goes when its newest entry has gone: it ended before that time.
const PRUNED: [&str; 7] = [
    "DELETE FROM feed WHERE cursor IN \
     (SELECT cursor FROM feed WHERE at < $1 ORDER BY at, cursor LIMIT $2)",
    "DELETE FROM requests WHERE id IN (SELECT r.id FROM requests r \
     WHERE r.state IN ('refused', 'succeeded', 'failed', 'cancelled') AND r.accepted_at < $1 \
     AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.request_id = r.id) \
     AND NOT EXISTS (SELECT 1 FROM run_slots s WHERE s.request_id = r.id) \
     ORDER BY r.accepted_at, r.id LIMIT $2)",
    "DELETE FROM links WHERE id IN (SELECT l.id FROM links l \
     WHERE l.state <> 'waiting' AND l.at < $1 \
     AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.link_id = l.id) \
     ORDER BY l.at, l.id LIMIT $2)",
    "DELETE FROM deliveries WHERE id IN \
     (SELECT id FROM deliveries WHERE at < $1 ORDER BY at, id LIMIT $2)",
    "DELETE FROM snapshots WHERE (repository, kind, ask) IN \
     (SELECT repository, kind, ask FROM snapshots WHERE read_at < $1 LIMIT $2)",
    "DELETE FROM messages WHERE key IN \
     (SELECT key FROM messages WHERE at < $1 ORDER BY at, key LIMIT $2)",
    "DELETE FROM changes WHERE id IN \
     (SELECT id FROM changes WHERE at < $1 ORDER BY at, id LIMIT $2)",
];

impl Store {
    /// Removes entries of the feed from before a time, acknowledged or not, the
    /// requests and links that had ended by then, deliveries, snapshots, messages and
    /// changes from before it, and leases that have run out; how many rows. It may be cut off
    /// at any point and called again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, before: Timestamp) -> Result<u64, Error> {
        let args = &Args::new().integer(before.as_millisecond()).integer(CHUNK);
        let mut pruned = self.void_ended_leases().await?;
        for sql in PRUNED {
            loop {
                let gone = self
                    .write(|transaction| {
                        Box::pin(async move { transaction.execute(sql, args.clone()).await })
                    })
                    .await?;
                pruned += gone;
                if gone == 0 {
                    break;
                }
            }
        }
        Ok(pruned)
    }

    async fn void_ended_leases(&self) -> Result<u64, Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let now = transaction.now().await?;
                let sql = "DELETE FROM leases WHERE until < $1";
                transaction.execute(sql, Args::new().integer(now)).await
            })
        })
        .await
    }
}
