//! How far two commits are apart, asked of GitHub where the newest commits of
//! the branch do not tell.

use std::collections::HashMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;

use super::{Client, RepositoryAnswer, error::Error, repeated, repository_variables};
use crate::model::{Commit, RepositoryName, Sha};

/// How many comparisons are asked at once over REST.
const AT_ONCE: usize = 4;

/// How a commit stands to a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Distance {
    /// How many commits it has that the base has not.
    #[serde(alias = "ahead_by")]
    pub(crate) ahead_by: u32,
    /// How many commits the base has that it has not.
    #[serde(alias = "behind_by")]
    pub(crate) behind_by: u32,
}

/// A comparison over REST.
#[derive(Debug, Deserialize)]
pub(crate) struct Comparison {
    #[serde(flatten)]
    pub(crate) distance: Distance,
    commits: Vec<RestCommit>,
}

#[derive(Debug, Deserialize)]
struct RestCommit {
    sha: String,
    html_url: Option<String>,
    commit: RestCommitDetails,
    author: Option<RestUser>,
}

#[derive(Debug, Deserialize)]
struct RestCommitDetails {
    message: String,
    author: Option<RestSignature>,
    committer: RestSignature,
}

#[derive(Debug, Deserialize)]
struct RestSignature {
    name: Option<String>,
    date: Option<jiff::Timestamp>,
}

#[derive(Debug, Deserialize)]
struct RestUser {
    login: Option<String>,
}

impl Comparison {
    /// The commits that the head has and the base has not, newest first.
    pub(crate) fn into_commits(self) -> Result<Vec<Commit>, Error> {
        self.commits
            .into_iter()
            .rev()
            .map(Commit::try_from)
            .collect()
    }
}

impl TryFrom<RestCommit> for Commit {
    type Error = Error;

    fn try_from(node: RestCommit) -> Result<Self, Error> {
        let login = node.author.and_then(|user| user.login);
        let name = node.commit.author.and_then(|author| author.name);
        Ok(Self {
            sha: super::commit::sha(&node.sha)?,
            headline: node
                .commit
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            author: login.or(name).unwrap_or_default(),
            committed_at: node
                .commit
                .committer
                .date
                .ok_or_else(|| Error::Unreadable("a commit has no date".to_owned()))?,
            url: node.html_url.unwrap_or_default(),
        })
    }
}

impl Client {
    /// How commits stand to the default branch, whose newest commit is `tip`;
    /// one that the repository no longer has is left out.
    ///
    /// GitHub documents `Ref.compare` for names of refs. It answers for SHAs
    /// too; where it does not, REST is asked for the one.
    pub(crate) async fn distances(
        &self,
        repository: &RepositoryName,
        tip: &Sha,
        shas: &[Sha],
    ) -> Result<HashMap<Sha, Distance>, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            default_branch_ref: Option<HashMap<String, Option<Distance>>>,
        }
        if shas.is_empty() {
            return Ok(HashMap::new());
        }
        let query = repeated(include_str!("queries/compare.graphql"), shas.len());
        let mut variables = repository_variables(repository);
        for (item, sha) in shas.iter().enumerate() {
            variables.insert(format!("item{item}"), sha.as_str().into());
        }
        let answer = self
            .query::<RepositoryAnswer<Data>>("Compare", repository.owner(), &query, variables)
            .await?;
        let mut compared = answer.repository()?.default_branch_ref.unwrap_or_default();
        let mut known = HashMap::new();
        let mut unknown = Vec::new();
        for (item, sha) in shas.iter().enumerate() {
            match compared.remove(&format!("item{item}")).flatten() {
                Some(distance) => {
                    known.insert(sha.clone(), distance);
                }
                None => unknown.push(sha.clone()),
            }
        }
        let asked = stream::iter(unknown).map(|sha| async move {
            let comparison = self.comparison(repository, tip, &sha).await?;
            Ok::<_, Error>((sha, comparison.map(|comparison| comparison.distance)))
        });
        let asked: Vec<_> = asked.buffer_unordered(AT_ONCE).try_collect().await?;
        known.extend(
            asked
                .into_iter()
                .filter_map(|(sha, distance)| Some((sha, distance?))),
        );
        Ok(known)
    }

    /// Compares two commits over REST; none when the repository has not both.
    /// Of the commits it lists the oldest hundred at most.
    pub(crate) async fn comparison(
        &self,
        repository: &RepositoryName,
        base: &Sha,
        head: &Sha,
    ) -> Result<Option<Comparison>, Error> {
        let basehead = format!("{base}...{head}");
        let owner = repository.owner();
        let path = ["repos", owner, repository.name(), "compare", &basehead];
        match self.get("compare", owner, &path, "per_page=100").await {
            Ok(comparison) => Ok(Some(comparison)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
