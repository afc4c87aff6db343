//! Deployments as GitHub last told of them. Those of requests come with each of
//! their steps, those of others when they are seen to stand in an environment,
//! and all of them with a rebuild. From them alone a history can be told.
//!
//! A deployment only ever gets more statuses, so that what has fewer was read
//! earlier and is not written over what has more.

use jiff::Timestamp;

use super::{
    Error, Store,
    database::{Args, Row},
    hints,
    readable::Page,
    row,
    transaction::Transaction,
};
use crate::model::{
    Deployment, DeploymentState, EnvironmentHistory, EnvironmentName, History, RepositoryName,
};

/// How many rows a history is told from at most, however many environments the
/// repository has.
const HISTORY: i64 = 5_000;

/// What is known of a deployment.
pub(super) struct Known<'a> {
    pub(super) repository: &'a RepositoryName,
    pub(super) deployment: &'a Deployment,
    /// It is to be followed though no request asked for it.
    pub(super) is_adopted: bool,
    /// Why it ended without success, where that is known.
    pub(super) outcome: Option<&'a str>,
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
    ///
    /// # Errors
    /// When the database fails.
    pub async fn adopt(
        &self,
        repository: &RepositoryName,
        running: &[&Deployment],
        at: Timestamp,
    ) -> Result<(), Error> {
        self.write(|transaction| {
            Box::pin(async move {
                for &deployment in running {
                    let known = Known {
                        repository,
                        deployment,
                        is_adopted: true,
                        outcome: None,
                        read_at: at,
                    };
                    keep(transaction, &known).await?;
                }
                Ok(())
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

    /// Writes down how far a deployment of others has come; `outcome` is why it
    /// ended without success, as a sentence for people.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn foreign_has_come_to(
        &self,
        repository: &RepositoryName,
        deployment: &Deployment,
        outcome: Option<&str>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let known = &Known {
            repository,
            deployment,
            is_adopted: true,
            outcome,
            read_at: at,
        };
        self.write(|transaction| {
            Box::pin(async move {
                keep(transaction, known).await?;
                hints::raise(transaction, [repository]).await
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
            .integer(wanted.saturating_add(1))
            .integer(HISTORY);
        let rows = self
            .read(
                "SELECT name, body, read_at FROM (SELECT d.name, d.body, d.read_at, d.created_at, \
                 d.number, ROW_NUMBER() OVER (PARTITION BY d.environment \
                 ORDER BY d.created_at DESC, d.number DESC) AS place FROM deployments d \
                 WHERE d.repository = $1 \
                 AND (d.environment IN (SELECT value FROM json_each($2)) OR $3 = 1) \
                 AND (d.outcome = '' OR d.state NOT IN ('pending', 'running', 'unknown')) \
                 ) AS newest WHERE place <= $4 ORDER BY created_at DESC, number DESC LIMIT $5",
                args,
            )
            .await?;
        history(&rows, per_environment)
    }
}

/// Writes down what is known of a deployment, unless more is known already.
pub(super) async fn keep(
    transaction: &mut Transaction<'_>,
    known: &Known<'_>,
) -> Result<(), Error> {
    transaction
        .execute(
            "INSERT INTO deployments (number, node, repository, name, environment, sha, state, \
             request_id, created_at, steps, read_at, adopted_at, outcome, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (number) DO UPDATE SET node = excluded.node, \
             repository = excluded.repository, name = excluded.name, \
             environment = excluded.environment, state = excluded.state, \
             request_id = excluded.request_id, steps = excluded.steps, \
             read_at = excluded.read_at, body = excluded.body, \
             adopted_at = CASE WHEN deployments.adopted_at = 0 \
             THEN excluded.adopted_at ELSE deployments.adopted_at END, \
             outcome = CASE WHEN excluded.outcome = '' \
             THEN deployments.outcome ELSE excluded.outcome END \
             WHERE excluded.steps > deployments.steps OR (excluded.steps = deployments.steps \
             AND (excluded.state NOT IN ('pending', 'running', 'unknown') \
             OR deployments.state IN ('pending', 'running', 'unknown')))",
            args(known)?,
        )
        .await?;
    Ok(())
}

fn args(known: &Known<'_>) -> Result<Args, Error> {
    let deployment = known.deployment;
    let id = deployment.request_id.as_ref();
    let read_at = known.read_at.as_millisecond();
    let number = i64::try_from(deployment.id.number)
        .map_err(|_| Error::Unreadable(format!("deployment {}", deployment.id.number)))?;
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
        .text(known.outcome.unwrap_or_default())
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
        as_of: row::timestamp(as_of)?,
    }))
}
