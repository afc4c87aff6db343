//! What is read of a webhook: where to look, and nothing else. Real payloads
//! lack fields that the schemas require and have them in other types, so each
//! is read by itself, and what can't be read is not there.

use serde::Deserialize;
use serde_json::value::RawValue;
use url::form_urlencoded;

use crate::model::{DeploymentId, RepositoryName, Subject, carries_out_deployments, is_a_job};

/// The longest node id that is taken; GitHub's have some 40 characters.
const LONGEST_NODE_ID: usize = 200;

/// What a payload says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// Look at this in this repository.
    Look(RepositoryName, Subject),
    /// A push that did not move the default branch.
    OtherBranch,
    /// It does not say where to look.
    Unreadable,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow, rename = "ref")]
    reference: Option<&'a RawValue>,
    #[serde(borrow)]
    repository: Option<&'a RawValue>,
    #[serde(borrow)]
    deployment: Option<&'a RawValue>,
    #[serde(borrow)]
    check_run: Option<&'a RawValue>,
    #[serde(borrow)]
    check_suite: Option<&'a RawValue>,
    #[serde(borrow)]
    workflow_run: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct CheckRun<'a> {
    #[serde(borrow)]
    details_url: Option<&'a RawValue>,
    #[serde(borrow)]
    check_suite: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct CheckSuite<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WorkflowRun<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    check_suite_id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Repository<'a> {
    #[serde(borrow)]
    full_name: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    owner: Option<&'a RawValue>,
    #[serde(borrow)]
    default_branch: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Owner<'a> {
    #[serde(borrow)]
    login: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Deployment<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    node_id: Option<&'a RawValue>,
}

/// Reads the payload of an event, which an owner may have chosen to get as the
/// field of a form.
pub(super) fn read(event: &str, is_form: bool, body: &[u8]) -> Reading {
    if !is_form {
        return read_json(event, body);
    }
    let payload = form_urlencoded::parse(body).find(|(name, _)| name == "payload");
    payload.map_or(Reading::Unreadable, |(_, json)| {
        read_json(event, json.as_bytes())
    })
}

fn read_json(event: &str, json: &[u8]) -> Reading {
    let Ok(payload) = serde_json::from_slice::<Payload>(json) else {
        return Reading::Unreadable;
    };
    let Some(repository) = field::<Repository>(payload.repository) else {
        return Reading::Unreadable;
    };
    let Some(name) = repository.named() else {
        return Reading::Unreadable;
    };
    if event == "push" && repository.has_other_default(payload.reference) {
        return Reading::OtherBranch;
    }
    Reading::Look(name, payload.about(event))
}

/// A field in the form that is hoped for; none when it has another.
fn field<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

impl Payload<'_> {
    fn about(&self, event: &str) -> Subject {
        match event {
            "deployment" | "deployment_status" => {
                let deployment = field::<Deployment>(self.deployment);
                Subject::Deployment(deployment.and_then(|deployment| deployment.id()))
            }
            "check_run" => {
                let run = field::<CheckRun>(self.check_run);
                about_suite(run.and_then(|run| run.suite_of_a_job()))
            }
            "check_suite" => about_suite(self.check_suite),
            "workflow_run" => match field::<WorkflowRun>(self.workflow_run) {
                Some(run) if run.carries_out_a_deployment() => {
                    Subject::DeploymentRun(field(run.check_suite_id))
                }
                _ => Subject::Commits,
            },
            _ => Subject::Commits,
        }
    }
}

fn about_suite(suite: Option<&RawValue>) -> Subject {
    let id = field::<CheckSuite>(suite).and_then(|suite| field(suite.id));
    id.map_or(Subject::Commits, Subject::Suite)
}

impl<'a> CheckRun<'a> {
    fn suite_of_a_job(&self) -> Option<&'a RawValue> {
        let details = field::<String>(self.details_url)?;
        is_a_job(&details).then_some(self.check_suite)?
    }
}

impl WorkflowRun<'_> {
    fn carries_out_a_deployment(&self) -> bool {
        field::<String>(self.event).is_some_and(|event| carries_out_deployments(&event))
    }
}

impl Repository<'_> {
    fn named(&self) -> Option<RepositoryName> {
        let full_name = field::<String>(self.full_name).or_else(|| {
            let login: String = field(field::<Owner>(self.owner)?.login)?;
            let name: String = field(self.name)?;
            Some(format!("{login}/{name}"))
        })?;
        RepositoryName::parse(&full_name, None).ok()
    }

    /// Whether a reference is surely not that of the default branch.
    fn has_other_default(&self, reference: Option<&RawValue>) -> bool {
        let default_branch = field::<String>(self.default_branch);
        let reference = field::<String>(reference);
        default_branch
            .zip(reference)
            .is_some_and(|(branch, reference)| reference != format!("refs/heads/{branch}"))
    }
}

impl Deployment<'_> {
    fn id(&self) -> Option<DeploymentId> {
        let node: String = field(self.node_id)?;
        let is_id = (1..=LONGEST_NODE_ID).contains(&node.len())
            && node.bytes().all(|byte| byte.is_ascii_graphic());
        Some(DeploymentId {
            number: field(self.id)?,
            node: is_id.then_some(node)?,
        })
    }
}

#[cfg(test)]
mod tests;
