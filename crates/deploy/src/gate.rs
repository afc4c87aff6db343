//! The gate: from facts to a decision, purely.
//!
//! A commit may go out when every rule lets it pass. All rules are asked, so
//! that whoever is refused hears everything at once. What could not be read
//! refuses.

mod outlook;

pub use outlook::speaks_for;

use crate::model::{
    Changes, Checks, ChecksState, Commit, Decided, Deployment, EnvironmentName, ExpectedLive,
    Policy, PolicyError, Refusal, RepositoryName, Sha, closest_first,
};

/// All that a decision is made by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// There is no such repository, or the token can't see it.
    NoRepository {
        /// `owner/name` of those that were meant perhaps, best first.
        candidates: Vec<String>,
    },
    /// There is.
    Repository(Box<RepositoryFacts>),
}

/// The facts about a repository, one of its environments and one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// As GitHub spells it; a renamed repository by its new name.
    pub repository: RepositoryName,
    /// Name of the default branch.
    pub branch: String,
    /// Those that can be deployed to, production first.
    pub environments: Vec<EnvironmentName>,
    /// The one that was asked for, as asked.
    pub asked_environment: EnvironmentName,
    /// That one; none when there is no such.
    pub environment: Option<EnvironmentFacts>,
    /// The commit that was asked for.
    pub commit: CommitFacts,
    /// What would go out or leave; none when commit or environment is unknown.
    pub changes: Option<Changes>,
    /// The repository's own rules.
    pub policy: Result<Policy, PolicyError>,
}

/// The facts about an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentFacts {
    /// As GitHub spells it.
    pub name: EnvironmentName,
    /// What is live.
    pub live: Option<Deployment>,
    /// What is going out.
    pub running: Option<Deployment>,
    /// The commit of a deployment newer than what is live that ended without
    /// success. How far it came is not known, so bringing back what is live is
    /// not needless.
    pub failed: Option<Sha>,
}

/// What is known of the commit that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitFacts {
    /// There is one.
    Found(Box<FoundCommit>),
    /// It may be any of these.
    Ambiguous(Vec<Commit>),
    /// There is none.
    Unknown {
        /// SHAs on the branch that differ little, best first.
        candidates: Vec<String>,
    },
}

/// The facts about a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCommit {
    /// The commit.
    pub commit: Commit,
    /// What its checks say.
    pub checks: Checks,
    /// It is on the default branch.
    pub is_on_branch: bool,
}

impl Facts {
    /// The repository, where there is one.
    pub fn repository(&self) -> Option<&RepositoryFacts> {
        match self {
            Self::NoRepository { .. } => None,
            Self::Repository(facts) => Some(facts),
        }
    }
}

impl RepositoryFacts {
    /// The commit, where there is exactly one.
    pub fn found(&self) -> Option<&FoundCommit> {
        match &self.commit {
            CommitFacts::Found(found) => Some(found),
            CommitFacts::Ambiguous(_) | CommitFacts::Unknown { .. } => None,
        }
    }
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once per request and taken apart at once"
)]
pub enum Decision {
    /// It may go out.
    Ready(Decided),
    /// It may not, for every one of these reasons.
    Refused(Vec<Refusal>),
}

/// Decides whether a commit may be deployed to an environment in which, where that
/// matters, `expected` is to be live.
pub fn evaluate(facts: &Facts, expected: Option<&ExpectedLive>) -> Decision {
    let facts = match facts {
        Facts::Repository(facts) => facts,
        Facts::NoRepository { candidates } => {
            let candidates = candidates.clone();
            return Decision::Refused(vec![Refusal::UnknownRepository { candidates }]);
        }
    };
    let mut refusals = Vec::new();
    refusals.extend(unknown_environment(facts));
    refusals.extend(unknown_commit(&facts.commit));
    refusals.extend(unreadable_policy(facts));
    if let Some(found) = facts.found() {
        refusals.extend(off_the_branch(found, &facts.branch));
        refusals.extend(checks_not_green(&found.checks));
    }
    if let Some(environment) = &facts.environment {
        refusals.extend(running(environment));
        refusals.extend(
            facts
                .found()
                .and_then(|found| live(environment, &found.commit.sha)),
        );
    }
    refusals.extend(expected.and_then(|expected| changed(facts, expected)));
    match (facts.found(), &facts.environment) {
        (Some(found), Some(environment)) if refusals.is_empty() => Decision::Ready(Decided {
            repository: facts.repository.clone(),
            environment: environment.name.clone(),
            commit: found.commit.clone(),
            checks: found.checks.clone(),
            changes: facts
                .changes
                .clone()
                .unwrap_or_else(|| Changes::uncounted(found.commit.sha.clone())),
            replaces: replaced(environment, &found.commit.sha),
        }),
        // One that is not there has left its refusal.
        _ => Decision::Refused(refusals),
    }
}

/// What is live or, where that is brought back, what failed after it.
fn replaced(environment: &EnvironmentFacts, sha: &Sha) -> Option<Sha> {
    let live = environment
        .live
        .as_ref()
        .map(|live| live.commit.sha.clone());
    if live.as_ref() == Some(sha) {
        environment.failed.clone()
    } else {
        live
    }
}

fn unknown_environment(facts: &RepositoryFacts) -> Option<Refusal> {
    let known = || facts.environments.iter().map(EnvironmentName::as_str);
    let candidates = || closest_first(facts.asked_environment.as_str(), known());
    facts
        .environment
        .is_none()
        .then(|| Refusal::UnknownEnvironment {
            candidates: candidates(),
        })
}

/// What can't be read may be a rule that refuses.
fn unreadable_policy(facts: &RepositoryFacts) -> Option<Refusal> {
    let error = facts.policy.as_ref().err()?;
    Some(Refusal::PolicyUnreadable(error.clone()))
}

fn unknown_commit(commit: &CommitFacts) -> Option<Refusal> {
    match commit {
        CommitFacts::Found(_) => None,
        CommitFacts::Ambiguous(commits) => Some(Refusal::AmbiguousCommit {
            commits: commits.clone(),
        }),
        CommitFacts::Unknown { candidates } => Some(Refusal::UnknownCommit {
            candidates: candidates.clone(),
        }),
    }
}

fn off_the_branch(found: &FoundCommit, branch: &str) -> Option<Refusal> {
    let branches = || vec![branch.to_owned()];
    (!found.is_on_branch).then(|| Refusal::NotOnAllowedBranch {
        branches: branches(),
    })
}

fn checks_not_green(checks: &Checks) -> Option<Refusal> {
    match checks.state {
        ChecksState::Success => None,
        ChecksState::Failure => Some(Refusal::ChecksFailed {
            checks: checks.failed.clone(),
        }),
        ChecksState::Pending => Some(Refusal::ChecksPending {
            done: checks.done,
            total: checks.total,
        }),
        ChecksState::None => Some(Refusal::ChecksMissing),
        ChecksState::Unreadable => Some(Refusal::ChecksUnreadable),
    }
}

fn running(environment: &EnvironmentFacts) -> Option<Refusal> {
    let deployment = environment.running.clone().map(Box::new)?;
    Some(Refusal::AlreadyRunning {
        deployment: Some(deployment),
    })
}

fn live(environment: &EnvironmentFacts, sha: &Sha) -> Option<Refusal> {
    let deployment = environment
        .live
        .clone()
        .filter(|live| live.commit.sha == *sha && environment.failed.is_none())?;
    Some(Refusal::AlreadyLive {
        deployment: Some(Box::new(deployment)),
    })
}

/// Where what is wanted is live, nothing is taken back that nobody knew of. What can't
/// be compared with what is wanted is told as nothing, and so does not count as new.
fn changed(facts: &RepositoryFacts, expected: &ExpectedLive) -> Option<Refusal> {
    let live = facts.environment.as_ref()?.live.as_ref()?;
    let changes = facts.changes.as_ref()?;
    let is_known = match expected {
        ExpectedLive::Nothing => changes.base.is_none(),
        ExpectedLive::Commit(commit) => commit.matches(&live.commit.sha),
    };
    (!is_known && live.commit.sha != changes.head).then(|| Refusal::LiveChanged {
        deployment: Box::new(live.clone()),
    })
}

/// The environment that is meant by a name: the one spelled so, else the one
/// spelled so but for case, else production for `prod`.
pub fn resolve_environment<'a>(
    asked: &EnvironmentName,
    known: &'a [EnvironmentName],
) -> Option<&'a EnvironmentName> {
    let exact = known.iter().find(|name| *name == asked);
    let same = || known.iter().find(|name| name.is_same(asked));
    let alias = || {
        let is_alias = asked.as_str().eq_ignore_ascii_case("prod");
        known
            .iter()
            .find(|name| is_alias && name.as_str().eq_ignore_ascii_case("production"))
    };
    exact.or_else(same).or_else(alias)
}

/// The names under which GitHub may know what was asked for; asked with all of
/// them, it answers in one call what mostly took a second.
pub fn spellings(asked: &EnvironmentName) -> Vec<EnvironmentName> {
    let lower = asked.as_str().to_lowercase();
    let alias = if lower == "prod" { "production" } else { "" };
    let mut names = vec![asked.clone()];
    for name in [lower.as_str(), alias] {
        names.extend(name.parse().ok().filter(|name| !names.contains(name)));
    }
    names
}

/// The names, in lower case, by which somebody else may have asked for the same.
/// Where a repository has both `prod` and `production` they are two, which only
/// its facts tell.
pub fn namesakes(asked: &EnvironmentName) -> Vec<String> {
    const PRODUCTION: [&str; 2] = ["production", "prod"];
    let lower = asked.as_str().to_lowercase();
    if PRODUCTION.contains(&lower.as_str()) {
        PRODUCTION.map(str::to_owned).to_vec()
    } else {
        vec![lower]
    }
}

/// The channels that a repository's own rules name, by environment as GitHub spells
/// it, where it knows the one that is meant. What is named by its own name goes
/// before what is meant by another.
pub fn channels(policy: &Policy, known: &[EnvironmentName]) -> Vec<(EnvironmentName, String)> {
    let named = policy.channels();
    let is_named = |name: &EnvironmentName| named.iter().any(|(one, _)| one.is_same(name));
    let meant = |(name, channel): &(EnvironmentName, String)| {
        let meant = resolve_environment(name, known);
        let meant = meant.filter(|meant| meant.is_same(name) || !is_named(meant));
        (meant.unwrap_or(name).clone(), channel.clone())
    };
    named.iter().map(meant).collect()
}

#[cfg(test)]
mod tests;
