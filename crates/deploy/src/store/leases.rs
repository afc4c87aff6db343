//! Leases: what one process alone may do, for a while. Who holds one renews it;
//! one whose holder died runs out and goes to another. They are timed by the
//! clock of the database, so processes need not agree on the time.
//!
//! A lease is no proof that nobody else is at work: a process that was asleep
//! may wake to find that its lease went to another. What must not happen twice
//! is kept from it by run slots and steps, not by leases.

use std::{collections::BTreeSet, time::Duration};

use super::{Error, Store, database::Args};

/// Proof that its holder was given the lease. There is none without the store
/// having said so.
#[derive(Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    holder: String,
}

impl Lease {
    /// What it is for.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Store {
    /// Takes the lease `name` for a holder, unless another holder has it and
    /// time is left of it. A holder that has it already has it for `time` anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acquire(
        &self,
        name: &str,
        holder: &str,
        time: Duration,
    ) -> Result<Option<Lease>, Error> {
        self.acquire_from(name, holder, "", time).await
    }

    /// The same, also from any holder whose name begins with `kin`, unless that
    /// is empty: what one and the same process holds by several names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn acquire_from(
        &self,
        name: &str,
        holder: &str,
        kin: &str,
        time: Duration,
    ) -> Result<Option<Lease>, Error> {
        let taken = self
            .write(|transaction| {
                Box::pin(async move {
                    // Read before the row is locked: it is late at worst, and then
                    // less is taken over and held less long.
                    let now = transaction.now().await?;
                    let args = Args::new().text(name).text(holder);
                    transaction
                        .execute(
                            "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) \
                         ON CONFLICT (name) DO UPDATE \
                         SET holder = excluded.holder, until = excluded.until \
                         WHERE leases.holder = excluded.holder OR leases.until <= $4 \
                         OR ($5 <> '' AND substr(leases.holder, 1, length($5)) = $5)",
                            args.integer(end(now, time)).integer(now).text(kin),
                        )
                        .await
                })
            })
            .await?;
        Ok((taken == 1).then(|| Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
        }))
    }

    /// Makes leases of one holder last for `time` from now, or for longer where
    /// they do already; the names of those that it has lost to another.
    ///
    /// # Errors
    /// When the database fails: then it is not known, and they run out at the
    /// time that was set before.
    pub async fn renew(&self, leases: &[&Lease], time: Duration) -> Result<Vec<String>, Error> {
        let Some(Lease { holder, .. }) = leases.first() else {
            return Ok(Vec::new());
        };
        // In their order, so that two processes do not wait for each other.
        let names: BTreeSet<&str> = leases.iter().map(|lease| lease.name.as_str()).collect();
        let args = &Args::new()
            .texts(names.iter().copied())
            .text(holder.as_str());
        let renewed = self
            .write(|transaction| {
                Box::pin(async move {
                    let now = transaction.now().await?;
                    let sql = "UPDATE leases \
                           SET until = CASE WHEN until > $3 THEN until ELSE $3 END \
                           WHERE holder = $2 AND name IN (SELECT value FROM json_each($1)) RETURNING name";
                    let args = args.clone().integer(end(now, time));
                    transaction.fetch(sql, args).await
                })
            })
            .await?;
        let renewed: Result<BTreeSet<String>, _> =
            renewed.iter().map(|row| row.text("name")).collect();
        let renewed = renewed?;
        let lost = names.into_iter().filter(|name| !renewed.contains(*name));
        Ok(lost.map(str::to_owned).collect())
    }

    /// Gives a lease back before it runs out. One that went to another stays
    /// the other's.
    ///
    /// # Errors
    /// When the database fails: then it runs out by itself.
    pub async fn release(&self, lease: Lease) -> Result<(), Error> {
        let args = &Args::new().text(lease.name).text(lease.holder);
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
    }

    /// Voids all leases: where one process has the whole journal, those who
    /// held them have ended.
    pub(super) async fn void_all_leases(&self) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "DELETE FROM leases";
                transaction.execute(sql, Args::new()).await?;
                Ok(())
            })
        })
        .await
    }
}

fn end(now: i64, time: Duration) -> i64 {
    now.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
