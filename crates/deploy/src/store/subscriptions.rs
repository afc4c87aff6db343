//! Which channels follow which environments because somebody asked for it there;
//! beside it stands what files name (`named_channels.rs`).

use jiff::Timestamp;

use super::{
    Error, Store,
    changes::{Begun, Made, Wanted},
    database::{Args, Row},
    following::{Following, ends, followed, wish_to_end},
    hints,
    row::{self, Answer, named_by_file, subscription},
    transaction::Transaction,
};
use crate::{
    gate,
    model::{Change, EnvironmentName, RepositoryName, Subscription},
};

/// How many environments a channel follows at most, and how many channels follow an
/// environment.
const MOST: i64 = 100;

/// What a channel follows from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// As it is kept; as it was asked for where it is outdated.
    pub subscription: Subscription,
    /// What it followed of the environment before, where that was something else.
    pub replaced: Option<Subscription>,
    /// Something that was asked for later holds.
    pub outdated: bool,
}

/// What a channel follows no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribed {
    /// What was ended.
    pub ended: Vec<Subscription>,
    /// What goes on, because the repository's own file says so.
    pub kept: Vec<Subscription>,
    /// Something was asked for later, and goes on.
    pub outdated: bool,
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
    /// What came of letting a channel follow an environment, where that was asked
    /// for before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscribed_before(
        &self,
        following: &Following,
        now: Timestamp,
    ) -> Result<Option<Made<Result<Subscribed, TooMany>>>, Error> {
        let before = following.wanted(now).made_before(self).await?;
        Ok(before.and_then(subscribed))
    }

    /// Lets a channel follow an environment, in place of what it followed of it
    /// before, once; or says why it can't.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscribe(
        &self,
        following: &Following,
        wanted: &Subscription,
        now: Timestamp,
    ) -> Result<Made<Result<Subscribed, TooMany>>, Error> {
        let change = &following.wanted(now);
        let asked = wanted.asked.clone();
        let asked = asked.map(|(who, at)| (who, row::whole_milliseconds(at)));
        let wanted = &Subscription {
            asked,
            ..wanted.clone()
        };
        self.write(|transaction| {
            Box::pin(async move {
                hold(transaction).await?;
                if let Some(made) = subscribed(change.begin(transaction).await?) {
                    return Ok(made);
                }
                let outcome = follow(transaction, following, wanted, change).await?;
                let answer = Answer::Subscribed(Box::new(outcome.clone()));
                change.end(transaction, &answer).await?;
                Ok(Made::Once(outcome))
            })
        })
        .await
    }

    /// Ends what a channel follows of a repository, or of one environment of it
    /// alone, as far as it was asked for before; once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsubscribe(
        &self,
        change: &Change,
        channel: &str,
        repository: &RepositoryName,
        environment: Option<&EnvironmentName>,
        now: Timestamp,
    ) -> Result<Made<Unsubscribed>, Error> {
        let change = &Wanted {
            id: &change.id,
            subject: followed(channel, repository),
            wish: wish_to_end(environment),
            asked_at: change.asked_by(now),
            now,
        };
        let asked_at = change.asked_at.as_millisecond();
        let of = &of_repository(channel, repository, environment);
        let args = &of.clone().integer(asked_at);
        self.write(|transaction| {
            Box::pin(async move {
                hold(transaction).await?;
                match change.begin(transaction).await? {
                    Begun::New => {}
                    Begun::Repeated(Answer::Unsubscribed(before)) => return Ok(Made::Once(before)),
                    Begun::Repeated(_) | Begun::IdTaken => return Ok(Made::IdTaken),
                }
                let ended = transaction.fetch(END, args.clone()).await?;
                let later = transaction.fetch_first(LATER, args.clone()).await?;
                let kept = transaction.fetch(NAMED_BY_FILE, of.clone()).await?;
                let unsubscribed = Unsubscribed {
                    ended: self.sorted(&ended, subscription),
                    kept: self.sorted(&kept, named_by_file),
                    outdated: later.is_some(),
                };
                let answer = Answer::Unsubscribed(unsubscribed.clone());
                change.end(transaction, &answer).await?;
                Ok(Made::Once(unsubscribed))
            })
        })
        .await
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
        let mut all = self.readable_of(&asked, NAMED, subscription);
        all.extend(self.readable_of(&named, NAMED, named_by_file));
        sort(&mut all);
        Ok(all)
    }

    /// Reads rows into the order in which they are shown. One that cannot be read is
    /// passed over.
    fn sorted(
        &self,
        rows: &[Row],
        read: fn(&Row) -> Result<Subscription, Error>,
    ) -> Vec<Subscription> {
        let mut all = self.readable_of(rows, NAMED, read);
        sort(&mut all);
        all
    }
}

/// By which the log names a row that can't be read.
const NAMED: &[&str] = &["repository_name", "environment_name"];

const END: &str = "DELETE FROM subscriptions WHERE channel = $1 AND repository = $2 \
     AND ($4 = 1 OR environment IN (SELECT value FROM json_each($3))) AND asked_at <= $5 \
     RETURNING repository_name, environment_name, moments, requester_slack, requester_name, at";

const LATER: &str = "SELECT environment FROM subscriptions \
     WHERE channel = $1 AND repository = $2 \
     AND ($4 = 1 OR environment IN (SELECT value FROM json_each($3))) AND asked_at > $5 LIMIT 1";

const NAMED_BY_FILE: &str = "SELECT repository_name, environment_name FROM repository_channels \
     WHERE channel = $1 AND repository = $2 \
     AND ($4 = 1 OR environment IN (SELECT value FROM json_each($3))) \
     ORDER BY environment LIMIT 100";

/// Makes changes of what channels follow come one after the other: they are counted.
pub(super) async fn hold(transaction: &mut Transaction<'_>) -> Result<(), Error> {
    let sql = "UPDATE counters SET value = value + 1 WHERE name = 'subscriptions'";
    transaction.execute(sql, Args::new()).await?;
    Ok(())
}

/// What came of it before; none where it is to be done.
fn subscribed(begun: Begun) -> Option<Made<Result<Subscribed, TooMany>>> {
    match begun {
        Begun::New => None,
        Begun::Repeated(Answer::Subscribed(outcome)) => Some(Made::Once(*outcome)),
        Begun::Repeated(_) | Begun::IdTaken => Some(Made::IdTaken),
    }
}

async fn follow(
    transaction: &mut Transaction<'_>,
    following: &Following,
    wanted: &Subscription,
    change: &Wanted<'_>,
) -> Result<Result<Subscribed, TooMany>, Error> {
    let channel = following.channel.as_str();
    let key = &place(&wanted.repository, &wanted.environment);
    let before = at(transaction, channel, key).await?;
    let asked_at = change.asked_at.as_millisecond();
    let is_ended = |wish: &String| ends(wish, &wanted.environment);
    let later = change.later_wishes(transaction).await?;
    if later.iter().any(is_ended) || before.as_ref().is_some_and(|(_, at)| *at > asked_at) {
        return Ok(Ok(Subscribed {
            subscription: wanted.clone(),
            replaced: None,
            outdated: true,
        }));
    }
    let kept = match before {
        Some((before, _)) if before.moments == wanted.moments => {
            write(transaction, channel, key, &before, asked_at).await?;
            return Ok(Ok(Subscribed {
                subscription: before,
                replaced: None,
                outdated: false,
            }));
        }
        Some((before, _)) => Some(before),
        None => {
            if let Some(too_many) = no_room(transaction, channel, key).await? {
                return Ok(Err(too_many));
            }
            None
        }
    };
    write(transaction, channel, key, wanted, asked_at).await?;
    Ok(Ok(Subscribed {
        subscription: wanted.clone(),
        replaced: kept,
        outdated: false,
    }))
}

/// A repository and an environment as they are compared.
pub(super) type Place = (String, String);

pub(super) fn place(repository: &RepositoryName, environment: &EnvironmentName) -> Place {
    let environment = environment.as_str().to_lowercase();
    (hints::key(repository), environment)
}

/// What a channel follows of an environment now, and when that was asked for.
async fn at(
    transaction: &mut Transaction<'_>,
    channel: &str,
    (repository, environment): &Place,
) -> Result<Option<(Subscription, i64)>, Error> {
    let row = transaction
        .fetch_first(
            "SELECT repository_name, environment_name, moments, requester_slack, \
             requester_name, at, asked_at FROM subscriptions \
             WHERE channel = $1 AND repository = $2 AND environment = $3",
            Args::new().text(channel).text(repository).text(environment),
        )
        .await?;
    let read = |row: &Row| Ok((subscription(row)?, row.integer("asked_at")?));
    row.as_ref().map(read).transpose()
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
    asked_at: i64,
) -> Result<(), Error> {
    let (requester, since) = wanted.asked.clone().unwrap_or_default();
    transaction
        .execute(
            "INSERT INTO subscriptions (channel, repository, environment, repository_name, \
             environment_name, moments, requester_slack, requester_name, at, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (channel, repository, environment) DO UPDATE SET \
             repository_name = excluded.repository_name, \
             environment_name = excluded.environment_name, moments = excluded.moments, \
             requester_slack = excluded.requester_slack, \
             requester_name = excluded.requester_name, at = excluded.at, \
             asked_at = excluded.asked_at",
            Args::new()
                .text(channel)
                .text(repository)
                .text(environment)
                .text(wanted.repository.to_string())
                .text(wanted.environment.as_str())
                .text(row::moments_text(&wanted.moments))
                .text(requester.slack)
                .text(requester.name)
                .integer(since.as_millisecond())
                .integer(asked_at),
        )
        .await?;
    Ok(())
}

fn of_repository(
    channel: &str,
    repository: &RepositoryName,
    environment: Option<&EnvironmentName>,
) -> Args {
    let names = environment.map(gate::spellings).unwrap_or_default();
    let names: Vec<String> = names
        .iter()
        .map(|name| name.as_str().to_lowercase())
        .collect();
    Args::new()
        .text(channel)
        .text(hints::key(repository))
        .texts(names.iter().map(String::as_str))
        .integer(i64::from(environment.is_none()))
}

fn sort(all: &mut [Subscription]) {
    all.sort_by(|one, other| {
        let repositories = hints::key(&one.repository).cmp(&hints::key(&other.repository));
        repositories.then_with(|| one.environment.shown_before(&other.environment))
    });
}
