//! Which channels follow which environments: because somebody asked for it there,
//! or because the repository's own file names them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Error, Store,
    database::{Args, Row},
    hints, row,
    transaction::Transaction,
};
use crate::model::{EnvironmentName, Moment, Moments, Person, RepositoryName, Subscription};

/// How many environments a channel follows at most, and how many channels follow an
/// environment.
const MOST: i64 = 100;

/// What a channel follows from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// As it is kept.
    pub subscription: Subscription,
    /// What it followed of the environment before, where that was something else.
    pub replaced: Option<Subscription>,
}

/// Why a channel can't follow one more environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMany {
    /// It follows as many as it may.
    OfChannel,
    /// As many channels as may follow the environment.
    OfEnvironment,
}

impl Store {
    /// Lets a channel follow an environment, in place of what it followed of it
    /// before; or says why it can't.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscribe(
        &self,
        channel: &str,
        wanted: &Subscription,
    ) -> Result<Result<Subscribed, TooMany>, Error> {
        let key = &place(&wanted.repository, &wanted.environment);
        self.write(|transaction| {
            Box::pin(async move {
                // Counted by one at a time.
                let sql = "UPDATE counters SET value = value + 1 WHERE name = 'subscriptions'";
                transaction.execute(sql, Args::new()).await?;
                let before = at(transaction, channel, key).await?;
                match &before {
                    Some(before) if before.moments == wanted.moments => {
                        transaction.undo();
                        return Ok(Ok(Subscribed {
                            subscription: before.clone(),
                            replaced: None,
                        }));
                    }
                    Some(_) => {}
                    None => {
                        if let Some(too_many) = no_room(transaction, channel, key).await? {
                            transaction.undo();
                            return Ok(Err(too_many));
                        }
                    }
                }
                write(transaction, channel, key, wanted).await?;
                Ok(Ok(Subscribed {
                    subscription: wanted.clone(),
                    replaced: before,
                }))
            })
        })
        .await
    }

    /// Ends what a channel follows of a repository, or of environments of it
    /// alone; what that was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsubscribe(
        &self,
        channel: &str,
        repository: &RepositoryName,
        environments: Option<&[EnvironmentName]>,
    ) -> Result<Vec<Subscription>, Error> {
        let args = &of_repository(channel, repository, environments);
        let rows = self
            .write(|transaction| {
                Box::pin(async move {
                    transaction
                        .fetch(
                            "DELETE FROM subscriptions WHERE channel = $1 AND repository = $2 \
                             AND ($4 = 1 OR environment IN (SELECT value FROM json_each($3))) \
                             RETURNING repository_name, environment_name, moments, \
                             requester_slack, requester_name, at",
                            args.clone(),
                        )
                        .await
                })
            })
            .await?;
        sorted(&rows, subscription)
    }

    /// What the file of a repository lets a channel follow, or of environments of
    /// it alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn named_by_file(
        &self,
        channel: &str,
        repository: &RepositoryName,
        environments: Option<&[EnvironmentName]>,
    ) -> Result<Vec<Subscription>, Error> {
        let rows = self
            .read(
                "SELECT repository_name, environment_name FROM repository_channels \
                 WHERE channel = $1 AND repository = $2 \
                 AND ($4 = 1 OR environment IN (SELECT value FROM json_each($3))) \
                 ORDER BY environment LIMIT 100",
                of_repository(channel, repository, environments),
            )
            .await?;
        sorted(&rows, named_by_file)
    }

    /// What a channel follows, by repository and environment, at most a hundred
    /// that were asked for and a hundred that files name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriptions(&self, channel: &str) -> Result<Vec<Subscription>, Error> {
        let asked = self
            .read(
                "SELECT repository_name, environment_name, moments, requester_slack, \
                 requester_name, at FROM subscriptions WHERE channel = $1 \
                 ORDER BY repository, environment LIMIT $2",
                Args::new().text(channel).integer(MOST),
            )
            .await?;
        let named = self
            .read(
                "SELECT repository_name, environment_name FROM repository_channels \
                 WHERE channel = $1 ORDER BY repository, environment LIMIT $2",
                Args::new().text(channel).integer(MOST),
            )
            .await?;
        let mut all = sorted(&asked, subscription)?;
        all.extend(sorted(&named, named_by_file)?);
        sort(&mut all);
        Ok(all)
    }

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
        rows.iter()
            .map(|row| Ok(RepositoryName::parse(&row.text("name")?, None)?))
            .collect()
    }
}

/// A repository and an environment as they are compared.
pub(super) type Place = (String, String);

pub(super) fn place(repository: &RepositoryName, environment: &EnvironmentName) -> Place {
    let environment = environment.as_str().to_lowercase();
    (hints::key(repository), environment)
}

/// What a channel follows of an environment now.
async fn at(
    transaction: &mut Transaction<'_>,
    channel: &str,
    (repository, environment): &Place,
) -> Result<Option<Subscription>, Error> {
    let row = transaction
        .fetch_first(
            "SELECT repository_name, environment_name, moments, requester_slack, \
             requester_name, at FROM subscriptions \
             WHERE channel = $1 AND repository = $2 AND environment = $3",
            Args::new().text(channel).text(repository).text(environment),
        )
        .await?;
    row.as_ref().map(subscription).transpose()
}

/// Why there can't be one more, if there can't.
async fn no_room(
    transaction: &mut Transaction<'_>,
    channel: &str,
    (repository, environment): &Place,
) -> Result<Option<TooMany>, Error> {
    let counted = transaction
        .fetch_first(
            "SELECT (SELECT COUNT(*) FROM subscriptions WHERE channel = $1) AS of_channel, \
             (SELECT COUNT(*) FROM subscriptions \
             WHERE repository = $2 AND environment = $3) AS of_environment",
            Args::new().text(channel).text(repository).text(environment),
        )
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    Ok(if counted.integer("of_channel")? >= MOST {
        Some(TooMany::OfChannel)
    } else if counted.integer("of_environment")? >= MOST {
        Some(TooMany::OfEnvironment)
    } else {
        None
    })
}

async fn write(
    transaction: &mut Transaction<'_>,
    channel: &str,
    (repository, environment): &Place,
    wanted: &Subscription,
) -> Result<(), Error> {
    let (requester, since) = wanted.asked.clone().unwrap_or_default();
    transaction
        .execute(
            "INSERT INTO subscriptions (channel, repository, environment, repository_name, \
             environment_name, moments, requester_slack, requester_name, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (channel, repository, environment) DO UPDATE SET \
             repository_name = excluded.repository_name, \
             environment_name = excluded.environment_name, moments = excluded.moments, \
             requester_slack = excluded.requester_slack, \
             requester_name = excluded.requester_name, at = excluded.at",
            Args::new()
                .text(channel)
                .text(repository)
                .text(environment)
                .text(wanted.repository.to_string())
                .text(wanted.environment.as_str())
                .text(words(&wanted.moments))
                .text(requester.slack)
                .text(requester.name)
                .integer(since.as_millisecond()),
        )
        .await?;
    Ok(())
}

fn of_repository(
    channel: &str,
    repository: &RepositoryName,
    environments: Option<&[EnvironmentName]>,
) -> Args {
    let names = environments.unwrap_or_default().iter();
    let names: Vec<String> = names.map(|name| name.as_str().to_lowercase()).collect();
    Args::new()
        .text(channel)
        .text(hints::key(repository))
        .texts(names.iter().map(String::as_str))
        .integer(i64::from(environments.is_none()))
}

/// Reads rows into the order in which they are shown.
fn sorted(
    rows: &[Row],
    read: fn(&Row) -> Result<Subscription, Error>,
) -> Result<Vec<Subscription>, Error> {
    let mut all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    sort(&mut all);
    Ok(all)
}

fn sort(all: &mut [Subscription]) {
    all.sort_by(|one, other| {
        let repositories = hints::key(&one.repository).cmp(&hints::key(&other.repository));
        repositories.then_with(|| one.environment.shown_before(&other.environment))
    });
}

fn subscription(row: &Row) -> Result<Subscription, Error> {
    let requester = Person {
        slack: row.text("requester_slack")?,
        github: String::new(),
        name: row.text("requester_name")?,
    };
    let since: Timestamp = row::timestamp(row.integer("at")?)?;
    Ok(Subscription {
        moments: read_words(&row.text("moments")?)?,
        asked: Some((requester, since)),
        ..named_by_file(row)?
    })
}

/// What a file names is followed from beginning to end.
fn named_by_file(row: &Row) -> Result<Subscription, Error> {
    Ok(Subscription {
        repository: RepositoryName::parse(&row.text("repository_name")?, None)?,
        environment: row.text("environment_name")?.parse()?,
        moments: Moment::ALL.into(),
        asked: None,
    })
}

fn words(moments: &Moments) -> String {
    let word = |moment: &Moment| match moment {
        Moment::Started => "started",
        Moment::Succeeded => "succeeded",
        Moment::Failed => "failed",
    };
    moments.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Reads what a row says is followed.
pub(super) fn read_words(words: &str) -> Result<Moments, Error> {
    let moment = |word| match word {
        "started" => Ok(Moment::Started),
        "succeeded" => Ok(Moment::Succeeded),
        "failed" => Ok(Moment::Failed),
        other => Err(Error::Unreadable(format!("moment `{other}`"))),
    };
    words.split(' ').map(moment).collect()
}
