//! Which commits may be meant by the first digits of a SHA.
//!
//! GitHub answers nothing both for digits that no object begins with and for
//! those that several do. To tell the two apart, the digits are asked again,
//! each time with one more behind them, and once more where that found no two
//! commits. Only commits count: a tree or a tag that begins so is no candidate.
//!
//! Commits that share still more digits stay hidden, and no bounded search finds
//! them all. So one candidate is no proof that there is no other: the digits
//! stay ambiguous, and whoever gave them has to give more.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{
    Client, RepositoryAnswer,
    commit::{CommitNode, ObjectNode},
    error::Error,
    repeated, repository_variables,
};
use crate::model::{Commit, CommitRef, RepositoryName, Sha};

/// How many candidates are told.
const CANDIDATES: usize = 10;
const DIGITS: &str = "0123456789abcdef";

#[derive(Deserialize)]
struct ObjectAnswer {
    object: Option<ObjectNode>,
}

impl Client {
    /// Some of the commits that begin with digits for which GitHub answered no
    /// commit; none when there is none. `near` are commits that are known
    /// already.
    pub(crate) async fn candidates(
        &self,
        repository: &RepositoryName,
        asked: &CommitRef,
        near: &[Commit],
    ) -> Result<Vec<Commit>, Error> {
        let matching = near.iter().filter(|commit| asked.matches(&commit.sha));
        let mut found: BTreeMap<Sha, Commit> = matching
            .map(|commit| (commit.sha.clone(), commit.clone()))
            .collect();
        let mut open = vec![asked.as_str().to_owned()];
        for _further_digit in 0..2 {
            open = longer(&open);
            if found.len() > 1 || open.is_empty() {
                break;
            }
            open = self.look_up(repository, open, &mut found).await?;
        }
        Ok(found.into_values().take(CANDIDATES).collect())
    }

    /// Asks for the object behind each of the digits, adds the commits to
    /// `found`, and returns the digits that were answered nothing.
    async fn look_up(
        &self,
        repository: &RepositoryName,
        digits: Vec<String>,
        found: &mut BTreeMap<Sha, Commit>,
    ) -> Result<Vec<String>, Error> {
        let query = repeated(include_str!("queries/resolve_commit.graphql"), digits.len());
        let mut variables = repository_variables(repository);
        for (item, digits) in digits.iter().enumerate() {
            variables.insert(format!("item{item}"), digits.as_str().into());
        }
        let mut objects = self
            .query::<RepositoryAnswer<HashMap<String, Option<ObjectNode>>>>(
                "ResolveCommit",
                repository.owner(),
                &query,
                variables,
            )
            .await?
            .whole_repository()?;
        let mut open = Vec::new();
        for (item, digits) in digits.into_iter().enumerate() {
            match objects.remove(&format!("item{item}")).flatten() {
                None => open.push(digits),
                Some(ObjectNode::Other) => {}
                Some(ObjectNode::Commit(node)) => {
                    let commit = Commit::try_from(*node)?;
                    // A branch or tag can be named like digits.
                    if commit.sha.as_str().starts_with(&digits) {
                        found.insert(commit.sha.clone(), commit);
                    } else {
                        open.push(digits);
                    }
                }
            }
        }
        Ok(open)
    }

    /// A commit with all its checks, page after page, where the first page did
    /// not hold them all.
    pub(crate) async fn with_all_checks(
        &self,
        repository: &RepositoryName,
        mut commit: CommitNode,
    ) -> Result<CommitNode, Error> {
        /// With the first page a thousand checks; what has more stays
        /// unreadable.
        const FURTHER_PAGES: usize = 9;
        for _ in 0..FURTHER_PAGES {
            let Some(after) = commit.next_checks() else {
                break;
            };
            let later = self.checks_page(repository, &commit.oid, &after).await?;
            let Some(later) = later else { break };
            commit = commit.with_later_checks(later);
        }
        Ok(commit)
    }

    async fn checks_page(
        &self,
        repository: &RepositoryName,
        sha: &str,
        after: &str,
    ) -> Result<Option<CommitNode>, Error> {
        let mut variables = repository_variables(repository);
        variables.insert("sha".to_owned(), sha.into());
        variables.insert("after".to_owned(), after.into());
        let query = include_str!("queries/commit_checks.graphql");
        let answer = self
            .query::<RepositoryAnswer<ObjectAnswer>>(
                "CommitChecks",
                repository.owner(),
                query,
                variables,
            )
            .await?;
        Ok(match answer.whole_repository()?.object {
            Some(ObjectNode::Commit(commit)) => Some(*commit),
            _ => None,
        })
    }
}

/// The same beginnings, each with every digit behind it.
fn longer(beginnings: &[String]) -> Vec<String> {
    let is_short = |beginning: &&String| beginning.len() < 40;
    let beginnings = beginnings.iter().filter(is_short);
    beginnings
        .flat_map(|beginning| {
            DIGITS
                .chars()
                .map(move |digit| format!("{beginning}{digit}"))
        })
        .collect()
}
