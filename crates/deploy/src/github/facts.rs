//! The facts that the gate decides by, about one commit and one environment.
//!
//! What could not be read is an error here, or marked as unreadable: a decision
//! is never made on an answer with holes.

use serde::Deserialize;

use super::{
    Client, Nodes, RepositoryAnswer,
    commit::{Branch, BranchNode, LineNode, ObjectNode, Written},
    envelope::Answer,
    environment::{Environments, EnvironmentsNode, Live},
    error::Error,
    policy::{self, PolicyNode},
    repository_variables,
    status::spelled,
};
use crate::{
    gate::{self, CommitFacts, EnvironmentFacts, Facts, FoundCommit, RepositoryFacts},
    model::{Changes, Commit, CommitRef, EnvironmentName, RepositoryName, Sha, closest_shas},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    name_with_owner: String,
    object: Option<ObjectNode>,
    default_branch_ref: Option<BranchNode<Target>>,
    policy: Option<PolicyNode>,
    #[serde(flatten)]
    environments: EnvironmentsNode,
}

#[derive(Deserialize)]
struct Target {
    line: Nodes<LineNode>,
}

/// Where the facts are about.
struct Place {
    repository: RepositoryName,
    url: String,
    branch: Branch,
    /// The branch's newest commits, as [`Branch::line`].
    commits: Vec<Written>,
}

impl Client {
    /// Collects the facts. One call; more where the repository or the commit
    /// is not found, is or was live further back than the branch's newest 100
    /// commits, or has more than 100 checks. Where the way from what is live to
    /// the commit leads beyond those 100, one to count, and one more to list where
    /// more than 100 go out or some leave and none goes out.
    ///
    /// # Errors
    /// When GitHub gives no whole answer.
    pub async fn facts(
        &self,
        repository: &RepositoryName,
        environment: &EnvironmentName,
        commit: &CommitRef,
    ) -> Result<Facts, Error> {
        let spellings = gate::spellings(environment);
        let names: Vec<&str> = spellings.iter().map(EnvironmentName::as_str).collect();
        let mut variables = repository_variables(repository);
        variables.insert("commit".to_owned(), commit.as_str().into());
        variables.insert("environments".to_owned(), names.into());
        let query = include_str!("queries/facts.graphql");
        let answer = self
            .query::<RepositoryAnswer<Data>>("Facts", repository.owner(), query, variables)
            .await;
        let data = match answer.and_then(Answer::whole_repository) {
            Err(error) if self.hides(&error) => {
                let candidates = self.closest_repositories(repository).await;
                return Ok(Facts::NoRepository { candidates });
            }
            data => data?,
        };
        let policy = policy::read(data.policy.as_ref());
        let (branch_name, target) = data
            .default_branch_ref
            .map(|branch| (branch.name, branch.target))
            .unwrap_or_default();
        let (branch, commits) = match target {
            Some(target) => Branch::read(target.line)?,
            None => (Branch::empty(), Vec::new()),
        };
        let place = Place {
            repository: spelled(&data.name_with_owner)?,
            url: data.environments.url.clone(),
            branch,
            commits,
        };
        let mut environments = data.environments.read(self.default_environments())?;
        let asked_environment = environment.clone();
        let environment = match gate::resolve_environment(environment, &environments.known) {
            None => None,
            Some(name) => {
                let name = name.clone();
                let is_read = spellings.contains(&name);
                Some(
                    self.environment_facts(&place, &mut environments, name, is_read)
                        .await?,
                )
            }
        };
        let commit = self.commit_facts(&place, commit, data.object).await?;
        let changes = match (&commit, &environment) {
            (CommitFacts::Found(found), Some(environment)) => {
                let live = environment.live.as_ref().map(|live| &live.commit.sha);
                Some(self.changes(&place, live, &found.commit.sha).await?)
            }
            _ => None,
        };
        Ok(Facts::Repository(Box::new(RepositoryFacts {
            repository: place.repository,
            branch: branch_name,
            environments: environments.known,
            asked_environment,
            environment,
            commit,
            changes,
            policy,
        })))
    }

    async fn environment_facts(
        &self,
        place: &Place,
        environments: &mut Environments,
        name: EnvironmentName,
        is_read: bool,
    ) -> Result<EnvironmentFacts, Error> {
        if !is_read || environments.live(&name) == Live::FurtherBack {
            let asked = vec![name.clone()];
            self.add_deployments(&place.repository, &place.url, asked, environments)
                .await?;
        }
        Ok(EnvironmentFacts {
            live: environments.live_deployment(&name),
            running: environments.running(&name),
            failed: environments.failed(&name),
            name,
        })
    }

    async fn commit_facts(
        &self,
        place: &Place,
        asked: &CommitRef,
        object: Option<ObjectNode>,
    ) -> Result<CommitFacts, Error> {
        let node = match object {
            // A branch or tag can be named like digits; then this is another.
            Some(ObjectNode::Commit(node)) if node.oid.starts_with(asked.as_str()) => node,
            _ => return self.hidden_commits(place, asked).await,
        };
        let node = self.with_all_checks(&place.repository, *node).await?;
        let checks = node.checks();
        let commit = Commit::try_from(node)?;
        let is_on_branch = self.is_on_branch(place, &commit.sha).await?;
        Ok(CommitFacts::Found(Box::new(FoundCommit {
            commit,
            checks,
            is_on_branch,
        })))
    }

    /// What is told of a commit that GitHub did not answer: it may be one of
    /// several, which a whole SHA never is, or there is none.
    async fn hidden_commits(&self, place: &Place, asked: &CommitRef) -> Result<CommitFacts, Error> {
        if asked.as_str().len() < 40 {
            let near: Vec<Commit> = place.commits.iter().map(|it| it.commit.clone()).collect();
            let candidates = self.candidates(&place.repository, asked, &near).await?;
            if !candidates.is_empty() {
                return Ok(CommitFacts::Ambiguous(candidates));
            }
        }
        let shas = place.branch.line.shas().iter().map(Sha::as_str);
        let near = closest_shas(asked.as_str(), shas);
        Ok(CommitFacts::Unknown {
            candidates: near.into_iter().map(str::to_owned).collect(),
        })
    }

    async fn is_on_branch(&self, place: &Place, sha: &Sha) -> Result<bool, Error> {
        let branch = &place.branch;
        let Some(tip) = branch.line.shas().first() else {
            return Ok(false);
        };
        if branch.line.place(sha).is_some() || branch.is_whole {
            return Ok(branch.line.place(sha).is_some());
        }
        let asked = [sha.clone()];
        let distances = self.distances(&place.repository, tip, &asked).await?;
        Ok(distances
            .get(sha)
            .is_some_and(|distance| distance.ahead_by == 0))
    }

    /// What goes out or leaves when `head` follows what is live. Counted on the
    /// branch's newest commits, exactly, merges and all; GitHub is asked only
    /// where the way between the two leads beyond them.
    async fn changes(
        &self,
        place: &Place,
        live: Option<&Sha>,
        head: &Sha,
    ) -> Result<Changes, Error> {
        let Some(base) = live else {
            return Ok(Changes::uncounted(head.clone()));
        };
        if base == head {
            return Ok(Changes {
                base: Some(base.clone()),
                ..Changes::uncounted(head.clone())
            });
        }
        if let Some(between) = place.branch.line.between(base, head) {
            let listed = if between.ahead.is_empty() {
                &between.behind
            } else {
                &between.ahead
            };
            let commits = listed.iter().map(|at| place.commits[*at].clone()).collect();
            let counts = (count(between.ahead.len()), count(between.behind.len()));
            return Ok(place.changes(base, head, counts, commits));
        }
        let Some(comparison) = self.comparison(&place.repository, base, head).await? else {
            // What is live was removed by a force-push.
            return Ok(Changes::uncounted(head.clone()));
        };
        let counts = (comparison.distance.ahead_by, comparison.distance.behind_by);
        let outgoing = comparison.into_commits()?;
        let repository = &place.repository;
        let commits = match counts {
            (0, 0) => Vec::new(),
            (0, leaving) => self.newest_between(repository, head, base, leaving).await?,
            (going_out, _) if count(outgoing.len()) >= going_out => outgoing,
            (going_out, _) => {
                let newest = self.newest_between(repository, base, head, going_out);
                // Who wrote the oldest ones is told too.
                newest.await?.into_iter().chain(outgoing).collect()
            }
        };
        Ok(place.changes(base, head, counts, commits))
    }
}

impl Place {
    fn changes(
        &self,
        base: &Sha,
        head: &Sha,
        (ahead, behind): (u32, u32),
        listed: Vec<Written>,
    ) -> Changes {
        let (commits, authors): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .map(|written| (written.commit, written.author))
            .unzip();
        // GitHub's page shows what its second commit has and the first has not.
        let (from, to) = if ahead == 0 {
            (head, base)
        } else {
            (base, head)
        };
        Changes {
            compare_url: format!("{}/compare/{from}...{to}", self.url),
            base: Some(base.clone()),
            head: head.clone(),
            ahead,
            behind,
            commits: commits.into_iter().take(Changes::LISTED).collect(),
            authors: match ahead {
                0 => Vec::new(),
                _ => Changes::authors_of(authors),
            },
        }
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
