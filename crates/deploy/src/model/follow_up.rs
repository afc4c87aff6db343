//! An answer of GitHub, brought up to date with what the journal has heard of
//! deployments since, so that GitHub need not be asked again. The rules are
//! those by which GitHub's own answer is read; where what was kept is not enough
//! to follow them, the answer cannot be brought up to date.
//!
//! One thing is let be: GitHub adds `inactive` to what was replaced, and tells
//! nobody. That step is not seen until GitHub is read again; nothing that is
//! shown follows from it.

use super::{
    Deployment, DeploymentState, EnvironmentHistory, EnvironmentName, EnvironmentStatus, History,
    Line, LiveCommit, RepositoryStatus, Sha,
};

impl RepositoryStatus {
    /// The status with what these deployments of the repository have come to,
    /// those made first first; none where only GitHub can tell it.
    #[must_use]
    pub fn with(mut self, deployments: &[Deployment]) -> Option<Self> {
        if self.has_default_environments && !deployments.is_empty() {
            return None;
        }
        for deployment in deployments {
            let mut environments = self.environments.iter_mut();
            let environment = environments.find(|one| one.name.is_same(&deployment.environment))?;
            environment.follow(deployment, &self.line)?;
        }
        Some(self)
    }
}

impl EnvironmentStatus {
    fn follow(&mut self, deployment: &Deployment, line: &Line) -> Option<()> {
        let mut standing: Vec<Deployment> = self.running.take().into_iter().collect();
        standing.append(&mut self.overtaken);
        let known = standing.iter().position(|one| one.id == deployment.id);
        let is_news = known.is_none_or(|at| deployment.is_no_older_than(&standing[at]));
        if is_news {
            standing.retain(|one| one.id != deployment.id);
            let live = self.live.as_ref().map(|live| live.place);
            if !deployment.state.has_ended() && live < Some(deployment.place()) {
                standing.push(deployment.clone());
                standing.sort_by_key(|one| std::cmp::Reverse(one.place()));
            } else if deployment.state == DeploymentState::Succeeded
                && live <= Some(deployment.place())
            {
                self.goes_live(deployment, line)?;
                standing.retain(|one| one.place() > deployment.place());
            }
        }
        let mut standing = standing.into_iter();
        self.running = standing.next();
        self.overtaken = standing.collect();
        Some(())
    }

    fn goes_live(&mut self, deployment: &Deployment, line: &Line) -> Option<()> {
        let sha = &deployment.commit.sha;
        let behind = match &self.live {
            Some(live) if live.commit.sha == *sha => live.behind,
            _ => Some(behind(line, sha)?),
        };
        self.live = Some(LiveCommit {
            commit: deployment.commit.clone(),
            since: deployment.ended_at.unwrap_or(deployment.created_at),
            behind,
            place: deployment.place(),
            environment_url: deployment.environment_url.clone(),
        });
        Some(())
    }
}

/// How many commits of the branch are newer than one; none where the line does not
/// tell. One that is not on the line may be on no branch, or have been merged since.
fn behind(line: &Line, sha: &Sha) -> Option<u32> {
    let newer = line.newer_than(sha)?;
    Some(u32::try_from(newer).unwrap_or(u32::MAX))
}

impl History {
    /// The history with what these deployments of the repository have come to,
    /// those made first first; none where only GitHub can tell it.
    /// `environment` and `per_environment` are what was asked for.
    #[must_use]
    pub fn with(
        mut self,
        deployments: &[Deployment],
        environment: Option<&EnvironmentName>,
        per_environment: usize,
    ) -> Option<Self> {
        if self.has_default_environments && !deployments.is_empty() {
            return None;
        }
        for deployment in deployments {
            let mut environments = self.environments.iter_mut();
            match environments.find(|one| one.environment.is_same(&deployment.environment)) {
                Some(one) => one.follow(deployment, per_environment)?,
                // It is another's than the one that was asked for.
                None if environment.is_some() => {}
                None => return None,
            }
        }
        Some(self)
    }
}

impl EnvironmentHistory {
    fn follow(&mut self, deployment: &Deployment, per_environment: usize) -> Option<()> {
        let mut known = self.deployments.iter_mut();
        match known.find(|one| one.id == deployment.id) {
            Some(known) if deployment.is_no_older_than(known) => *known = deployment.clone(),
            Some(_) => return Some(()),
            None => self.insert(deployment, per_environment)?,
        }
        self.mark_live();
        Some(())
    }

    /// Puts one in its place. Where there are more than those that are told, an
    /// older one is among the others.
    fn insert(&mut self, deployment: &Deployment, per_environment: usize) -> Option<()> {
        let place = deployment.place();
        let mut told = self.deployments.iter();
        match told.position(|one| one.place() < place) {
            Some(at) => self.deployments.insert(at, deployment.clone()),
            None if self.more && self.deployments.is_empty() => return None,
            None if self.more => return Some(()),
            None => self.deployments.push(deployment.clone()),
        }
        self.more |= self.deployments.len() > per_environment;
        self.deployments.truncate(per_environment);
        Some(())
    }

    /// The newest that succeeded is live. Where none of those that are told did,
    /// it is among the others.
    fn mark_live(&mut self) {
        let mut live = Some(());
        for one in &mut self.deployments {
            let has_succeeded = one.state == DeploymentState::Succeeded;
            one.live = has_succeeded && live.take().is_some();
        }
    }
}

#[cfg(test)]
mod tests;
