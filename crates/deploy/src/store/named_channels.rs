//! The channels that repositories' own files name for their environments, as they were
//! read last; and which repositories any channel follows.

use std::collections::BTreeSet;

use super::{Error, Store, database::Args, hints, subscriptions::hold};
use crate::model::{EnvironmentName, RepositoryName};

impl Store {
    /// Keeps which channels a repository's own file names, by environment. True
    /// when that is anything new.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_channels(
        &self,
        repository: &RepositoryName,
        channels: &[(EnvironmentName, String)],
    ) -> Result<bool, Error> {
        let key = hints::key(repository);
        let wanted: BTreeSet<(String, String)> = channels
            .iter()
            .map(|(name, channel)| (name.as_str().to_lowercase(), channel.clone()))
            .collect();
        let sql = "SELECT environment, channel FROM repository_channels WHERE repository = $1";
        let rows = self.read(sql, Args::new().text(&key)).await?;
        let known: Result<BTreeSet<_>, Error> = rows
            .iter()
            .map(|row| Ok((row.text("environment")?, row.text("channel")?)))
            .collect();
        if known? == wanted {
            return Ok(false);
        }
        let key = &key;
        self.write(|transaction| {
            Box::pin(async move {
                // Of two readings at once one is kept whole, not some of both.
                hold(transaction).await?;
                let sql = "DELETE FROM repository_channels WHERE repository = $1";
                transaction.execute(sql, Args::new().text(key)).await?;
                for (environment, channel) in channels {
                    let args = Args::new()
                        .text(key)
                        .text(environment.as_str().to_lowercase())
                        .text(repository.to_string())
                        .text(environment.as_str())
                        .text(channel);
                    transaction
                        .execute(
                            "INSERT INTO repository_channels (repository, environment, \
                             repository_name, environment_name, channel) \
                             VALUES ($1, $2, $3, $4, $5) \
                             ON CONFLICT (repository, environment) DO UPDATE \
                             SET channel = excluded.channel",
                            args,
                        )
                        .await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// The repositories of which anybody follows an environment, after a name,
    /// by name, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn followed_repositories_after(
        &self,
        name: &str,
        limit: usize,
    ) -> Result<Vec<RepositoryName>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self
            .read(
                "SELECT repository, MAX(repository_name) AS name FROM \
                 (SELECT repository, repository_name FROM subscriptions WHERE repository > $1 \
                 UNION ALL SELECT repository, repository_name FROM repository_channels \
                 WHERE repository > $1) AS followed \
                 GROUP BY repository ORDER BY repository LIMIT $2",
                Args::new().text(name.to_lowercase()).integer(limit),
            )
            .await?;
        Ok(self.readable_of(&rows, &["repository"], |row| {
            Ok(RepositoryName::parse(&row.text("name")?, None)?)
        }))
    }

    /// Lets whoever follows a repository follow it by its new name; how many
    /// environments of channels that is about. What its own file names is read anew
    /// under that name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renamed(
        &self,
        before: &RepositoryName,
        now: &RepositoryName,
    ) -> Result<u64, Error> {
        let key = hints::key(before);
        let sql = "SELECT (SELECT COUNT(*) FROM subscriptions WHERE repository = $1) \
                   + (SELECT COUNT(*) FROM repository_channels WHERE repository = $1) AS known";
        let known = self.read_first(sql, Args::new().text(&key)).await?;
        if known.ok_or(sqlx::Error::RowNotFound)?.integer("known")? == 0 {
            return Ok(0);
        }
        let of_before = &Args::new().text(key);
        self.write(|transaction| {
            Box::pin(async move {
                hold(transaction).await?;
                let to_now = of_before
                    .clone()
                    .text(hints::key(now))
                    .text(now.to_string());
                let moved = transaction.execute(MOVE, to_now).await?;
                for sql in [
                    "DELETE FROM subscriptions WHERE repository = $1",
                    "DELETE FROM repository_channels WHERE repository = $1",
                ] {
                    transaction.execute(sql, of_before.clone()).await?;
                }
                Ok(moved)
            })
        })
        .await
    }
}

/// What a channel follows by the new name already is what it asked for last.
const MOVE: &str = "UPDATE subscriptions SET repository = $2, repository_name = $3 \
     WHERE repository = $1 AND NOT EXISTS (SELECT 1 FROM subscriptions AS known \
     WHERE known.channel = subscriptions.channel AND known.repository = $2 \
     AND known.environment = subscriptions.environment)";
