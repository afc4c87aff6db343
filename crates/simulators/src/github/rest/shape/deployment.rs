//! Deployments, their statuses, and environments.

use serde_json::{Value, json};

use super::{View, node_id};
use crate::github::links::segment;
use crate::github::node::NodeKind;
use crate::github::state::{Deployment, DeploymentStatus, Environment, Repository};

impl View<'_> {
    /// A deployment.
    pub(crate) fn deployment(&self, repository: &Repository, deployment: &Deployment) -> Value {
        let url = self.repository_url(repository, &format!("/deployments/{}", deployment.id));
        json!({
            "url": url,
            "id": deployment.id,
            "node_id": node_id(NodeKind::Deployment, repository, deployment.id),
            "sha": deployment.sha.as_str(),
            "ref": deployment.reference,
            "task": deployment.task,
            "payload": deployment.payload,
            "original_environment": deployment.original_environment,
            "environment": deployment.environment,
            "description": deployment.description,
            "creator": self.user(&deployment.creator),
            "created_at": deployment.created_at,
            "updated_at": deployment.updated_at,
            "statuses_url": format!("{url}/statuses"),
            "repository_url": self.repository_url(repository, ""),
            "transient_environment": deployment.transient_environment,
            "production_environment": deployment.production_environment,
            "performed_via_github_app": null,
        })
    }

    /// A deployment status.
    pub(crate) fn deployment_status(
        &self,
        repository: &Repository,
        deployment: &Deployment,
        status: &DeploymentStatus,
    ) -> Value {
        let deployment_url =
            self.repository_url(repository, &format!("/deployments/{}", deployment.id));
        json!({
            "url": format!("{deployment_url}/statuses/{}", status.id),
            "id": status.id,
            "node_id": node_id(NodeKind::DeploymentStatus, repository, status.id),
            "state": status.state.word(),
            "creator": self.user(&status.creator),
            "description": status.description,
            "environment": status.environment,
            "target_url": status.log_url,
            "log_url": status.log_url,
            "environment_url": status.environment_url,
            "created_at": status.created_at,
            "updated_at": status.created_at,
            "deployment_url": deployment_url,
            "repository_url": self.repository_url(repository, ""),
            "performed_via_github_app": null,
        })
    }

    /// An environment with its rules.
    pub(crate) fn environment(&self, repository: &Repository, environment: &Environment) -> Value {
        let name = segment(&environment.name);
        let page = format!("/{}/deployments/{name}", repository.full_name());
        json!({
            "id": environment.id,
            "node_id": node_id(NodeKind::Environment, repository, environment.id),
            "name": environment.name,
            "url": self.repository_url(repository, &format!("/environments/{name}")),
            "html_url": self.links.html(&page),
            "created_at": environment.created_at,
            "updated_at": environment.updated_at,
            "protection_rules": self.rules(repository, environment),
            "deployment_branch_policy": environment.branch_policy.map(|policy| json!({
                "protected_branches": policy.protected_branches,
                "custom_branch_policies": policy.custom_branch_policies,
            })),
        })
    }

    fn rules(&self, repository: &Repository, environment: &Environment) -> Vec<Value> {
        let rule = |number: u64, kind: &str| {
            json!({
                "id": environment.id * 4 + number,
                "node_id": node_id(
                    NodeKind::ProtectionRule,
                    repository,
                    environment.id * 4 + number,
                ),
                "type": kind,
            })
        };
        let mut rules = Vec::new();
        if environment.wait_timer > 0 {
            let mut wait = rule(1, "wait_timer");
            wait["wait_timer"] = json!(environment.wait_timer);
            rules.push(wait);
        }
        if !environment.reviewers.is_empty() {
            let mut review = rule(2, "required_reviewers");
            review["prevent_self_review"] = json!(environment.prevent_self_review);
            review["reviewers"] = environment
                .reviewers
                .iter()
                .map(|login| json!({ "type": "User", "reviewer": self.user(login) }))
                .collect();
            rules.push(review);
        }
        if environment.branch_policy.is_some() {
            rules.push(rule(3, "branch_policy"));
        }
        rules
    }
}
