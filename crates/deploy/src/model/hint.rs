//! A hint that something changed on GitHub. It is never believed, only followed
//! up by a look: a lost, doubled, late or forged one changes nothing but the
//! delay.

use std::{fmt, str::FromStr};

use super::{DeploymentId, InvalidName, RepositoryName};

/// GitHub's id of one delivery; delivered again, it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(String);

impl DeliveryId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeliveryId {
    type Err = InvalidName;

    /// GitHub writes a GUID; no rule of ours depends on that.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName {
                what: "A delivery's id has 1 to 100 printable ASCII characters and no spaces.",
            })
        }
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a hint is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Commits or their checks.
    Commits,
    /// The checks in a check suite, by its id.
    Suite(u64),
    /// A workflow that carries out a deployment has gone on: nothing that the
    /// deployment does not tell itself. With its check suite, where it says which.
    DeploymentRun(Option<u64>),
    /// A deployment; none where it does not say which.
    Deployment(Option<DeploymentId>),
}

/// Whether a workflow that runs on this event of GitHub's carries a deployment
/// out. What it comes to says nothing about the commit. Workflows that run on
/// `deployment_status` do: they test what was deployed.
pub(crate) fn carries_out_deployments(event: &str) -> bool {
    event == "deployment"
}

/// Whether a check run with this address for its details is a job of a workflow.
/// What a job reports beside itself GitHub puts into any suite of the commit's,
/// which may be that of a workflow that has nothing to do with it.
pub(crate) fn is_a_job(details: &str) -> bool {
    details.contains("/actions/runs/")
}

/// That something in a repository may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What brought it.
    pub delivery: DeliveryId,
    /// Where to look.
    pub repository: RepositoryName,
    /// What to look at.
    pub about: Subject,
}

/// The hints about one repository that came within a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryHints {
    /// Where to look.
    pub repository: RepositoryName,
    /// What brought them, each once, and what it was about.
    pub deliveries: Vec<(DeliveryId, Subject)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_id_is_printable_ascii() {
        let guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
        assert_eq!(guid.parse::<DeliveryId>().unwrap().to_string(), guid);
        for bad in ["", "a b", "ä", "a\n", &"x".repeat(101)] {
            assert!(bad.parse::<DeliveryId>().is_err(), "{bad:?}");
        }
    }
}
