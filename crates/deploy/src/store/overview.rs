//! In which repositories people have had something deployed lately, and what waits
//! there.

use jiff::Timestamp;

use super::{
    Error, Store,
    database::{Args, Row},
    row::{self, select_request},
};
use crate::model::{RepositoryName, Request};

/// How many requests are looked at, the newest ones: who deploys more than that
/// has their repositories among them.
const LOOKED_AT: i64 = 1_000;

/// Of one person.
const OWN: &str = "SELECT MAX(repository) AS repository, MAX(accepted_at) AS newest FROM \
     (SELECT repository, accepted_at FROM requests \
     WHERE requester_slack = $1 AND accepted_at >= $2 \
     AND (state IN ('creating', 'running', 'succeeded', 'failed') \
     OR (state = 'accepted' AND waiting IS NOT NULL)) \
     ORDER BY accepted_at DESC LIMIT $3) AS lately \
     GROUP BY lower(repository) ORDER BY newest DESC, repository LIMIT $4";

/// Of everybody.
const ALL: &str = "SELECT MAX(repository) AS repository, MAX(accepted_at) AS newest FROM \
     (SELECT repository, accepted_at FROM requests WHERE accepted_at >= $1 \
     AND (state IN ('creating', 'running', 'succeeded', 'failed') \
     OR (state = 'accepted' AND waiting IS NOT NULL)) \
     ORDER BY accepted_at DESC LIMIT $2) AS lately \
     GROUP BY lower(repository) ORDER BY newest DESC, repository LIMIT $3";

/// How many requests are told of that wait for one repository.
pub const WAITING: usize = 10;

/// Those of one repository that say that they wait to go out, which one that may
/// have gone out does not. What is asked of the state first is the condition of an
/// index, word for word.
const WAIT: &str = select_request!(
    "WHERE r.state IN ('accepted', 'creating', 'running') \
     AND r.state IN ('accepted', 'creating') AND r.waiting IS NOT NULL \
     AND r.waiting NOT LIKE $3 AND lower(r.repository) = $1 ORDER BY r.accepted_at, r.id LIMIT $2"
);

impl Store {
    /// The requests for a repository that say that they wait to go out, oldest
    /// first: a few of them. One that cannot be read is passed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_in(&self, repository: &RepositoryName) -> Result<Vec<Request>, Error> {
        let args = Args::new().text(repository.to_string().to_lowercase());
        let most = i64::try_from(WAITING).unwrap_or(i64::MAX);
        let args = args.integer(most).text(row::ANSWER_LOST);
        let rows = self.read(WAIT, args).await?;
        Ok(self.readable_of(&rows, &["id"], row::request))
    }

    /// The repositories of which somebody, by Slack user id, has had something
    /// deployed since a moment, or tried to, or waits for it; the newest first, at
    /// most `limit`. What the gate refused does not count: it may have been mistyped.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repositories_of(
        &self,
        slack: &str,
        since: Timestamp,
        limit: u8,
    ) -> Result<Vec<RepositoryName>, Error> {
        let args = Args::new().text(slack).integer(since.as_millisecond());
        let args = args.integer(LOOKED_AT).integer(limit.into());
        Ok(names(&self.read(OWN, args).await?))
    }

    /// The same of everybody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repositories_of_all(
        &self,
        since: Timestamp,
        limit: u8,
    ) -> Result<Vec<RepositoryName>, Error> {
        let args = Args::new().integer(since.as_millisecond());
        let args = args.integer(LOOKED_AT).integer(limit.into());
        Ok(names(&self.read(ALL, args).await?))
    }
}

/// Those that can be read; the others are told in the log.
fn names(rows: &[Row]) -> Vec<RepositoryName> {
    let read = |row: &Row| -> Result<RepositoryName, Error> {
        Ok(RepositoryName::parse(&row.text("repository")?, None)?)
    };
    let unreadable = |error: &Error| {
        tracing::error!(%error, "the journal holds a repository that cannot be read; it is passed over");
    };
    let rows = rows.iter();
    rows.filter_map(|row| read(row).inspect_err(unreadable).ok())
        .collect()
}
