//! How far two commits are apart, asked of GitHub where the newest commits of
//! the branch do not tell.

use std::collections::HashMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;

use super::{
    Client, RepositoryAnswer, commit::Written, error::Error, repeated, repository_variables,
};
use crate::model::{Author, Commit, RepositoryName, Sha};

/// How many comparisons are asked at once over REST.
const AT_ONCE: usize = 4;
/// How many commits GitHub tells on a page of a comparison at most.
const LONGEST_PAGE: u32 = 100;

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
    email: Option<String>,
    date: Option<jiff::Timestamp>,
}

#[derive(Debug, Deserialize)]
struct RestUser {
    id: Option<u64>,
    login: Option<String>,
}

impl Comparison {
    /// The commits that the head has and the base has not, newest first.
    pub(crate) fn into_commits(self) -> Result<Vec<Written>, Error> {
        self.commits
            .into_iter()
            .rev()
            .map(Written::try_from)
            .collect()
    }
}

impl TryFrom<RestCommit> for Written {
    type Error = Error;

    fn try_from(node: RestCommit) -> Result<Self, Error> {
        let (account, login) = node.author.map(|user| (user.id, user.login)).unzip();
        let (name, email) = match node.commit.author {
            Some(author) => (author.name, author.email),
            None => (None, None),
        };
        let author = Author {
            account: account.flatten(),
            login: login.flatten().unwrap_or_default(),
            email: email.unwrap_or_default(),
            name: name.unwrap_or_default(),
        };
        let shown = [&author.login, &author.name];
        let shown = shown.into_iter().find(|name| !name.is_empty());
        let commit = Commit {
            sha: super::commit::sha(&node.sha)?,
            headline: node
                .commit
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            author: shown.cloned().unwrap_or_default(),
            committed_at: node
                .commit
                .committer
                .date
                .ok_or_else(|| Error::Unreadable("a commit has no date".to_owned()))?,
            url: node.html_url.unwrap_or_default(),
        };
        Ok(Self { commit, author })
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
        let page = format!("per_page={LONGEST_PAGE}");
        self.compared(repository, base, head, &page).await
    }

    /// The newest of the `all` commits that `head` has and `base` has not, newest
    /// first: those of the last page, for GitHub lists the oldest first. At least
    /// 10 where there are so many. One call.
    pub(crate) async fn newest_between(
        &self,
        repository: &RepositoryName,
        base: &Sha,
        head: &Sha,
        all: u32,
    ) -> Result<Vec<Written>, Error> {
        let (length, page) = last_page(all);
        let page = format!("per_page={length}&page={page}");
        let compared = self.compared(repository, base, head, &page).await?;
        compared.map_or(Ok(Vec::new()), Comparison::into_commits)
    }

    async fn compared(
        &self,
        repository: &RepositoryName,
        base: &Sha,
        head: &Sha,
        page: &str,
    ) -> Result<Option<Comparison>, Error> {
        let basehead = format!("{base}...{head}");
        let owner = repository.owner();
        let path = ["repos", owner, repository.name(), "compare", &basehead];
        match self.get("compare", owner, &path, page).await {
            Ok(comparison) => Ok(Some(comparison)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A length of pages whose last page is as full as can be, and the number of that
/// page: with pages of 100, the newest commits of 101 would be on two.
fn last_page(all: u32) -> (u32, u32) {
    let all = all.max(1);
    let on_last = |length: &u32| (all - 1) % length + 1;
    let length = (LONGEST_PAGE / 2..=LONGEST_PAGE)
        .max_by_key(on_last)
        .unwrap_or(LONGEST_PAGE);
    (length, all.div_ceil(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_is_nearly_full() {
        assert_eq!(last_page(0), (100, 1));
        assert_eq!(last_page(7), (100, 1));
        assert_eq!(last_page(100), (100, 1));
        assert_eq!(last_page(101), (51, 2));
        assert_eq!(last_page(1_001), (91, 11));
        for all in 1..=20_000 {
            let (length, page) = last_page(all);
            let on_it = all - (page - 1) * length;
            assert!((1..=length).contains(&on_it), "{all}");
            assert!(on_it >= all.min(40), "{all}: {on_it} on the last page");
        }
    }
}
