//! How far a rebuild of the journal has come, repository by repository, and
//! each page of deployments that it brings: a page and the mark behind it are
//! one transaction, so a process that dies goes on with the next page.
//!
//! What the journal knows of a request stays as it is: a rebuild only adds.

use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Store,
    database::Args,
    deployments::{self, Known},
    feed,
    hints::{self, News},
    requests,
    transaction::Transaction,
};
use crate::model::{Deployment, RepositoryName, Request};

/// After this time a rebuild that was cut off is begun anew: too much has
/// happened since in the repositories that it had done.
const WORTH_GOING_ON: SignedDuration = SignedDuration::from_hours(24);

/// How far the rebuild of a repository's deployments has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// The repository.
    pub repository: RepositoryName,
    /// Behind which place of GitHub's list it goes on; none at the beginning.
    pub page: Option<String>,
    /// How many deployments have been read.
    pub deployments: u64,
    /// All have been.
    pub is_done: bool,
}

/// A page of a repository's deployments, oldest first.
#[derive(Debug, Clone)]
pub struct RebuiltPage {
    /// The repository, as GitHub spells it.
    pub repository: RepositoryName,
    /// Each with the request that it carries out, where it is ours.
    pub deployments: Vec<(Deployment, Option<Request>)>,
    /// Behind which place the next page begins; none when this is the last.
    pub next: Option<String>,
    /// When GitHub was read.
    pub read_at: Timestamp,
}

impl Store {
    /// Begins a rebuild of these repositories, or goes on with one that was cut
    /// off in them; how far each has come, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_rebuild(
        &self,
        repositories: &[RepositoryName],
        at: Timestamp,
    ) -> Result<Vec<Rebuild>, Error> {
        let old = at.saturating_sub(WORTH_GOING_ON).unwrap_or(Timestamp::MIN);
        self.write(|transaction| {
            Box::pin(async move {
                let void = "DELETE FROM rebuilds WHERE begun_at < $1";
                let args = Args::new().integer(old.as_millisecond());
                transaction.execute(void, args).await?;
                let mut rebuilds = Vec::with_capacity(repositories.len());
                for repository in repositories {
                    rebuilds.push(begin(transaction, repository, at).await?);
                }
                Ok(rebuilds)
            })
        })
        .await
    }

    /// Writes a page into the journal, and how far the rebuild has come with it:
    /// `asked` is the place that the page was asked for. False when that is not
    /// where the rebuild stands: another process has written it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rebuilt(
        &self,
        asked: &RepositoryName,
        after: Option<&str>,
        page: &RebuiltPage,
    ) -> Result<bool, Error> {
        let count = i64::try_from(page.deployments.len()).unwrap_or(i64::MAX);
        let mark = &Args::new()
            .text(hints::key(asked))
            .text(after.unwrap_or_default())
            .text(page.next.clone().unwrap_or_default())
            .integer(count)
            .integer(i64::from(page.next.is_none()));
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "UPDATE rebuilds SET page = $3, deployments = deployments + $4, \
                           is_done = $5 WHERE repository = $1 AND page = $2 AND is_done = 0";
                if transaction.execute(sql, mark.clone()).await? != 1 {
                    return Ok(false);
                }
                let (mut begun, mut news) = (Vec::new(), Vec::new());
                for (deployment, request) in &page.deployments {
                    let known = Known {
                        repository: &page.repository,
                        deployment,
                        is_adopted: false,
                        outcome: None,
                        read_at: page.read_at,
                    };
                    if deployments::keep(transaction, &known).await? {
                        news.push(deployment.id.number);
                    }
                    if let Some(request) = request
                        && requests::insert(transaction, request).await?
                        && !request.progress.has_ended()
                    {
                        begun.push(&request.asked.id);
                    }
                }
                if !news.is_empty() {
                    let repository = &page.repository;
                    deployments::hint_at(transaction, repository, &news, News::Journaled).await?;
                }
                // Those that go on are news to who follows the feed; what ended
                // long ago is not.
                for id in begun {
                    feed::append(transaction, id, page.read_at).await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// Ends the rebuild of these repositories: the next one begins anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_rebuild(&self, repositories: &[RepositoryName]) -> Result<(), Error> {
        let keys: Vec<String> = repositories.iter().map(hints::key).collect();
        let args = &Args::new().texts(keys.iter().map(String::as_str));
        self.write(|transaction| {
            Box::pin(async move {
                let sql = "DELETE FROM rebuilds \
                           WHERE repository IN (SELECT value FROM json_each($1))";
                transaction.execute(sql, args.clone()).await?;
                Ok(())
            })
        })
        .await
    }
}

async fn begin(
    transaction: &mut Transaction<'_>,
    repository: &RepositoryName,
    at: Timestamp,
) -> Result<Rebuild, Error> {
    let key = Args::new().text(hints::key(repository));
    transaction
        .execute(
            "INSERT INTO rebuilds (repository, page, deployments, begun_at, is_done) \
             VALUES ($1, '', 0, $2, 0) ON CONFLICT (repository) DO NOTHING",
            key.clone().integer(at.as_millisecond()),
        )
        .await?;
    let sql = "SELECT page, deployments, is_done FROM rebuilds WHERE repository = $1";
    let row = transaction.fetch_first(sql, key).await?;
    let row = row.ok_or(sqlx::Error::RowNotFound)?;
    let page = row.text("page")?;
    Ok(Rebuild {
        repository: repository.clone(),
        page: (!page.is_empty()).then_some(page),
        deployments: u64::try_from(row.integer("deployments")?).unwrap_or_default(),
        is_done: row.integer("is_done")? != 0,
    })
}
