//! What the buttons mean: the action names, and the values that go to Slack
//! with a button or dialog and come back when it is used.
//!
//! A value is a form-encoded line (`repository=acme%2Fpeople&commit=…`). It has
//! been outside, so that it is checked when it comes back.

use url::form_urlencoded;

use crate::command::{CommitSha, EnvironmentName, RepositoryName};

/// Action of the button that opens the deploy dialog; its value is a [`DeployAction`].
pub(crate) const DEPLOY: &str = "deploy";
/// Action of the button that tries again; its value is a [`StartAction`].
pub(crate) const RETRY: &str = "retry";
/// Action of the button that brings an earlier commit back; its value is a [`StartAction`].
pub(crate) const ROLL_BACK: &str = "roll_back";
/// Action of the button that withdraws a request; its value is a [`CancelAction`].
pub(crate) const CANCEL: &str = "cancel";
/// Action of the button that draws the home tab anew; its value says nothing more.
pub(crate) const REFRESH: &str = "refresh";
/// Block and action of the environments in the deploy dialog; the chosen value is the environment's name.
pub(crate) const ENVIRONMENT: &str = "environment";
/// Callback of the deploy dialog; its private value is a [`DeployAction`].
pub(crate) const DEPLOY_DIALOG: &str = "deploy_dialog";

/// A commit that someone wants to see in the deploy dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployAction {
    /// The repository.
    pub(crate) repository: RepositoryName,
    /// The commit.
    pub(crate) commit: CommitSha,
}

/// A deployment that a button starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StartAction {
    /// The repository.
    pub(crate) repository: RepositoryName,
    /// Where to.
    pub(crate) environment: EnvironmentName,
    /// What.
    pub(crate) commit: CommitSha,
    /// An earlier commit is brought back.
    pub(crate) is_rollback: bool,
    /// What was live when the button was made, empty for nothing; none where that
    /// was not known.
    pub(crate) live: Option<String>,
}

/// A request that waits and that a button withdraws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CancelAction {
    /// The id that it was asked for with.
    pub(crate) request_id: String,
    /// What it is to deploy.
    pub(crate) repository: RepositoryName,
}

impl CancelAction {
    /// None where the deploy service would take neither of the two.
    pub(crate) fn new(request_id: &str, repository: &str) -> Option<Self> {
        let is_an_id = (1..=200).contains(&request_id.len())
            && request_id.bytes().all(|byte| byte.is_ascii_graphic());
        Some(Self {
            request_id: is_an_id.then(|| request_id.to_owned())?,
            repository: RepositoryName::new(repository)?,
        })
    }

    /// As a button's value.
    pub(crate) fn to_value(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("request", &self.request_id)
            .append_pair("repository", self.repository.as_str())
            .finish()
    }

    /// From a button's value; none where it is not one of ours.
    pub(crate) fn from_value(value: &str) -> Option<Self> {
        Self::new(&field(value, "request")?, &field(value, "repository")?)
    }
}

impl DeployAction {
    /// As a button's value.
    pub(crate) fn to_value(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("repository", self.repository.as_str())
            .append_pair("commit", self.commit.as_str())
            .finish()
    }

    /// From a button's value; none where it is not one of ours.
    pub(crate) fn from_value(value: &str) -> Option<Self> {
        Some(Self {
            repository: RepositoryName::new(&field(value, "repository")?)?,
            commit: CommitSha::new(&field(value, "commit")?).ok()?,
        })
    }
}

impl StartAction {
    /// As a button's value.
    pub(crate) fn to_value(&self) -> String {
        let kind = match self.is_rollback {
            true => "rollback",
            false => "deploy",
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("repository", self.repository.as_str())
            .append_pair("environment", self.environment.as_str())
            .append_pair("commit", self.commit.as_str())
            .append_pair("kind", kind);
        if let Some(live) = &self.live {
            form.append_pair("live", live);
        }
        form.finish()
    }

    /// From a button's value; none where it is not one of ours.
    pub(crate) fn from_value(value: &str) -> Option<Self> {
        Some(Self {
            repository: RepositoryName::new(&field(value, "repository")?)?,
            environment: EnvironmentName::new(&field(value, "environment")?)?,
            commit: CommitSha::new(&field(value, "commit")?).ok()?,
            is_rollback: match field(value, "kind")?.as_str() {
                "rollback" => true,
                "deploy" => false,
                _ => return None,
            },
            live: match field(value, "live") {
                Some(live) if !live.is_empty() => Some(CommitSha::new(&live).ok()?.to_string()),
                nothing => nothing,
            },
        })
    }
}

/// The first value of this name in a form.
pub(crate) fn field(value: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(value.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> StartAction {
        StartAction {
            repository: RepositoryName::new("acme/people").expect("valid"),
            environment: EnvironmentName::new("pr 12 & more/ü").expect("valid"),
            commit: CommitSha::new("a1b2c3d").expect("valid"),
            is_rollback: true,
            live: None,
        }
    }

    #[test]
    fn values_come_back_as_they_went() {
        for live in [None, Some(""), Some("9f8e7d6")] {
            let start = StartAction {
                live: live.map(str::to_owned),
                ..start()
            };
            assert_eq!(StartAction::from_value(&start.to_value()), Some(start));
        }
        let deploy = DeployAction {
            repository: start().repository,
            commit: start().commit,
        };
        assert_eq!(deploy.to_value(), "repository=acme%2Fpeople&commit=a1b2c3d");
        assert_eq!(DeployAction::from_value(&deploy.to_value()), Some(deploy));
        let cancel = CancelAction::new("slack:T1:C1:1.2:retry:U1:2", "acme/people").expect("valid");
        assert_eq!(CancelAction::from_value(&cancel.to_value()), Some(cancel));
    }

    #[test]
    fn a_value_that_is_not_ours_is_none() {
        for value in [
            "",
            "x",
            "repository=acme%2Fpeople",
            "repository=a/b/c&commit=a1b2c3d",
            "repository=people&commit=main",
        ] {
            assert_eq!(DeployAction::from_value(value), None, "{value}");
        }
        for value in [
            "request=slack%3AT1%3AEv1",
            "request=&repository=people",
            "request=two+words&repository=people",
            "request=a%00b&repository=people",
            "request=slack%3AT1%3AEv1&repository=a/b/c",
        ] {
            assert_eq!(CancelAction::from_value(value), None, "{value}");
        }
        let value = start().to_value() + "&live=";
        for (good, bad) in [
            ("kind=rollback", "kind=other"),
            ("live=", "live=main"),
            ("commit=a1b2c3d", "commit=x"),
            ("environment=", "environment=%07"),
        ] {
            assert!(value.contains(good));
            assert_eq!(
                StartAction::from_value(&value.replace(good, bad)),
                None,
                "{bad}"
            );
        }
    }
}
