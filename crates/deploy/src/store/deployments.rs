//! Deployments as GitHub last told of them. Those of requests come with each of
//! their steps, those of others when they are seen to stand in an environment,
//! and all of them with a rebuild. From them alone a history can be told.
//!
//! A deployment only ever gets more statuses, so that what has fewer was read
//! earlier and is not written over what has more.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Error, Store,
    database::{Args, Row},
    feed,
    hints::{self, News},
    readable::Page,
    row,
    transaction::Transaction,
};
use crate::model::{
    Deployment, DeploymentState, EnvironmentHistory, EnvironmentName, Failure, History,
    RepositoryName,
};

/// How many rows a history is told from at most, however many environments the
/// repository has.
const HISTORY: i64 = 5_000;
/// The newest deployments of each environment, one more than are wanted. It looks at
/// few others, however many there are: for the name of each environment, from name to
/// name along the index, and for when the oldest of those that are told was made. But
/// for `MATERIALIZED` Postgres would look for that once for each deployment, and but for
/// `CROSS`, which keeps the order, SQLite would go through all of them.
pub(super) const KNOWN_HISTORY: &str = "WITH RECURSIVE named(environment) AS ( \
     SELECT MIN(environment) FROM deployments WHERE repository = $1 \
     UNION ALL SELECT (SELECT MIN(d.environment) FROM deployments d \
     WHERE d.repository = $1 AND d.environment > named.environment) \
     FROM named WHERE named.environment IS NOT NULL), \
     there AS MATERIALIZED (SELECT environment, COALESCE((SELECT d.created_at FROM deployments d \
     WHERE d.repository = $1 AND d.environment = named.environment \
     AND (d.outcome = '' OR d.state NOT IN ('pending', 'running', 'unknown')) \
     ORDER BY d.created_at DESC LIMIT 1 OFFSET $4), 0) AS oldest FROM named \
     WHERE environment IN (SELECT value FROM json_each($2)) \
     OR (environment IS NOT NULL AND $3 = 1)) \
     SELECT d.name, d.body, d.read_at FROM there CROSS JOIN deployments d \
     WHERE d.repository = $1 AND d.environment = there.environment \
     AND d.created_at >= there.oldest \
     AND (d.outcome = '' OR d.state NOT IN ('pending', 'running', 'unknown')) \
     ORDER BY d.created_at DESC, d.number DESC LIMIT $5";
/// How many deployments an answer is brought up to date with; it is read again
/// when there are more.
const SINCE: i64 = 100;

/// What is known of a deployment.
pub(super) struct Known<'a> {
    pub(super) repository: &'a RepositoryName,
    pub(super) deployment: &'a Deployment,
    /// It is to be followed though no request asked for it.
    pub(super) is_adopted: bool,
    /// Why it ended without success, where that is known.
    pub(super) outcome: Option<&'a Failure>,
    /// When GitHub told of it.
    pub(super) read_at: Timestamp,
}

/// A deployment that is followed although no request of the journal is being
/// carried out by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// As GitHub spells it.
    pub repository: RepositoryName,
    /// As it was last seen.
    pub deployment: Deployment,
}

impl Store {
    /// Takes note of deployments that stand in environments of a repository:
    /// those that carry out no request of this journal are followed from now on.
    /// What was not known of them is news to answers that were read before, and to
    /// the feed; whether there was such.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn adopt(
        &self,
        repository: &RepositoryName,
        running: &[&Deployment],
        at: Timestamp,
    ) -> Result<bool, Error> {
        self.write(|transaction| {
            Box::pin(async move {
                let mut news = Vec::new();
                for &deployment in running {
                    let known = Known {
                        repository,
                        deployment,
                        is_adopted: true,
                        outcome: None,
                        read_at: at,
                    };
                    if keep(transaction, &known).await? {
                        news.push(deployment.id.number);
                    }
                }
                if news.is_empty() {
                    return Ok(false);
                }
                hint_at(transaction, repository, &news, News::Journaled).await?;
                feed::append_elsewhere(transaction, &news, at).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The deployments of others that have not ended, those adopted first first,
    /// at most `limit`. One that carries out a request of this journal is none,
    /// as long as that request has not ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn foreign(&self, limit: usize) -> Result<Vec<Foreign>, Error> {
        let page = Page {
            sql: "SELECT CAST(d.number AS TEXT) AS id, d.number, d.adopted_at, d.name, d.body \
                  FROM deployments d WHERE d.adopted_at > 0 \
                  AND d.state IN ('pending', 'running', 'unknown') AND d.outcome = '' \
                  AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.id = d.request_id \
                  AND r.state IN ('accepted', 'creating', 'running')) \
                  AND (d.adopted_at, d.number) > ($1, $2) \
                  ORDER BY d.adopted_at, d.number LIMIT $3",
            after: Args::new().integer(0).integer(0),
            place: |row| {
                let args = Args::new().integer(row.integer("adopted_at")?);
                Ok(args.integer(row.integer("number")?))
            },
            read: foreign,
        };
        self.readable(page, limit).await
    }

    /// Writes down how far a deployment of others has come, of which the feed tells;
    /// `outcome` is why it ended without success. One that was not known is followed
    /// from now on, as [`Store::adopt`] says. Whether that was news.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn foreign_has_come_to(
        &self,
        repository: &RepositoryName,
        deployment: &Deployment,
        outcome: Option<&Failure>,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let known = &Known {
            repository,
            deployment,
            is_adopted: true,
            outcome,
            read_at: at,
        };
        self.write(|transaction| {
            Box::pin(async move {
                if !keep(transaction, known).await? {
                    return Ok(false);
                }
                let numbers = [deployment.id.number];
                hint_at(transaction, repository, &numbers, known.news()).await?;
                feed::append_elsewhere(transaction, &numbers, at).await?;
                Ok(true)
            })
        })
        .await
    }

    /// The newest deployments of each environment of a repository, or of one
    /// that may be spelled in several ways, as far as the journal knows them;
    /// none where it knows nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_history(
        &self,
        repository: &RepositoryName,
        environment: Option<&[EnvironmentName]>,
        per_environment: usize,
    ) -> Result<Option<History>, Error> {
        let names = environment.unwrap_or_default().iter();
        let names: Vec<String> = names.map(|name| name.as_str().to_lowercase()).collect();
        let is_any = i64::from(environment.is_none());
        let wanted = i64::try_from(per_environment).unwrap_or(i64::MAX);
        let args = Args::new()
            .text(hints::key(repository))
            .texts(names.iter().map(String::as_str))
            .integer(is_any)
            .integer(wanted)
            .integer(HISTORY);
        let rows = self.read(KNOWN_HISTORY, args).await?;
        history(&rows, per_environment)
    }
}

impl Known<'_> {
    /// What it means for answers that were kept. One that is given up although
    /// GitHub does not say that it has ended was deleted, or may still go on:
    /// the journal can't tell what its environment runs.
    pub(super) const fn news(&self) -> News {
        if self.outcome.is_some() && !self.deployment.state.has_ended() {
            News::Deployments
        } else {
            News::Journaled
        }
    }
}

/// Writes down what is known of a deployment, unless more is known already;
/// whether that was anything new. Why it ended is forgotten when it goes on: its
/// workflow was run again.
pub(super) async fn keep(
    transaction: &mut Transaction<'_>,
    known: &Known<'_>,
) -> Result<bool, Error> {
    let number = number(known.deployment.id.number)?;
    if known.is_adopted {
        let sql = "UPDATE deployments SET adopted_at = $2 WHERE number = $1 AND adopted_at = 0";
        let at = known.read_at.as_millisecond();
        let args = Args::new().integer(number).integer(at);
        transaction.execute(sql, args).await?;
    }
    let written = transaction
        .execute(
            "INSERT INTO deployments (number, node, repository, name, environment, sha, state, \
             request_id, created_at, steps, read_at, adopted_at, outcome, why, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (number) DO UPDATE SET node = excluded.node, \
             repository = excluded.repository, name = excluded.name, \
             environment = excluded.environment, state = excluded.state, \
             request_id = excluded.request_id, steps = excluded.steps, \
             read_at = excluded.read_at, body = excluded.body, \
             outcome = CASE WHEN excluded.outcome <> '' THEN excluded.outcome \
             WHEN deployments.state NOT IN ('pending', 'running', 'unknown') \
             AND excluded.state IN ('pending', 'running', 'unknown') THEN '' \
             ELSE deployments.outcome END, \
             why = CASE WHEN excluded.outcome <> '' THEN excluded.why \
             WHEN deployments.state NOT IN ('pending', 'running', 'unknown') \
             AND excluded.state IN ('pending', 'running', 'unknown') THEN '' \
             ELSE deployments.why END \
             WHERE excluded.steps > deployments.steps OR (excluded.steps = deployments.steps \
             AND (excluded.state NOT IN ('pending', 'running', 'unknown') \
             OR deployments.state IN ('pending', 'running', 'unknown')) \
             AND (excluded.body <> deployments.body \
             OR (excluded.outcome <> '' AND excluded.outcome <> deployments.outcome)))",
            args(known, number)?,
        )
        .await?;
    Ok(written > 0)
}

/// Gives a hint, of these news about deployments of a repository. To be called
/// after they were kept: nothing but a cursor is locked after it.
pub(super) async fn hint_at(
    transaction: &mut Transaction<'_>,
    repository: &RepositoryName,
    numbers: &[u64],
    news: News,
) -> Result<(), Error> {
    let news = [(news, hints::key(repository))].into();
    let hint = hints::raise(transaction, &news).await?;
    let sql = "UPDATE deployments SET hint = $2 \
               WHERE number IN (SELECT CAST(value AS BIGINT) FROM json_each($1))";
    let args = integers(numbers.iter().copied()).integer(hint);
    transaction.execute(sql, args).await?;
    Ok(())
}

/// What the journal knows of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is followed at this moment.
    Followed,
    /// What it has come to.
    Ended,
}

/// Which of these deployments are followed or have ended, each with the key of
/// its repository.
pub(super) async fn known(
    transaction: &mut Transaction<'_>,
    numbers: impl Iterator<Item = u64>,
) -> Result<HashMap<(u64, String), Standing>, Error> {
    let rows = transaction
        .fetch(
            "SELECT number, repository, ended FROM (SELECT d.number, d.repository, \
             CASE WHEN d.state IN ('pending', 'running', 'unknown') THEN CAST(0 AS BIGINT) ELSE 1 END AS ended, \
             CASE WHEN d.outcome = '' \
             AND (d.adopted_at > 0 OR EXISTS (SELECT 1 FROM requests r \
             WHERE r.id = d.request_id AND r.state = 'running')) \
             AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.id = d.request_id \
             AND r.state IN ('accepted', 'creating')) THEN 1 ELSE 0 END AS followed \
             FROM deployments d \
             WHERE d.number IN (SELECT CAST(value AS BIGINT) FROM json_each($1))) AS known \
             WHERE ended = 1 OR followed = 1",
            integers(numbers),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let standing = match row.integer("ended")? {
                0 => Standing::Followed,
                _ => Standing::Ended,
            };
            Ok(((read_number(row)?, row.text("repository")?), standing))
        })
        .collect()
}

/// What the journal has heard of a repository's deployments since a hint, those
/// made first first; none where that is too much, or cannot be read. One that
/// was given up is not told: nobody knows what has become of it.
pub(super) async fn since(
    store: &Store,
    repository: &RepositoryName,
    hint: i64,
) -> Result<Option<Vec<Deployment>>, Error> {
    let rows = store
        .read(
            "SELECT body FROM deployments WHERE repository = $1 AND hint > $2 \
             AND (outcome = '' OR state NOT IN ('pending', 'running', 'unknown')) \
             ORDER BY number LIMIT $3",
            Args::new()
                .text(hints::key(repository))
                .integer(hint)
                .integer(SINCE + 1),
        )
        .await?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > SINCE {
        return Ok(None);
    }
    let bodies = rows
        .iter()
        .map(|row| row::read_deployment(&row.text("body")?));
    let read: Result<Vec<Deployment>, Error> = bodies.collect();
    Ok(read
        .inspect_err(|error| tracing::debug!(%repository, %error, "a deployment cannot be read"))
        .ok())
}

pub(super) fn number(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Unreadable(format!("deployment {number}")))
}

pub(super) fn read_number(row: &Row) -> Result<u64, Error> {
    let number = row.integer("number")?;
    u64::try_from(number).map_err(|_| Error::Unreadable(format!("deployment {number}")))
}

/// Numbers as one argument. One that no row can have is left out.
pub(super) fn integers(numbers: impl Iterator<Item = u64>) -> Args {
    let numbers = numbers.filter(|number| i64::try_from(*number).is_ok());
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    Args::new().texts(numbers.iter().map(String::as_str))
}

fn args(known: &Known<'_>, number: i64) -> Result<Args, Error> {
    let deployment = known.deployment;
    let id = deployment.request_id.as_ref();
    let read_at = known.read_at.as_millisecond();
    let why = known.outcome.map(row::failure_text).transpose()?;
    Ok(Args::new()
        .integer(number)
        .text(&deployment.id.node)
        .text(hints::key(known.repository))
        .text(known.repository.to_string())
        .text(deployment.environment.as_str().to_lowercase())
        .text(deployment.commit.sha.as_str())
        .text(row::deployment_word(deployment.state))
        .text(id.map(ToString::to_string).unwrap_or_default())
        .integer(deployment.created_at.as_millisecond())
        .integer(i64::try_from(deployment.steps.len()).unwrap_or(i64::MAX))
        .integer(read_at)
        .integer(if known.is_adopted { read_at } else { 0 })
        .text(known.outcome.map(ToString::to_string).unwrap_or_default())
        .text(why.unwrap_or_default())
        .text(row::deployment_text(deployment)?))
}

fn foreign(row: &Row) -> Result<Foreign, Error> {
    Ok(Foreign {
        repository: RepositoryName::parse(&row.text("name")?, None)?,
        deployment: row::read_deployment(&row.text("body")?)?,
    })
}

/// Puts rows, newest first, together by their environments.
fn history(rows: &[Row], per_environment: usize) -> Result<Option<History>, Error> {
    let Some(newest) = rows.first() else {
        return Ok(None);
    };
    let repository = RepositoryName::parse(&newest.text("name")?, None)?;
    let mut environments: Vec<EnvironmentHistory> = Vec::new();
    let mut as_of = i64::MIN;
    for row in rows {
        as_of = as_of.max(row.integer("read_at")?);
        let deployment = row::read_deployment(&row.text("body")?)?;
        let is_it =
            |one: &&mut EnvironmentHistory| one.environment.is_same(&deployment.environment);
        match environments.iter_mut().find(is_it) {
            None => environments.push(EnvironmentHistory {
                environment: deployment.environment.clone(),
                deployments: vec![deployment],
                more: false,
            }),
            Some(one) if one.deployments.len() == per_environment => one.more = true,
            Some(one) => one.deployments.push(deployment),
        }
    }
    for one in &mut environments {
        let succeeded = |one: &&mut Deployment| one.state == DeploymentState::Succeeded;
        if let Some(live) = one.deployments.iter_mut().find(succeeded) {
            live.live = true;
        }
    }
    environments.sort_by(|one, other| one.environment.shown_before(&other.environment));
    Ok(Some(History {
        repository,
        environments,
        has_default_environments: false,
        as_of: row::timestamp(as_of)?,
    }))
}
