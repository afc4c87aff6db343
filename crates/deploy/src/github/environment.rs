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

/// The environments of an answer and its newest deployments.
#[derive(Debug)]
pub(crate) struct Environments {
    /// Production first, then by name.
    pub(crate) known: Vec<EnvironmentName>,
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

impl Environments {
    /// Reads them: those that were listed, and those that were asked for by
    /// name. `default` are the environments of a repository for which GitHub
    /// knows none.
    pub(crate) fn read(
        environments: Option<Nodes<EnvironmentNode>>,
        named: Option<Nodes<EnvironmentNode>>,
        deployments: Option<Nodes<DeploymentNode>>,
        repository_url: &str,
        default: &[EnvironmentName],
    ) -> Result<Self, Error> {
        let unreadable = |what: &str| Error::Unreadable(format!("the {what} are missing"));
        let environments = environments.ok_or_else(|| unreadable("environments"))?;
        let named = named.ok_or_else(|| unreadable("named environments"))?;
        let deployments = deployments.ok_or_else(|| unreadable("deployments"))?;
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
        if known.is_empty() {
            known.extend(default.iter().cloned());
            known.extend(
                deployments
                    .iter()
                    .map(|deployment| deployment.environment.clone()),
            );
        }
        Ok(Self {
            known: in_order(known),
            completed,
            deployments,
            is_cut_short,
            has_more,
        })
    }

    /// Adds what a later answer tells about some environments; about these, all
    /// is known then that will be.
    pub(crate) fn add(&mut self, asked: &[EnvironmentName], further: Vec<Deployment>) {
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
        self.completed
            .retain(|(told, _)| !asked.iter().any(|name| name.is_same(told)));
        let told = asked.iter().map(|name| (name.clone(), None));
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

    /// The newest deployment to an environment that ended, which may be none;
    /// nothing at all where GitHub did not tell of the environment.
    fn newest_ended(&self, name: &EnvironmentName) -> Option<Option<&Deployment>> {
        let told = self.completed.iter().find(|(told, _)| told.is_same(name));
        told.map(|(_, newest)| newest.as_ref())
    }

    /// What is going out to an environment: the newest that has not ended and
    /// is newer than what is live.
    pub(crate) fn running(&self, name: &EnvironmentName) -> Option<Deployment> {
        self.of(name)
            .take_while(|deployment| deployment.state != DeploymentState::Succeeded)
            .find(|deployment| !deployment.state.has_ended())
            .cloned()
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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A deployment whose number is also its second of creation.
    fn deployment(number: u64, environment: &str, states: &[&str]) -> Value {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        let number_as_second = i64::try_from(number).unwrap();
        let mut statuses: Vec<Value> = states
            .iter()
            .zip(number_as_second..)
            .map(|(state, second)| json!({"state": state, "createdAt": at(second)}))
            .collect();
        statuses.reverse();
        json!({
            "id": format!("DE_{number}"), "databaseId": number, "environment": environment,
            "createdAt": at(number_as_second), "commitOid": format!("{number:040x}"),
            "commit": null, "payload": null, "creator": null,
            "latestStatus": statuses.first(),
            "statuses": {"totalCount": statuses.len(), "nodes": statuses},
        })
    }

    fn environment(name: &str, completed: &Value) -> Value {
        json!({"name": name, "latestCompletedDeployment": completed})
    }

    fn read(environments: &[Value], deployments: &[Value], cut_short: bool) -> Environments {
        let nodes =
            |nodes: &[Value], more| json!({"nodes": nodes, "pageInfo": {"hasNextPage": more}});
        Environments::read(
            Some(Nodes::deserialize(nodes(environments, false)).unwrap()),
            Some(Nodes::deserialize(nodes(&[], false)).unwrap()),
            Some(Nodes::deserialize(nodes(deployments, cut_short)).unwrap()),
            "https://github.com/acme/people",
            &["staging".parse().unwrap(), "production".parse().unwrap()],
        )
        .unwrap()
    }

    fn production() -> EnvironmentName {
        "production".parse().unwrap()
    }

    fn live_number(environments: &Environments) -> Option<u64> {
        match environments.live(&production()) {
            Live::Is(deployment) => Some(deployment.id.number),
            _ => None,
        }
    }

    #[test]
    fn of_two_that_say_success_the_newer_is_live() {
        let both = read(
            &[environment("production", &Value::Null)],
            &[
                deployment(1, "production", &["SUCCESS"]),
                deployment(2, "production", &["SUCCESS"]),
            ],
            false,
        );
        assert_eq!(live_number(&both), Some(2));
    }

    #[test]
    fn neither_a_failed_nor_a_cancelled_one_is_live() {
        let environments = read(
            &[environment("production", &Value::Null)],
            &[
                deployment(4, "production", &["IN_PROGRESS", "INACTIVE"]),
                deployment(3, "production", &["IN_PROGRESS", "FAILURE"]),
                deployment(2, "production", &["SUCCESS", "INACTIVE"]),
                deployment(5, "staging", &["SUCCESS"]),
            ],
            false,
        );
        assert_eq!(live_number(&environments), Some(2));
        assert_eq!(environments.running(&production()), None);
    }

    #[test]
    fn running_is_the_newest_that_has_not_ended_and_is_newer_than_what_is_live() {
        let mut rows = vec![
            deployment(5, "production", &["FAILURE"]),
            deployment(4, "production", &["QUEUED"]),
            deployment(3, "production", &[]),
            deployment(2, "production", &["SUCCESS"]),
            deployment(1, "production", &["IN_PROGRESS"]),
        ];
        let environments = read(&[environment("production", &Value::Null)], &rows, false);
        assert_eq!(environments.running(&production()).unwrap().id.number, 4);
        rows.drain(..3);
        let environments = read(&[environment("production", &Value::Null)], &rows, false);
        assert_eq!(
            environments.running(&production()),
            None,
            "1 was overtaken by 2"
        );
    }

    #[test]
    fn the_newest_that_ended_tells_what_a_short_list_does_not() {
        let busy = [deployment(9, "staging", &["SUCCESS"])];
        let ended =
            |states: &[&str]| environment("production", &deployment(2, "production", states));
        assert_eq!(
            live_number(&read(&[ended(&["SUCCESS"])], &busy, true)),
            Some(2)
        );
        let failed = read(&[ended(&["FAILURE"])], &busy, true);
        assert_eq!(failed.live(&production()), Live::FurtherBack);
        let never = read(&[environment("production", &Value::Null)], &busy, true);
        assert_eq!(never.live(&production()), Live::Nothing);
        let whole = read(&[environment("production", &Value::Null)], &busy, false);
        assert_eq!(whole.live(&production()), Live::Nothing);
    }

    #[test]
    fn an_environment_that_is_crowded_out_shows_its_newest_that_ended() {
        let numbers = |deployments: &[Value]| -> Vec<u64> {
            let ended = environment("production", &deployment(2, "production", &["SUCCESS"]));
            let environments = read(&[ended], deployments, true);
            let name = production();
            let shown = environments.history_of(&name);
            shown.iter().map(|one| one.id.number).collect()
        };
        let busy = deployment(9, "staging", &["SUCCESS"]);
        let running = deployment(8, "production", &["QUEUED"]);
        let listed = deployment(2, "production", &["SUCCESS"]);
        assert_eq!(numbers(std::slice::from_ref(&busy)), [2]);
        assert_eq!(numbers(&[busy.clone(), running]), [8, 2]);
        assert_eq!(numbers(&[busy, listed]), [2], "it is told once");
    }

    #[test]
    fn a_later_answer_tells_what_lies_further_back() {
        let mut environments = read(
            &[environment(
                "production",
                &deployment(3, "production", &["FAILURE"]),
            )],
            &[
                deployment(9, "staging", &["SUCCESS"]),
                deployment(3, "production", &["FAILURE"]),
            ],
            true,
        );
        assert_eq!(environments.live(&production()), Live::FurtherBack);
        let further = json!({"nodes": [
            deployment(3, "production", &["FAILURE"]),
            deployment(1, "production", &["SUCCESS"]),
        ]});
        let further = newest_first(Nodes::deserialize(further).unwrap(), "").unwrap();
        environments.add(&[production()], further);
        assert_eq!(live_number(&environments), Some(1));
        assert_eq!(environments.of(&production()).count(), 2);
    }

    #[test]
    fn production_comes_first_and_defaults_stand_in_only_for_none() {
        let names = |environments: &Environments| {
            environments
                .known
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let known = ["web", "Prod", "dev"].map(|name| environment(name, &Value::Null));
        assert_eq!(names(&read(&known, &[], false)), "Prod dev web");
        assert_eq!(names(&read(&[], &[], false)), "production staging");
        let rows = [deployment(1, "blue", &[]), deployment(2, "blue", &[])];
        assert_eq!(names(&read(&[], &rows, false)), "production blue staging");
    }

    #[test]
    fn names_of_environments_are_compared_without_regard_to_case() {
        let rows = [deployment(1, "Production", &["SUCCESS"])];
        let environments = read(&[environment("production", &Value::Null)], &rows, false);
        assert_eq!(live_number(&environments), Some(1));
    }

    #[test]
    fn a_deployment_that_is_gone_is_passed_over() {
        let rows = [
            Value::Null,
            deployment(2, "a\u{7}b", &[]),
            deployment(1, "production", &["SUCCESS"]),
        ];
        let environments = read(&[environment("production", &Value::Null)], &rows, false);
        assert_eq!(live_number(&environments), Some(1));
    }

    #[test]
    fn an_answer_without_environments_is_no_answer() {
        let error = Environments::read(None, None, None, "", &[]).unwrap_err();
        assert!(matches!(error, Error::Unreadable(_)));
    }
}
