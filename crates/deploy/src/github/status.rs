//! What a repository looks like now: its newest commits, and what each
//! environment runs.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    Client, Nodes, RepositoryAnswer,
    commit::{Branch, BranchNode, CommitNode, LineNode},
    environment::{Environments, EnvironmentsNode, Live},
    error::Error,
    policy::{self, PolicyNode, Rules},
    repository_variables,
};
use crate::model::{
    Checks, Commit, Deployment, EnvironmentName, EnvironmentStatus, LiveCommit, RepositoryName,
    RepositoryStatus, Sha,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    name_with_owner: String,
    default_branch_ref: Option<BranchNode<Target>>,
    policy: Option<PolicyNode>,
    #[serde(flatten)]
    environments: EnvironmentsNode,
}

#[derive(Deserialize)]
struct Target {
    commits: Nodes<CommitNode>,
    line: Nodes<LineNode>,
}

impl Client {
    /// The newest `limit` commits of the default branch and what each
    /// environment runs, with what the repository's own rules say. One call; a
    /// second where an environment's live commit lies beyond the newest
    /// deployments, and one where it lies beyond the newest commits.
    ///
    /// # Errors
    /// When there is no such repository, or GitHub gives no whole answer.
    pub async fn status(
        &self,
        repository: &RepositoryName,
        limit: u8,
    ) -> Result<(RepositoryStatus, Rules), Error> {
        let as_of = self.now();
        let mut variables = repository_variables(repository);
        variables.insert("limit".to_owned(), limit.into());
        variables.insert("usual".to_owned(), self.usual_environments().into());
        let query = include_str!("queries/status.graphql");
        let answer = self
            .query::<RepositoryAnswer<Data>>("Status", repository.owner(), query, variables)
            .await?;
        let data = answer.whole_repository()?;
        let repository = spelled(&data.name_with_owner)?;
        let url = data.environments.url.clone();
        let mut environments = data.environments.read(self.default_environments())?;
        let names = environments.shown();
        let far = names.iter();
        let far: Vec<EnvironmentName> = far
            .filter(|name| environments.live(name) == Live::FurtherBack)
            .cloned()
            .collect();
        if !far.is_empty() {
            self.add_deployments(&repository, &url, far, &mut environments)
                .await?;
        }
        let policy = policy::read(data.policy.as_ref());
        let rules = Rules::of(&repository, policy.as_ref(), &environments.known);
        let (branch_name, target) = data
            .default_branch_ref
            .map(|branch| (branch.name, branch.target))
            .unwrap_or_default();
        let (commits, branch) = read_target(target)?;
        let status = RepositoryStatus {
            environments: self
                .environment_statuses(&repository, &environments, names, &branch)
                .await?,
            repository,
            branch: branch_name,
            commits,
            has_default_environments: environments.are_default,
            line: branch.line,
            as_of,
            url,
        };
        Ok((status, rules))
    }

    async fn environment_statuses(
        &self,
        repository: &RepositoryName,
        environments: &Environments,
        names: Vec<EnvironmentName>,
        branch: &Branch,
    ) -> Result<Vec<EnvironmentStatus>, Error> {
        let live: Vec<Option<Deployment>> = names
            .iter()
            .map(|name| environments.live_deployment(name))
            .collect();
        let behind = self
            .behind(
                repository,
                branch,
                live.iter().flatten().map(|live| &live.commit.sha),
            )
            .await?;
        let statuses = names.into_iter().zip(live);
        Ok(statuses
            .map(|(name, live)| EnvironmentStatus {
                running: environments.running(&name),
                overtaken: environments.standing(&name).skip(1).cloned().collect(),
                name,
                live: live.map(|live| LiveCommit {
                    behind: behind.get(&live.commit.sha).copied(),
                    place: live.place(),
                    since: live.ended_at.unwrap_or(live.created_at),
                    commit: live.commit,
                    environment_url: live.environment_url,
                }),
            })
            .collect())
    }

    /// The names under which GitHub is asked for the environments that must be
    /// told of, however many others there are.
    pub(crate) fn usual_environments(&self) -> Vec<&str> {
        let default = self.default_environments().iter();
        ["production", "prod"]
            .into_iter()
            .chain(default.map(EnvironmentName::as_str))
            .collect()
    }

    /// How many commits of the branch are newer than each of these; one that
    /// is not on the branch is left out.
    async fn behind<'a>(
        &self,
        repository: &RepositoryName,
        branch: &Branch,
        shas: impl Iterator<Item = &'a Sha>,
    ) -> Result<HashMap<Sha, u32>, Error> {
        let Some(tip) = branch.line.shas().first() else {
            return Ok(HashMap::new());
        };
        let mut behind = HashMap::new();
        let mut far = Vec::new();
        for sha in shas {
            match branch.line.newer_than(sha) {
                Some(newer) => {
                    behind.insert(sha.clone(), u32::try_from(newer).unwrap_or(u32::MAX));
                }
                None if branch.is_whole || far.contains(sha) => {}
                None => far.push(sha.clone()),
            }
        }
        let distances = self.distances(repository, tip, &far).await?;
        let on_branch = distances
            .into_iter()
            .filter(|(_, distance)| distance.ahead_by == 0);
        behind.extend(on_branch.map(|(sha, distance)| (sha, distance.behind_by)));
        Ok(behind)
    }
}

/// A repository's name as GitHub spells it.
pub(crate) fn spelled(name_with_owner: &str) -> Result<RepositoryName, Error> {
    RepositoryName::parse(name_with_owner, None)
        .map_err(|_invalid| Error::Unreadable("the repository has no name".to_owned()))
}

/// The commits with their checks, and the branch behind them; both empty where
/// nothing was ever pushed.
fn read_target(target: Option<Target>) -> Result<(Vec<(Commit, Checks)>, Branch), Error> {
    let Some(target) = target else {
        return Ok((Vec::new(), Branch::empty()));
    };
    let (branch, _) = Branch::read(target.line)?;
    let commits = target.commits.known().into_iter().map(|node| {
        let checks = node.checks();
        Commit::try_from(node).map(|commit| (commit, checks))
    });
    Ok((commits.collect::<Result<_, _>>()?, branch))
}
