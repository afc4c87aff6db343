//! Environments: which there are, what is live in each, and what is going out.
//!
//! Live is the newest deployment whose history has a success: GitHub leaves
//! `success` on older production deployments too. Running is the newest one
//! that has not ended and is newer than that.
//!
//! GitHub lists 100 environments, by name, so that previews can crowd out the
//! one that matters. What a query is about is therefore asked for by name too.

use serde::Deserialize;

use super::{Nodes, deployment::DeploymentNode, error::Error};
use crate::model::{Deployment, DeploymentState, EnvironmentName, Sha};

/// An environment with the newest of its deployments that ended.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvironmentNode {
    name: String,
    latest_completed_deployment: Option<DeploymentNode>,
}

/// What every query about environments asks of a repository.
#[derive(Debug, Deserialize)]
pub(crate) struct EnvironmentsNode {
    /// The repository's page.
    pub(crate) url: String,
    environments: Option<Nodes<EnvironmentNode>>,
    named: Option<Nodes<EnvironmentNode>>,
    deployments: Option<Nodes<DeploymentNode>>,
}

/// The environments of an answer and its newest deployments.
#[derive(Debug)]
pub(crate) struct Environments {
    /// Production first, then by name.
    pub(crate) known: Vec<EnvironmentName>,
    /// GitHub knows none of these: they are the default ones.
    pub(crate) are_default: bool,
    /// For each that GitHub told of, the newest deployment that ended.
    completed: Vec<(EnvironmentName, Option<Deployment>)>,
    /// Newest first.
    pub(crate) deployments: Vec<Deployment>,
    /// There are older ones than those listed.
    pub(crate) is_cut_short: bool,
    /// GitHub has more environments than it listed.
    has_more: bool,
}

/// What the newest deployments tell about what is live.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Live {
    /// This.
    Is(Box<Deployment>),
    /// Nothing ever was.
    Nothing,
    /// Only older deployments can tell.
    FurtherBack,
}

impl EnvironmentsNode {
    /// Reads them: those that were listed, and those that were asked for by
    /// name. `default` are the environments of a repository for which GitHub
    /// knows none.
    pub(crate) fn read(self, default: &[EnvironmentName]) -> Result<Environments, Error> {
        let unreadable = |what: &str| Error::Unreadable(format!("the {what} are missing"));
        let environments = self
            .environments
            .ok_or_else(|| unreadable("environments"))?;
        let named = self.named.ok_or_else(|| unreadable("named environments"))?;
        let deployments = self.deployments.ok_or_else(|| unreadable("deployments"))?;
        let repository_url = self.url.as_str();
        let has_more = environments.is_cut_short();
        let is_cut_short = deployments.is_cut_short();
        let deployments = newest_first(deployments, repository_url)?;
        let mut known: Vec<EnvironmentName> = Vec::new();
        let mut completed = Vec::new();
        for node in environments.known().into_iter().chain(named.known()) {
            let Ok(name) = node.name.parse::<EnvironmentName>() else {
                continue;
            };
            if known.contains(&name) {
                continue;
            }
            let newest = node.latest_completed_deployment;
            let newest = newest.map(|newest| newest.read(repository_url));
            completed.push((name.clone(), newest.transpose()?));
            known.push(name);
        }
        let are_default = known.is_empty();
        if are_default {
            known.extend(default.iter().cloned());
            known.extend(
                deployments
                    .iter()
                    .map(|deployment| deployment.environment.clone()),
            );
        }
        Ok(Environments {
            known: in_order(known),
            are_default,
            completed,
            deployments,
            is_cut_short,
            has_more,
        })
    }
}

impl Environments {
    /// Adds what a later answer tells.
    pub(crate) fn add(&mut self, further: Vec<Deployment>) {
        for deployment in further {
            if self
                .deployments
                .iter()
                .all(|known| known.id != deployment.id)
            {
                self.deployments.push(deployment);
            }
        }
        sort_newest_first(&mut self.deployments);
    }

    /// All is known about some environments that will be: what their
    /// deployments do not show as live is not.
    pub(crate) fn no_more_is_told_of(&mut self, asked: Vec<EnvironmentName>) {
        self.completed
            .retain(|(told, _)| !asked.iter().any(|name| name.is_same(told)));
        let told = asked.into_iter().map(|name| (name, None));
        self.completed.extend(told);
    }

    /// The environments to show: those that GitHub listed, and where it has
    /// more, also those that were deployed to lately.
    pub(crate) fn shown(&self) -> Vec<EnvironmentName> {
        if self.has_more {
            self.known_and_seen()
        } else {
            self.known.clone()
        }
    }

    /// The environments that GitHub knows, and those that only deployments
    /// remember; production first, then by name.
    pub(crate) fn known_and_seen(&self) -> Vec<EnvironmentName> {
        let seen = self
            .deployments
            .iter()
            .map(|deployment| deployment.environment.clone());
        in_order(self.known.iter().cloned().chain(seen).collect())
    }

    /// The deployments to one environment, newest first.
    pub(crate) fn of<'a>(
        &'a self,
        name: &'a EnvironmentName,
    ) -> impl Iterator<Item = &'a Deployment> {
        self.deployments
            .iter()
            .filter(move |deployment| deployment.environment.is_same(name))
    }

    /// As [`Environments::of`], and of an environment that busier ones crowd
    /// out of the list at least the newest that ended.
    pub(crate) fn history_of<'a>(&'a self, name: &'a EnvironmentName) -> Vec<&'a Deployment> {
        let mut deployments: Vec<&Deployment> = self.of(name).collect();
        let ended = self.newest_ended(name).flatten();
        let is_listed = |ended: &&Deployment| deployments.iter().any(|one| one.id == ended.id);
        deployments.extend(ended.filter(|ended| !is_listed(ended)));
        deployments
    }

    /// Whether of the newest that ended in an environment nothing is told but that
    /// it has become inactive since: how it ended is not known then.
    pub(crate) fn is_end_hidden(&self, name: &EnvironmentName) -> bool {
        let ended = self.newest_ended(name).flatten();
        ended.is_some_and(|ended| {
            ended.state == DeploymentState::Cancelled && self.of(name).all(|one| one.id != ended.id)
        })
    }

    /// The commit of the newest deployment to an environment, if that ended
    /// without success.
    pub(crate) fn failed(&self, name: &EnvironmentName) -> Option<Sha> {
        let newest = self.of(name).next()?;
        let has_failed = newest.state.has_ended() && newest.state != DeploymentState::Succeeded;
        has_failed.then(|| newest.commit.sha.clone())
    }

    /// What is live in an environment.
    pub(crate) fn live(&self, name: &EnvironmentName) -> Live {
        let is_live = |state| state == DeploymentState::Succeeded;
        if let Some(live) = self.of(name).find(|deployment| is_live(deployment.state)) {
            return Live::Is(Box::new(Deployment {
                live: true,
                ..live.clone()
            }));
        }
        if !self.is_cut_short {
            return Live::Nothing;
        }
        match self.newest_ended(name) {
            Some(None) => Live::Nothing,
            Some(Some(completed)) if is_live(completed.state) => Live::Is(Box::new(Deployment {
                live: true,
                ..completed.clone()
            })),
            Some(Some(_)) | None => Live::FurtherBack,
        }
    }

    /// As [`Environments::live`], once all is known that will be.
    pub(crate) fn live_deployment(&self, name: &EnvironmentName) -> Option<Deployment> {
        match self.live(name) {
            Live::Is(deployment) => Some(*deployment),
            Live::Nothing | Live::FurtherBack => None,
        }
    }

    /// The newest deployment to an environment that ended, which may be none;
    /// nothing at all where GitHub did not tell of the environment.
    fn newest_ended(&self, name: &EnvironmentName) -> Option<Option<&Deployment>> {
        let told = self.completed.iter().find(|(told, _)| told.is_same(name));
        told.map(|(_, newest)| newest.as_ref())
    }

    /// What is going out to an environment: the newest that has not ended and
    /// is newer than what is live.
    pub(crate) fn running(&self, name: &EnvironmentName) -> Option<Deployment> {
        self.standing(name).next().cloned()
    }

    /// All that have not ended and are newer than what is live, newest first.
    pub(crate) fn standing<'a>(
        &'a self,
        name: &'a EnvironmentName,
    ) -> impl Iterator<Item = &'a Deployment> {
        self.of(name)
            .take_while(|deployment| deployment.state != DeploymentState::Succeeded)
            .filter(|deployment| !deployment.state.has_ended())
    }
}

/// Environments as they are shown, each once, as first spelled.
fn in_order(names: Vec<EnvironmentName>) -> Vec<EnvironmentName> {
    let mut once: Vec<EnvironmentName> = Vec::with_capacity(names.len());
    for name in names {
        if !once.iter().any(|known| known.is_same(&name)) {
            once.push(name);
        }
    }
    once.sort_by(EnvironmentName::shown_before);
    once
}

/// Reads deployments, newest first. One that is gone is passed over, and so is
/// one whose environment has a name that nobody could ask for.
pub(crate) fn newest_first(
    nodes: Nodes<DeploymentNode>,
    repository_url: &str,
) -> Result<Vec<Deployment>, Error> {
    let nodes = nodes
        .known()
        .into_iter()
        .filter(|node| node.environment().is_some());
    let mut deployments: Vec<Deployment> = nodes
        .map(|node| node.read(repository_url))
        .collect::<Result<_, _>>()?;
    sort_newest_first(&mut deployments);
    Ok(deployments)
}

fn sort_newest_first(deployments: &mut [Deployment]) {
    deployments
        .sort_by_key(|deployment| std::cmp::Reverse((deployment.created_at, deployment.id.number)));
}

#[cfg(test)]
mod tests;
